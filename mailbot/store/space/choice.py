"""Which free block a pool's strategy takes: index probes only, whose cost does not grow with the pool."""

from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, select, tuple_
from sqlalchemy.sql.dml import ReturningDelete

from mailbot.addresses import Block, Strategy
from mailbot.store.base import ONE
from mailbot.store.space.tables import free_block
from mailbot.store.space.values import Pool

_POOL = free_block.c.pool_id == bindparam("pool")
_LARGE_ENOUGH = (_POOL, free_block.c.host_bits >= bindparam("bits"))
_PLACE = (free_block.c.host_bits, free_block.c.network)


def _best_fit() -> Select[Any]:
    return select(*_PLACE).where(*_LARGE_ENOUGH).order_by(*_PLACE).limit(ONE)


def _sparse() -> Select[Any]:
    """The lowest of the largest."""
    largest = select(func.max(free_block.c.host_bits)).where(*_LARGE_ENOUGH).scalar_subquery()
    of_it = select(*_PLACE).where(_POOL, free_block.c.host_bits == largest)
    return of_it.order_by(free_block.c.network).limit(ONE)


def _first_fit() -> Select[Any]:
    """The lowest of each size's lowest: no index goes by address alone, so there is a probe for each size."""
    smallest = select(func.min(free_block.c.host_bits))
    first = smallest.where(*_LARGE_ENOUGH).scalar_subquery()
    sizes = select(first.label("bits")).cte("sizes", recursive=True)
    larger = smallest.where(_POOL, free_block.c.host_bits > sizes.c.bits).correlate(sizes)
    sizes = sizes.union_all(select(larger.scalar_subquery()).where(sizes.c.bits.is_not(None)))
    # PostgreSQL has no min() of bytea before 18: the first in order, on either.
    of_size = select(free_block.c.network).where(_POOL, free_block.c.host_bits == sizes.c.bits)
    lowest = of_size.order_by(free_block.c.network).limit(ONE).correlate(sizes)
    place = lowest.scalar_subquery().label("network")
    found = select(sizes.c.bits.label("host_bits"), place).where(sizes.c.bits.is_not(None))
    return found.order_by("network").limit(ONE)


def _claim(place: Select[Any]) -> ReturningDelete[Any]:
    chosen = tuple_(*_PLACE) == place.scalar_subquery()
    return delete(free_block).where(_POOL, chosen).returning(*_PLACE)


CLAIM = {
    Strategy.BEST_FIT: _claim(_best_fit()),
    Strategy.FIRST_FIT: _claim(_first_fit()),
    Strategy.SPARSE: _claim(_sparse()),
}
_LARGEST_FREE = _sparse()
_LOWEST_FREE = _first_fit()
_LARGEST_SIZES = (
    select(free_block.c.host_bits).where(_POOL).order_by(free_block.c.host_bits.desc()).limit(bindparam("most"))
)


def claim(conn: Connection, pool: Pool, host_bits: int) -> Block | None:
    """Removes the free block from which such a prefix is to be cut; None where none is large enough."""
    row = conn.execute(CLAIM[pool.strategy], {"pool": pool.id, "bits": host_bits}).first()
    return Block(family=pool.family, network=row.network, host_bits=row.host_bits) if row else None


def largest_free(conn: Connection, pool: Pool) -> Block | None:
    """The largest free block, the lowest among equals."""
    row = conn.execute(_LARGEST_FREE, {"pool": pool.id, "bits": 0}).first()
    return Block(family=pool.family, network=row.network, host_bits=row.host_bits) if row else None


def lowest_number(conn: Connection, pool: Pool) -> Block | None:
    """The free number that is given out next."""
    row = conn.execute(_LOWEST_FREE, {"pool": pool.id, "bits": 0}).first()
    return Block(family=pool.family, network=row.network, host_bits=0) if row else None


def largest_sizes(conn: Connection, pool: Pool, most: int) -> list[int]:
    """Host bits of the `most` largest free blocks: if n prefixes fit at all, they fit into the n largest."""
    return list(conn.scalars(_LARGEST_SIZES, {"pool": pool.id, "most": most}))
