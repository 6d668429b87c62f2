"""What is held of address space, in order of pool and address."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, product
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, literal, select, text, tuple_

from mailbot.errors import NotFound
from mailbot.store.base import Network, unindexed
from mailbot.store.lists import found
from mailbot.store.lists.found import Range, unindexed_on_sqlite
from mailbot.store.lists.values import Cut, Paged
from mailbot.store.records import Sight
from mailbot.store.space.tables import address_history, allocation, pool
from mailbot.store.space.values import Allocation, State
from mailbot.store.space.views import ALLOCATIONS, as_allocation

_held = allocation.c
_OTHERS = text("allocation.state <> 'allocated'")
"""As the index says it that holds these alone; and never with a value that is bound, which proves nothing to SQLite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What somebody holds, and since when it stands as it does; None where no history tells."""

    allocation: Allocation
    since: datetime | None


def held(
    conn: Connection, sight: Sight, cut: Cut, *, pools: Collection[str] | None, states: Collection[State]
) -> Paged[Holding]:
    """What those hold whose own it is, and the pools that are theirs to care for; `pools` None: of any.

    A place behind which the page begins need not be held any more. Raises NotFound where its pool is not to be seen.
    """
    cut = replace(cut, oldest_first=True)  # in order of pool and address
    rest = [] if set(states) == set(State) else [unindexed_on_sqlite(_held.state).in_(sorted(states))]
    ranges = list(_ranges(conn, sight, pools, states))
    narrowed = [one.where(*rest) for one in ranges] if rest else ranges
    begun = narrowed
    if cut.after is not None:
        begun = [one.where(*rest) for one in _ranges(conn, sight, pools, states, _place(conn, sight, *cut.after))]
    rows, more = found.page(conn, begun, cut)
    total = found.total(conn, ranges, narrowed, cut, on_page=len(rows), more=more)
    return Paged(rows=_read(conn, [(row.pool_id, row.network) for row in rows]), total=total, more=more)


def _ranges(
    conn: Connection,
    sight: Sight,
    pools: Collection[str] | None,
    states: Collection[State],
    behind: tuple[int, int] | None = None,
) -> Iterator[Range]:
    """One for each ground on which it is seen, and each pool of it; of states that are rare, one for each of these."""
    place = select(_held.pool_id, _held.network)
    ids = {row.name: row.id for row in conn.execute(select(pool.c.name, pool.c.id))}
    asked = {name: number for name, number in ids.items() if pools is None or name in pools}
    cared_for = sorted(number for name, number in asked.items() if sight.everything or name in sight.pools)
    rare = State.ALLOCATED not in states  # what is allocated is nearly all: an index of the others alone is small
    kinds = [[and_(_held.state == state, _OTHERS)] for state in sorted(states)] if rare else [[]]
    yield from (place.where(of_pool, *kind) for of_pool in _of_pools(cared_for, len(kinds), behind) for kind in kinds)
    if not sight.everything:
        among = [] if pools is None else [unindexed(_held.pool_id).in_(asked.values())]
        for column, names in ((_held.holder, sight.selves), (_held.customer, sight.customers)):
            owner = unindexed(column) if rare else column
            if rare or pools is None:
                parts = [[*among, *part] for part in _parts(conn, behind)]
            else:
                parts = [[of_pool] for of_pool in _of_pools(sorted(asked.values()), len(names), behind)]
            owns = found.each(owner, names, len(kinds) * len(parts))
            yield from (place.where(own, *kind, *part) for own, kind, part in product(owns, kinds, parts))


def _of_pools(numbers: Collection[int], kinds: int, behind: tuple[int, int] | None) -> Iterator[ColumnElement[bool]]:
    """Pool by pool what lies behind a place: within its pool SQLite goes there at once only by the network alone."""
    if behind is None:
        yield from found.each(_held.pool_id, numbers, kinds)
        return
    pool_id, network = behind
    if pool_id in numbers:
        yield and_(_held.pool_id == pool_id, _held.network > network)
    yield from found.each(_held.pool_id, [number for number in numbers if number > pool_id], kinds)


def _parts(conn: Connection, behind: tuple[int, int] | None) -> list[list[ColumnElement[bool]]]:
    """What lies behind a place, so that each database looks among the owner's rows, and not at whoever's are there.

    SQLite does where pool and network are compared as one pair, PostgreSQL where they are compared each by itself.
    """
    if behind is None:
        return [[]]
    pool_id, network = behind
    if conn.dialect.name == "sqlite":
        return [[tuple_(_held.pool_id, _held.network) > tuple_(literal(pool_id), literal(network, Network()))]]
    return [[_held.pool_id == pool_id, _held.network > network], [_held.pool_id > pool_id]]


def _place(conn: Connection, sight: Sight, in_pool: str, network: int) -> tuple[int, int]:
    """By the pool's id. One that is neither cared for nor held from is not told from one that is not there."""
    number = conn.execute(select(pool.c.id).where(pool.c.name == in_pool)).scalar_one_or_none()
    if number is None or not (sight.everything or in_pool in sight.pools or _holds_of(conn, sight, number)):
        raise NotFound(in_pool)
    return number, network


def _holds_of(conn: Connection, sight: Sight, pool_id: int) -> bool:
    some = select(_held.network).where(_held.pool_id == pool_id).limit(1)
    grounds = ((_held.holder, sight.selves), (_held.customer, sight.customers))
    return any(conn.execute(some.where(owner.in_(sorted(names)))).first() for owner, names in grounds)


def _read(conn: Connection, places: Sequence[tuple[int, int]]) -> list[Holding]:
    """Pool by pool: SQLite looks for pairs in no index."""
    rows: list[Any] = []
    for number, in_pool in groupby(places, itemgetter(0)):
        networks = [network for _, network in in_pool]
        these = ALLOCATIONS.where(_held.pool_id == number, _held.network.in_(networks))
        rows.extend(conn.execute(these.order_by(_held.network)))
    return _dated(conn, rows)


def holding(conn: Connection, in_pool: str, network: int, host_bits: int, sight: Sight) -> Holding | None:
    """The one of exactly this prefix; None where there is none to be seen."""
    exactly = and_(pool.c.name == in_pool, allocation.c.network == network, allocation.c.host_bits == host_bits)
    row = conn.execute(ALLOCATIONS.where(exactly)).first()
    if row is None:
        return None
    is_own = row.holder in sight.selves or row.customer in sight.customers
    is_seen = sight.everything or is_own or row.pool in sight.pools
    return _dated(conn, [row])[0] if is_seen else None


def _dated(conn: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Holding]:
    past = address_history.c
    networks = sorted({row.network for row in rows})
    families = sorted({row.family for row in rows})
    found = select(past.vrf, past.family, past.network, past.host_bits, past.state, past.at)
    found = found.where(past.family.in_(families), past.network.in_(networks)).order_by(past.id)
    since = {(one.vrf, one.family, one.network, one.host_bits, one.state): one.at for one in conn.execute(found)}
    return [
        Holding(
            allocation=as_allocation(row),
            since=since.get((row.vrf, row.family, row.network, row.host_bits, row.state)),
        )
        for row in rows
    ]
