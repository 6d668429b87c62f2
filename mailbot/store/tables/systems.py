"""Other systems: what they are told, what drives them, and what they order."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from mailbot.store.base import Instant, Serial, metadata

# Everything that leaves to targets: one row an attempt, kept for good. `name` is the network request's own id, which
# the target is told too. `owner` and `claim` as in the outbox; but what is `sent` by an owner who is dead is never sent
# again: it becomes `unknown`.
network_request = Table(
    "network_request",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created", Instant, nullable=False),
    Column("reference", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("body", Text, nullable=False),  # what the target is told, in JSON
    Column("state", Text, nullable=False, default="unprocessed"),  # see NetworkState
    Column("detail", Text, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", Instant),
    Column("owner", Serial),
    Column("claim", Integer, nullable=False, default=0),
    Column("sent", Instant),
    Column("closed", Instant),
    Index("ix_network_request_open", "target", "id", sqlite_where=text("state IN ('unprocessed', 'sent')"),
          postgresql_where=text("state IN ('unprocessed', 'sent')")),
    Index("ix_network_request_state", "state", "id"),
    Index("ix_network_request_closed", "state", "closed"),
    Index("ix_network_request_reference", "reference"),
)  # fmt: skip

# Targets whose last answers were no confirmations, how many in a row (`since` the first), and what the last one said.
# One with an `until` is paused: before then it is told nothing, after it one thing, for a try.
breaker = Table(
    "breaker",
    metadata,
    Column("target", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
)

# What other systems are told. It is written with the change that it is about, and numbered afterwards: numbers that
# were given before the commit would become visible in another order. `name` is the event's id for good.
event = Table(
    "event",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("position", Integer, unique=True),
    Column("name", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("type", Text, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("reference", Text),
    Column("version", Integer),  # of the request as it stood then, see `snapshot`
    Column("facts", Text, nullable=False),  # in JSON
    Index("ix_event_unnumbered", "id", sqlite_where=text("position IS NULL"),
          postgresql_where=text("position IS NULL")),
    Index("ix_event_at", "at"),
    Index("ix_event_reference", "reference"),
)  # fmt: skip

# Requests as they stood at their events, whole: what is told late is what was so then.
snapshot = Table(
    "snapshot",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_snapshot_at", "at"),
)

# Who is told of events: those of the configuration, and those who subscribed by the API (with a callback, and their
# key's scope). `position` is the last event that he has; `owner` and `claim` as in the outbox.
subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("key", Text),
    Column("callback", Text),
    Column("query", Text, nullable=False, default=""),
    Column("version", Text),  # of TM Forum's hub
    Column("scope", Text, nullable=False, default="{}"),  # in JSON
    Column("created", Instant, nullable=False),
    Column("position", Integer, nullable=False),
    Column("delivered", Instant),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", Instant),
    Column("failing_since", Instant),
    Column("error", Text, nullable=False, default=""),
    Column("told", Boolean, nullable=False, default=False),  # admins, that he takes nothing
    Column("owner", Serial),
    Column("claim", Integer, nullable=False, default=0),
)

# Keys by which other systems call the API. Of each only the hash: who reads the database can call nothing.
api_key = Table(
    "api_key",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("prefix", Text, nullable=False, unique=True),  # by which it is recognised, in lists and in calls
    Column("hash", LargeBinary(32), nullable=False),
    Column("scope", Text, nullable=False),
    Column("people", Text, nullable=False),  # for whom it calls: addresses, each within "|"
    Column("customer", Text),
    Column("created", Instant, nullable=False),
    Column("last_used", Instant),
    Column("revoked", Instant),
)

# What an order said beside its form: `sheet` is kept for its sender, and decides nothing.
service_order = Table(
    "service_order",
    metadata,
    Column("request_id", ForeignKey("request.id"), primary_key=True, autoincrement=False),
    Column("key_id", ForeignKey("api_key.id"), nullable=False),
    Column("sheet", Text, nullable=False),  # JSON
    Column("category", Text),  # as in the sheet, to be asked for
    Column("priority", Text),
    Column("part_of", ForeignKey("request.id")),  # of an order with several items: the request of the first one
    Index("ix_service_order_category", "category"),
    Index("ix_service_order_priority", "priority"),
    Index("ix_service_order_part_of", "part_of"),
)

# What makes an order the same order: a key, and what its sender calls it. The constraint keeps it from being opened
# twice; `digest` is of what it said.
sent_order = Table(
    "sent_order",
    metadata,
    Column("once", Text, primary_key=True),
    Column("request_id", ForeignKey("request.id"), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
)

# Orders to cancel an order, each with what came of it.
order_cancellation = Table(
    "order_cancellation",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("request_id", ForeignKey("request.id"), nullable=False),
    Column("asked", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("refusal", Text, nullable=False),  # "" where it is cancelled
    Index("ix_order_cancellation_request_id", "request_id"),
)
