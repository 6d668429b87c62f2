"""Orders of several items among requests: once each, by the request of their first item."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from mailbot.store import tables
from mailbot.store.lists.found import Range
from mailbot.store.records import Sight, is_seen

_request, _order = tables.request.c, tables.service_order.c
_PART = _order.part_of.is_not(None)


def any_parts(conn: Connection) -> bool:
    return conn.execute(select(_order.request_id).where(_PART).limit(1)).first() is not None


def without_parts(ranges: Sequence[Range], sight: Sight) -> list[Range]:
    """Less the further items of orders whose first one may be seen, and stands for them."""
    first = tables.service_order.join(tables.request, _order.part_of == _request.id)
    parts = select(_order.request_id).select_from(first).where(_PART, is_seen(sight)).correlate(None)
    return [one.where(one.selected_columns[1].not_in(parts)) for one in ranges]


def by_parts(conditions: Sequence[ColumnElement[bool]], sight: Sight) -> Range:
    """The first ones, of whose further items one is so, and may be seen."""
    joined = tables.service_order.join(tables.request, _order.request_id == _request.id)
    firsts = select(_order.part_of).select_from(joined).where(_PART, *conditions, is_seen(sight)).correlate(None)
    columns: tuple[Any, Any] = (_request.created, _request.id)
    return select(*columns).where(_request.id.in_(firsts), is_seen(sight))
