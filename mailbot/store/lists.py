"""What programs list: page by page, and counted exactly, as far as they may see it.

Ids are found and counted in indexes alone, and only the rows of one page are read: so it is quick among a million.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
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
    exists,
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

_request, _concern, _network = tables.request.c, tables.concern.c, tables.network_request.c
_order = tables.service_order.c
_PART = _order.part_of.is_not(None)

FEW = 1000
"""Who may see no more requests than these is served from them; of who may see more, each is looked at."""

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
    categories: Collection[str] | None = None
    """Types, or what their orders call them."""
    priorities: Collection[str] | None = None
    requesters: Collection[str] | None = None
    external_references: Collection[str] | None = None
    created: Span = ANY
    due: Span = ANY
    closed: Span = ANY
    open: bool = False
    late: bool = False
    whole: bool = False
    """As orders: those of several items once, by their first one, where any of its items is as wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Which page: `most` rows behind `offset`, or behind the one called `after`."""

    most: int
    offset: int = 0
    after: str | None = None
    oldest_first: bool = False


def _seen_ids(sight: Sight, most: int | None = None) -> SelectBase:
    """Of the requests that may be seen, each once; of each ground at most so many. Not for who sees everything."""
    own = select(_request.id).where(_request.requester.in_(sorted(sight.selves)))
    managed = select(_request.id).where(_request.type.in_(sorted(sight.types)))
    concerning = select(_concern.request_id).where(_concern.who.in_(sorted(sight.names))).distinct()
    grounds = [own, *([managed] if sight.types else []), *([concerning] if sight.names else [])]
    return union(*(select(ground.limit(most).subquery()) for ground in grounds))


def requests(conn: Connection, wanted: Wanted, sight: Sight, cut: Cut, now: datetime) -> Paged[Request]:
    """Newest first, unless the cut says otherwise."""
    wanted = _by_type(conn, wanted)
    few = None if sight.everything else _few(conn, sight)
    conditions = _conditions(wanted, now, by_index=few is None)
    if wanted.whole and conn.execute(select(_order.request_id).where(_PART).limit(1)).first():
        conditions = _of_whole_orders(conditions, sight)
    ids = select(_request.id).where(*conditions)
    if few is not None:
        ids = ids.where(_request.id.in_(few))
    elif not sight.everything:
        ids = ids.where(is_seen(sight))
    if few is None and not sight.everything and not conditions:
        total = _count_seen(conn, sight)
    else:
        total = conn.execute(select(func.count()).select_from(ids.subquery())).scalar_one()
    if cut.after is not None:
        last = select(_request.id).where(_request.reference == cut.after).scalar_subquery()
        ids = ids.where(_request.id > last if cut.oldest_first else _request.id < last)
    found = _page(conn, ids, _request.id, cut)
    bodies = conn.execute(select(_request.id, _request.body).where(_request.id.in_(found)))
    by_id = {row.id: codec.read(row.body) for row in bodies}
    return Paged(rows=[by_id[number] for number in found], total=total)


def _by_type(conn: Connection, wanted: Wanted) -> Wanted:
    """Where no order calls itself so, a category is a type, which an index counts."""
    if wanted.categories is None:
        return wanted
    called = select(_order.request_id).where(_order.category.in_(sorted(wanted.categories))).limit(1)
    return wanted if conn.execute(called).first() else replace(wanted, categories=None, types=wanted.categories)


def _few(conn: Connection, sight: Sight) -> list[int] | None:
    """The ids of all that may be seen; None where these are more than FEW."""
    found = list(conn.execute(select(_seen_ids(sight, FEW + 1).subquery().c[0]).limit(FEW + 1)).scalars())
    return sorted(found) if len(found) <= FEW else None


def is_seen(sight: Sight) -> ColumnElement[bool]:
    """Of one request, looked at by itself: quick for who sees many."""
    concerns = select(_concern.who).where(_concern.request_id == _request.id, _concern.who.in_(sorted(sight.names)))
    own, managed = _request.requester.in_(sorted(sight.selves)), _request.type.in_(sorted(sight.types))
    return or_(exists(concerns), managed, own)  # in this order: the first is answered by an index, without the row


def _count_seen(conn: Connection, sight: Sight) -> int:
    """How many of all requests may be seen: those by each name that are seen by none before it, the largest first.

    So that of a department which is asked about nearly everything an index is counted, and few rows are looked up.
    """
    of_name = select(_concern.who, func.count()).where(_concern.who.in_(sorted(sight.names))).group_by(_concern.who)
    counts = sorted(((count, who) for who, count in conn.execute(of_name)), reverse=True)
    total, before = 0, list[str]()
    for count, who in counts:
        total += count - (_also(conn, who, before) if before else 0)
        before.append(who)
    others = [_request.requester.in_(sorted(sight.selves))]
    others += [_request.type.in_(sorted(sight.types))] if sight.types else []
    by_name = select(_concern.who).where(_concern.request_id == _request.id, _concern.who.in_(before))
    rest = select(func.count()).select_from(tables.request).where(or_(*others), ~exists(by_name))
    return total + int(conn.execute(rest).scalar_one())


def _also(conn: Connection, who: str, before: Sequence[str]) -> int:
    """How many of those that concern him are seen by one of these names, too."""
    other = tables.concern.alias()
    seen = select(other.c.who).where(other.c.request_id == _concern.request_id, other.c.who.in_(before))
    found = select(func.count()).select_from(tables.concern).where(_concern.who == who, exists(seen))
    return int(conn.execute(found).scalar_one())


def _conditions(wanted: Wanted, now: datetime, *, by_index: bool) -> list[ColumnElement[bool]]:
    """Without `by_index`, in words that lead a database to no index: it is to begin from the few ids that it has."""
    said: Callable[[Any], ColumnElement[Any]] = (lambda one: one) if by_index else (lambda one: func.coalesce(one, one))
    named = (
        (said(_request.reference), wanted.references),
        (said(_request.state), wanted.states),
        (said(_request.type), wanted.types),
        (said(_request.requester), wanted.requesters),
        (said(_request.external_reference), wanted.external_references),
    )
    created, due, closed = map(said, (_request.created, _request.due, _request.closed))
    spans = ((created, wanted.created), (due, wanted.due), (closed, wanted.closed))
    found: list[ColumnElement[bool]] = [column.in_(sorted(names)) for column, names in named if names is not None]
    for column, (begin, end) in spans:
        found += [column >= begin] if begin else []
        found += [column < end] if end else []
    if wanted.categories is not None:
        of_type = said(_request.type).in_(sorted(wanted.categories))
        called = select(_order.request_id).where(_order.category.in_(sorted(wanted.categories)))
        both = union(select(_request.id).where(of_type), called)
        found.append(_request.id.in_(both) if by_index else or_(of_type, _request.id.in_(called)))
    if wanted.priorities is not None:
        found.append(_request.id.in_(select(_order.request_id).where(_order.priority.in_(sorted(wanted.priorities)))))
    if wanted.open:
        found.append(said(_request.state).in_([state.value for state in State if state not in CLOSED]))
    if wanted.late:  # the clock of one on hold stands: it has no due time
        open_, over = and_(closed.is_(None), due < now), closed > due
        both = union(select(_request.id).where(open_), select(_request.id).where(over))  # each by an index
        found.append(_request.id.in_(both) if by_index else or_(open_, over))
    return found


def _of_whole_orders(conditions: Sequence[ColumnElement[bool]], sight: Sight) -> list[ColumnElement[bool]]:
    """Not the parts of an order whose first request may be seen and stands for it; that one also for what they are."""
    seen = [] if sight.everything else [is_seen(sight)]
    joined = tables.service_order.join(tables.request, _order.part_of == _request.id)
    are_parts = _request.id.in_(select(_order.request_id).select_from(joined).where(_PART, *seen).correlate(None))
    if not conditions:
        return [~are_parts]
    joined = tables.service_order.join(tables.request, _order.request_id == _request.id)
    by_parts = select(_order.part_of).select_from(joined).where(_PART, *conditions, *seen).correlate(None)
    return [_request.id.in_(union(select(_request.id).where(*conditions), by_parts)), ~are_parts]


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
        few = _few(conn, sight)
        seen = is_seen(sight) if few is None else _request.id.in_(few)
        of_it = select(_request.reference).where(seen)
        by_one = exists(of_it.where(_request.reference == _network.reference))
        ids = ids.where(by_one if few is None else _network.reference.in_(of_it))
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
