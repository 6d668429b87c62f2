"""Space beside what somebody has already, where his next prefix goes if the pool is so."""

from sqlalchemy import Connection, bindparam, select

from mailbot.addresses import Block, beside
from mailbot.store.space.pools import roots
from mailbot.store.space.tables import allocation
from mailbot.store.space.values import Pool, State, Terms
from mailbot.store.space.views import neighbours

MOST = 16
"""Prefixes of one holder that are looked at, so that whoever has thousands waits no longer than others."""

_HERE = (allocation.c.pool_id == bindparam("of_pool"), allocation.c.state.in_([State.ALLOCATED, State.RESERVED]))
_OWN = select(allocation.c.network, allocation.c.host_bits).where(*_HERE).order_by(allocation.c.network).limit(MOST)
_OF_HOLDER = _OWN.where(allocation.c.holder == bindparam("who"))
_OF_CUSTOMER = _OWN.where(allocation.c.customer == bindparam("who"))


def customer_of(terms: Terms) -> str | None:
    return terms.get("carries", {}).get("customer") or terms.get("customer")


def free_beside(
    conn: Connection, of: Pool, host_bits: int, *, holder: str | None, customer: str | None = None
) -> tuple[Block, Block] | None:
    """A free prefix of that size beside what the customer has in this pool, without one the holder; and its root.

    None where there is none, or the pool is not so. A buddy goes before any other neighbour, then the lowest one.
    """
    who = customer or holder
    if who is None or not (of.adjacent or of.growth):
        return None
    rows = conn.execute(_OF_CUSTOMER if customer else _OF_HOLDER, {"of_pool": of.id, "who": who})
    held = [Block(family=of.family, network=row.network, host_bits=row.host_bits) for row in rows]
    present = roots(conn, of) if held else []
    touching = [one for block in held for one in beside(block, host_bits)]
    buddies = [one for one in touching if one.buddy in held]
    for one in dict.fromkeys([*buddies, *touching]):
        root = next((root for root in present if root.covers(one)), None)
        if root and _is_free(conn, of, one):
            return one, root
    return None


def _is_free(conn: Connection, of: Pool, prefix: Block) -> bool:
    before, _ = neighbours(conn, of, prefix)
    return before is None or not before.overlaps(prefix)
