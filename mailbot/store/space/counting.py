"""How much is free of each size, counted again only once space has changed."""

from collections.abc import Callable, Hashable, Mapping
from time import monotonic

from sqlalchemy import Connection, bindparam, func, select

from mailbot.store.space.tables import address_history, free_block
from mailbot.store.space.values import Pool

LONGEST = 60.0
"""Seconds that a count is believed."""

_FREE = (
    select(free_block.c.host_bits, func.count())
    .where(free_block.c.pool_id == bindparam("of_pool"))
    .group_by(free_block.c.host_bits)
)
# Several, as of two that write at the same time the first to begin may be the last to commit.
_LAST = select(address_history.c.id).order_by(address_history.c.id.desc()).limit(32)


def free_sizes(conn: Connection, of: Pool) -> dict[int, int]:
    """Host bits → how many free blocks: each of these is looked at."""
    return {row.host_bits: row[1] for row in conn.execute(_FREE, {"of_pool": of.id})}


class Counted:
    """What was counted, by pool, for whoever looks often: there may be a million free blocks.

    Nearly all that changes them stands in the history of addresses, or in how the pool is made. What does not (a
    repair, a change that many others overtook on the way to its commit) is seen within a minute.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._known: dict[Pool, tuple[float, Hashable, Mapping[int, int]]] = {}

    def free_sizes(self, conn: Connection, of: Pool, *shape: Hashable) -> Mapping[int, int]:
        """The same; `shape` is what else the pool is made of."""
        now, as_of = self._clock(), (tuple(conn.scalars(_LAST)), shape)
        since, before, sizes = self._known.get(of, (now, None, {}))
        if before != as_of or now - since > LONGEST:
            since, sizes = now, free_sizes(conn, of)
            self._known[of] = (since, as_of, sizes)
        return sizes
