"""Machines of ours that write: a ticket system marks its agents' replies as automatic. That decides nothing; it is told
once to who leads the step, since its agent believes that he has answered.
"""

from collections.abc import Iterator
from datetime import datetime

from mailbot.desk import Desk
from mailbot.intake import answering
from mailbot.intake.arrival import Arrival, InboxState, Outcome
from mailbot.mail.sender import answers_by_itself
from mailbot.process.request import Noted, Request, Step, StepState
from mailbot.store import TokenRow, Transaction

SUBJECT = 200
"""Characters of its subject that the history keeps."""


def note(desk: Desk, tx: Transaction, arrival: Arrival, token: TokenRow | None, now: datetime) -> Outcome | None:
    """Write it into the history of what it would have answered. None where it is of nobody who is asked anything, or
    nobody wrote it: whoever is away believes nothing.
    """
    if token is None or answers_by_itself(arrival.message):
        return None
    directory = desk.present(tx, now)
    if arrival.person != token.person and arrival.person not in directory.readers(token.person):
        return None
    about = list(_open(tx, token))
    for request, step in about:
        tells = not answering.was_not_counted(tx, request, step)
        event = Noted(actor=arrival.person, subject=arrival.message.subject[:SUBJECT], step=step.name, tells=tells)
        desk.settle(tx, request.reference, event, now, arrival.cause)
    return Outcome(state=InboxState.HANDLED, reference=about[0][0].reference) if about else None


def _open(tx: Transaction, token: TokenRow) -> Iterator[tuple[Request, Step]]:
    """The steps that the token stands for, and that still wait for its person."""
    for request, name in answering.asked_by(tx, token):
        step = request.step(name) if name else None
        if step and step.state is StepState.OPEN and token.person in step.asked:
            yield request, step
