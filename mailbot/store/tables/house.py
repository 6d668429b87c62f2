"""This mailbot itself."""

from sqlalchemy import Column, Table, Text

from mailbot.store.base import Instant, Serial, metadata

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
