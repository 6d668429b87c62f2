"""A service order as it stood when something happened to it, as the key that subscribed would have been shown it."""

from datetime import datetime
from typing import Any

from fastapi import Request

from mailbot.process.request import Request as Case
from mailbot.store import Connection, keys
from mailbot.web.api.call import Call, visits_of
from mailbot.web.api.errors import Refused
from mailbot.web.api.ordering import V3, V4, of_order, ordered
from mailbot.web.parts import Parts
from mailbot.web.reading import Reading, process_of

_EDITIONS = {edition.version: edition for edition in (V4, V3)}
_NOBODYS = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""})
"""We tell by ourselves what a call would be answered."""


def order_told(
    parts: Parts, conn: Connection, case: Case, at: datetime, *, key: str, version: str
) -> dict[str, Any] | None:
    """None where the key calls for nobody any more, or may not see it."""
    by = keys.named(conn, key)
    visits = visits_of(parts, conn, _NOBODYS, by, at)
    if not visits:
        return None
    call = Call(parts=parts, request=_NOBODYS, key=by, visits=visits, now=at)
    try:
        order = of_order(call, conn, case.reference)
    except Refused:
        return None
    as_told = [_as_told(call, conn, one, case) for one in order]
    return ordered(call, conn, [as_told], _EDITIONS[version])[0]


def _as_told(call: Call, conn: Connection, now: Reading, case: Case) -> Reading:
    """What is told of is as it was then; the other items are as they are."""
    if now.request.reference != case.reference:
        return now
    visit = call.visit_of(case)
    return Reading(visit=visit, request=case, process=process_of(visit, conn, case))
