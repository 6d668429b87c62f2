"""Alerts about no request: one a cause, told as an event when it opens, changes, and closes."""

from datetime import datetime

from mailbot.process.news import Severity, news
from mailbot.store import feed
from mailbot.store.transaction import Transaction

_STANDING = "alert: "
"""Begins the fact, one a cause, that holds the words of an alert that stands."""


def alert(tx: Transaction, cause: str, words: str, now: datetime, severity: Severity = Severity.ERROR) -> bool:
    """Something is wrong, in these words; whether it was well before."""
    known = tx.fact(_STANDING + cause)
    if known == words:
        return False
    tx.set_fact(_STANDING + cause, words)
    type_ = "alert.opened" if known is None else "alert.updated"
    about = {"cause": cause, "words": words, "severity": severity.word}
    feed.tell(tx.conn, [news(type_, severity, alert=about)], now)
    return known is None


def all_clear(tx: Transaction, cause: str, now: datetime) -> bool:
    """It is not wrong any more; whether it was."""
    known = tx.fact(_STANDING + cause)
    if known is None:
        return False
    tx.set_fact(_STANDING + cause, None)
    about = {"cause": cause, "words": known}
    feed.tell(tx.conn, [news("alert.closed", alert=about)], now)
    return True


def standing(tx: Transaction) -> dict[str, str]:
    """The words of all that is wrong now, by cause."""
    return tx.facts(_STANDING)
