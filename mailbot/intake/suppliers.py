"""Suppliers' mail: their machines answer before any human does. That is noted, and decides nothing; where it would have
been an answer, a human's may have been marked as a machine's, and whoever cares for the step is told once.
"""

from datetime import datetime, timedelta

from mailbot.desk import Desk
from mailbot.errors import NotFound
from mailbot.intake import answering
from mailbot.intake.arrival import Arrival, InboxState, Outcome
from mailbot.intake.deeds import Asked, deed_of
from mailbot.mail.naming import names_in
from mailbot.mail.sender import answers_by_itself
from mailbot.process.directory import Directory
from mailbot.process.request import Approve, Done, Kind, Noted, Reject, Request, Step, StepState
from mailbot.store import TokenRow, Transaction

OFTEN_ENOUGH = timedelta(hours=1)
"""Between two letters that say to a supplier that he was not understood: a machine may read them."""


def note(desk: Desk, tx: Transaction, arrival: Arrival, token: TokenRow | None, now: datetime) -> Outcome | None:
    """Write it into the history of the request that it is about: by the token that it carries, else by `[IP-42]`.

    None where it comes from no supplier, or is about nothing that he was asked.
    """
    if desk.directory.party_of(arrival.person) is None:
        return None
    about = [
        (request, step)
        for request in _requests(desk, tx, arrival, token)
        if (step := _asked(request, arrival.person, desk.directory))
    ]
    names = names_in(arrival.message.subject, desk.reference)
    for request, step in about:
        tells = _would_answer(desk, tx, arrival, request, step) and not answering.was_not_counted(tx, request, step)
        subject = arrival.message.subject[:200]
        event = Noted(actor=arrival.person, subject=subject, step=step.name, names=names, tells=tells)
        desk.settle(tx, request.reference, event, now, arrival.cause)
    return Outcome(state=InboxState.HANDLED, reference=about[0][0].reference) if about else None


def _would_answer(desk: Desk, tx: Transaction, arrival: Arrival, request: Request, step: Step) -> bool:
    """Whether it says what would answer the step, had a human written it."""
    if step.state is not StepState.OPEN or answers_by_itself(arrival.message):
        return False
    process = desk.process(tx, request)
    asked = Asked(process=process, rule=process.step(step.name))
    return isinstance(deed_of(arrival.said, arrival.words, asked), Approve | Reject | Done)


def keep_names(desk: Desk, tx: Transaction, arrival: Arrival, request: Request, now: datetime) -> None:
    """Where a supplier's human writes through a ticket system: what that calls the matter."""
    party = desk.directory.party_of(arrival.person)
    names = names_in(arrival.message.subject, desk.reference) if party else ()
    if set(names) - set(request.other_names):
        event = Noted(actor=arrival.person, subject=arrival.message.subject[:200], names=names)
        desk.settle(tx, request.reference, event, now, arrival.cause)


def is_told(directory: Directory, tx: Transaction, person: str, now: datetime) -> bool:
    """Whether it is a supplier who was told lately that he was not understood: he is not told again, machine or not."""
    if directory.party_of(person) is None:
        return False
    return tx.letters_to(person, now - OFTEN_ENOUGH, kind=Kind.MISUNDERSTOOD.value) > 0


def _requests(desk: Desk, tx: Transaction, arrival: Arrival, token: TokenRow | None) -> list[Request]:
    if token is not None:
        return list({request.reference: request for request, _ in answering.asked_by(tx, token)}.values())
    reference = answering.reference_in(arrival.message.subject, desk.reference)
    try:
        return [tx.load(reference).request] if reference else []
    except NotFound:
        return []


def _asked(request: Request, person: str, directory: Directory) -> Step | None:
    """The last step that he was asked about."""
    party = directory.party_of(person)
    asked = [step for step in request.steps if party is not None and party.address in step.asked]
    return asked[-1] if asked else None
