"""TM Forum 641: service orders, as versions 4.1 and 3 write them."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from mailbot.process.request import State
from mailbot.web.api.models.base import (
    Characteristic,
    Entity,
    Instant,
    Long,
    Moment,
    Ref,
    RelatedParty,
    Short,
    Tmf,
    Uri,
)

MOST_ITEMS = 50
"""Of one order."""


class Action(StrEnum):
    ADD = "add"
    MODIFY = "modify"
    DELETE = "delete"
    NO_CHANGE = "noChange"


class OrderState(StrEnum):
    """Of an order: those of requests; and `partial`, where some items are completed, and others never will be."""

    ACKNOWLEDGED = State.ACKNOWLEDGED.value
    PENDING = State.PENDING.value
    IN_PROGRESS = State.IN_PROGRESS.value
    HELD = State.HELD.value
    COMPLETED = State.COMPLETED.value
    PARTIAL = "partial"
    REJECTED = State.REJECTED.value
    CANCELLED = State.CANCELLED.value
    FAILED = State.FAILED.value


class TaskState(StrEnum):
    DONE = "done"
    TERMINATED_WITH_ERROR = "terminatedWithError"


class Note(Tmf):
    id: str | None = None
    author: str | None = None
    date: Instant | None = None
    text: Annotated[Long, Field(min_length=1)]


class Specification(Tmf):
    """`id` is the type of a request, or what its rule file calls the service."""

    id: Short | None = None
    href: Uri | None = None
    name: Short | None = None
    version: str | None = None


class Service(Tmf):
    """What is ordered; for `modify` and `delete`, `id` is that of a service in the inventory."""

    id: Short | None = None
    href: Uri | None = None
    name: Short | None = None
    service_type: Short | None = None
    state: str | None = None
    service_specification: Specification | None = None
    service_characteristic: Annotated[tuple[Characteristic, ...], Field(max_length=300)] = ()
    supporting_resource: tuple[Ref, ...] = ()


class Item(Tmf):
    id: Short
    action: Action
    state: State | None = None
    service: Service
    at_type: str | None = None


class ItemCreate(Tmf):
    """What is written of its state is passed over: that is not for an orderer to say."""

    id: Short
    action: Action
    state: Short | None = None
    service: Service


class Milestone(Tmf):
    id: str
    name: str
    status: str
    milestone_date: Instant | None = None


class JeopardyAlert(Tmf):
    id: str
    name: str
    alert_date: Instant
    message: str
    jeopardy_type: str


class OrderError(Tmf):
    code: str
    reason: str
    message: str
    timestamp: Instant | None = None


class OrderRelationship(Tmf):
    id: str
    href: Uri | None = None
    relationship_type: str
    at_referred_type: str | None = None


class _Sheet(Tmf):
    """What an orderer writes beside the items."""

    description: Long | None = None
    priority: Short | None = None
    notification_contact: Short | None = None
    requested_start_date: Moment | None = None
    requested_completion_date: Moment | None = None

    def sheet(self) -> dict[str, str | None]:
        """What was said of these, by their names in JSON; None where there is to be nothing."""
        said = ((name, field) for name, field in _Sheet.model_fields.items() if name in self.model_fields_set)
        return {field.alias or name: getattr(self, name) for name, field in said}


class _Order(_Sheet, Entity):
    external_id: str | None = None
    category: str
    state: OrderState
    order_date: Instant
    start_date: Instant | None = None
    expected_completion_date: Instant | None = None
    completion_date: Instant | None = None
    cancellation_date: Instant | None = None
    cancellation_reason: str | None = None
    note: tuple[Note, ...] = ()
    related_party: tuple[RelatedParty, ...] = ()
    order_relationship: tuple[OrderRelationship, ...] = ()
    milestone: tuple[Milestone, ...] = ()
    jeopardy_alert: tuple[JeopardyAlert, ...] = ()
    error_message: tuple[OrderError, ...] = ()


class ServiceOrder(_Order):
    ROOT: ClassVar[str] = "serviceOrder"

    service_order_item: tuple[Item, ...]


class ServiceOrderV3(_Order):
    ROOT: ClassVar[str] = "serviceOrderV3"

    order_item: tuple[Item, ...]


class _Create(_Sheet):
    external_id: Annotated[Short, Field(min_length=1)] | None = None
    category: Short | None = None
    note: Annotated[tuple[Note, ...], Field(max_length=20)] = ()
    related_party: Annotated[tuple[RelatedParty, ...], Field(max_length=20)] = ()


class ServiceOrderCreate(_Create):
    ROOT: ClassVar[str] = "serviceOrderCreate"

    service_order_item: Annotated[tuple[ItemCreate, ...], Field(min_length=1, max_length=MOST_ITEMS)]


class ServiceOrderCreateV3(_Create):
    ROOT: ClassVar[str] = "serviceOrderCreateV3"

    order_item: Annotated[tuple[ItemCreate, ...], Field(min_length=1, max_length=MOST_ITEMS)]


class ItemUpdate(Tmf):
    """`id` says which one, where there are several."""

    id: Short | None = None
    service: Service | None = None


class _Update(_Sheet):
    """What else is written stands in `model_extra`: whoever wants to change it is to hear that nobody can."""

    model_config = ConfigDict(extra="allow")

    state: State | None = None
    cancellation_reason: Long | None = None
    note: Annotated[tuple[Note, ...], Field(max_length=100)] = ()


class ServiceOrderUpdate(_Update):
    ROOT: ClassVar[str] = "serviceOrderUpdate"

    service_order_item: Annotated[tuple[ItemUpdate, ...], Field(max_length=MOST_ITEMS)] = ()


class ServiceOrderUpdateV3(_Update):
    ROOT: ClassVar[str] = "serviceOrderUpdateV3"

    order_item: Annotated[tuple[ItemUpdate, ...], Field(max_length=MOST_ITEMS)] = ()


class CancelServiceOrderCreate(Tmf):
    ROOT: ClassVar[str] = "cancelServiceOrderCreate"

    service_order: Ref
    cancellation_reason: Long = ""
    requested_cancellation_date: Moment | None = None


class CancelServiceOrder(Entity):
    ROOT: ClassVar[str] = "cancelServiceOrder"

    service_order: Ref
    cancellation_reason: str | None = None
    state: TaskState
    effective_cancellation_date: Instant | None = None
    error_message: OrderError | None = None
