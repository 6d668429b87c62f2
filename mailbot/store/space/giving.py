"""Giving space back: into quarantine, or free at once where it was only reserved; the end of quarantine."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection, bindparam, exists, select

from mailbot.addresses import Block
from mailbot.errors import NotFound, NotPossible
from mailbot.store.space.blocks import become, drop, note, put_back
from mailbot.store.space.pools import lock_pool_at, lock_pools, lock_root, roots
from mailbot.store.space.tables import allocation, pool
from mailbot.store.space.values import Allocation, Pool, State
from mailbot.store.space.views import ALLOCATIONS, as_allocation, held_at, of_request
from mailbot.words import say

_OVER = (allocation.c.until <= bindparam("now"), allocation.c.state == State.QUARANTINED)
_EXPIRED = ALLOCATIONS.where(allocation.c.pool_id == bindparam("of_pool"), *_OVER)
_POOLS_WITH_EXPIRED = select(pool.c.name).where(exists().where(allocation.c.pool_id == pool.c.id, *_OVER))


def look_up(conn: Connection, prefix: Block, *, vrf: str = "", pool: str | None = None) -> Allocation | None:
    """As `find`, and nobody else changes it until we end. Raises NotFound (it lies in no pool, or not in this one)."""
    of, _ = _lock(conn, prefix, vrf, pool)
    return held_at(conn, of, prefix)


def give_back(
    conn: Connection, prefix: Block, *, reference: str | None, now: datetime, vrf: str = "", pool: str | None = None
) -> Allocation:
    """What was allocated rests in quarantine for its pool's time; what was reserved is free at once.

    It is looked for in a VRF, or in a pool, without which a number says nothing. `reference` is the request that gives
    back. Returns what became of it: QUARANTINED until …, or RELEASED. Raises NotFound (nobody holds exactly this
    prefix), NotPossible (it rests already, or is not to be freed).
    """
    of, root = _lock(conn, prefix, vrf, pool)
    held = held_at(conn, of, prefix)
    if held is None:
        raise NotFound(say("space.is_not_held_by", prefix=prefix))
    became = _given_back(held, of, now)
    if became.state is State.QUARANTINED:
        become(conn, of, became)
    else:
        drop(conn, of, prefix)
        put_back(conn, of, root, prefix)
    note(conn, [became], cause=reference, now=now)
    return became


def _lock(conn: Connection, prefix: Block, vrf: str, pool: str | None) -> tuple[Pool, Block]:
    return lock_root(conn, pool, prefix) if pool else lock_pool_at(conn, prefix, vrf)


def cancel(conn: Connection, *, reference: str, now: datetime) -> list[Allocation]:
    """Gives back, by the same rules, all that an undone request still holds."""
    lock_pools(conn, {held.pool for held in _still_held(conn, reference)})
    return [
        give_back(conn, held.prefix, reference=reference, now=now, pool=held.pool)
        for held in _still_held(conn, reference)
    ]


def end_quarantine(conn: Connection, now: datetime) -> list[str]:
    """Frees all whose rest is over; names the pools that gained room, so that they can be tried again."""
    waiting = conn.scalars(_POOLS_WITH_EXPIRED, {"now": now}).all()
    if not waiting:
        return []
    return [of.name for of in lock_pools(conn, waiting) if free_expired(conn, of, now)]


def free_expired(conn: Connection, of: Pool, now: datetime) -> bool:
    """The same for one pool, which the caller has locked; whether there was any."""
    rows = conn.execute(_EXPIRED, {"of_pool": of.id, "now": now})
    expired = [released(as_allocation(row)) for row in rows]
    present = roots(conn, of) if expired else []
    for held in expired:
        root = next(root for root in present if root.covers(held.prefix))
        drop(conn, of, held.prefix)
        put_back(conn, of, root, held.prefix)
    note(conn, expired, cause=None, now=now)
    return bool(expired)


def released(held: Allocation) -> Allocation:
    """As the history tells it once it is free."""
    return replace(held, state=State.RELEASED, until=None)


def _still_held(conn: Connection, reference: str) -> list[Allocation]:
    live = (State.ALLOCATED, State.RESERVED)
    return [held for held in of_request(conn, reference) if held.state in live]


def _given_back(held: Allocation, of: Pool, now: datetime) -> Allocation:
    match held.state:
        case State.ALLOCATED if of.quarantine:
            return replace(held, state=State.QUARANTINED, until=now + of.quarantine)
        case State.ALLOCATED | State.RESERVED:
            return released(held)
        case State.QUARANTINED:
            raise NotPossible(say("space.is_given_back_already", prefix=held.prefix, until=held.until))
        case State.EXCLUDED | State.FOREIGN | State.RELEASED:
            raise NotPossible(say("space.is_nobodys_to_give_back", prefix=held.prefix, state=held.state))
        case _:
            assert_never(held.state)
