"""Network requests, newest first, each with the request that it belongs to."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, RowMapping, exists, select

from mailbot.process.request import Request
from mailbot.store import codec, tables
from mailbot.store.lists import found, seen
from mailbot.store.lists.found import Range, unindexed
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
    ranges = list(_ranges(names, references, states))
    rights = None if sight.everything else _is_seen(conn, sight)
    narrowed = ranges if rights is None else [one.where(rights) for one in ranges]
    rows, more = found.page(conn, narrowed, cut)
    total = found.total(conn, narrowed, narrowed, cut, on_page=len(rows), more=more)
    return Paged(rows=_read(conn, [row.id for row in rows]), total=total, more=more)


def _ranges(
    names: Collection[str] | None, references: Collection[str] | None, states: Collection[str] | None
) -> Iterator[Range]:
    """Of names and references there are few; else there is one range for each state."""
    ids = select(_network.id)
    if names is None and references is None:
        yield from [ids] if states is None else (ids.where(_network.state == state) for state in sorted(states))
        return
    for column, wanted in ((_network.name, names), (_network.reference, references)):
        ids = ids if wanted is None else ids.where(column.in_(sorted(wanted)))
    yield ids if states is None else ids.where(unindexed(_network.state).in_(sorted(states)))


def _is_seen(conn: Connection, sight: Sight) -> ColumnElement[bool]:
    """Of one network request: its request may be seen."""
    few = seen.few(conn, sight)
    if few is not None:
        return _network.reference.in_(select(_request.reference).where(_request.id.in_(few)))
    return exists(select(_request.id).where(_request.reference == _network.reference, is_seen(sight)))


def _read(conn: Connection, ids: Sequence[int]) -> list[tuple[RowMapping, Request]]:
    joined = select(tables.network_request, _request.body.label("request")).join_from(
        tables.network_request, tables.request, _network.reference == _request.reference
    )
    rows = {row["id"]: row for row in conn.execute(joined.where(_network.id.in_(ids))).mappings()}
    return [(rows[number], codec.read(rows[number]["request"])) for number in ids]
