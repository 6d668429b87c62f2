"""One item of a service order, which is one request: what TM Forum's 641 shows of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from mailbot.process.definition import OrderAction
from mailbot.process.request import Address, State, Step, StepState
from mailbot.process.shape import instant
from mailbot.store import orders
from mailbot.web.api.call import Call
from mailbot.web.api.models.base import Ref, characteristics
from mailbot.web.api.models.orders import (
    Action,
    Item,
    JeopardyAlert,
    Milestone,
    Note,
    OrderError,
    OrderRelationship,
    Service,
    Specification,
)
from mailbot.web.api.naming import resource_order_id, service_id
from mailbot.web.api.seen import BAD_ENDS, STUCK, readable, said
from mailbot.web.reading import Reading

RESOURCE_ORDERS = "/tmf-api/resourceOrdering/v4/resourceOrder"
SERVICES = "/tmf-api/serviceInventory/v4/service"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One request, through the eyes of who reads it; `mark` begins the names of what it brings into its order."""

    call: Call
    reading: Reading
    sheet: orders.Sheet
    mark: str = ""

    def notes(self) -> Iterator[Note]:
        for number, remark in enumerate(self.reading.request.remarks, 1):
            text = said(self.reading, remark.text) or "-"
            id_ = f"{self.mark}{number}"
            yield Note(id=id_, author=remark.actor, date=instant(remark.at), text=text[:5000])

    def relationships(self) -> Iterator[OrderRelationship]:
        """The resource orders that it has made."""
        for step in self.reading.request.steps:
            for told in step.network:
                id_ = resource_order_id(told.id)
                yield OrderRelationship(
                    id=id_,
                    href=f"{self.call.base}{RESOURCE_ORDERS}/{id_}",
                    relationship_type="resourceOrder",
                    at_referred_type="ResourceOrder",
                )

    def milestones(self) -> Iterator[Milestone]:
        for step in sorted(self._over(), key=lambda step: instant(step.answered_at) or ""):
            title, at = self.reading.process.step(step.name).title, instant(step.answered_at)
            yield Milestone(id=f"{self.mark}{step.name}", name=title, status="completed", milestone_date=at)

    def _over(self) -> Iterator[Step]:
        return (s for s in self.reading.request.steps if s.state is StepState.DONE and s.answered_at)

    def alerts(self) -> Iterator[JeopardyAlert]:
        late = self.reading.is_late
        if late or self.reading.is_in_jeopardy:
            kind, words = ("late", "it is late") if late else ("jeopardy", "by forecast it will be late")
            yield JeopardyAlert(
                id=f"{self.mark}{kind}",
                name=words,
                alert_date=instant(self.call.now) or "",
                message=words,
                jeopardy_type=kind,
            )

    def errors(self) -> Iterator[OrderError]:
        request, at = self.reading.request, instant(self.reading.request.closed)
        for name, fault in request.faults.items():
            yield OrderError(code="invalidCharacteristic", reason=name, message=fault)
        if request.state in {State.REJECTED, State.FAILED}:
            words = self.reading.reason or request.state.value
            yield OrderError(code=request.state.value, reason=words, message=words, timestamp=at)
        for step in request.steps:
            if step.trouble and step.state is StepState.OPEN:
                words = step.trouble if self.reading.sees_words else STUCK
                yield OrderError(code="stuck", reason=step.name, message=words)

    def items(self) -> Iterator[Item]:
        """The one that it is."""
        request, process = self.reading.request, self.reading.process
        yield Item(
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
