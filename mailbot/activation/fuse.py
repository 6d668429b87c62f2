"""A target that fails again and again is paused, so that not all that waits for it fails too; and people are told."""

from datetime import datetime

from mailbot.activation.tell import tell
from mailbot.activation.terms import Terms
from mailbot.desk import Desk
from mailbot.process.request import NetworkState
from mailbot.store import Transaction, breaker
from mailbot.target import Answer

WORKS = frozenset({NetworkState.CONFIRMED, NetworkState.SENT})


def note(tx: Transaction, desk: Desk, target: str, terms: Terms, answer: Answer, now: datetime) -> None:
    """Count what it answered; tell owner and admins when it is paused, and when it works again: once each."""
    if answer.state in WORKS:
        if breaker.succeeded(tx.conn, target):
            tell(tx, desk, terms, now, f"{target} works again", "What waited for it leaves now, in its order.", "")
        return
    paused = breaker.failed(tx.conn, target, answer.detail, most=terms.pause_after, now=now)
    if paused is not None:
        text = (
            f"{paused.failures} answers in a row were no confirmation, so nothing more is told to it for now. What is "
            "for it waits in its order. It is tried with one network request in 5 minutes, then ever more rarely, at "
            f"least once an hour; you are told when it works again. mailbot targets resume {target} tries it at once."
        )
        tell(tx, desk, terms, now, f"{target} is paused: it fails again and again", text, answer.detail)
