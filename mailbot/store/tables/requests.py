"""Requests, and what goes with them."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from mailbot.store.base import Instant, Serial, metadata

# Every version of every process that a request began with (a running request keeps its own).
rules = Table(
    "rules",
    metadata,
    Column("version", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("since", Instant, nullable=False),
)

request = Table(
    "request",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("rules", ForeignKey("rules.version"), nullable=False),
    Column("state", Text, nullable=False),
    Column("requester", Text, nullable=False),
    Column("external_reference", Text),
    Column("created", Instant, nullable=False),
    Column("due", Instant),
    Column("closed", Instant),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),  # the request as a value, in JSON
    Column("threads", Text, nullable=False),  # person → the ids that his thread hangs on, in JSON
    Column("head", LargeBinary(32), nullable=False),  # of its history's chain
    Index("ix_request_requester", "requester", "created", "id"),
    Index("ix_request_state_due", "state", "due"),
    Index("ix_request_state", "state", "type", "created", "id"),
    Index("ix_request_external_reference", "external_reference"),
    Index("ix_request_type", "type", "created", "id"),
    Index("ix_request_created", "created", "id"),
    Index("ix_request_due", "due"),
    Index("ix_request_closed", "closed", "due"),
    Index("ix_request_late", "id", sqlite_where=text("closed > due"), postgresql_where=text("closed > due")),
)  # fmt: skip

# Whom a request concerns beside its requester: departments by name, whoever is asked or watches. Derived from the
# requests, for the question "what may he see?"; with what lists are narrowed by, so that an index answers them whole.
concern = Table(
    "concern",
    metadata,
    Column("request_id", ForeignKey("request.id"), primary_key=True),
    Column("who", Text, primary_key=True),
    Column("state", Text, nullable=False),  # these three are the request's
    Column("type", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Index("ix_concern_who", "who", "created", "request_id"),
    Index("ix_concern_state", "who", "state", "type", "created", "request_id"),
)

# What others call a request, as its forms say: a supplier's order, a customer's number.
other_name = Table(
    "other_name",
    metadata,
    Column("request_id", ForeignKey("request.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Index("ix_other_name_name", "name"),
)

# Files that came with a request. Their bytes lie in a folder of their own, each named by its digest: SHA-256, in hex.
attachment = Table(
    "attachment",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("request_id", ForeignKey("request.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("type", Text, nullable=False),  # by its content
    Column("digest", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("inbox_id", ForeignKey("inbox.id")),
    UniqueConstraint("request_id", "digest"),
    Index("ix_attachment_digest", "digest"),
    Index("ix_attachment_who", "who"),
)

# Whom open steps wait for: derived from the requests, for the question "what must I do?".
action = Table(
    "action",
    metadata,
    Column("request_id", ForeignKey("request.id"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("seat", Text, primary_key=True),
    Column("departments", Text, nullable=False),  # names, each within "|"
    Column("due", Instant),
    Column("trouble", Text),
    Column("waits_for_pool", Text),
    Column("wanted_length", Integer),
    Index("ix_action_seat", "seat", "due", "request_id", "step"),
    Index("ix_action_due", "due", "request_id", "step"),
    Index("ix_action_pool", "waits_for_pool", sqlite_where=text("waits_for_pool IS NOT NULL"),
          postgresql_where=text("waits_for_pool IS NOT NULL")),
)  # fmt: skip

# Everything that waits.
timer = Table(
    "timer",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("request_id", ForeignKey("request.id"), nullable=False),
    Column("step", Text, nullable=False),  # "" for the request itself
    Column("mark", Text, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("request_id", "step", "mark"),
    Index("ix_timer_at", "at"),
)

# Everything that happened. `hash` chains the entries of one request; `commitment` is a salted hash of what may have
# to be erased (who, and the words), so that erasing it breaks no chain.
history = Table(
    "history",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("reference", Text),
    Column("at", Instant, nullable=False),
    Column("action", Text, nullable=False),
    Column("step", Text),
    Column("commitment", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("salt", LargeBinary(16)),
    Column("actor", Text),
    Column("detail", Text),
    Column("message_id", Text),
    Index("ix_history_reference", "reference", "id"),
    Index("ix_history_actor", "actor"),
    Index("ix_history_at", "at"),
    Index("ix_history_action", "action", "at", "id"),
)
