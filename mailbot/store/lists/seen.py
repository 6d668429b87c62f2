"""Who may see few requests, and which these are."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, select, union

from mailbot.store import tables
from mailbot.store.records import Sight

_request, _concern = tables.request.c, tables.concern.c

FEW = 1000
"""Who may see no more requests than these is served from them; of who may see more, each is looked at."""


def few(conn: Connection, sight: Sight) -> list[int] | None:
    """The ids of all that may be seen; None where these are more than FEW."""
    if sight.everything:
        return None
    return these(
        conn, select(union(*(ground.limit(FEW + 1).subquery().select() for ground in _grounds(sight))).subquery())
    )


def these(conn: Connection, ids: Select[Any]) -> list[int] | None:
    """Ids; None where there are more than FEW: of many, all that is fetched is the one that is too much."""
    if conn.execute(ids.offset(FEW).limit(1)).first():
        return None
    return list(conn.scalars(ids))


def _grounds(sight: Sight) -> Iterator[Select[Any]]:
    yield select(_request.id).where(_request.requester.in_(sorted(sight.selves)))
    if sight.types:
        yield select(_request.id).where(_request.type.in_(sorted(sight.types)))
    if sight.names:
        yield select(_concern.request_id).where(_concern.who.in_(sorted(sight.names))).distinct()
