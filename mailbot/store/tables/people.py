"""Who is told, asked and served: what is known of people, departments and customers."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from mailbot.store.base import Instant, Serial, metadata

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
