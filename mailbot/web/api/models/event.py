"""An event, as subscribers are told it in our own shape."""

from typing import ClassVar, Literal

from pydantic import Field

from mailbot.web.api.models.base import Instant, Value
from mailbot.web.api.models.plain import RequestShape, _Shape

Severity = Literal["info", "warning", "error"]


class StateShape(_Shape):
    """The state of a request, before and after."""

    before: str = Field(alias="from")
    after: str = Field(alias="to")


class AlertShape(_Shape):
    """What is wrong; `cause` is the same as long as it is, and what a ticket is known by."""

    cause: str
    words: str
    severity: Severity | None = None


class AllocationShape(_Shape):
    """How space stands from then on; `cause` is the request that brought it about."""

    prefix: str
    pool: str
    vrf: str
    state: str
    until: Instant | None
    reference: str | None
    step: str | None
    holder: str | None
    customer: str | None
    description: str | None
    carries: dict[str, Value]
    cause: str | None


class EventShape(_Shape):
    """An event; `sequence` grows from one to the next, and within a request says what came first."""

    ROOT: ClassVar[str] = "event"

    version: int
    id: str
    sequence: int
    type: str
    severity: Severity
    at: Instant
    reference: str | None
    step: str | None = None
    actor: str | None = None
    detail: str | None = None
    state: StateShape | None = None
    alert: AlertShape | None = None
    allocation: AllocationShape | None = None
    request: RequestShape | None
