"""A request as a service order: what TM Forum's 641 shows of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mailbot.process.definition import OrderAction
from mailbot.process.request import Address, State, Step, StepState
from mailbot.process.shape import instant
from mailbot.store import Connection, lists, orders
from mailbot.store.lists import Cut
from mailbot.store.records import EVERYTHING
from mailbot.web.api import fields
from mailbot.web.api.call import Call
from mailbot.web.api.models.base import Ref, RelatedParty, characteristics
from mailbot.web.api.models.orders import (
    Action,
    Item,
    JeopardyAlert,
    Milestone,
    Note,
    OrderError,
    OrderRelationship,
    Service,
    ServiceOrder,
    ServiceOrderV3,
    Specification,
)
from mailbot.web.api.naming import resource_order_id, service_id
from mailbot.web.api.seen import BAD_ENDS, STUCK, readable, said
from mailbot.web.reading import Reading

ORDERING = "/tmf-api/serviceOrdering"
RESOURCE_ORDERS = "/tmf-api/resourceOrdering/v4/resourceOrder"
SERVICES = "/tmf-api/serviceInventory/v4/service"

SHEET = ("description", "priority", "notificationContact", "requestedStartDate", "requestedCompletionDate")
"""What an orderer writes for himself: it is kept, shown, and decides nothing."""

Shown = type[ServiceOrder] | type[ServiceOrderV3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A version of the specification: how it calls itself and the items of an order."""

    version: str
    items: str
    shown: Shown
    always: tuple[str, ...] = fields.ALWAYS
    """Fields that are shown whichever are asked for."""

    @property
    def path(self) -> str:
        return f"{ORDERING}/{self.version}/serviceOrder"


