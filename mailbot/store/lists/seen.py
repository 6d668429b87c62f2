"""Which requests may be seen: the grounds of it, and what holds of a single one."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, or_, select, union

from mailbot.store import tables
from mailbot.store.records import Sight

_request, _concern = tables.request.c, tables.concern.c

FEW = 1000
"""Who may see no more requests than these is served from them; of who may see more, each is looked at."""


def few(conn: Connection, sight: Sight) -> list[int] | None:
    """The ids of all that may be seen; None where these are more than FEW."""
    if sight.everything:
        return None
    ids = union(*(ground.limit(FEW + 1).subquery().select() for ground in _grounds(sight))).subquery()
    found = list(conn.scalars(select(ids).limit(FEW + 1)))
    return found if len(found) <= FEW else None


def _grounds(sight: Sight) -> Iterator[Select[Any]]:
    yield select(_request.id).where(_request.requester.in_(sorted(sight.selves)))
    if sight.types:
        yield select(_request.id).where(_request.type.in_(sorted(sight.types)))
    if sight.names:
        yield select(_concern.request_id).where(_concern.who.in_(sorted(sight.names))).distinct()


def is_seen(sight: Sight) -> ColumnElement[bool]:
    """Of one request, looked at by itself: quick for who sees many."""
    concerns = select(_concern.who).where(_concern.request_id == _request.id, _concern.who.in_(sorted(sight.names)))
    own, managed = _request.requester.in_(sorted(sight.selves)), _request.type.in_(sorted(sight.types))
    return or_(exists(concerns), managed, own)  # in this order: the first is answered by an index, without the row
