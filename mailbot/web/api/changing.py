"""What is done to a request that is there: each by the event that a mail would have been, refused in words."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from mailbot.desk.enclosed import File
from mailbot.process.definition import ASKING
from mailbot.process.request import OVER, Amend, Cancel, Comment, Deed, Hold, Request, Resume, State
from mailbot.store import Transaction, orders
from mailbot.web import deeds
from mailbot.web.api.call import Call
from mailbot.web.api.errors import Refused, conflict, not_yours, wrong_body
from mailbot.web.api.models.orders import ServiceOrderUpdate, ServiceOrderUpdateV3
from mailbot.web.api.models.plain import written_by
from mailbot.web.api.ordering import SHEET
from mailbot.web.api.placing import note_key
from mailbot.web.reading import Reading

UNMOVED = frozenset({"id", "href", "@type", "@baseType", "@schemaLocation"})
"""What a sender may repeat, and nobody changes."""

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


def patched(call: Call, reading: Reading, update: Update) -> None:
    """All that an update of an order asks for, or nothing of it."""
    must_be_own(call, reading.request)
    if fixed := sorted(set(update.model_extra or {}) - UNMOVED):
        raise wrong_body((name, "this cannot be changed") for name in fixed)
    call.parts.committed(lambda tx: _patch(tx, call, reading, update))


def _patch(tx: Transaction, call: Call, reading: Reading, update: Update) -> None:
    items = update.service_order_item if isinstance(update, ServiceOrderUpdate) else update.order_item
    given = {c.name: c.value for item in items if item.service for c in item.service.service_characteristic}
    known = {name: value for name, value in update.plain().items() if name in SHEET}
    if known:
        orders.change_sheet(tx.conn, reading.request.reference, call.key.id, known)
    if given:
        do(tx, call, reading, Amend(given=written_by(given)))
    for note in update.note:
        if note.id is None:  # those that we have numbered stand there already
            do(tx, call, reading, Comment(text=note.text))
    if update.state is not None and update.state is not reading.request.state:
        do(tx, call, reading, _towards(update.state, reading, update.cancellation_reason or ""))


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
