"""TM Forum 652: each network request as a resource order, linked to the service order that it belongs to."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.process.definition import Action
from mailbot.process.request import NetworkState
from mailbot.process.shape import instant
from mailbot.store import Connection, lists
from mailbot.web.api import fields, query
from mailbot.web.api.call import Call, Reads
from mailbot.web.api.errors import nothing_here, wrong_query
from mailbot.web.api.items import RESOURCE_ORDERS
from mailbot.web.api.media import answer
from mailbot.web.api.models.base import characteristics
from mailbot.web.api.models.inventory import ExternalReference, Resource, ResourceOrder, ResourceOrderItem
from mailbot.web.api.models.orders import OrderError
from mailbot.web.api.naming import network_request_name, resource_order_id
from mailbot.web.api.ordering import V4
from mailbot.web.api.paged import page
from mailbot.web.api.published import gives
from mailbot.web.api.query import AFTER, FIELDS, Kind, Parameter, documented, followed
from mailbot.web.reading import Reading

STATES: Mapping[NetworkState, str] = {
    NetworkState.UNPROCESSED: "acknowledged",
    NetworkState.SENT: "inProgress",
    NetworkState.CONFIRMED: "completed",
    NetworkState.FAILED: "failed",
    NetworkState.UNKNOWN: "held",
}
"""What TM Forum calls them; what is unknown waits for people, who look."""

FILTERS = (
    FIELDS,
    *followed(AFTER),
    Parameter(name="id", words="Of these.", kind=Kind.SEVERAL),
    Parameter(name="externalReference.id", words="Of these service orders.", kind=Kind.SEVERAL),
    Parameter(name="state", words="In one of these.", kind=Kind.SEVERAL, choices=tuple(STATES.values())),
)

router = APIRouter(prefix=RESOURCE_ORDERS, tags=["resourceOrder"])


@router.get("", summary="List", openapi_extra=documented(*FILTERS), **gives(ResourceOrder, several=True))
def list_(call: Reads) -> Response:
    """Newest first."""
    asked = query.read(call.request, FILTERS)
    choice, ids, states = fields.read(asked["fields"], ResourceOrder), asked["id"], asked["state"]
    with call.reading() as conn:
        found = lists.network_requests(
            conn,
            call.sight,
            replace(asked.cut, after=_place(call, conn, asked["after"])),
            names=None if ids is None else [network_request_name(one) for one in ids],
            references=asked["externalReference.id"],
            states=None if states is None else [ours.value for ours, theirs in STATES.items() if theirs in states],
        )
        readings = call.readings_of(conn, [request for _, request in found.rows])
        shown = [_shown(call, row, reading) for (row, _), reading in zip(found.rows, readings, strict=True)]
    last = resource_order_id(found.rows[-1][0]["name"]) if found.rows else ""
    return page(call, asked, (fields.chosen(one, choice) for one in shown), found, ResourceOrder, last)


def _place(call: Call, conn: Connection, after: str | None) -> str | None:
    """The network request behind which a page is to begin. Raises Refused where there is none to be seen."""
    if after is None:
        return None
    name = network_request_name(after)
    if not lists.network_requests(conn, call.sight, lists.Cut(most=1), names=[name]).rows:
        raise wrong_query("after", "the id of a resource order in the list")
    return name


@router.get("/{name}", summary="One of them", openapi_extra=documented(FIELDS), **gives(ResourceOrder))
def retrieve(call: Reads, name: str) -> Response:
    choice = fields.read(query.read(call.request, [FIELDS])["fields"], ResourceOrder)
    with call.reading() as conn:
        found = lists.network_requests(conn, call.sight, lists.Cut(most=1), names=[network_request_name(name)])
        if not found.rows:
            raise nothing_here()
        [(row, request)] = found.rows
        shown = _shown(call, row, *call.readings_of(conn, [request]))
    return answer(call.request, fields.chosen(shown, choice), ResourceOrder)


def _shown(call: Call, row: Mapping[Any, Any], reading: Reading) -> dict[str, Any]:
    id_, state = resource_order_id(row["name"]), STATES[NetworkState(row["state"])]
    reference = row["reference"]
    service_order = ExternalReference(
        id=reference,
        href=f"{call.base}{V4.path}/{reference}",
        external_reference_type="ServiceOrder",
        name=reading.request.summary,
    )
    return ResourceOrder(
        id=id_,
        href=f"{call.base}{RESOURCE_ORDERS}/{id_}",
        at_type="ResourceOrder",
        name=row["name"],
        category=row["step"],
        state=state,
        order_date=instant(row["created"]) or "",
        start_date=instant(row["sent"]),
        completion_date=instant(row["closed"]),
        external_reference=(service_order,),
        order_item=(_item(row, state, reading),),
        error_message=_errors(row, reading),
    ).plain()


def _item(row: Mapping[Any, Any], state: str, reading: Reading) -> ResourceOrderItem:
    """What the target was told, for those who read what departments say to each other."""
    told: Mapping[str, Any] = json.loads(row["body"]) if reading.sees_words else {}
    prefixes = [one["prefix"] for one in told.get("addresses", ())]
    values = {**told.get("form", {}), **told.get("set", {}), **({"addresses": prefixes} if prefixes else {})}
    resource = Resource(id=row["target"], name=row["target"], resource_characteristic=tuple(characteristics(values)))
    return ResourceOrderItem(id="1", action=Action(row["action"]), state=state, resource=resource)


def _errors(row: Mapping[Any, Any], reading: Reading) -> tuple[OrderError, ...]:
    if row["state"] not in {NetworkState.FAILED.value, NetworkState.UNKNOWN.value}:
        return ()
    words = (row["detail"] if reading.sees_words else "") or row["state"]
    return (OrderError(code=row["state"], reason=row["state"], message=words, timestamp=instant(row["closed"])),)
