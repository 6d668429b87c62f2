"""Network requests, newest first, each with the request that it belongs to."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, RowMapping, exists, literal, select

from mailbot.process.request import Request
from mailbot.store import codec, tables
from mailbot.store.base import unindexed
from mailbot.store.lists import found, seen
from mailbot.store.lists.found import Range
from mailbot.store.lists.requests import visible
from mailbot.store.lists.values import Cut, Paged
from mailbot.store.records import Sight, is_seen

_request, _network = tables.request.c, tables.network_request.c


def network_requests(
    conn: Connection,
    sight: Sight,
    cut: Cut,
    *,
    names: Collection[str] | None = None,
    references: Collection[str] | None = None,
    states: Collection[str] | None = None,
) -> Paged[tuple[RowMapping, Request]]:
    """Of these names, of these requests, in one of these states; None asks for nothing."""
    few = seen.few(conn, sight)
    ids = select(_network.id)
    for column, wanted in ((_network.name, names), (_network.reference, references)):
        ids = ids if wanted is None else ids.where(column.in_(sorted(wanted)))
    if few is not None:
        ids = ids.where(_network.reference.in_(select(_request.reference).where(_request.id.in_(few))))
    elif not sight.everything:
        ids = ids.where(exists(select(_request.id).where(_request.reference == _network.reference, is_seen(sight))))
    are_few = few is not None or names is not None or references is not None
    ranges = list(_in_states(ids, states, are_few=are_few))
    rows, more = found.page(conn, _behind(conn, ranges, cut), cut)
    looked_at = ranges if sight.everything or are_few else visible(sight)
    total = found.total(conn, looked_at, ranges, cut, on_page=len(rows), more=more)
    return Paged(rows=_read(conn, [row.id for row in rows]), total=total, more=more)


def _in_states(ids: Range, states: Collection[str] | None, *, are_few: bool) -> Iterator[Range]:
    """Of many, one range for each state; few are found by what makes them few."""
    if states is None:
        yield ids
    elif are_few:
        yield ids.where(unindexed(_network.state).in_(sorted(states)))
    else:
        yield from (ids.where(_network.state == state) for state in sorted(states))


def _behind(conn: Connection, ranges: Sequence[Range], cut: Cut) -> Sequence[Range]:
    """What comes after the network request that the cut names."""
    if cut.after is None:
        return ranges
    number = conn.execute(select(_network.id).where(_network.name == cut.after)).scalar_one()
    return found.behind(ranges, [literal(number)], cut)


def _read(conn: Connection, ids: Sequence[int]) -> list[tuple[RowMapping, Request]]:
    joined = select(tables.network_request, _request.body.label("request")).join_from(
        tables.network_request, tables.request, _network.reference == _request.reference
    )
    rows = {row["id"]: row for row in conn.execute(joined.where(_network.id.in_(ids))).mappings()}
    return [(rows[number], codec.read(rows[number]["request"])) for number in ids]
