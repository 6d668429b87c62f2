"""A pool that follows a source: what others hold there, as it has told; and a take that it did not confirm."""

from datetime import datetime

from sqlalchemy import Connection

from mailbot.addresses import Block, gap_around, remainders
from mailbot.store.space.blocks import claim_exactly, drop, held_in, hold, keep, note, put_back
from mailbot.store.space.giving import free_expired, released
from mailbot.store.space.pools import lock_pool, lock_root, root_of
from mailbot.store.space.values import Allocation, Pool, State
from mailbot.store.space.views import held_at, neighbours


def hold_foreign(conn: Connection, pool: str, prefix: Block, description: str, now: datetime) -> bool:
    """Others hold it, the source says; what it said before of the same space is forgotten.

    False where somebody of ours holds a part of it. Raises NotFound, PoolRefuses (outside of the pool).
    """
    of = lock_pool(conn, pool)
    root = root_of(conn, of, prefix)
    free_expired(conn, of, now)
    blockers = _overlapping(conn, of, prefix)
    if any(blocker.state is not State.FOREIGN for blocker in blockers):
        return False
    for blocker in blockers:
        _free(conn, of, root, blocker, now)
    free = gap_around(prefix, root, *neighbours(conn, of, prefix))
    claim_exactly(conn, of, free)
    keep(conn, of, remainders(free, prefix))
    foreign = Allocation(prefix=prefix, pool=pool, vrf=of.vrf, state=State.FOREIGN, description=description or None)
    hold(conn, of, [foreign])
    note(conn, [foreign], cause=None, now=now)
    return True


def free_foreign(conn: Connection, pool: str, prefix: Block, now: datetime) -> bool:
    """Others hold it no more. False where they did not."""
    of, root = lock_root(conn, pool, prefix)
    held = held_at(conn, of, prefix)
    if held is None or held.state is not State.FOREIGN:
        return False
    _free(conn, of, root, held, now)
    return True


def undo(conn: Connection, pool: str, prefix: Block, *, now: datetime) -> Allocation:
    """Free again what was taken and never confirmed: nobody was told of it, so it need not rest. Raises NotFound."""
    of, root = lock_root(conn, pool, prefix)
    held = held_at(conn, of, prefix)
    assert held is not None  # noqa: S101 (who calls has just seen it)
    _free(conn, of, root, held, now)
    return held


def _free(conn: Connection, of: Pool, root: Block, held: Allocation, now: datetime) -> None:
    drop(conn, of, held.prefix)
    put_back(conn, of, root, held.prefix)
    note(conn, [released(held)], cause=held.reference, now=now)


def _overlapping(conn: Connection, of: Pool, prefix: Block) -> list[Allocation]:
    """All that is held of it: what lies in it, or the one that is around it."""
    found = set(held_in(conn, of, prefix.network, prefix.last))
    before, _ = neighbours(conn, of, prefix)
    if before and before.overlaps(prefix):
        found.add(before)
    return [held for block in found if (held := held_at(conn, of, block)) is not None]
