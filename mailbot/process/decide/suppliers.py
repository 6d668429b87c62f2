"""Suppliers: what somebody outside the house may do about a request, and what he hears of it.

He answers what he was asked, and may ask back; the rest of the request is the house's own affair.
"""

from collections.abc import Iterable

from mailbot.process.decide.draft import Draft
from mailbot.process.request import (
    Approve,
    Ask,
    Comment,
    Deed,
    Delay,
    Done,
    Kind,
    Noted,
    Reject,
    Reply,
    Said,
    Status,
    Unclear,
    Why,
)
from mailbot.words import say

NOT_COUNTED = "answer not counted"
"""What the history says of an answer that is marked as a machine's."""
THEIRS = (Approve, Reject, Done, Delay, Ask, Reply, Comment, Status, Why, Unclear)
"""What they may do about a step that they were asked about."""


def may_not(d: Draft, said: Said, deed: Deed) -> bool:
    """Whether it is for the house alone to do."""
    return d.directory.party_of(said.actor) is not None and not isinstance(deed, THEIRS)


def house_only(d: Draft, seats: Iterable[str]) -> list[str]:
    """Those who may hear what the house says to itself."""
    return [seat for seat in seats if d.directory.party_at(seat) is None]


def note(d: Draft, event: Noted) -> None:
    """A machine has written: it is kept under what they call it. Where its agent believes that he has answered, whoever
    cares for the step is told.
    """
    new = [name for name in event.names if name not in d.request.other_names]
    d.change(other_names=(*d.request.other_names, *new))
    detail = f"{event.subject} ({', '.join(event.names)})" if event.names else event.subject
    d.write(NOT_COUNTED if event.tells else "noted", step=event.step, detail=detail, actor=event.actor)
    if event.tells:
        _tell_of_machine(d, event)


def _tell_of_machine(d: Draft, event: Noted) -> None:
    step = d.find(event.step or "")
    leads = [person for person in d.directory.leads(step.departments if step else ()) if person != event.actor]
    managers = [address for name in d.process.managers for address in d.directory.addressees(name)]
    people = leads or managers or list(d.directory.admins)
    d.tell(
        Kind.ALERT,
        people,
        step=event.step,
        headline=say("machines.an_answer_does_not_count", person=event.actor),
        text=say("machines.it_is_marked_as_automatic", reference=d.request.reference, person=event.actor),
        lines=[event.subject],
    )
