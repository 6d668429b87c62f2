"""A target that fails again and again is paused, so that not all that waits for it fails too; and people are told."""

from collections.abc import Collection
from datetime import datetime

from mailbot.activation.tell import tell
from mailbot.activation.terms import Terms
from mailbot.desk import Desk
from mailbot.process.request import NetworkState
from mailbot.store import Transaction, breaker
from mailbot.target import Answer
from mailbot.words import say

WORKS = frozenset({NetworkState.CONFIRMED, NetworkState.SENT})


def note(tx: Transaction, desk: Desk, target: str, terms: Terms, answers: Collection[Answer], now: datetime) -> None:
    """Count what it answered at a time; tell owner and admins when it is paused, and when it works again: once each."""
    answers = [answer for answer in answers if answer.speaks]
    if not answers:
        return
    if any(answer.state in WORKS for answer in answers):
        if breaker.succeeded(tx.conn, target):
            tell(tx, desk, terms, now, say("fuse.works_again", target=target), say("fuse.what_waited_leaves"), "")
        return
    detail = next(iter(answers)).detail
    paused = breaker.failed(tx.conn, target, detail, most=terms.pause_after, now=now)
    if paused is not None:
        text = say("fuse.nothing_more_is_told", count=paused.failures, target=target)
        tell(tx, desk, terms, now, say("fuse.is_paused", target=target), text, detail)
