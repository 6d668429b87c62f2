"""Who may see few requests, and which these are."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, exists, or_, select, union

from mailbot.store import tables
from mailbot.store.lists.found import each
from mailbot.store.records import Sight

_request, _concern = tables.request.c, tables.concern.c

FEW = 1000
"""Who may see no more requests than these is served from them; of who may see more, each is looked at."""


def few(conn: Connection, sight: Sight) -> list[int] | None:
    """The ids of all that may be seen; None where these are more than FEW."""
    if sight.everything:
        return None
    grounds = list(_grounds(sight))
    if not grounds:
        return []
    if conn.scalar(select(or_(*(exists(ground.offset(FEW).limit(1)) for ground in grounds)))):
        return None
    ids = union(*(ground.limit(FEW + 1).subquery().select() for ground in grounds)).subquery()
    found = list(conn.scalars(select(ids).limit(FEW + 1)))
    return found if len(found) <= FEW else None


def these(conn: Connection, ids: Select[Any]) -> list[int] | None:
    """Ids; None where there are more than FEW: of many, all that is fetched is the one that is too much."""
    if conn.execute(ids.offset(FEW).limit(1)).first():
        return None
    return list(conn.scalars(ids))


def _grounds(sight: Sight) -> Iterator[Select[Any]]:
    """One for each name, and so each in order of an index; of somebody with very many names, one for all of them."""
    for ids, column, names in (
        (_request.id, _request.requester, sight.selves),
        (_request.id, _request.type, sight.types),
        (_concern.request_id, _concern.who, sight.names),
    ):
        conditions = each(column, names)
        ground = select(ids) if len(conditions) == len(names) else select(ids).distinct()
        yield from (ground.where(one) for one in conditions)
