"""The ledgers (what arrives, waits, leaves, happened), the requests they are about, and what goes with them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from mailbot.store.base import Instant, Serial, metadata

# Everything that arrives. `once` is what makes a mail the same mail (Message-ID and believed From, else the bytes):
# its constraint, not a look-up, is what keeps a mail from being handled twice (trap 15).
inbox = Table(
    "inbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("once", Text, nullable=False, unique=True),
    Column("received", Instant, nullable=False),
    Column("message_id", Text),
    Column("sender", Text),
    Column("subject", Text, nullable=False, default=""),
    Column("class", Text, nullable=False, default=""),
    Column("believed", Boolean, nullable=False, default=False),
    Column("verdict", Text, nullable=False, default=""),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("reference", Text),
    Column("raw", LargeBinary),
    Index("ix_inbox_state", "state", "id"),
    Index("ix_inbox_reference", "reference"),
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

# Every version of every process that a request began with (a running request keeps its own).
rules = Table(
    "rules",
    metadata,
    Column("version", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("since", Instant, nullable=False),
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

# What people must do and were not told of yet: whoever sits there gets a list of all of it at that time.
gathered = Table(
    "gathered",
    metadata,
    Column("request_id", ForeignKey("request.id"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("seat", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_gathered_at", "at"),
)

# Who is away, as he said last, and who stands in for him.
absence = Table(
    "absence",
    metadata,
    Column("person", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("deputy", Text, nullable=False),
    Column("message_id", Text),
    Index("ix_absence_until", "until"),
)

# Whom letters do not reach, until a mail of his comes.
unreachable = Table(
    "unreachable",
    metadata,
    Column("person", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("status", Text, nullable=False),  # the mail system's: "5.1.1"; "" where it gave none
)

# How long departments took for their last answers, in seconds of working time.
answer_time = Table(
    "answer_time",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("department", Text, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_answer_time_department", "department", "id"),
)

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

# Everything that leaves. `owner` and `claim` say which bot is sending it just now; a row that waits has neither.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("created", Instant, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("envelope_sender", Text, nullable=False),
    Column("message_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("reference", Text),
    Column("step", Text),
    Column("raw", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, default="waiting"),  # waiting, sent, refused, withdrawn
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", Instant),
    Column("owner", Serial),
    Column("claim", Integer, nullable=False, default=0),
    Column("sent", Instant),
    Column("error", Text, nullable=False, default=""),
    Column("inbox_id", Serial),
    Index("ix_outbox_waiting", "id", sqlite_where=text("state = 'waiting'"),
          postgresql_where=text("state = 'waiting'")),
    Index("ix_outbox_state", "state", "created"),
    Index("ix_outbox_sent", "sent", sqlite_where=text("sent IS NOT NULL"), postgresql_where=text("sent IS NOT NULL")),
    Index("ix_outbox_recipient", "recipient", "created"),
    Index("ix_outbox_reference", "reference"),
)  # fmt: skip

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

# What a token that is out there stands for: its person, his step (or the request, a form, a letter to confirm).
token = Table(
    "token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("reference", Text),
    Column("step", Text),
    Column("content", Text),
    Column("subject", Text),  # the form's type, or what the mail to confirm is known by
    Column("expires", Instant, nullable=False),
    Index("ix_token_reference", "reference"),
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

# Small facts about this mailbot: the last reference given out, what is paused, the head of the house's own chain.
fact = Table(
    "fact",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# Bots that send: each proves by a lock that it lives, see `owner`.
owner = Table(
    "owner",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("since", Instant, nullable=False),
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

# Who is served: what the configuration says, and what was imported, side by side (`source`). What a customer took
# stands under one of his names, which are therefore never lost; by his people he is known where they write.
customer = Table(
    "customer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),  # "config" or "import"
    Column("body", Text, nullable=False),  # the customer as a value, in JSON
    Column("account_manager", Text, nullable=False, index=True),
)

customer_name = Table(
    "customer_name",
    metadata,
    Column("name", Text, primary_key=True),  # as names are compared
    Column("customer_id", ForeignKey("customer.id"), nullable=False, index=True),
)

customer_person = Table(
    "customer_person",
    metadata,
    Column("who", Text, primary_key=True),  # an address, or "@" and a domain
    Column("customer_id", ForeignKey("customer.id"), nullable=False, index=True),
)
