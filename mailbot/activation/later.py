"""Answers that come later than the call, and by another way: brought by a call of the target's own, or never."""

from collections.abc import Callable, Mapping
from datetime import datetime

from mailbot.config.duration import Duration
from mailbot.errors import NotFound, NotPossible
from mailbot.process.request import NetworkState
from mailbot.store import Sent, Transaction, driving
from mailbot.target import Answer
from mailbot.words import say

Close = Callable[[Transaction, Sent, NetworkState, str, datetime], None]


def take(tx: Transaction, target: str, answers: Mapping[str, Answer], close: Close, now: datetime) -> None:
    """All of these answers, by the ids of network requests, or none. What was answered so before is left as it is.

    A target may be quicker than our own note that it has taken what it was told: then it is answered all the same.
    Raises NotFound for what it was never told, NotPossible for what is settled otherwise.
    """
    tx.hold(f"answers of {target}")
    known = driving.told(tx.conn, target, answers)
    for name, answer in answers.items():
        if name not in known:
            raise NotFound(say("returns.it_answers_what", name=name, target=target))
        sent, state = known[name]
        if state is NetworkState.SENT:
            close(tx, sent, answer.state, answer.detail, now)
        elif state is not answer.state:
            raise NotPossible(say("returns.is_not_waited_for", name=name, state=state))


def give_up(tx: Transaction, target: str, within: Duration, close: Close, now: datetime) -> int:
    """What has had no answer for too long is unknown; how many."""
    waiting = driving.awaited(tx.conn, target)
    late = [sent for sent in waiting if sent.sent is not None and now - sent.sent > within.elapsed]
    words = say("returns.there_was_no_answer", time=within)
    for sent in late:
        close(tx, sent, NetworkState.UNKNOWN, words, now)
    return len(late)
