"""Whom a mail is believed to be from, and what becomes of one whose From is not believed."""

from datetime import datetime

from mailbot.config.model import Replies, Requests, Trust
from mailbot.desk import Desk
from mailbot.intake import answering
from mailbot.intake.arrival import Arrival, InboxState, Outcome, held, ignored
from mailbot.mail.command import Command, Verb
from mailbot.mail.message import Message
from mailbot.mail.sender import DkimLookup, Verdict, judge
from mailbot.process.request import Kind, Notice
from mailbot.process.rules import Rules
from mailbot.store import BORDER_SEEN, TokenRow, Transaction

EXCERPT = 400
"""Characters of a mail that a letter shows to who may not have written it."""


def weighed(trust: Trust, rules: Rules, message: Message, lookup: DkimLookup | None) -> Verdict:
    """What is to be said of a From. DNS is asked only where the bot, or a step, wants a verified one."""
    trusting = trust.replies is Replies.TOKEN and trust.requests is Requests.FROM
    if trusting and not any(rule.verified for process in rules.processes.values() for rule in process.steps):
        lookup = None
    return judge(message, trust.authentication_results, lookup, trust.forwarders)


def believes(trust: Trust, arrival: Arrival, *, with_token: bool, strict: bool = False) -> bool:
    """`strict`: the From must be verified, whatever else is enough."""
    enough = trust.replies is Replies.TOKEN if with_token else trust.requests is Requests.FROM
    verified = arrival.vouched or arrival.verdict.believed
    return arrival.message.sender is not None and ((enough and not strict) or verified)


def is_strict(desk: Desk, tx: Transaction, trust: Trust, token: TokenRow | None) -> bool:
    """Whether one of the steps that the token stands for wants a verified From, where the bot itself does not."""
    if token is None or trust.replies is Replies.VERIFIED:
        return False
    asked = ((request, step) for request, step in answering.asked_by(tx, token) if step)
    return any(desk.process(tx, request).step(step).verified for request, step in asked)


def believes_admin(trust: Trust, arrival: Arrival) -> bool:
    """Whoever vouches for others' mail is believed as all of it must be: as a reply, and as a request."""
    return believes(trust, arrival, with_token=True) and believes(trust, arrival, with_token=False)


def note_border(tx: Transaction, trust: Trust, verdict: Verdict) -> None:
    """That our border's field has been seen: until then `check` takes "verified" for a mistake."""
    if verdict.border and tx.fact(BORDER_SEEN) != trust.authentication_results:
        tx.set_fact(BORDER_SEEN, trust.authentication_results)


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
