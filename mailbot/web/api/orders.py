"""TM Forum 641: service orders, by version 4.1 and by version 3."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.process.definition import Process
from mailbot.process.request import Cancel, State
from mailbot.store import lists
from mailbot.web.api import query
from mailbot.web.api.call import Call, Orders, Reads
from mailbot.web.api.changing import do, must_be_own, patched
from mailbot.web.api.errors import conflict
from mailbot.web.api.media import answer, body
from mailbot.web.api.models.orders import (
    Item,
    ServiceOrder,
    ServiceOrderCreate,
    ServiceOrderCreateV3,
    ServiceOrderUpdate,
    ServiceOrderUpdateV3,
    ServiceOrderV3,
)
from mailbot.web.api.ordering import SHEET, V3, V4, Edition, ordered
from mailbot.web.api.paged import chosen, names, page
from mailbot.web.api.placing import Placed, given_in, place, process_of, requester
from mailbot.web.api.published import brings, errors, gives
from mailbot.web.api.query import AFTER, FIELDS, PAGE, Kind, Parameter, documented, spans
from mailbot.words import say

FILTERS = (
    FIELDS,
    *PAGE,
    AFTER,
    Parameter(
        name="sort", words="By orderDate; newest first where nothing is said.", choices=("orderDate", "-orderDate")
    ),
    Parameter(name="id", words="Of these.", kind=Kind.SEVERAL),
    Parameter(name="externalId", words="What its sender calls it.", kind=Kind.SEVERAL),
    Parameter(name="state", words="In one of these.", kind=Kind.SEVERAL, choices=tuple(s.value for s in State)),
    Parameter(name="category", words="The type of its request.", kind=Kind.SEVERAL),
    Parameter(name="relatedParty.id", words="Whose it is, by mail address.", kind=Kind.ADDRESS),
    *spans("orderDate", "The moment at which it came"),
    *spans("expectedCompletionDate", "The moment at which it is due"),
    *spans("completionDate", "The moment at which it ended"),
)

Created = ServiceOrderCreate | ServiceOrderCreateV3


def wanted(call: Call, asked: query.Asked) -> lists.Wanted:
    who = asked["relatedParty.id"]
    return lists.Wanted(
        references=asked["id"],
        external_references=asked["externalId"],
        states=asked["state"],
        types=asked["category"],
        requesters=[call.parts.desk.directory.person(who)] if who else None,
        created=asked.span("orderDate"),
        due=asked.span("expectedCompletionDate"),
        closed=asked.span("completionDate"),
    )


def listed(call: Call, edition: Edition) -> Response:
    asked = query.read(call.request, FILTERS)
    fields = asked.fields(names(edition.shown))
    with call.reading() as conn:
        cut = replace(asked.cut, after=call.place(conn, asked["after"]), oldest_first=asked["sort"] == "orderDate")
        found = lists.requests(conn, wanted(call, asked), call.sight, cut, call.now)
        shown = ordered(call, conn, [call.reading_of(conn, one) for one in found.rows], edition)
    last = found.rows[-1].reference if found.rows else ""
    return page(call, asked, (chosen(one, fields) for one in shown), found, edition.shown, last)


def shown(
    call: Call,
    reference: str,
    edition: Edition,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
    fields: frozenset[str] | None = None,
) -> Response:
    with call.reading() as conn:
        [order] = ordered(call, conn, [call.found(conn, reference)], edition)
    return answer(call.request, chosen(order, fields), edition.shown, status, headers)


def retrieved(call: Call, reference: str, edition: Edition) -> Response:
    fields = query.read(call.request, [FIELDS]).fields(names(edition.shown))
    return shown(call, reference, edition, fields=fields)


def created(call: Call, order: Created, edition: Edition) -> Response:
    """201, or 200 where it was ordered before."""
    items: Sequence[Item] = order.service_order_item if isinstance(order, ServiceOrderCreate) else order.order_item
    where = f"{'serviceOrderItem' if isinstance(order, ServiceOrderCreate) else 'orderItem'}[0]"
    asks = requester(call, order.related_party)
    process = process_of(asks, items[0], where)
    given, places = given_in(process, items[0], where)
    sheet = {name: value for name, value in order.plain().items() if name in SHEET}
    placed = Placed(
        process=process,
        requester=asks.person,
        given=given,
        external_reference=order.external_id,
        said=order,
        where={**_places(process, where), **places},
        sheet={**sheet, "item": items[0].id, "service": items[0].service.id},
        notes=[note.text for note in order.note],
    )
    reference, is_new = place(call, placed)
    headers = {"Location": f"{call.base}{edition.path}/{reference}"}
    return shown(call, reference, edition, HTTPStatus.CREATED if is_new else HTTPStatus.OK, headers)


def _places(process: Process, where: str) -> dict[str, str]:
    """Where a field would stand that is missing."""
    return {field.name: f"{where}.service.serviceCharacteristic" for field in process.fields}


def updated(
    call: Call, reference: str, update: ServiceOrderUpdate | ServiceOrderUpdateV3, edition: Edition
) -> Response:
    with call.reading() as conn:
        reading = call.found(conn, reference)
    patched(call, reading, update)
    return shown(call, reference, edition)


def deleted(call: Call, reference: str) -> Response:
    """It is withdrawn, and stays on record: nothing is ever taken out of the trace."""
    with call.reading() as conn:
        reading = call.found(conn, reference)
    must_be_own(call, reading.request)
    if reading.request.is_closed:
        raise conflict("onRecord", f"It is {reading.request.state}: what has ended stays on record.")
    call.parts.committed(lambda tx: do(tx, call, reading, Cancel(reason=say("ending.deleted_by_the_api"))))
    return Response(status_code=HTTPStatus.NO_CONTENT)


# -- the routes of both versions -------------------------------------------------------------------------------------


def router_v4() -> APIRouter:
    router = _router(V4)

    @router.post(
        "", status_code=201, summary="Order a service", **brings(ServiceOrderCreate), **gives(ServiceOrder, 201, 200)
    )
    def create(call: Orders, order: Annotated[ServiceOrderCreate, body(ServiceOrderCreate)]) -> Response:
        return created(call, order, V4)

    @router.patch("/{reference}", summary="Change an order", **brings(ServiceOrderUpdate), **gives(ServiceOrder))
    def update(
        call: Orders, reference: str, change: Annotated[ServiceOrderUpdate, body(ServiceOrderUpdate)]
    ) -> Response:
        return updated(call, reference, change, V4)

    return router


def router_v3() -> APIRouter:
    router = _router(V3)

    @router.post(
        "",
        status_code=201,
        summary="Order a service",
        **brings(ServiceOrderCreateV3),
        **gives(ServiceOrderV3, 201, 200),
    )
    def create(call: Orders, order: Annotated[ServiceOrderCreateV3, body(ServiceOrderCreateV3)]) -> Response:
        return created(call, order, V3)

    @router.patch("/{reference}", summary="Change an order", **brings(ServiceOrderUpdateV3), **gives(ServiceOrderV3))
    def update(
        call: Orders, reference: str, change: Annotated[ServiceOrderUpdateV3, body(ServiceOrderUpdateV3)]
    ) -> Response:
        return updated(call, reference, change, V3)

    return router


def _router(edition: Edition) -> APIRouter:
    """What needs no body is alike in all versions."""
    router = APIRouter(prefix=edition.path, tags=[f"serviceOrder {edition.version}"])

    @router.get("", summary="List orders", openapi_extra=documented(*FILTERS), **gives(edition.shown, several=True))
    def list_(call: Reads) -> Response:
        return listed(call, edition)

    @router.get("/{reference}", summary="One order", openapi_extra=documented(FIELDS), **gives(edition.shown))
    def retrieve(call: Reads, reference: str) -> Response:
        return retrieved(call, reference, edition)

    @router.delete(
        "/{reference}", status_code=204, summary="Withdraw an order", response_model=None, responses=errors()
    )
    def delete(call: Orders, reference: str) -> Response:
        return deleted(call, reference)

    return router
