"""TM Forum 641: orders to cancel an order, each of which stays on record with what came of it."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.process.shape import instant
from mailbot.store import orders
from mailbot.web.api import fields, query
from mailbot.web.api.call import Call, Orders, Reads
from mailbot.web.api.changing import cancel as cancel_all
from mailbot.web.api.changing import must_be_own
from mailbot.web.api.errors import Refused, nothing_here, wrong_body
from mailbot.web.api.media import answer, body
from mailbot.web.api.models.base import Ref
from mailbot.web.api.models.orders import CancelServiceOrder, CancelServiceOrderCreate, OrderError, TaskState
from mailbot.web.api.ordering import ORDERING, V4, of_order
from mailbot.web.api.paged import page
from mailbot.web.api.published import brings, gives
from mailbot.web.api.query import FIELDS, Kind, documented, followed

CANCELLATIONS = f"{ORDERING}/v4/cancelServiceOrder"
LISTED = (FIELDS, *followed("Those older than the one of this id.", Kind.NUMBER))

router = APIRouter(prefix=CANCELLATIONS, tags=["cancelServiceOrder"])


@router.post(
    "",
    status_code=201,
    summary="Cancel a service order",
    **brings(CancelServiceOrderCreate),
    **gives(CancelServiceOrder, 201),
)
def cancel(call: Orders, asked: Annotated[CancelServiceOrderCreate, body(CancelServiceOrderCreate)]) -> Response:
    """The task that comes back tells whether it was cancelled."""
    date = asked.requested_cancellation_date
    if date is not None and query.moment("requestedCancellationDate", date) > call.now:
        raise wrong_body([("requestedCancellationDate", "an order is cancelled at once: send this on that day")])
    with call.reading() as conn:
        order = of_order(call, conn, asked.service_order.id)
    must_be_own(call, order[0].request)
    reference, reason = order[0].request.reference, asked.cancellation_reason
    refusal = ""
    try:
        call.parts.committed(lambda tx: cancel_all(tx, call, order, reason))
    except Refused as refused:
        refusal = refused.message
    made = call.parts.committed(lambda tx: orders.note_cancellation(tx.conn, reference, reason, refusal, call.now))
    return answer(call.request, _task(call, made), CancelServiceOrder, HTTPStatus.CREATED)


@router.get(
    "", summary="List cancellations", openapi_extra=documented(*LISTED), **gives(CancelServiceOrder, several=True)
)
def cancellations(call: Reads) -> Response:
    """Newest first."""
    asked = query.read(call.request, LISTED)
    choice = fields.read(asked["fields"], CancelServiceOrder)
    with call.reading() as conn:
        found = orders.cancellations(conn, call.sight, replace(asked.cut, after=asked["after"]))
    shown = (fields.chosen(_task(call, one), choice) for one in found.rows)
    last = str(found.rows[-1].id) if found.rows else ""
    return page(call, asked, shown, found, CancelServiceOrder, last)


@router.get("/{number}", summary="One cancellation", openapi_extra=documented(FIELDS), **gives(CancelServiceOrder))
def cancellation(call: Reads, number: str) -> Response:
    choice = fields.read(query.read(call.request, [FIELDS])["fields"], CancelServiceOrder)
    found = None
    if number.isascii() and number.isdigit() and len(number) < 16:  # noqa: PLR2004 (what databases count in)
        with call.reading() as conn:
            found = orders.cancellation(conn, int(number), call.sight)
    if found is None:
        raise nothing_here()
    return answer(call.request, fields.chosen(_task(call, found), choice), CancelServiceOrder)


def _task(call: Call, task: orders.Cancellation) -> dict[str, Any]:
    href = f"{call.base}{V4.path}/{task.reference}"
    return CancelServiceOrder(
        id=str(task.id),
        href=f"{call.base}{CANCELLATIONS}/{task.id}",
        at_type="CancelServiceOrder",
        service_order=Ref(id=task.reference, href=href, at_referred_type="ServiceOrder"),
        cancellation_reason=task.reason or None,
        state=TaskState.TERMINATED_WITH_ERROR if task.refusal else TaskState.DONE,
        effective_cancellation_date=None if task.refusal else instant(task.asked),
        error_message=OrderError(code="refused", reason="refused", message=task.refusal) if task.refusal else None,
    ).plain()
