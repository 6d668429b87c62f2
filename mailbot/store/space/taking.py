"""Taking space: the next prefix of a length, a prefix by name, and whether it would fit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Unpack

from sqlalchemy import Connection

from mailbot.addresses import Block, remainders, unplaced
from mailbot.store.space import sourced
from mailbot.store.space.beside import customer_of, free_beside
from mailbot.store.space.blocks import cut, drop, keep, note, record, take_at_once
from mailbot.store.space.choice import claim, largest_free, largest_sizes
from mailbot.store.space.giving import free_expired, released
from mailbot.store.space.pools import allowed, could_fit, lock_pool, needed, read_pool, root_of
from mailbot.store.space.values import (
    Allocation,
    OfAnother,
    Pool,
    PoolFull,
    PrefixTaken,
    State,
    Terms,
    Verdict,
)
from mailbot.store.space.views import held_at, neighbours


def take(conn: Connection, pool: str, length: int | None, *, now: datetime, **terms: Unpack[Terms]) -> Allocation:
    """Gives out the prefix of that length which the pool's strategy chooses; of numbers, without one, the lowest.

    Raises PoolFull, PoolRefuses (a length outside the pool's limits, or larger than it), NotFound (no such pool).
    """
    of = lock_pool(conn, pool)
    bits = allowed(of, length)
    # Rested space counts at the latest when there is no other, even if nobody has freed it yet.
    taken = _taken(conn, of, bits, now, terms) or (free_expired(conn, of, now) and _taken(conn, of, bits, now, terms))
    if not taken:
        could_fit(conn, of, bits)
        raise PoolFull(pool, length, largest_free(conn, of))
    return taken


def _taken(conn: Connection, of: Pool, bits: int, now: datetime, terms: Terms) -> Allocation | None:
    """Out of the free blocks: beside what its holder has, else where the strategy says."""
    if own := free_beside(conn, of, bits, holder=terms["holder"], customer=customer_of(terms)):
        cut(conn, of, *own)
        return give_out(conn, of, own[0], now, terms)
    size = needed(conn, of, bits)
    if conn.dialect.name == "postgresql":
        somewhere = Block(family=of.family, network=0, host_bits=bits)
        wanted = Allocation(prefix=somewhere, pool=of.name, vrf=of.vrf, **terms)
        taken = take_at_once(conn, of, wanted, size, now=now)
        return taken and _expected(conn, of, taken)
    free = claim(conn, of, size)
    if free is None:
        return None
    prefix = Block(family=of.family, network=free.network, host_bits=bits)
    keep(conn, of, remainders(free, prefix))
    return give_out(conn, of, prefix, now, terms)


def take_named(conn: Connection, pool: str, prefix: Block, *, now: datetime, **terms: Unpack[Terms]) -> Allocation:
    """Gives out this very prefix or number. What rests in quarantine its last holder gets back, whole, and nobody else.

    Raises PrefixTaken, PoolRefuses (outside of the pool or its length limits), OfAnother (another pool's, which may be
    cut out of this one), NotFound (no such pool).
    """
    of = lock_pool(conn, pool)
    root = root_of(conn, of, prefix)
    allowed(of, prefix.length)
    blocker = _overlapping(conn, of, prefix)
    if blocker and free_expired(conn, of, now):
        blocker = _overlapping(conn, of, prefix)
    if blocker is None:
        cut(conn, of, prefix, root)
    elif blocker.delegate and blocker.prefix.covers(prefix):
        raise OfAnother(prefix, pool, blocker.delegate)
    elif blocker.prefix == prefix and _is_last_holder(blocker, terms):
        # The request that took it first has now released it for good.
        note(conn, [released(blocker)], cause=terms["reference"], now=now)
        drop(conn, of, prefix)
    else:
        raise PrefixTaken(prefix, blocker)
    return give_out(conn, of, prefix, now, terms, named=True)


def fits(conn: Connection, pool: str, lengths: Iterable[int | None], holder: str | None = None) -> Verdict:
    """Whether prefixes of these lengths (None: a number) would all fit now; locks nothing.

    For one prefix, what is free beside `holder`'s counts too. Raises NotFound, PoolRefuses.
    """
    of = read_pool(conn, pool)
    wanted = [allowed(of, length) for length in lengths]
    missing = _missing(conn, of, wanted)
    if len(missing) == len(wanted) == 1 and free_beside(conn, of, wanted[0], holder=holder):
        missing = []
    return Verdict(
        pool=pool,
        missing=tuple(of.family.width - bits for bits in missing),
        largest_free=largest_free(conn, of),
    )


class Survey:
    """What would fit, for many who wait: what is the same for all of them is asked of the database once.

    It is true of one consistent view, so that it is thrown away with its connection.
    """

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._pool = cache(partial(read_pool, conn))
        self._fit = cache(lambda of, wanted: not _missing(conn, of, wanted))

    def fits(self, pool: str, lengths: Iterable[int | None], holder: str | None = None) -> bool:
        """As the verdict of `fits`."""
        of = self._pool(pool)
        wanted = tuple(allowed(of, length) for length in lengths)
        if self._fit(of, wanted):
            return True
        return len(wanted) == 1 and free_beside(self._conn, of, wanted[0], holder=holder) is not None

    def fits_nobody(self, pool: str, length: int | None) -> bool:
        """Whether there is no room for one prefix of that length, whoever asks for it. Raises as `fits`."""
        of = self._pool(pool)
        return not (of.growth or self._fit(of, (allowed(of, length),)))


def _missing(conn: Connection, of: Pool, wanted: Sequence[int]) -> list[int]:
    """Host bits of those for which there is no room."""
    return unplaced(wanted, largest_sizes(conn, of, len(wanted)), partial(needed, conn, of))


def _is_last_holder(resting: Allocation, terms: Terms) -> bool:
    return resting.state is State.QUARANTINED and resting.holder is not None and resting.holder == terms["holder"]


def _overlapping(conn: Connection, of: Pool, prefix: Block) -> Allocation | None:
    """One allocation that stands in the way of this prefix."""
    before, _ = neighbours(conn, of, prefix)
    return held_at(conn, of, before) if before and before.overlaps(prefix) else None


def give_out(
    conn: Connection, of: Pool, prefix: Block, now: datetime, terms: Terms, *, named: bool = False
) -> Allocation:
    """Writes down that what is out of the free blocks already is held from now on.

    In a pool with a source its step waits for the source's yes (see `awaited`).
    """
    taken = Allocation(prefix=prefix, pool=of.name, vrf=of.vrf, **terms)
    record(conn, of, taken, now=now)
    return _expected(conn, of, taken, named=named)


def _expected(conn: Connection, of: Pool, taken: Allocation, *, named: bool = False) -> Allocation:
    if of.source and taken.step is not None:
        sourced.expect(conn, of, taken.prefix, named=named)
    return taken
