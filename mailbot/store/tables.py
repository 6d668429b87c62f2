"""The ledgers (what arrives, waits, leaves, happened), the requests they are about, and what goes with them."""

from sqlalchemy import (
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
    Index("ix_inbox_open", "state", sqlite_where=text("state IN ('held', 'quarantined')"),
          postgresql_where=text("state IN ('held', 'quarantined')")),
    Index("ix_inbox_reference", "reference"),
)  # fmt: skip

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
    Index("ix_request_requester", "requester"),
    Index("ix_request_state_due", "state", "due"),
    Index("ix_request_external_reference", "external_reference"),
)

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
    Index("ix_action_seat", "seat"),
    Index("ix_action_due", "due", "request_id", "step"),
    Index("ix_action_pool", "waits_for_pool", sqlite_where=text("waits_for_pool IS NOT NULL"),
          postgresql_where=text("waits_for_pool IS NOT NULL")),
)  # fmt: skip

# Whom a request concerns beside its requester: departments by name, whoever is asked or watches. Derived from the
# requests, for the question "what may he see?".
concern = Table(
    "concern",
    metadata,
    Column("request_id", ForeignKey("request.id"), primary_key=True),
    Column("who", Text, primary_key=True),
    Index("ix_concern_who", "who"),
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
    Index("ix_network_request_reference", "reference"),
)  # fmt: skip

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
