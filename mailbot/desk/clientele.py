"""The customers that a moment is about: whose people ask, whom a form names, and how these stand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo

from mailbot.process.customers import Customer, completed, spelled
from mailbot.process.definition import FieldType, Process
from mailbot.process.directory import Directory
from mailbot.process.reader import names_of
from mailbot.process.request import Adopt, Amend, Approve, Event, Held, Request, Said, Submitted
from mailbot.store import Transaction, customers, quotas


def with_people(tx: Transaction, directory: Directory, people: Iterable[str]) -> Directory:
    """The directory, knowing of each of these people whose customer he is and whom he looks after."""
    of: dict[str, Customer] = {}
    accounts: dict[str, tuple[Customer, ...]] = {}
    for person in {one for one in people if "@" in one}:
        if not directory.knows(person):
            if (found := customers.of_person(tx.conn, person)) is not None:
                of[person] = found
        elif looked_after := customers.of_account_manager(tx.conn, names_of(person, directory)):
            accounts[person] = looked_after
    if not of and not accounts:
        return directory
    return replace(directory, clientele=replace(directory.clientele, of=of, accounts=accounts))


def concerned_people(request: Request, event: Event) -> set[str]:
    """Whose customer somebody is may decide on what he may do."""
    return {request.requester, *([event.actor] if isinstance(event, Said | Adopt) else [])}


def with_named(
    tx: Transaction,
    directory: Directory,
    process: Process,
    request: Request,
    event: Event,
    now: datetime,
    zone: tzinfo,
) -> Directory:
    """The directory, knowing the customers that the form names, or whose space it names, as they stand at this moment.

    Nobody else decides about these until we end: what a quota leaves is still so when it is taken.
    """
    fields = [field.name for field in process.fields if field.type is FieldType.CUSTOMER]
    booked = {carried["customer"] for carried in _held(request, event).values() if "customer" in carried}
    if not fields and not booked:
        return directory
    own = directory.customer_of(request.requester)
    texts = [*_written(request, event, fields), *([own.id, own.name] if own else [])]
    found = customers.named(tx.conn, [*texts, *booked], lock=True)
    known = {one.id: completed(one, directory.clientele.defaults) for one in found.values()}
    standing = {id_: quotas.standing(tx.conn, one, now, zone, but=request.reference) for id_, one in known.items()}
    clientele = replace(
        directory.clientele,
        named={spelled(name): standing[one.id] for one in known.values() for name in one.names},
        near=_near(tx, directory, request, [text for text in texts if spelled(text) not in found]),
    )
    return replace(directory, clientele=clientele)


def _written(request: Request, event: Event, fields: Iterable[str]) -> Iterator[str]:
    """All that the form has said or says now in these fields."""
    for name in fields:
        for given in (request.form, request.given, _given(event)):
            if text := str(given.get(name, "")).strip():
                yield text


def _given(event: Event) -> Mapping[str, str]:
    match event:
        case Submitted(given=given) | Said(deed=Amend(given=given)) | Said(deed=Approve(given=given)):
            return given
        case _:
            return {}


def _held(request: Request, event: Event) -> Held:
    """The space that a form names which is being read."""
    match event:
        case Submitted(held=held) | Said(deed=Amend(held=held)):
            return held
        case Said(deed=Approve(given=given)) if given:
            return request.carries
        case _:
            return {}


def _near(tx: Transaction, directory: Directory, request: Request, unknown: Iterable[str]) -> dict[str, str]:
    """What was probably meant: told to our own people, and to no customer's (trap 20)."""
    if not directory.knows(request.requester):
        return {}
    near = {spelled(text): customers.meant(tx.conn, text) for text in unknown}
    return {text: name for text, name in near.items() if name}
