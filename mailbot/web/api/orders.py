"""TM Forum 641: service orders, by version 4.1 and by version 3."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.desk.query import Asker
from mailbot.process.definition import Process
from mailbot.process.request import State
from mailbot.store import lists
from mailbot.web.api import fields, query
from mailbot.web.api.call import Call, Orders, Reads
from mailbot.web.api.changing import cancel, must_be_own, patched
from mailbot.web.api.errors import Refused, conflict, wrong_body
from mailbot.web.api.media import answer, body
from mailbot.web.api.models.orders import (
    ItemCreate,
    ServiceOrder,
    ServiceOrderCreate,
    ServiceOrderCreateV3,
    ServiceOrderUpdate,
    ServiceOrderUpdateV3,
    ServiceOrderV3,
)
from mailbot.web.api.ordering import ORDERING, V3, V4, Edition, of_order, ordered, whole
from mailbot.web.api.paged import page
from mailbot.web.api.placing import ONCE, Placed, given_in, place, process_of, requester
from mailbot.web.api.published import brings, errors, gives
from mailbot.web.api.query import AFTER, FIELDS, Kind, Parameter, documented, followed, spans
from mailbot.words import say

FILTERS = (
    FIELDS,
    *followed(AFTER),
    Parameter(
        name="sort", words="By orderDate; newest first where nothing is said.", choices=("orderDate", "-orderDate")
    ),
    Parameter(name="id", words="Of these.", kind=Kind.SEVERAL),
    Parameter(name="externalId", words="What its sender calls it.", kind=Kind.SEVERAL),
    Parameter(name="state", words="In one of these.", kind=Kind.SEVERAL, choices=tuple(s.value for s in State)),
    Parameter(name="category", words="The type of its request, or what its sender wrote there.", kind=Kind.SEVERAL),
    Parameter(name="priority", words="As its sender wrote it.", kind=Kind.SEVERAL),
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
        categories=asked["category"],
        priorities=asked["priority"],
        requesters=[call.parts.desk.directory.person(who)] if who else None,
        created=asked.span("orderDate"),
        due=asked.span("expectedCompletionDate"),
        closed=asked.span("completionDate"),
        whole=True,
    )


def listed(call: Call, edition: Edition) -> Response:
    asked = query.read(call.request, FILTERS)
    choice = fields.read(asked["fields"], edition.shown, edition.always)
    with call.reading() as conn:
        cut = replace(asked.cut, after=call.place(conn, asked["after"]), oldest_first=asked["sort"] == "orderDate")
        found = lists.requests(conn, wanted(call, asked), call.sight, cut, call.now)
        shown = ordered(call, conn, whole(call, conn, found.rows), edition, choice)
    last = found.rows[-1].reference if found.rows else ""
    return page(call, asked, shown, found, edition.shown, last)


def shown(
    call: Call,
    reference: str,
    edition: Edition,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
    choice: fields.Choice | None = None,
) -> Response:
    with call.reading() as conn:
        [order] = ordered(call, conn, [of_order(call, conn, reference)], edition, choice)
    return answer(call.request, order, edition.shown, status, headers)


def retrieved(call: Call, reference: str, edition: Edition) -> Response:
    choice = fields.read(query.read(call.request, [FIELDS])["fields"], edition.shown, edition.always)
    return shown(call, reference, edition, choice=choice)


def created(call: Call, order: Created, edition: Edition) -> Response:
    """201, or 200 where it was ordered before."""
    asks = requester(call, order.related_party)
    placed = _all_placed(asks, order)
    first = replace(
        placed[0],
        sheet={**order.sheet(), "category": order.category, **placed[0].sheet},
        notes=[note.text for note in order.note],
    )
    reference, is_new = place(call, [first, *placed[1:]])
    headers = {"Location": f"{call.base}{edition.path}/{reference}"}
    return shown(call, reference, edition, HTTPStatus.CREATED if is_new else HTTPStatus.OK, headers)


def _items(order: Created) -> list[tuple[ItemCreate, str]]:
    """What is ordered, each with its place in the body. Raises Refused."""
    name, items = _named_items(order)
    found = [(item, f"{name}[{number}]") for number, item in enumerate(items)]
    twice = [where for number, (item, where) in enumerate(found) if item.id in {one.id for one in items[:number]}]
    if twice:
        raise wrong_body((f"{where}.id", "another item has the same") for where in twice)
    return found


def _named_items(order: Created) -> tuple[str, Sequence[ItemCreate]]:
    if isinstance(order, ServiceOrderCreate):
        return "serviceOrderItem", order.service_order_item
    return "orderItem", order.order_item


def _all_placed(asks: Asker, order: Created) -> list[Placed]:
    """One for each item. Raises Refused, with what is wrong with any of them."""
    placed, wrong = list[Placed](), list[tuple[str, str]]()
    for item, where in _items(order):
        try:
            placed.append(_placed(asks, order, item, where))
        except Refused as refused:
            wrong += refused.details
    if wrong:
        raise wrong_body(wrong)
    return placed


def _placed(asks: Asker, order: Created, item: ItemCreate, where: str) -> Placed:
    """Raises Refused."""
    process = process_of(asks, item, where)
    given, places = given_in(process, item, where)
    return Placed(
        process=process,
        requester=asks.person,
        given=given,
        external_reference=order.external_id,
        said=order,
        where={**_places(process, where), **places},
        sheet={"item": item.id, "service": item.service.id},
    )


def _places(process: Process, where: str) -> dict[str, str]:
    """Where a field would stand that is missing."""
    return {field.name: f"{where}.service.serviceCharacteristic" for field in process.fields}


def updated(
    call: Call, reference: str, update: ServiceOrderUpdate | ServiceOrderUpdateV3, edition: Edition
) -> Response:
    with call.reading() as conn:
        readings = of_order(call, conn, reference)
    patched(call, readings, update)
    return shown(call, reference, edition)


def deleted(call: Call, reference: str) -> Response:
    """It is withdrawn, and stays on record: nothing is ever taken out of the trace."""
    with call.reading() as conn:
        readings = of_order(call, conn, reference)
    must_be_own(call, readings[0].request)
    if all(reading.request.is_closed for reading in readings):
        raise conflict("onRecord", f"It is {readings[0].request.state}: what has ended stays on record.")
    call.parts.committed(lambda tx: cancel(tx, call, readings, say("ending.deleted_by_the_api")))
    return Response(status_code=HTTPStatus.NO_CONTENT)


# -- the routes of both versions -------------------------------------------------------------------------------------


def router_v4() -> APIRouter:
    router = _router(V4)

    @router.post(
        "",
        status_code=201,
        summary="Order a service",
        **brings(ServiceOrderCreate, ONCE),
        **gives(ServiceOrder, 201, 200),
    )
    def create(call: Orders, order: Annotated[ServiceOrderCreate, body(ServiceOrderCreate)]) -> Response:
        return created(call, order, V4)

    @router.patch("/{reference}", summary="Change an order", **brings(ServiceOrderUpdate), **gives(ServiceOrder))
    def update(
        call: Orders, reference: str, change: Annotated[ServiceOrderUpdate, body(ServiceOrderUpdate)]
    ) -> Response:
        return updated(call, reference, change, V4)

    return router


def router_v3(spelled: str = "serviceOrder") -> APIRouter:
    """The kit for version 3 writes ServiceOrder, too."""
    router = _router(V3, spelled)

    @router.post(
        "",
        status_code=201,
        summary="Order a service",
        **brings(ServiceOrderCreateV3, ONCE),
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


def _router(edition: Edition, spelled: str = "serviceOrder") -> APIRouter:
    """What needs no body is alike in all versions."""
    router = APIRouter(prefix=f"{ORDERING}/{edition.version}/{spelled}", tags=[f"serviceOrder {edition.version}"])

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
