"""An event as it looks from outside: in our own shape, and in TM Forum's (TMF641) for the subscriptions of its hub."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.config.events import TYPES, Severity
from mailbot.process.news import alerts
from mailbot.process.news.derive import STATE_CHANGES
from mailbot.process.shape import instant

VERSION = 1
"""Of our own shape: it grows with what can be read no more by who read the one before."""

_OWN_WORDS = ("detail", "actor")
"""What is said among those who decide."""
_TMF = {
    "request.created": "ServiceOrderCreateEvent",
    "request.amended": "ServiceOrderAttributeValueChangeEvent",
    "request.extended": "ServiceOrderAttributeValueChangeEvent",
    "request.pending": "ServiceOrderInformationRequiredEvent",
    "request.asked": "ServiceOrderInformationRequiredEvent",
    "request.delayed": "ServiceOrderJeopardyEvent",
    "request.jeopardy": "ServiceOrderJeopardyEvent",
    "request.late": "ServiceOrderJeopardyEvent",
    "step.done": "ServiceOrderMilestoneEvent",
}
TMF_TYPES = frozenset({*_TMF.values(), "ServiceOrderStateChangeEvent", "ServiceOrderDeleteEvent"})
"""What a hub's subscription may ask for. Requests are never deleted: nothing is ever told of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, as it is told. `request` is how its request stood then (contract §6); None where it is about none.

    `order` is the same as a service order, for who is told in TM Forum's shape.
    """

    id: str
    sequence: int
    at: datetime
    type: str
    severity: Severity
    reference: str | None
    facts: Mapping[str, Any]
    request: Mapping[str, Any] | None = None
    order: Mapping[str, Any] | None = None

    @property
    def words(self) -> str:
        """In one line, for people."""
        if alert := self.facts.get("alert"):
            return f"{self.type} {alert['cause']}: {alert['words']}"
        about = [self.reference, self.facts.get("step"), self.facts.get("allocation", {}).get("prefix")]
        return f"{' '.join(filter(None, [self.type, *about]))}: {TYPES[self.type][1]}"


def plain(event: Event) -> dict[str, Any]:
    """In our own shape, as plain JSON values."""
    return {
        "version": VERSION,
        "id": event.id,
        "sequence": event.sequence,
        "type": event.type,
        "severity": event.severity.word,
        "at": instant(event.at),
        "reference": event.reference,
        **event.facts,
        "request": event.request,
    }


def tmf_type(event: Event) -> str | None:
    """What TM Forum calls it; None where it has no word."""
    if event.type in STATE_CHANGES and "state" in event.facts:
        return "ServiceOrderStateChangeEvent"
    return _TMF.get(event.type)


def tmf(event: Event) -> dict[str, Any]:
    """In TM Forum's shape."""
    return {
        "eventId": event.id,
        "eventTime": instant(event.at),
        "eventType": tmf_type(event),
        "correlationId": event.reference,
        "domain": "serviceOrdering",
        "title": event.type,
        "description": event.words,
        "priority": str(2 - event.severity),
        "timeOcurred": instant(event.at),  # so it is spelled there
        "event": {"serviceOrder": event.order},
    }


def for_customer(view: Mapping[str, Any]) -> dict[str, Any]:
    """A request as who only ordered it may see it: no words, names and files of those who decide."""
    steps = [
        {**step, "asked": [], "answered_by": None, "answer": None, "fields": {}, "trouble": None, "network": []}
        for step in view["steps"]
    ]
    files = [one for one in view["attachments"] if one["from"] == view["requester"]]
    return {**view, "steps": steps, "attachments": files}


def facts_for_customer(facts: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in facts.items() if name not in _OWN_WORDS}
    if alert := told.get("alert"):
        told["alert"] = {**alert, "words": alerts.for_customer(alert["words"], told.get("step"))}
    return told
