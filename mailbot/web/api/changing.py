"""What is done to a request that is there: each by the event that a mail would have been, refused in words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from textwrap import shorten
from typing import Any

from mailbot.desk.enclosed import File
from mailbot.process.definition import ASKING
from mailbot.process.request import OVER, Amend, Cancel, Comment, Deed, Entry, Hold, Request, Resume, State
from mailbot.store import Transaction, orders
from mailbot.store.keys import Scope
from mailbot.web import deeds
from mailbot.web.api.call import Call
from mailbot.web.api.errors import Refused, conflict, not_yours, wrong_body
from mailbot.web.api.models.orders import ItemUpdate, ServiceOrderUpdate, ServiceOrderUpdateV3
from mailbot.web.api.models.plain import written_by
from mailbot.web.api.placing import field_called, note_key
from mailbot.web.reading import Reading

UNMOVED = frozenset({"id", "href", "@type", "@baseType", "@schemaLocation"})
"""What a sender may repeat, and nobody changes."""

PAUSING = (State.HELD, State.IN_PROGRESS)

SHOWN = 200
"""Characters of what an order says beside its form that the history repeats."""

Update = ServiceOrderUpdate | ServiceOrderUpdateV3


def do(
    tx: Transaction,
    call: Call,
    reading: Reading,
    deed: Deed,
    *,
    step: str = "",
    content: str = "",
    files: Sequence[File] = (),
) -> Request:
    """Raises Refused where nothing was done; the caller's transaction is undone with it."""
    reference = reading.request.reference
    outcome = deeds.do(tx, reading.visit, reference, deed, step=step, content=content, files=files)
    if outcome.faults:
        raise wrong_body((name, f"{name} {fault}") for name, fault in outcome.faults.items())
    if outcome.refusal:
        raise conflict("refused", outcome.refusal)
    note_key(tx, call, reference)
    return outcome.request


def must_be_own(call: Call, request: Request) -> None:
    """Raises Refused: who is merely concerned may look, and say something."""
    if not call.is_own(request):
        raise not_yours("change the requests of others")


def patched(call: Call, order: Sequence[Reading], update: Update) -> None:
    """All that an update of an order asks for, or nothing of it; `order` are its items' requests."""
    if not (call.is_own(order[0].request) or _is_of_actors(call, update)):
        raise not_yours("change the requests of others")
    if fixed := sorted(set(update.model_extra or {}) - UNMOVED):
        raise wrong_body((name, "this cannot be changed") for name in fixed)
    call.parts.committed(lambda tx: _patch(tx, call, order, update))


def _is_of_actors(call: Call, update: Update) -> bool:
    """What others than the requester may do as well: say something, and, where they may answer, hold and resume."""
    said = update.model_fields_set - {"note", "state", "cancellation_reason"} - UNMOVED
    return not said and (update.state is None or (update.state in PAUSING and call.key.scope.covers(Scope.APPROVE)))


def cancel(tx: Transaction, call: Call, order: Sequence[Reading], reason: str) -> None:
    """All items that have not ended; an order that has ended altogether says so itself. Raises Refused."""
    going_on = [reading for reading in order if not reading.request.is_closed]
    for reading in going_on or order[:1]:
        do(tx, call, reading, Cancel(reason=reason))


def _patch(tx: Transaction, call: Call, order: Sequence[Reading], update: Update) -> None:
    first = order[0]
    _describe(tx, call, first, update)
    for reading, given in _amended(tx, order, update):
        do(tx, call, reading, Amend(given=written_by(given)))
    for note in update.note:
        if note.id is None:  # those that we have numbered stand there already
            do(tx, call, first, Comment(text=note.text))
    if update.state is not None:
        _bring(tx, call, order, update.state, update.cancellation_reason or "")


def _describe(tx: Transaction, call: Call, first: Reading, update: Update) -> None:
    """What decides nothing is on record all the same: what it says now, and what it said before."""
    reference = first.request.reference
    before = orders.sheets(tx.conn, [reference]).get(reference, {})
    said = {name: value for name, value in update.sheet().items() if value != before.get(name)}
    if not said:
        return
    orders.change_sheet(tx.conn, reference, call.key.id, said)
    words = [f"{name}: {_in_short(value)} (was: {_in_short(before.get(name))})" for name, value in said.items()]
    entry = Entry(actor=first.visit.viewer.person, action="described", detail="\n".join(words))
    call.parts.desk.note(tx, reference, call.now, entries=[entry])
    note_key(tx, call, reference)


def _in_short(value: str | None) -> str:
    return shorten(value or "-", SHOWN, placeholder="…")


def _amended(tx: Transaction, order: Sequence[Reading], update: Update) -> Iterator[tuple[Reading, dict[str, Any]]]:
    """What each item's form is to say. Raises Refused for an item that there is not."""
    name, items = _named_items(update)
    sheets = orders.sheets(tx.conn, [reading.request.reference for reading in order])
    by_id = {sheets.get(reading.request.reference, {}).get("item") or "1": reading for reading in order}
    for number, item in enumerate(items):
        said = item.service.service_characteristic if item.service else ()
        reading = order[0] if len(order) == 1 else by_id.get(item.id or "")
        if reading is None:
            words = f"there is no such item; there are {', '.join(by_id)}"
            raise wrong_body([(f"{name}[{number}].id", words)])
        if said:
            yield reading, {field_called(reading.process, one.name): one.value for one in said}


def _named_items(update: Update) -> tuple[str, Sequence[ItemUpdate]]:
    if isinstance(update, ServiceOrderUpdate):
        return "serviceOrderItem", update.service_order_item
    return "orderItem", update.order_item


def _bring(tx: Transaction, call: Call, order: Sequence[Reading], state: State, reason: str) -> None:
    """All items into that state, but for those that are in it, or have ended otherwise. Raises Refused."""
    if state is State.CANCELLED and len(order) > 1:
        cancel(tx, call, order, reason)
        return
    elsewhere = [reading for reading in order if reading.request.state is not state]
    for reading in [one for one in elsewhere if not one.request.is_closed] or elsewhere[:1]:
        do(tx, call, reading, _towards(state, reading, reason))


def _towards(state: State, reading: Reading, reason: str) -> Deed:
    """What brings a request into that state. Raises Refused where that is not for anybody to say."""
    ways: Mapping[State, Callable[[str], Deed]] = {
        State.CANCELLED: lambda why: Cancel(reason=why),
        State.HELD: lambda why: Hold(reason=why),
        State.IN_PROGRESS: lambda why: Resume(reason=why),
    }
    if state in ways:
        return ways[state](reason)
    raise steps_missing(reading, state.value)


def steps_missing(reading: Reading, wanted: str) -> Refused:
    """Nothing is reached past the steps of its process: 409, with those that are missing (S0.12)."""
    missing = [(step.name, _waits(reading, step.name)) for step in reading.request.steps if step.state not in OVER]
    names = ", ".join(name for name, _ in missing)
    still = f"these steps are missing: {names}" if names else f"it is {reading.request.state}"
    words = f"{wanted} is where its process leads, and nobody sets it: {still}."
    return Refused(HTTPStatus.CONFLICT, "stepsMissing", words, details=missing)


def _waits(reading: Reading, name: str) -> str:
    step, rule = reading.request.step(name), reading.process.step(name)
    after = [one for one in rule.after if reading.request.step(one).state not in OVER] if step.undoes is None else []
    if after:
        return f"{step.state}: comes after {', '.join(after)}"
    who = ", ".join(step.departments) if rule.kind in ASKING else ""
    return f"{step.state}: waits for {who}" if who else step.state.value
