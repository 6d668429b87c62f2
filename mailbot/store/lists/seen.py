"""Who may see few requests, and which these are."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, exists, or_, select, union

from mailbot.store import tables
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
    are_many = or_(*(exists(ground.offset(FEW).limit(1)) for ground in grounds))
    if conn.scalar(select(are_many)):
        return None
    found = list(conn.scalars(select(union(*grounds).subquery()).limit(FEW + 1)))
    return found if len(found) <= FEW else None


def these(conn: Connection, ids: Select[Any]) -> list[int] | None:
    """Ids; None where there are more than FEW: of many, all that is fetched is the one that is too much."""
    if conn.execute(ids.offset(FEW).limit(1)).first():
        return None
    return list(conn.scalars(ids))


def _grounds(sight: Sight) -> Iterator[Select[Any]]:
    yield from (select(_request.id).where(_request.requester == one) for one in sorted(sight.selves))
    yield from (select(_request.id).where(_request.type == one) for one in sorted(sight.types))
    yield from (select(_concern.request_id).where(_concern.who == one) for one in sorted(sight.names))
