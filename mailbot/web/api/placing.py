"""An order becomes a request: by the desk, as a mail would open it. What has faults opens nothing."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus

from mailbot.config.address import normal
from mailbot.desk.enclosed import File, kept
from mailbot.desk.query import Asker
from mailbot.process.definition import FieldType, OrderAction, Process
from mailbot.process.form import label_key
from mailbot.process.request import Comment, Entry, Request, Said, State, Submitted
from mailbot.store import Transaction, orders
from mailbot.store.keys import Scope
from mailbot.web.api.call import Call
from mailbot.web.api.errors import Refused, conflict, not_yours, wrong_body
from mailbot.web.api.models.base import Model, RelatedParty
from mailbot.web.api.models.orders import Action, ItemCreate
from mailbot.web.api.models.plain import written_by
from mailbot.web.api.naming import held_by_id

CHANNEL = "api"
REQUESTER = "requester"
LONGEST_KEY = 200
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same, sent again with the same key, is the same.",
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
}
"""In OpenAPI."""

USUAL = {OrderAction.ADD: "attribution", OrderAction.MODIFY: "update", OrderAction.DELETE: "liberation"}
"""What is meant by an order that names no specification, of several that could be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What is to be opened. `where` tells a field's place in the body that asked for it."""

    process: Process
    requester: str
    given: Mapping[str, str]
    external_reference: str | None
    said: Model
    where: Mapping[str, str] = field(default_factory=dict)
    sheet: orders.Sheet = field(default_factory=dict)
    notes: Sequence[str] = ()
    files: Sequence[File] = ()


def place(call: Call, items: Sequence[Placed]) -> tuple[str, bool]:
    """The first item's request, which stands for the order, and whether it is new: a request for each item, or none.

    Raises Refused, with all faults of all forms.
    """
    once = list(_once(call, items[0]))
    return call.parts.committed(lambda tx: _place(tx, call, items, once))


def _place(tx: Transaction, call: Call, items: Sequence[Placed], once: Sequence[str]) -> tuple[str, bool]:
    first = items[0]
    digest = sha256(json.dumps(first.said.plain(), sort_keys=True).encode()).digest()
    for name in once:
        tx.hold(name)
        if before := orders.sent_before(tx.conn, name):
            return _same(before, digest), False
    opened = [_open(tx, call, one) for one in items]
    if faults := [fault for one, request in zip(items, opened, strict=True) for fault in _faults(one, request)]:
        raise wrong_body(faults)
    reference = opened[0].reference
    orders.note_sent(tx.conn, reference, once, digest)
    for one, request in zip(items, opened, strict=True):
        part_of = None if one is first else reference
        orders.keep_sheet(tx.conn, request.reference, call.key.id, one.sheet, part_of=part_of)
        note_key(tx, call, request.reference)
    for text in first.notes:
        said = Said(actor=first.requester, deed=Comment(text=text), token=True)
        call.parts.desk.settle(tx, reference, said, call.now)
    return reference, True


def _same(before: tuple[str, bytes], digest: bytes) -> str:
    reference, known = before
    if known != digest:
        words = f"This was ordered before, as {reference}, and said something else: take another externalId or key."
        raise conflict("orderedBefore", words)
    return reference


def _open(tx: Transaction, call: Call, placed: Placed) -> Request:
    return call.parts.desk.open(
        tx,
        placed.process,
        call.parts.rules().sources[placed.process.version],
        Submitted(given=placed.given, attachments=kept(tx, call.parts.files, placed.files, placed.requester)),
        requester=placed.requester,
        channel=CHANNEL,
        now=call.now,
        external_reference=placed.external_reference,
    )


def _faults(placed: Placed, request: Request) -> list[tuple[str, str]]:
    if request.state is not State.PENDING:
        return []
    return [(placed.where.get(name, name), f"{name} {fault}") for name, fault in request.faults.items()]


def note_key(tx: Transaction, call: Call, reference: str) -> None:
    """Into the history: by which key it was done, which a timeline tells as "by the API key (crm)"."""
    entry = Entry(actor=call.key.actor, action="by the API")
    call.parts.desk.note(tx, reference, call.now, entries=[entry])


