"""What stands of a request beside it: events that are still to be told, and what an order by the API said."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from mailbot.store import tables
from mailbot.store.privacy.words import nameless

_event, _snapshot = tables.event, tables.snapshot
_order, _cancellation = tables.service_order, tables.order_cancellation


def drop(conn: Connection, number: int, reference: str) -> None:
    """All of it. What somebody was not told of until now he is not told any more."""
    for table in (_event, _snapshot):
        conn.execute(delete(table).where(table.c.reference == reference))
    bare = {"sheet": "{}", "category": None, "priority": None}
    conn.execute(update(_order).where(_order.c.request_id == number).values(bare))
    conn.execute(update(_cancellation).where(_cancellation.c.request_id == number).values(reason="", refusal=""))


def unname(conn: Connection, number: int, reference: str, names: Collection[str]) -> None:
    """These people's addresses in it; all else stays."""
    for table, column, of_it in (
        (_event, _event.c.facts, _event.c.reference == reference),
        (_snapshot, _snapshot.c.body, _snapshot.c.reference == reference),
        (_order, _order.c.sheet, _order.c.request_id == number),
        (_cancellation, _cancellation.c.reason, _cancellation.c.request_id == number),
    ):
        _unname(conn, table, column, of_it, names)


def sheets(conn: Connection, requests: Any) -> list[dict[str, Any]]:
    """What orders said beside their forms; `requests` selects the ids."""
    found = select(tables.request.c.reference, _order.c.sheet).join_from(
        _order, tables.request, _order.c.request_id == tables.request.c.id
    )
    rows = conn.execute(found.where(_order.c.request_id.in_(requests)).order_by(_order.c.request_id))
    return [dict(row) for row in rows.mappings()]


def _unname(conn: Connection, table: Table, column: Any, of_it: Any, names: Collection[str]) -> None:
    keys = list(table.primary_key)
    for *key, text in conn.execute(select(*keys, column).where(of_it)).all():
        bare = nameless(text, names)
        if bare != text:
            at = [one == value for one, value in zip(keys, key, strict=True)]
            conn.execute(update(table).where(*at).values({column.name: bare}))
