"""Requests, newest first: by ranges of indexes that say whom they concern, their state, type and age."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, literal, or_, select, union_all

from mailbot.process.request import CLOSED, Request, State
from mailbot.store import codec, tables
from mailbot.store.base import Instant, unindexed
from mailbot.store.lists import found, seen, whole
from mailbot.store.lists.found import Range, unindexed_on_sqlite
from mailbot.store.lists.values import ANY, Cut, Paged, Span, Wanted
from mailbot.store.records import Sight, is_seen

_request, _concern, _order = tables.request.c, tables.concern.c, tables.service_order.c

OPEN = frozenset(state.value for state in State if state not in CLOSED)

_Kind = tuple[str, str]
"""A state, and a type."""

_Said = Callable[[ColumnElement[Any]], ColumnElement[Any]]


def _each_kind() -> Select[Any]:
    """The pairs of state and type that there are: an index is asked for each that there could be."""
    states = union_all(*(select(literal(state.value).label("state")) for state in State)).subquery()
    types = select(tables.rules.c.type).distinct().subquery()
    both = (_request.state == states.c.state, _request.type == types.c.type)
    some = select(_request.id).where(*both).offset(0).correlate(states, types)  # or PostgreSQL reads all of them
    return select(states.c.state, types.c.type).join_from(states, types, exists(some))


_KINDS = _each_kind()


def _plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return column


def requests(conn: Connection, wanted: Wanted, sight: Sight, cut: Cut, now: datetime) -> Paged[Request]:
    """Newest first, unless the cut says otherwise."""
    wanted = replace(_by_type(conn, wanted), states=_states(wanted), open=False)
    ranges, narrowed = _looked_at(conn, wanted, sight, now)
    if wanted.whole and whole.any_parts(conn):
        ranges, narrowed = _as_orders(ranges, narrowed, wanted, sight, now)
    rows, more = found.page(conn, _behind(conn, narrowed, cut), cut)
    one_by_one = wanted.requesters is not None and not sight.everything
    total = found.total(conn, ranges, narrowed, cut, on_page=len(rows), more=more, one_by_one=one_by_one)
    return Paged(rows=_read(conn, [row.id for row in rows]), total=total, more=more)


def _looked_at(
    conn: Connection, wanted: Wanted, sight: Sight, now: datetime
) -> tuple[Sequence[Range], Sequence[Range]]:
    """The ranges that may be seen, and what is wanted of them.

    Whether there is a total is decided by the former: that others have few of a thing is not to be told by it.
    """
    own = seen.few(conn, sight)
    if own is not None:
        of_own = [_of_few(own, wanted, sight, now)]
        return of_own, of_own
    ranges, narrowed = _among_many(conn, wanted, sight, now)
    few = _few(conn, wanted, now)
    if few is None:
        return ranges, narrowed
    of_few = [_of_few(few, wanted, sight, now)]
    return of_few if sight.everything else ranges, of_few


def _as_orders(
    ranges: Sequence[Range], narrowed: Sequence[Range], wanted: Wanted, sight: Sight, now: datetime
) -> tuple[Sequence[Range], Sequence[Range]]:
    """The same, with orders of several items once."""
    conditions = [*_named(wanted), *_spans(wanted), *([or_(*_late(now))] if wanted.late else [])]
    by_parts = [whole.by_parts(conditions, sight)] if conditions else []
    both = [*whole.without_parts(ranges, sight), *by_parts]
    return both, both if narrowed is ranges else [*whole.without_parts(narrowed, sight), *by_parts]


def _by_type(conn: Connection, wanted: Wanted) -> Wanted:
    """Where no order calls itself so, a category is a type, of which there are ranges."""
    if wanted.categories is None or conn.execute(_called(wanted.categories).limit(1)).first():
        return wanted
    types = wanted.categories if wanted.types is None else {*wanted.types} & {*wanted.categories}
    return replace(wanted, categories=None, types=types)


def visible(sight: Sight) -> Sequence[Range]:
    """All requests that somebody may see, who does not see everything."""
    return list(_ranges(Wanted(), sight, (), []))


def _states(wanted: Wanted) -> Collection[str] | None:
    if not wanted.open:
        return wanted.states
    return OPEN if wanted.states is None else OPEN & set(wanted.states)


def _read(conn: Connection, ids: Sequence[int]) -> list[Request]:
    bodies = conn.execute(select(_request.id, _request.body).where(_request.id.in_(ids)))
    by_id = {row.id: codec.read(row.body) for row in bodies}
    return [by_id[number] for number in ids]


def _behind(conn: Connection, ranges: Sequence[Range], cut: Cut) -> Sequence[Range]:
    """What comes after the request that the cut names."""
    if cut.after is None:
        return ranges
    created, number = conn.execute(select(_request.created, _request.id).where(_request.reference == cut.after)).one()
    return found.behind(ranges, [literal(created, Instant()), literal(number)], cut)


# -- where few are to be looked at ---------------------------------------------------------------------------------


def _few(conn: Connection, wanted: Wanted, now: datetime) -> Collection[int] | None:
    """The ids of a few among which all are that are wanted; None where there are many of each thing that is."""
    found = (seen.these(conn, ids) for ids in _each(wanted, now))
    return next((some for some in found if some is not None), None)


def _each(wanted: Wanted, now: datetime) -> Iterator[Select[Any]]:
    """Ids of what holds one thing that is wanted, each by its index."""
    for condition in (*_named(wanted), *_spans(wanted)):
        yield select(_request.id).where(condition)
    if wanted.late:
        both = (select(_request.id).where(late).limit(seen.FEW + 1).subquery() for late in _late(now))
        yield select(union_all(*(one.select() for one in both)).subquery())


def _of_few(few: Collection[int], wanted: Wanted, sight: Sight, now: datetime) -> Range:
    conditions = [*_named(wanted, unindexed), *_spans(wanted, unindexed)]
    conditions += [or_(*_late(now, unindexed))] if wanted.late else []
    conditions += [] if sight.everything else [is_seen(sight)]
    return select(_request.created, _request.id).where(_request.id.in_(few), *conditions)


# -- where many are: ranges ----------------------------------------------------------------------------------------


def _among_many(
    conn: Connection, wanted: Wanted, sight: Sight, now: datetime
) -> tuple[Sequence[Range], Sequence[Range]]:
    """The ranges to be looked at, and the same with all else that must hold of each request in them."""
    rest = _rest(wanted, now)
    kinds = _kinds(conn, wanted)
    ranges = list(_ranges(wanted, sight, kinds, []))
    return ranges, list(_ranges(wanted, sight, kinds, rest)) if rest else ranges


def _kinds(conn: Connection, wanted: Wanted) -> Sequence[_Kind]:
    """The wanted pairs of state and type of which there are requests; () where neither is asked for."""
    if wanted.states is wanted.types is None:
        return ()
    return [
        (state, type_)
        for state, type_ in conn.execute(_KINDS).all()
        if (wanted.states is None or state in wanted.states) and (wanted.types is None or type_ in wanted.types)
    ]


def _rest(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    """What no range says."""
    named = replace(wanted, states=None, types=None, requesters=None)
    late = [or_(*_late(now, unindexed_on_sqlite))] if wanted.late else []
    return [*_named(named, unindexed_on_sqlite), *_spans(replace(wanted, created=ANY), unindexed_on_sqlite), *late]


def _ranges(
    wanted: Wanted, sight: Sight, kinds: Sequence[_Kind], rest: Sequence[ColumnElement[bool]]
) -> Iterator[Range]:
    """One for each ground on which they may be seen; where states or types are wanted, for each of their pairs.

    Of a requester who is named, his.
    """
    opened = select(_request.created, _request.id).where(*_span(_request.created, _opened(wanted)), *rest)
    if wanted.requesters is not None:
        yield from _own(opened if sight.everything else opened.where(is_seen(sight)), wanted, wanted.requesters)
    elif not sight.everything:
        yield from _own(opened, wanted, sight.selves)
        yield from _managed(opened, wanted, sight.types, kinds)
        yield from _concerning(wanted, sight.names, kinds, rest)
    elif wanted.states is wanted.types is None:
        yield opened
    else:
        yield from _of_kinds(opened, wanted, kinds)


def _own(opened: Range, wanted: Wanted, requesters: Collection[str]) -> Iterator[Range]:
    kinds = _named(Wanted(states=wanted.states, types=wanted.types), unindexed_on_sqlite)
    yield from (opened.where(theirs, *kinds) for theirs in found.each(_request.requester, requesters))


def _managed(opened: Range, wanted: Wanted, types: Collection[str], kinds: Sequence[_Kind]) -> Iterator[Range]:
    if wanted.states is wanted.types is None:
        yield from (opened.where(_request.type == type_) for type_ in sorted(types))
    else:
        yield from _of_kinds(opened, wanted, [(state, type_) for state, type_ in kinds if type_ in types])


def _of_kinds(opened: Range, wanted: Wanted, kinds: Sequence[_Kind]) -> Iterator[Range]:
    """Where any state will do, an index has a type's requests in order."""
    if wanted.states is None:
        yield from (opened.where(_request.type == type_) for type_ in sorted({type_ for _, type_ in kinds}))
    else:
        yield from (opened.where(_request.type == type_, _request.state == state) for state, type_ in kinds)


