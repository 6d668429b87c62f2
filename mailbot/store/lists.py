"""What programs list: page by page, and counted exactly, as far as they may see it.

Ids are found and counted in indexes alone, and only the rows of one page are read: so it is quick among a million.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    Select,
    SelectBase,
    and_,
    func,
    or_,
    select,
    union,
)

from mailbot.process.request import CLOSED, Request, State
from mailbot.store import codec, tables
from mailbot.store.records import Sight
from mailbot.store.space.tables import address_history, allocation, pool
from mailbot.store.space.values import Allocation
from mailbot.store.space.values import State as Held
from mailbot.store.space.views import ALLOCATIONS, as_allocation

T_co = TypeVar("T_co", covariant=True)

_request, _network = tables.request.c, tables.network_request.c

Span = tuple[datetime | None, datetime | None]
"""From, and to (exclusive); None is open."""
ANY: Span = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged(Generic[T_co]):
    """One page, and how many there are on all of them."""

    rows: Sequence[T_co]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Requests of which all of this holds; None (and ANY, False) asks for nothing."""

    references: Collection[str] | None = None
    states: Collection[str] | None = None
    types: Collection[str] | None = None
    requesters: Collection[str] | None = None
    external_references: Collection[str] | None = None
    created: Span = ANY
    due: Span = ANY
    closed: Span = ANY
    open: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Which page: `most` rows behind `offset`, or behind the one called `after`."""

    most: int
    offset: int = 0
    after: str | None = None
    oldest_first: bool = False


def seen_ids(sight: Sight) -> SelectBase:
    """Of the requests that may be seen, each once. Not for who sees everything."""
    own = select(_request.id).where(_request.requester.in_(sorted(sight.selves)))
    managed = select(_request.id).where(_request.type.in_(sorted(sight.types)))
    concerning = select(tables.concern.c.request_id).where(tables.concern.c.who.in_(sorted(sight.names)))
    return union(own, *([managed] if sight.types else []), *([concerning] if sight.names else []))


def requests(conn: Connection, wanted: Wanted, sight: Sight, cut: Cut, now: datetime) -> Paged[Request]:
    """Newest first, unless the cut says otherwise."""
    ids = select(_request.id).where(*_conditions(wanted, now))
    if not sight.everything:
        ids = ids.where(_request.id.in_(seen_ids(sight)))
    total = conn.execute(select(func.count()).select_from(ids.subquery())).scalar_one()
    if cut.after is not None:
        last = select(_request.id).where(_request.reference == cut.after).scalar_subquery()
        ids = ids.where(_request.id > last if cut.oldest_first else _request.id < last)
    found = _page(conn, ids, _request.id, cut)
    bodies = conn.execute(select(_request.id, _request.body).where(_request.id.in_(found)))
    by_id = {row.id: codec.read(row.body) for row in bodies}
    return Paged(rows=[by_id[number] for number in found], total=total)


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    named = (
        (_request.reference, wanted.references),
        (_request.state, wanted.states),
        (_request.type, wanted.types),
        (_request.requester, wanted.requesters),
        (_request.external_reference, wanted.external_references),
    )
    spans = ((_request.created, wanted.created), (_request.due, wanted.due), (_request.closed, wanted.closed))
    found: list[ColumnElement[bool]] = [column.in_(sorted(names)) for column, names in named if names is not None]
    for column, (begin, end) in spans:
        found += [column >= begin] if begin else []
        found += [column < end] if end else []
    if wanted.open:
        found.append(_request.state.in_([state.value for state in State if state not in CLOSED]))
    if wanted.late:  # the clock of one on hold stands: it has no due time
        still_open = and_(_request.closed.is_(None), _request.due < now)
        found.append(or_(still_open, _request.closed > _request.due))
    return found


def _page(conn: Connection, ids: Select[Any], column: ColumnElement[int], cut: Cut) -> list[int]:
    ordered = ids.order_by(column if cut.oldest_first else column.desc())
    return list(conn.execute(ordered.limit(cut.most).offset(cut.offset)).scalars())


# -- network requests ----------------------------------------------------------------------------------------------


def network_requests(
    conn: Connection,
    sight: Sight,
    cut: Cut,
    *,
    names: Collection[str] | None = None,
    references: Collection[str] | None = None,
    states: Collection[str] | None = None,
) -> Paged[tuple[RowMapping, Request]]:
    """Each with the request that it belongs to."""
    ids = select(_network.id)
    for column, wanted in ((_network.name, names), (_network.reference, references), (_network.state, states)):
        if wanted is not None:
            ids = ids.where(column.in_(sorted(wanted)))
    if not sight.everything:
        ids = ids.where(_network.reference.in_(select(_request.reference).where(_request.id.in_(seen_ids(sight)))))
    total = conn.execute(select(func.count()).select_from(ids.subquery())).scalar_one()
    found = _page(conn, ids, _network.id, cut)
    joined = select(tables.network_request, _request.body.label("request")).join_from(
        tables.network_request, tables.request, _network.reference == _request.reference
    )
    rows = {row["id"]: row for row in conn.execute(joined.where(_network.id.in_(found))).mappings()}
    return Paged(rows=[(rows[number], codec.read(rows[number]["request"])) for number in found], total=total)


# -- address space -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What somebody holds, and since when it stands as it does; None where no history tells."""

    allocation: Allocation
    since: datetime | None


def held(
    conn: Connection, sight: Sight, cut: Cut, *, pools: Collection[str] | None, states: Collection[Held]
) -> Paged[Holding]:
    """What those hold whose own it is, and the pools that are theirs to care for, in order of pool and address."""
    wanted: list[ColumnElement[bool]] = [allocation.c.state.in_(list(states))]
    if pools is not None:
        wanted.append(pool.c.name.in_(sorted(pools)))
    if not sight.everything:
        theirs = allocation.c.holder.in_(sorted(sight.selves))
        pools_ = pool.c.name.in_(sorted(sight.pools))
        customers = allocation.c.customer.in_(sorted(sight.customers))
        others = [*([pools_] if sight.pools else []), *([customers] if sight.customers else [])]
        wanted.append(or_(theirs, *others))
    count = select(func.count()).select_from(allocation.join(pool)).where(*wanted)
    found = ALLOCATIONS.where(*wanted).order_by(allocation.c.pool_id, allocation.c.network)
    rows = conn.execute(found.limit(cut.most).offset(cut.offset)).all()
    return Paged(rows=_dated(conn, rows), total=conn.execute(count).scalar_one())


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