V4 = Edition(version="v4", items="service_order_item", shown=ServiceOrder)
V3 = Edition(version="v3", items="order_item", shown=ServiceOrderV3, always=())


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """One request, through the eyes of who reads it."""

    call: Call
    reading: Reading
    sheet: orders.Sheet
    edition: Edition
    told: tuple[str, ...] = ()
    """Ids of its network requests."""

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        request, reading = self.reading.request, self.reading
        is_cancelled = request.state is State.CANCELLED
        own = {name: self.sheet.get(name) for name in SHEET}
        own["description"] = own["description"] or request.summary
        order = self.edition.shown.model_validate(
            {
                **own,
                "id": request.reference,
                "href": f"{self.call.base}{self.edition.path}/{request.reference}",
                "@type": "ServiceOrder",
                "external_id": request.external_reference,
                "category": self.sheet.get("category") or request.type,
                "state": request.state,
                "order_date": instant(request.created),
                "start_date": instant(min((s.opened for s in request.steps if s.opened), default=None)),
                "expected_completion_date": None if request.is_closed else instant(request.due),
                "completion_date": instant(request.closed) if request.state is State.COMPLETED else None,
                "cancellation_date": instant(request.closed) if is_cancelled else None,
                "cancellation_reason": (reading.reason or None) if is_cancelled else None,
                "note": tuple(self._notes()),
                "related_party": tuple(self._parties()),
                "order_relationship": tuple(map(self._relationship, self.told)),
                "milestone": tuple(map(self._milestone, self._over())),
                "jeopardy_alert": tuple(self._alerts()),
                "error_message": tuple(self._errors()),
                self.edition.items: (self._item(),),
            }
        )
        return order.plain()

    def _notes(self) -> Iterator[Note]:
        for number, remark in enumerate(self.reading.request.remarks, 1):
            text = said(self.reading, remark.text) or "-"
            yield Note(id=str(number), author=remark.actor, date=instant(remark.at), text=text[:5000])

    def _parties(self) -> Iterator[RelatedParty]:
        requester = self.reading.request.requester
        yield RelatedParty(id=requester, name=requester, role="requester", at_referred_type="Individual")

    def _relationship(self, name: str) -> OrderRelationship:
        id_ = resource_order_id(name)
        return OrderRelationship(
            id=id_,
            href=f"{self.call.base}{RESOURCE_ORDERS}/{id_}",
            relationship_type="resourceOrder",
            at_referred_type="ResourceOrder",
        )

    def _over(self) -> list[Step]:
        done = [s for s in self.reading.request.steps if s.state is StepState.DONE and s.answered_at]
        return sorted(done, key=lambda step: instant(step.answered_at) or "")

    def _milestone(self, step: Step) -> Milestone:
        title = self.reading.process.step(step.name).title
        return Milestone(id=step.name, name=title, status="completed", milestone_date=instant(step.answered_at))

    def _alerts(self) -> Iterator[JeopardyAlert]:
        late = self.reading.is_late
        if late or self.reading.is_in_jeopardy:
            words = "it is late" if late else "by forecast it will be late"
            yield JeopardyAlert(
                id="late" if late else "jeopardy",
                name=words,
                alert_date=instant(self.call.now) or "",
                message=words,
                jeopardy_type="late" if late else "jeopardy",
            )

    def _errors(self) -> Iterator[OrderError]:
        request, at = self.reading.request, instant(self.reading.request.closed)
        for name, fault in request.faults.items() if request.state is State.PENDING else ():
            yield OrderError(code="invalidCharacteristic", reason=name, message=fault)
        if request.state in {State.REJECTED, State.FAILED}:
            words = self.reading.reason or request.state.value
            yield OrderError(code=request.state.value, reason=words, message=words, timestamp=at)
        for step in request.steps:
            if step.trouble and step.state is StepState.OPEN:
                words = step.trouble if self.reading.sees_words else STUCK
                yield OrderError(code="stuck", reason=step.name, message=words)

    # -- the item ------------------------------------------------------------------------------------------------------

    def _item(self) -> Item:
        request, process = self.reading.request, self.reading.process
        return Item(
            id=self.sheet.get("item") or "1",
            action=Action(process.order_action.value),
            state=request.state,
            at_type="ServiceOrderItem",
            service=self._service(),
        )

    def _service(self) -> Service:
        request, process = self.reading.request, self.reading.process
        form = dict(request.form) or dict(request.given)
        reader = self.reading.visit.viewer.reads(request, process)
        shown = () if request.state in BAD_ENDS and not reader.words else request.addresses
        id_ = self.sheet.get("service") or next((service_id(a.pool, a.prefix) for a in shown), None)
        return Service(
            id=id_,
            href=f"{self.call.base}{SERVICES}/{id_}" if id_ else None,
            name=request.summary[:200] or None,
            service_type=process.specification,
            state=self._state_of_service(),
            service_specification=Specification(
                id=process.specification, name=process.title[:200], version=request.rules[:20]
            ),
            service_characteristic=tuple(characteristics(readable(form, reader))),
            supporting_resource=tuple(map(_resource, shown)),
        )

    def _state_of_service(self) -> str:
        if self.reading.request.state is State.COMPLETED:
            return "terminated" if self.reading.process.order_action is OrderAction.DELETE else "active"
        reserved = any(a.state == "reserved" for a in self.reading.request.addresses)
        return "reserved" if reserved else "designed"


def _resource(address: Address) -> Ref:
    return Ref(id=service_id(address.pool, address.prefix), name=address.prefix, at_referred_type="LogicalResource")


def ordered(call: Call, conn: Connection, readings: list[Reading], edition: Edition) -> list[dict[str, Any]]:
    """Service orders, in the order of the readings."""
    references = [reading.request.reference for reading in readings]
    sheets = orders.sheets(conn, references)
    told = _told(conn, references)
    return [
        Ordered(
            call=call,
            reading=reading,
            sheet=sheets.get(reading.request.reference, {}),
            edition=edition,
            told=tuple(told.get(reading.request.reference, ())),
        ).plain()
        for reading in readings
    ]


def _told(conn: Connection, references: list[str]) -> dict[str, list[str]]:
    """Ids of network requests, by reference, of requests that he may see."""
    found: dict[str, list[str]] = {}
    rows = lists.network_requests(conn, EVERYTHING, Cut(most=1000, oldest_first=True), references=references).rows
    for row, _ in rows:
        found.setdefault(row["reference"], []).append(row["name"])
    return found
