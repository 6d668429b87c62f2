"""An admin's answer to the summary of held mail: he vouches for some of it, and leaves the rest."""

import json
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from mailbot.desk import Desk
from mailbot.errors import Conflict, NotFound
from mailbot.intake.arrival import Arrival, InboxState, Outcome
from mailbot.mail.command import Mercy
from mailbot.process.request import Entry, Kind, Notice
from mailbot.store import StoreUnreachable, TokenRow, Transaction
from mailbot.words import Phrase, say

log = logging.getLogger(__name__)

Again = Callable[[int], Outcome]
"""Handles a mail again, whose sender is vouched for. NotFound where it does not wait."""

_DID = {Mercy.RELEASE: "released mail", Mercy.DROP: "dropped mail"}
_WAITS = frozenset({InboxState.HELD, InboxState.QUARANTINED})


def is_about(token: TokenRow) -> bool:
    """Whether it was given out with a summary of held mail."""
    return token.purpose == Kind.ALERT.value and token.reference is None and bool(token.subject)


def numbers(token: TokenRow) -> tuple[int, ...]:
    """What its numbers stand for: rows of the inbox, number 1 first."""
    return tuple(int(number) for number in json.loads(token.subject or "[]"))


def settle(
    desk: Desk, tx: Transaction, arrival: Arrival, said: dict[int, Mercy], token: TokenRow, now: datetime, again: Again
) -> None:
    """Each number for itself; he is told what came of them in one letter."""
    listed, lines = numbers(token), []
    for number, mercy in sorted(said.items()):
        words = _release(tx, listed[number - 1], again) if mercy is Mercy.RELEASE else _drop(tx, listed[number - 1])
        lines.append(say("held.came_to", number=number, mail=listed[number - 1], outcome=words))
        _write(tx, arrival, mercy, listed[number - 1], now)
    desk.tell(tx, [_answer(arrival.person, lines)], now, arrival.cause)


def _release(tx: Transaction, number: int, again: Again) -> str | Phrase:
    """One that breaks the bot is left as it was, and so are the others beside it."""
    try:
        with tx.attempt():
            outcome = again(number)
    except NotFound:
        return say("held.waits_no_more")
    except (Conflict, StoreUnreachable):
        raise
    except Exception:
        log.exception("mail %s still cannot be handled", number)
        return say("held.cannot_be_handled")
    if outcome.reference:
        return say("held.handled_about", reference=outcome.reference)
    if outcome.state is InboxState.HANDLED:
        return say("held.handled")
    return say("held.nothing_came_of_it", reason=outcome.reason)


def _drop(tx: Transaction, number: int) -> str | Phrase:
    """It stays where it is kept, and waits for nobody any more."""
    row = tx.mail(number)
    if row["state"] not in _WAITS:
        return say("held.waits_no_more")
    tx.file_mail(number, state=InboxState.IGNORED.value, reason="an admin left it")
    return say("held.left")


def _write(tx: Transaction, arrival: Arrival, mercy: Mercy, number: int, now: datetime) -> None:
    entry = Entry(actor=arrival.person, action=_DID[mercy], detail=str(number))
    tx.write_house([entry], now, arrival.message.message_id)


def _answer(to: str, lines: Iterable[str]) -> Notice:
    facts = {"headline": say("held.what_came_of_it"), "lines": list(lines)}
    return Notice(kind=Kind.ANSWER, to=to, facts=facts, answers=True, template="absence")
