"""Requests as service orders, each of one or of several items: what TM Forum's 641 shows of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any

from mailbot.process.request import CLOSED, Request, State
from mailbot.process.shape import instant
from mailbot.store import Connection, orders, pages
from mailbot.web.api import fields
from mailbot.web.api.call import Call
from mailbot.web.api.items import Part
from mailbot.web.api.models.base import Model, RelatedParty
from mailbot.web.api.models.orders import OrderState, ServiceOrder, ServiceOrderV3
from mailbot.web.reading import Reading

ORDERING = "/tmf-api/serviceOrdering"

SHEET = ("description", "priority", "notificationContact", "requestedStartDate", "requestedCompletionDate")
"""What an orderer writes for himself: it is kept, shown, and decides nothing."""

Shown = type[ServiceOrder] | type[ServiceOrderV3]

_LISTS: Mapping[str, Callable[[Part], Iterator[Model]]] = {
    "note": Part.notes,
    "order_relationship": Part.relationships,
    "milestone": Part.milestones,
    "jeopardy_alert": Part.alerts,
    "error_message": Part.errors,
}
"""What all items of an order have some of. Most of the work is in these; it is done for what is to be shown."""

_BAD = (State.FAILED, State.REJECTED, State.CANCELLED)
"""How an order ends of which nothing was completed: by the first of these that one of its items is in."""


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
    """One order: its items' requests, of which the first one stands for it."""

    call: Call
    edition: Edition
    parts: Sequence[Part]

    def plain(self, choice: fields.Choice | None = None) -> dict[str, Any]:
        """As JSON has it, as far as it is chosen."""
        first, requests = self.parts[0], [part.reading.request for part in self.parts]
        request, state = requests[0], state_of([one.state for one in requests])
        is_cancelled = state is OrderState.CANCELLED
        own = {name: first.sheet.get(name) for name in SHEET}
        known = self.edition.shown.model_fields

        def is_chosen(name: str) -> bool:
            return choice is None or (known[name].alias or name) in choice

        own["description"] = own["description"] or request.summary
        order = self.edition.shown.model_validate(
            {
                **own,
                "id": request.reference,
                "href": f"{self.call.base}{self.edition.path}/{request.reference}",
                "@type": "ServiceOrder",
                "external_id": request.external_reference,
                "category": first.sheet.get("category") or request.type,
                "state": state,
                "order_date": instant(request.created),
                "start_date": instant(min((s.opened for one in requests for s in one.steps if s.opened), default=None)),
                "expected_completion_date": _latest(one.due for one in requests if not one.is_closed),
                "completion_date": _latest(_ends(requests)) if state is OrderState.COMPLETED else None,
                "cancellation_date": _latest(_ends(requests)) if is_cancelled else None,
                "cancellation_reason": (first.reading.reason or None) if is_cancelled else None,
                "related_party": (_requester(request.requester),),
                **{
                    name: tuple(chain.from_iterable(map(of, self.parts))) if is_chosen(name) else ()
                    for name, of in {**_LISTS, self.edition.items: Part.items}.items()
                },
            }
        )
        return fields.chosen(order.plain(), choice)


def state_of(states: Sequence[State]) -> OrderState:
    """Of an order whose items are in these."""
    open_ = {state for state in states if state not in CLOSED}
    if len(open_) == 1:
        return OrderState(open_.pop())
    if open_:
        return OrderState.IN_PROGRESS
    if State.COMPLETED in states:
        return OrderState.COMPLETED if set(states) == {State.COMPLETED} else OrderState.PARTIAL
    return OrderState(next(state for state in _BAD if state in states))


def ordered(
    call: Call,
    conn: Connection,
    wholes: Sequence[Sequence[Reading]],
    edition: Edition,
    choice: fields.Choice | None = None,
) -> list[dict[str, Any]]:
    """Service orders, each of the readings of its items, as far as they are chosen."""
    sheets = orders.sheets(conn, [reading.request.reference for whole_ in wholes for reading in whole_])
    found = []
    for whole_ in wholes:
        parts = [
            Part(call=call, reading=reading, sheet=sheets.get(reading.request.reference, {})) for reading in whole_
        ]
        if len(parts) > 1:
            marks = (part.sheet.get("item", "") for part in parts)
            parts = [replace(part, mark=f"{mark}.") for part, mark in zip(parts, marks, strict=True)]
        found.append(Ordered(call=call, edition=edition, parts=parts).plain(choice))
    return found


def whole(call: Call, conn: Connection, firsts: Sequence[Request]) -> list[list[Reading]]:
    """All items of these orders, as far as they may be seen; `firsts` are the requests of their first ones."""
    others = orders.others(conn, [first.reference for first in firsts])
    wholes = [[first, *_seen(call, conn, others, first)] for first in firsts]
    readings = iter(call.readings_of(conn, [one for whole_ in wholes for one in whole_]))
    return [list(islice(readings, len(whole_))) for whole_ in wholes]


def of_order(call: Call, conn: Connection, reference: str) -> list[Reading]:
    """The items of the order that a request belongs to. Raises Refused where there is none to be seen."""
    own = call.found(conn, reference).request
    first = pages.request(conn, orders.first(conn, own.reference), call.sight)
    return whole(call, conn, [first or own])[0]


def _seen(call: Call, conn: Connection, others: Mapping[str, Sequence[str]], first: Request) -> Iterator[Request]:
    found = (pages.request(conn, name, call.sight) for name in others.get(first.reference, ()))
    return (one for one in found if one is not None)


def _requester(who: str) -> RelatedParty:
    return RelatedParty(id=who, name=who, role="requester", at_referred_type="Individual")


def _ends(requests: Iterable[Request]) -> Iterator[datetime | None]:
    return (one.closed for one in requests)


def _latest(moments: Iterable[datetime | None]) -> str | None:
    return instant(max((at for at in moments if at is not None), default=None))
