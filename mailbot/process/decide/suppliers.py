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
    Noted,
    Reject,
    Reply,
    Said,
    Status,
    Unclear,
    Why,
)

THEIRS = (Approve, Reject, Done, Delay, Ask, Reply, Comment, Status, Why, Unclear)
"""What they may do about a step that they were asked about."""


def may_not(d: Draft, said: Said, deed: Deed) -> bool:
    """Whether it is for the house alone to do."""
    return d.directory.party_of(said.actor) is not None and not isinstance(deed, THEIRS)


def house_only(d: Draft, seats: Iterable[str]) -> list[str]:
    """Those who may hear what the house says to itself."""
    return [seat for seat in seats if d.directory.party_at(seat) is None]


def note(d: Draft, event: Noted) -> None:
    """A machine of theirs has written: it is kept under what they call it, and nobody is bothered."""
    new = [name for name in event.names if name not in d.request.other_names]
    d.change(other_names=(*d.request.other_names, *new))
    detail = f"{event.subject} ({', '.join(event.names)})" if event.names else event.subject
    d.write("noted", step=event.step, detail=detail, actor=event.actor)
