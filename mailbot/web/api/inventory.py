"""TM Forum 638: what is held of address space, as services."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.errors import NotFound
from mailbot.process.shape import instant
from mailbot.store import lists
from mailbot.store.lists import Holding
from mailbot.store.space import Allocation, State
from mailbot.web.api import fields, query
from mailbot.web.api.call import Call, Reads
from mailbot.web.api.errors import Refused, nothing_here, wrong_query
from mailbot.web.api.items import SERVICES
from mailbot.web.api.media import answer
from mailbot.web.api.models.base import Ref, RelatedParty, characteristics
from mailbot.web.api.models.inventory import InventoryService, RelatedOrderItem
from mailbot.web.api.models.orders import Specification
from mailbot.web.api.naming import held_by_id, service_id
from mailbot.web.api.ordering import V4
from mailbot.web.api.paged import cut_of, page
from mailbot.web.api.published import gives
from mailbot.web.api.query import AFTER, FIELDS, Kind, Parameter, documented, followed

STATES: Mapping[State, str] = {
    State.RESERVED: "reserved",
    State.ALLOCATED: "active",
    State.QUARANTINED: "terminated",
}
"""What TM Forum calls them; what is excluded, or another's, is no service of ours."""

FILTERS = (
    FIELDS,
    *followed(AFTER),
    Parameter(name="id", words="Of this one."),
    Parameter(name="category", words="Of these pools.", kind=Kind.SEVERAL),
    Parameter(name="state", words="In one of these.", kind=Kind.SEVERAL, choices=tuple(STATES.values())),
)

router = APIRouter(prefix=SERVICES, tags=["service"])


@router.get("", summary="List", openapi_extra=documented(*FILTERS), **gives(InventoryService, several=True))
def list_(call: Reads) -> Response:
    """What those hold for whom the key calls, and the pools that they care for; in order of pool and address."""
    asked = query.read(call.request, FILTERS)
    choice, wanted = fields.read(asked["fields"], InventoryService), asked["state"] or list(STATES.values())
    states = [ours for ours, theirs in STATES.items() if theirs in wanted]
    with call.reading() as conn:
        if asked["id"] is not None:
            one = _found(call, asked["id"])
            rows = [one] if one and one.allocation.state in states else []
            found = cut_of(asked, rows)
        else:
            cut = replace(asked.cut, after=_place(asked["after"]))
            try:
                found = lists.held(conn, call.sight, cut, pools=asked["category"], states=states)
            except NotFound:
                raise _no_place() from None
    shown = (fields.chosen(_shown(call, one), choice) for one in found.rows)
    last = _id(found.rows[-1].allocation) if found.rows else ""
    return page(call, asked, shown, found, InventoryService, last)


@router.get("/{name}", summary="One of them", openapi_extra=documented(FIELDS), **gives(InventoryService))
def retrieve(call: Reads, name: str) -> Response:
    choice = fields.read(query.read(call.request, [FIELDS])["fields"], InventoryService)
    found = _found(call, name)
    if found is None:
        raise nothing_here()
    return answer(call.request, fields.chosen(_shown(call, found), choice), InventoryService)


def _no_place() -> Refused:
    return wrong_query("after", "the id of a service, like customers-v4~10.20.0.0~28")


def _place(after: str | None) -> tuple[str, int] | None:
    """Where a page begins: behind this, whether it is still held or not. Raises Refused."""
    if after is None:
        return None
    meant = held_by_id(after)
    if meant is None:
        raise _no_place()
    pool, prefix = meant
    return pool, prefix.network


def _id(one: Allocation) -> str:
    return service_id(one.pool, str(one.prefix))


def _found(call: Call, id_: str) -> Holding | None:
    meant = held_by_id(id_)
    if meant is None:
        return None
    pool, prefix = meant
    with call.reading() as conn:
        found = lists.holding(conn, pool, prefix.network, prefix.host_bits, call.sight)
    return found if found and found.allocation.state in STATES else None


def _shown(call: Call, held: Holding) -> dict[str, Any]:
    one = held.allocation
    id_ = _id(one)
    carried = {name: value for name, value in one.carries.items() if name not in {"prefix", "pool", "vrf"}}
    values = {"prefix": str(one.prefix), "pool": one.pool, **({"vrf": one.vrf} if one.vrf else {}), **carried}
    return InventoryService(
        id=id_,
        href=f"{call.base}{SERVICES}/{id_}",
        at_type="Service",
        name=str(one.prefix),
        description=one.description,
        category=one.pool,
        service_type="address space",
        state=STATES[one.state],
        is_service_enabled=one.state is State.ALLOCATED,
        start_date=instant(held.since),
        end_date=instant(one.until),
        service_specification=Specification(id=one.pool, name=_title(call, one.pool)),
        service_characteristic=tuple(characteristics(values)),
        related_party=tuple(_parties(one)),
        service_order_item=tuple(_orders(call, one)),
        supporting_resource=(Ref(id=str(one.prefix), name=str(one.prefix), at_referred_type="LogicalResource"),),
    ).plain()


def _title(call: Call, pool: str) -> str:
    return call.parts.desk.post.correspondent.pools.get(pool, pool)[:200]


def _parties(one: Allocation) -> list[RelatedParty]:
    named = (("holder", one.holder, "Individual"), ("customer", one.customer, "Organization"))
    return [
        RelatedParty(id=who[:200], name=who[:200], role=role, at_referred_type=kind) for role, who, kind in named if who
    ]


def _orders(call: Call, one: Allocation) -> list[RelatedOrderItem]:
    if not one.reference:
        return []
    href = f"{call.base}{V4.path}/{one.reference}"
    return [RelatedOrderItem(item_id="1", service_order_id=one.reference, service_order_href=href, role="origin")]
