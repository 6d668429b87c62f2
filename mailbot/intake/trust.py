"""Whom a mail is believed to be from, and what becomes of one whose From is not believed."""

from datetime import datetime

from mailbot.config.model import Replies, Requests, Trust
from mailbot.desk import Desk
from mailbot.intake import answering
from mailbot.intake.arrival import Arrival, InboxState, Outcome, held, ignored
from mailbot.mail.command import Command, Verb
from mailbot.process.request import Kind, Notice
from mailbot.store import TokenRow, Transaction

EXCERPT = 400
"""Characters of a mail that a letter shows to who may not have written it."""


def believes(trust: Trust, arrival: Arrival, *, with_token: bool) -> bool:
    enough = trust.replies is Replies.TOKEN if with_token else trust.requests is Requests.FROM
    return arrival.message.sender is not None and (enough or arrival.vouched or arrival.verdict.believed)


def not_believed(arrival: Arrival) -> Outcome:
    """An admin must look."""
    return held(_why(arrival))


def confirm(desk: Desk, tx: Transaction, trust: Trust, arrival: Arrival, now: datetime) -> Outcome:
    """With `confirm` the From itself is asked, a few times a day at most; else an admin must look."""
    sender = arrival.message.sender or ""
    if trust.requests is not Requests.CONFIRM or answering.asked_often(tx, sender, now):
        return not_believed(arrival)
    if tx.is_known(arrival.number, arrival.known_as(believed=True)):  # confirmed before: a second copy of it
        return ignored("the same mail was handled before")
    facts = {"subject": arrival.message.subject, "excerpt": arrival.words.own[:EXCERPT]}
    notice = Notice(kind=Kind.CONFIRM, to=sender, facts=facts, answers=True)
    desk.tell(tx, [notice], now, arrival.cause, subject=arrival.known_as(believed=False))
    return Outcome(state=InboxState.UNCONFIRMED, reason=_why(arrival))


def confirms(arrival: Arrival, token: TokenRow, now: datetime) -> bool:
    """Whether the From that was written to says yes: he can read that mailbox, and so it is his."""
    yes = isinstance(arrival.said, Command) and arrival.said.verb is Verb.APPROVE
    return arrival.message.sender == token.person and yes and token.expires > now


def _why(arrival: Arrival) -> str:
    return f"From is not believed: {arrival.verdict.reason}"