def _once(call: Call, placed: Placed) -> Iterable[str]:
    """By what the same order is known when it is sent again."""
    if placed.external_reference:
        yield f"{call.key.id} external {placed.external_reference}"
    key = call.request.headers.get("idempotency-key")
    if key and len(key) > LONGEST_KEY:
        words = f"An Idempotency-Key has at most {LONGEST_KEY} characters."
        raise Refused(HTTPStatus.BAD_REQUEST, "invalidHeader", words)
    if key:
        yield f"{call.key.id} key {key}"


# -- whose it is -----------------------------------------------------------------------------------------------------


def requester(call: Call, parties: Sequence[RelatedParty]) -> Asker:
    """Whom the order names as its requester, else the first of those for whom the key calls. Raises Refused."""
    named = [one.id or one.name or "" for one in parties if (one.role or "").casefold() == REQUESTER]
    return asker(call, named[0] if named else None, "relatedParty")


def asker(call: Call, named: str | None, where: str) -> Asker:
    if named is None:
        if not call.visits:
            raise not_yours("order: it calls for nobody")
        return call.visits[0].viewer
    person = normal(named)
    if person is None:
        raise wrong_body([(where, "the requester is named by his mail address")])
    for visit in call.visits:
        if person in visit.viewer.selves:
            return visit.viewer
    if call.key.scope is not Scope.ADMIN:
        raise not_yours("order for others than those for whom it calls")
    with call.reading() as conn:
        return call.parts.viewer(conn, call.parts.desk.directory.person(person))


# -- what it is ------------------------------------------------------------------------------------------------------


def process_of(asks: Asker, item: ItemCreate, where: str) -> Process:
    """The process that an order's item means, of those that this person may ask for. Raises Refused."""
    offered = [process for process in asks.processes.values() if asks.may_ask_for(process)]
    specification = item.service.service_specification
    names = (specification.id, specification.name) if specification else ()
    name = next(filter(None, (*names, item.service.service_type)), None)
    if item.action is Action.NO_CHANGE:
        raise wrong_body([(f"{where}.action", "an item that changes nothing orders nothing")])
    if name is None:
        return _by_action(offered, OrderAction(item.action.value), where)
    called_so = [p for p in offered if name.casefold() in {p.type.casefold(), p.specification.casefold()}]
    found = [p for p in called_so if p.order_action.value == item.action.value]
    if found:
        return found[0]
    if called_so:
        actions = " or ".join(sorted({p.order_action.value for p in called_so}))
        raise wrong_body([(f"{where}.action", f"{called_so[0].specification} is ordered with the action {actions}")])
    raise wrong_body([(f"{where}.service.serviceSpecification", _offer(offered))])


def _by_action(offered: Sequence[Process], action: OrderAction, where: str) -> Process:
    found = [p for p in offered if p.order_action is action]
    usual = [p for p in found if p.type == USUAL[action]]
    if len(usual or found) == 1:
        return (usual or found)[0]
    raise wrong_body([(f"{where}.service.serviceSpecification", _offer(found or offered))])


def _offer(offered: Sequence[Process]) -> str:
    """Names what there is, and nothing that this person may not ask for."""
    names = ", ".join(f"{p.specification} ({p.order_action.value})" for p in offered)
    return f"there is no such service to be ordered; there are {names}" if names else "nothing may be ordered here"


def field_called(process: Process, name: str) -> str:
    """The name of the field that is meant, by name or label in any case, as by mail; else what was written."""
    meant = {label_key(text): field.name for field in process.fields for text in (field.label, field.name)}
    return meant.get(label_key(name), name)


def given_in(process: Process, item: ItemCreate, where: str) -> tuple[dict[str, str], dict[str, str]]:
    """(what was written for each field, where it stands in the body). Raises Refused."""
    values: dict[str, str] = {}
    places: dict[str, str] = {}
    for number, one in enumerate(item.service.service_characteristic):
        place_, name = f"{where}.service.serviceCharacteristic[{number}]", field_called(process, one.name)
        if name in values:
            raise wrong_body([(place_, f"{one.name} stands there twice")])
        values |= written_by({name: one.value})
        places[name] = place_
    known = held_by_id(item.service.id or "")
    named = [f.name for f in process.fields if f.type is FieldType.ALLOCATION]
    if known and len(named) == 1 and named[0] not in values:
        values[named[0]], places[named[0]] = str(known[1]), f"{where}.service.id"
    return values, places
