"""A service order as it stood when something happened to it, as the key that subscribed would have been shown it."""

from datetime import datetime
from typing import Any

from fastapi import Request

from mailbot.process.request import Request as Case
from mailbot.store import Connection, keys, orders
from mailbot.web.api.call import Call, visits_of
from mailbot.web.api.ordering import V3, V4, Ordered
from mailbot.web.parts import Parts
from mailbot.web.reading import Reading, process_of

_EDITIONS = {edition.version: edition for edition in (V4, V3)}
_NOBODYS = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""})
"""We tell by ourselves what a call would be answered."""


def order_told(
    parts: Parts, conn: Connection, case: Case, at: datetime, *, key: str, version: str
) -> dict[str, Any] | None:
    """None where the key calls for nobody any more."""
    by = keys.named(conn, key)
    visits = visits_of(parts, conn, _NOBODYS, by, at)
    if not visits:
        return None
    call = Call(parts=parts, request=_NOBODYS, key=by, visits=visits, now=at)
    visit = call.visit_of(case)
    return Ordered(
        call=call,
        reading=Reading(visit=visit, request=case, process=process_of(visit, conn, case)),
        sheet=orders.sheets(conn, [case.reference]).get(case.reference, {}),
        edition=_EDITIONS[version],
        told=tuple(one.id for step in case.steps for one in step.network),
    ).plain()
