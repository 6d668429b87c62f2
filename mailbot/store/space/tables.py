"""The tables of address space: pools and their roots, free blocks, allocations, and who had what when."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)

from mailbot.store.base import Instant, Network, Serial, metadata
from mailbot.store.space.values import State


class Carries(TypeDecorator[Mapping[str, str]]):
    """What an allocation carries, as JSON; NULL for nothing, which is what nearly all rows of an import carry."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True) if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> Mapping[str, str]:  # noqa: ARG002
        return json.loads(value) if value else {}


def _terms() -> list[Column[Any]]:
    words = Enum(State, native_enum=False, length=16, values_callable=lambda states: [s.value for s in states])
    return [
        Column("state", words, nullable=False),
        Column("until", Instant),
        Column("reference", Text),
        Column("step", Text),
        Column("holder", Text),
        Column("customer", Text),
        Column("description", Text),
        Column("carries", Carries),  # beside its customer
    ]


def _of_pool() -> Column[int]:
    return Column("pool_id", ForeignKey("pool.id"), primary_key=True, autoincrement=False)


pool = Table(
    "pool",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("family", SmallInteger, nullable=False),
    Column("vrf", Text, nullable=False),
    Column("strategy", Text, nullable=False),
    Column("quarantine", BigInteger, nullable=False),  # seconds
    Column("min_length", SmallInteger),
    Column("max_length", SmallInteger),
    Column("hosts", Boolean, nullable=False),
    Column("parent", Text),  # the pool that it is cut out of, by name
    Column("depth", SmallInteger, nullable=False, server_default="0"),  # how many pools it lies in, one in the other
    Column("growth", SmallInteger, nullable=False, server_default="0"),
    Column("adjacent", Boolean, nullable=False, server_default=false()),
    Column("source", Text),  # the system whose truth it follows; NULL: ours
    Column("definition", Text, nullable=False),  # the hash of what the configuration said
)

# Few, and within a VRF one inside the other at most, where a pool is cut out of another: so that those covering an
# address are found by looking at all of them.
pool_root = Table(
    "pool_root",
    metadata,
    _of_pool(),
    Column("network", Network, primary_key=True),
    Column("host_bits", SmallInteger, nullable=False),
    Column("last", Network, nullable=False),
    Column("configured", Boolean, nullable=False),  # False: added by hand, left alone by the configuration
)

# Derived from roots and allocations (see proof.py). Without rowid, SQLite keeps a table in its key's order.
free_block = Table(
    "free_block",
    metadata,
    _of_pool(),
    Column("host_bits", SmallInteger, primary_key=True, autoincrement=False),
    Column("network", Network, primary_key=True),
    sqlite_with_rowid=False,
)

allocation = Table(
    "allocation",
    metadata,
    _of_pool(),
    Column("network", Network, primary_key=True),
    Column("host_bits", SmallInteger, nullable=False),
    *_terms(),
    sqlite_with_rowid=False,
)
# Partial: nearly all rows of a large pool have neither an end nor (imported ones) a holder.
Index(
    "ix_allocation_until",
    allocation.c.pool_id,
    allocation.c.until,
    sqlite_where=allocation.c.until.is_not(None),
    postgresql_where=allocation.c.until.is_not(None),
)
Index(
    "ix_allocation_holder",
    allocation.c.holder,
    allocation.c.pool_id,
    allocation.c.network,
    sqlite_where=allocation.c.holder.is_not(None),
    postgresql_where=allocation.c.holder.is_not(None),
)
Index(
    "ix_allocation_customer",
    allocation.c.customer,
    allocation.c.pool_id,
    allocation.c.network,
    sqlite_where=allocation.c.customer.is_not(None),
    postgresql_where=allocation.c.customer.is_not(None),
)
# What a customer holds of each pool is counted in it alone.
Index(
    "ix_allocation_customer_held",
    allocation.c.customer,
    allocation.c.pool_id,
    allocation.c.host_bits,
    allocation.c.state,
    sqlite_where=allocation.c.customer.is_not(None),
    postgresql_where=allocation.c.customer.is_not(None),
)
Index(
    "ix_allocation_state",
    allocation.c.state,
    allocation.c.pool_id,
    allocation.c.network,
    sqlite_where=text("state <> 'allocated'"),
    postgresql_where=text("state <> 'allocated'"),
)

# Append-only, and by prefix alone: it outlives allocation, pool and request (trap 37). A row says what became
# of the prefix at that moment; its interval ends with the next row of the same prefix.
address_history = Table(
    "address_history",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("cause", Text),  # the request that brought this about; `reference` is the one that took the prefix
    Column("pool", Text, nullable=False),
    Column("vrf", Text, nullable=False),
    Column("family", SmallInteger, nullable=False),
    Column("network", Network, nullable=False),
    Column("host_bits", SmallInteger, nullable=False),
    *_terms(),
    Index("ix_address_history_prefix", "family", "network"),
    Index("ix_address_history_reference", "reference"),
    Index("ix_address_history_at", "at"),
)
Index(
    "ix_address_history_customer",
    address_history.c.customer,
    address_history.c.at,
    address_history.c.id,
    sqlite_where=address_history.c.customer.is_not(None),
    postgresql_where=address_history.c.customer.is_not(None),
)

# What of ours a pool's source was told, or is to be. Its allocation says what is wanted there; where there is none,
# nothing of ours is to be left there. `turn` is its place in the pool's line, NULL once both agree.
sourced = Table(
    "sourced",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("pool_id", ForeignKey("pool.id"), nullable=False),
    Column("network", Network, nullable=False),
    Column("host_bits", SmallInteger, nullable=False),
    Column("key", Text, nullable=False),  # by which it is known there as ours
    Column("number", BigInteger),  # what the source calls it
    Column("turn", BigInteger),
    Column("awaited", Boolean, nullable=False, default=False),  # a step waits for the source's yes
    Column("named", Boolean, nullable=False, default=False),  # no other will do
    Column("stuck", Boolean, nullable=False, default=False),  # refused: the others pass
    Column("attempts", BigInteger, nullable=False, default=0),
    Column("not_before", Instant),
    Column("detail", Text, nullable=False, default=""),
    Column("owner", Serial),
    Column("claim", BigInteger, nullable=False, default=0),
    UniqueConstraint("pool_id", "network", "host_bits"),
)
Index(
    "ix_sourced_line",
    sourced.c.pool_id,
    sourced.c.turn,
    sqlite_where=sourced.c.turn.is_not(None),
    postgresql_where=sourced.c.turn.is_not(None),
)

# When a prefix was last seen in use, as some system of the house reported it: what idle space is judged by.
usage = Table(
    "usage",
    metadata,
    Column("vrf", Text, primary_key=True),
    Column("family", SmallInteger, primary_key=True, autoincrement=False),
    Column("network", Network, primary_key=True),
    Column("host_bits", SmallInteger, primary_key=True, autoincrement=False),
    Column("last_seen", Instant, nullable=False),
    Column("source", Text, nullable=False),
)

# When the holder of a prefix was last asked whether he still needs it, and by which request.
review = Table(
    "review",
    metadata,
    _of_pool(),
    Column("network", Network, primary_key=True),
    Column("asked", Instant, nullable=False),
    Column("reference", Text, nullable=False),
)
