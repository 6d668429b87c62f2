"""What intake must know before it answers: whom a request concerns, and who has had enough answers."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from mailbot.desk import lists
from mailbot.intake import opening
from mailbot.intake.arrival import Arrival
from mailbot.mail import token
from mailbot.mail.message import Message, Obstacle
from mailbot.mail.naming import names_in
from mailbot.mail.token import Tokens
from mailbot.process.decide.suppliers import NOT_COUNTED
from mailbot.process.definition import Process
from mailbot.process.directory import Directory
from mailbot.process.reader import concerns
from mailbot.process.request import Kind, Request, Step, StepState
from mailbot.process.rules import Rules
from mailbot.store import TokenRow, Transaction, views
from mailbot.words import say

CONFIRMATIONS_A_DAY = 3
_INSTRUCTS = (Kind.MISUNDERSTOOD, Kind.FORMS, Kind.FORM, Kind.HELP)
"""Kinds that tell their reader what he can write."""

_ANSWERS = re.compile(r"(?i)\s*(?:re|aw|sv|antw|rif|res|odp|vs)\s*(?:\[\d+\])?:")

_OBSTACLES = {
    Obstacle.ENCRYPTED: say("intake.your_mail_is_encrypted"),
    Obstacle.WINMAIL: say("intake.your_mail_came_as"),
    Obstacle.TOO_LARGE: say("intake.your_mail_is_too"),
    Obstacle.TOO_COMPLEX: say("intake.your_mail_has_too"),
}


def obstacle_words(message: Message) -> str:
    """What to tell the sender of a mail whose text cannot be read; "" where it can."""
    return _OBSTACLES.get(message.obstacle, "") if message.obstacle else ""


def is_spent(request: Request, step: str | None) -> bool:
    if request.is_closed:
        return True
    return step is not None and request.step(step).state is not StepState.OPEN


def asked_by(tx: Transaction, token: TokenRow) -> list[tuple[Request, str | None]]:
    """The requests and steps that a token stands for: one, or those of a list."""
    if token.purpose == lists.LIST:
        return [(tx.load(item.reference).request, item.step) for item in lists.read(token.subject or "[]")]
    return [(tx.load(token.reference).request, token.step)] if token.reference else []


def is_stranger(person: str, request: Request, directory: Directory, rules: Rules) -> bool:
    """Somebody to whom a letter was passed on, who is none of us and may ask for nothing: he hears nothing."""
    return not (
        concerns(person, request, directory) or directory.knows(person) or opening.offered(rules, person, directory)
    )


def reference_in(subject: str, prefix: str) -> str | None:
    """`[IP-42]` in a subject, in any case."""
    match = re.search(rf"\[({re.escape(prefix)}-\d{{1,15}})\]", subject, re.IGNORECASE)
    return match[1].upper().replace(prefix.upper(), prefix) if match else None


def types(processes: Iterable[Process]) -> list[dict[str, Any]]:
    return [{"type": p.type, "title": p.title, "aliases": list(p.aliases)} for p in processes]


def asked_often(tx: Transaction, person: str, now: datetime) -> bool:
    """Whether this address was asked to confirm so often that it is left alone."""
    return tx.letters_to(person, now - timedelta(days=1), kind=Kind.CONFIRM.value) >= CONFIRMATIONS_A_DAY


def answered_often(tx: Transaction, person: str, now: datetime, most: int) -> bool:
    return tx.letters_to(person, now - timedelta(hours=1)) >= most


def is_repeated(tx: Transaction, arrival: Arrival, kind: Kind, prefix: str, now: datetime) -> bool:
    """Whether somebody answers what he was told lately with words that are no command: so do machines that do not say
    what they are, and each would be answered again for ever (trap 12). A ticket's number in the subject tells of one,
    too. `prefix` begins our references.
    """
    subject = arrival.message.subject
    answers = arrival.is_reply or _ANSWERS.match(subject) or names_in(subject, prefix)
    if kind not in _INSTRUCTS or not answers or arrival.said is not None:
        return False
    since = now - timedelta(hours=1)
    return any(tx.letters_to(arrival.person, since, kind=told.value) for told in _INSTRUCTS)


def was_not_counted(tx: Transaction, request: Request, step: Step) -> bool:
    """Whether somebody was told before that an answer to this step was marked as a machine's."""
    wanted = views.HistoryFilter(reference=request.reference, action=NOT_COUNTED)
    return any(row["step"] == step.name for row in views.history(tx.conn, wanted))


def bounced_letter(tx: Transaction, message: Message, tokens: Tokens) -> TokenRow | None:
    """What the letter that came back was about: by the address it came back to, or the ids that it quotes."""
    ids = message.delivery.original_ids if message.delivery else ()
    texts = [*message.recipients, *ids, *message.in_reply_to, *message.references]
    found = (tokens.verify(candidate) for text in texts for candidate in token.find(text))
    return next(filter(None, (tx.token(id_) for id_ in found if id_)), None)
