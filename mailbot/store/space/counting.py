"""How much is free of each size, counted again only once space has changed."""

from collections.abc import Hashable, Mapping

from sqlalchemy import Connection, bindparam, func, select

from mailbot.store.space.tables import address_history, free_block
from mailbot.store.space.values import Pool

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

    All that changes them stands in the history of addresses, but for a pool's roots and what is cut out of it. A repair
    (`rebuild`) does not: it is seen with the next change.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Hashable, Mapping[int, int]]] = {}

    def free_sizes(self, conn: Connection, of: Pool, *shape: Hashable) -> Mapping[int, int]:
        """The same; `shape` is what the pool is made of."""
        now = (tuple(conn.scalars(_LAST)), shape)  # before it is counted: what comes meanwhile is counted again
        known = self._known.get(of.id)
        if known is None or known[0] != now:
            known = self._known[of.id] = (now, free_sizes(conn, of))
        return known[1]
