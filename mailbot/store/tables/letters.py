"""Mail that arrives and that leaves, and what its tokens stand for."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text, text

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