def _concerning(
    wanted: Wanted, names: Collection[str], kinds: Sequence[_Kind], rest: Sequence[ColumnElement[bool]]
) -> Iterator[Range]:
    of_it = exists(select(_request.id).where(_request.id == _concern.request_id, *rest))
    opened = select(_concern.created, _concern.request_id.label("id")).where(*_span(_concern.created, _opened(wanted)))
    opened = opened.where(of_it) if rest else opened
    of_kinds: list[list[ColumnElement[bool]]] = [
        [_concern.state == state, _concern.type == type_] for state, type_ in kinds
    ]
    if wanted.states is wanted.types is None:
        of_kinds = [[]]
    grounds = found.each(_concern.who, names, len(of_kinds))
    opened = opened if len(grounds) == len(names) else opened.distinct()  # one request may concern several of them
    yield from (opened.where(who, *kind) for who in grounds for kind in of_kinds)


# -- what is wanted, in SQL ----------------------------------------------------------------------------------------


def _named(wanted: Wanted, said: _Said = _plain) -> list[ColumnElement[bool]]:
    named = (
        (_request.reference, wanted.references),
        (_request.external_reference, wanted.external_references),
        (_request.requester, wanted.requesters),
        (_request.state, wanted.states),
        (_request.type, wanted.types),
    )
    conditions: list[ColumnElement[bool]] = [
        said(column).in_(sorted(names)) for column, names in named if names is not None
    ]
    if wanted.categories is not None:
        called = _request.id.in_(_called(wanted.categories))
        conditions.append(or_(said(_request.type).in_(sorted(wanted.categories)), called))
    if wanted.priorities is not None:
        conditions.append(
            _request.id.in_(select(_order.request_id).where(_order.priority.in_(sorted(wanted.priorities))))
        )
    return conditions


def _called(categories: Collection[str]) -> Select[Any]:
    return select(_order.request_id).where(_order.category.in_(sorted(categories)))


def _spans(wanted: Wanted, said: _Said = _plain) -> list[ColumnElement[bool]]:
    """Each whole, to be looked for in one index."""
    spans = ((_request.created, wanted.created), (_request.due, wanted.due), (_request.closed, wanted.closed))
    return [and_(*_span(said(column), span)) for column, span in spans if span != ANY]


def _span(column: ColumnElement[Any], span: Span) -> list[ColumnElement[bool]]:
    begin, end = span
    return [*([column >= begin] if begin else []), *([column < end] if end else [])]


def _opened(wanted: Wanted) -> Span:
    """When requests were opened of which this holds: what was due, or over, before a time was opened before it."""
    ends = [end for _, end in (wanted.created, wanted.due, wanted.closed) if end]
    return wanted.created[0], min(ends, default=None)


def _late(now: datetime, said: _Said = _plain) -> list[ColumnElement[bool]]:
    """Either of these. The clock of one on hold stands: it has no due time."""
    closed, due = said(_request.closed), said(_request.due)
    return [and_(closed.is_(None), due < now), closed > due]
