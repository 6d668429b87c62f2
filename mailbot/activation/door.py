"""The door that network requests leave by, and that the targets' answers come in by.

A network request is claimed and made `sent`, with the history, in one commit; only then is anything done to its target.
What was sent when its bot died may have been done: it becomes `unknown`, and is never sent again by itself.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from mailbot.activation import fuse, later
from mailbot.activation.returns import Returns
from mailbot.activation.terms import NO_TERMS, Terms
from mailbot.desk import Desk
from mailbot.desk.post import TOKEN_LIFE
from mailbot.errors import Conflict
from mailbot.process.definition import Action
from mailbot.process.request import Driven, Kind, NetworkState, Notice
from mailbot.store import PAUSED, Sent, Store, StoreUnreachable, TokenRow, Transaction, breaker, driving
from mailbot.store.owner import Owner
from mailbot.target import Answer, BatchDriver, BatchFileDriver, Driver, answers_within, order_token
from mailbot.words import say

log = logging.getLogger(__name__)

T = TypeVar("T")

AT_ONCE = 8
"""What is told at the same time, to all targets together: a slow one stops neither the others nor the mail."""

SET_ASIDE = timedelta(hours=1)
"""When a network request is tried again whose own request cannot be changed: somebody must mend what is broken."""

PATIENCE = 1.0
"""Seconds that a pass waits for quick targets, so that a long line is short soon, and mail still never waits long."""

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
GIVES_UP_AFTER = timedelta(days=1)
LEAST_ATTEMPTS = 6
"""After both, a target that cannot be reached has failed, and people decide."""

DOUBTED = "what waits for targets may have been done"
"""The fact that a restored database leaves: what it knows as waiting may have left after its backup was made."""

DIED = say("activation.the_bot_ended_before")
RESTORED = say("activation.the_database_was_restored")

_LINE = "network requests"
"""Under this name only one bot at a time takes the next one out of the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """What one target is told just now, and what it answers, by the names of these."""

    sent: Sequence[Sent]
    answers: "Future[Mapping[str, Answer]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """`drivers` are the targets by name, `terms` what was agreed for each, as who is told of what fails there."""

    store: Store
    desk: Desk
    drivers: Mapping[str, Driver]
    terms: Mapping[str, Terms]
    owner: Owner
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "target"))
    _at_work: list[_Errand] = field(default_factory=list)

    def run(self, clock: Callable[[], datetime], patience: float | None = PATIENCE) -> int:
        """Send what may leave, and settle what has been answered; how much was done.

        `patience` is for how many seconds it waits for answers, and for what comes of them (None: for all of them);
        what is answered later is settled by a later call.
        """
        end = None if patience is None else time.monotonic() + patience
        done = self._pass(clock())
        while self._at_work and self._wait(end):
            done += self._pass(clock())
        return done

    def close(self, clock: Callable[[], datetime]) -> None:
        """What is being driven is driven to its end, and settled; nothing more is sent."""
        while self._at_work:
            self._wait(None)
            self._settle_answers(clock())
        self._threads.shutdown()

    def _wait(self, end: float | None) -> bool:
        """Until a target that is driven just now has answered; False where none has at the end of our patience."""
        left = None if end is None else max(0, end - time.monotonic())
        return bool(wait([errand.answers for errand in self._at_work], left, FIRST_COMPLETED).done)

    def _pass(self, now: datetime) -> int:
        done = self._settle_answers(now) + self._take_returns(now) + self._give_up(now)
        with self.store.reading() as conn:
            doubted = Transaction(conn).fact(DOUBTED) is not None
            if driving.is_idle(conn) and not doubted:
                return done
        if doubted:
            self.store.committed(self._doubt)
        return done + self._bury_the_dead(now) + self._send(now)

    # -- out -----------------------------------------------------------------------------------------------------------

    def _send(self, now: datetime) -> int:
        sent = 0
        while len(self._at_work) < AT_ONCE and (next_ := self.store.committed(lambda tx: self._claim(tx, now))):
            self._at_work.append(_Errand(sent=next_, answers=self._threads.submit(self._drive, next_)))
            sent += len(next_)
        return sent

    def _claim(self, tx: Transaction, now: datetime) -> list[Sent]:
        """The next one, or batch, now `sent`; empty when there is none, or nothing is to leave."""
        if tx.fact(PAUSED) in {"targets", "all"}:
            return []
        tx.hold(_LINE)
        lanes = self._lanes(tx, now)
        batches = {name: driver.batch for name, driver in self.drivers.items() if isinstance(driver, BatchDriver)}
        while claimed := driving.claim(tx.conn, self.owner.id, now, lanes=lanes, batches=batches):
            if leaves := [sent for sent in claimed if self._leaves(tx, sent, now)]:
                return leaves
        return []

    def _lanes(self, tx: Transaction, now: datetime) -> dict[str, int]:
        """What is paused is told nothing; what was, one thing, for a try."""
        open_ = {name: terms.at_once for name, terms in self.terms.items()}
        for one in breaker.breakers(tx.conn).values():
            if one.until is not None:
                open_[one.target] = 0 if one.holds(now) else 1
        return open_

    def _leaves(self, tx: Transaction, sent: Sent, now: datetime) -> bool:
        if not self._settle(tx, sent, NetworkState.SENT, "", now):
            driving.set_aside(tx.conn, sent, now + SET_ASIDE, say("activation.its_request_could_not"))
            return False
        self._expect_bounces(tx, sent, now)
        return True

    def _expect_bounces(self, tx: Transaction, sent: Sent, now: datetime) -> None:
        """Of what is mailed: one that counts is told to the admins, as with any letter about that step."""
        driver = self.drivers.get(sent.target)
        if driver is None or driver.mailbox is None:
            return
        row = TokenRow(
            id=order_token(self.desk.post.tokens, driver.mailbox, sent.name).id,
            person=driver.mailbox,
            purpose="order",
            reference=sent.reference,
            step=sent.step,
            expires=now + TOKEN_LIFE,
        )
        tx.post([], [row], now, None)

    def _drive(self, sent: Sequence[Sent]) -> Mapping[str, Answer]:
        first = sent[0]
        driver = self.drivers.get(first.target)
        if driver is None:
            words = say("activation.there_is_no_targets", target=first.target)
            return {one.name: Answer(state=NetworkState.FAILED, detail=words) for one in sent}
        if isinstance(driver, BatchDriver):
            return driver.drive_all([one.drive for one in sent])
        return {first.name: driver.drive(first.drive, first.created)}

    # -- back ----------------------------------------------------------------------------------------------------------

    def _settle_answers(self, now: datetime) -> int:
        """What cannot be settled now stays, answered, until the next time."""
        answered = [errand for errand in self._at_work if errand.answers.done()]
        for errand in answered:
            answers = _answers_of(errand)
            for sent in errand.sent:
                counts = answers.values() if sent is errand.sent[-1] else ()  # a batch is one success, or one failure
                take = partial(self._take_answer, sent=sent, answer=answers[sent.name], counts=counts, now=now)
                self.store.committed(take)
            self._at_work.remove(errand)
        return len(answered)

    def _take_answer(
        self, tx: Transaction, sent: Sent, answer: Answer, counts: Collection[Answer], now: datetime
    ) -> None:
        tx.hold(f"answers of {sent.target}")
        match answer.state:
            case NetworkState.UNPROCESSED:
                self._try_later(tx, sent, answer, now)
            case NetworkState.SENT:
                driving.wait_for_answer(tx.conn, sent, answer.detail)
            case _:
                self._close(tx, sent, answer.state, answer.detail, now)
        tests_well = sent.action is Action.VERIFY and answer.state is NetworkState.FAILED
        if counts and not tests_well:
            fuse.note(tx, self.desk, sent.target, self.terms.get(sent.target, NO_TERMS), counts, now)

    def _try_later(self, tx: Transaction, sent: Sent, answer: Answer, now: datetime) -> None:
        if now - sent.created > GIVES_UP_AFTER and sent.attempts >= LEAST_ATTEMPTS:
            hours = f"{GIVES_UP_AFTER.total_seconds() / 3600:.0f}"
            detail = say("activation.given_up_after_hours", hours=hours, detail=answer.detail)
            self._close(tx, sent, NetworkState.FAILED, detail, now)
            return
        pause = min(FIRST_PAUSE * 2 ** min(sent.attempts - 1, 10), LONGEST_PAUSE)
        if answer.after is not None:
            pause = min(max(pause, answer.after), GIVES_UP_AFTER)
        if driving.put_off(tx.conn, sent, now + pause, answer.detail):
            self._settle(tx, sent, NetworkState.UNPROCESSED, answer.detail, now)

    def _close(self, tx: Transaction, sent: Sent, state: NetworkState, detail: str, now: datetime) -> None:
        if not driving.close(tx.conn, sent, state, detail, now):
            log.warning("%s is %s (%s), but it was settled before", sent.name, state, detail)
        elif not self._settle(tx, sent, state, detail, now):
            self._tell_admins(tx, sent, state, detail, now)

    def _take_returns(self, now: datetime) -> int:
        """Answers that come by files."""
        done = 0
        for returns in self._returns():
            try:
                for path in returns.folder.waiting():
                    returns.folder.file(path, self.store.committed(partial(returns.take, path=path, now=now)))
                    done += 1
            except OSError as error:  # nothing else waits for a share that is broken
                log.warning("%s: answer files cannot be taken: %s", returns.target, error)
        return done

    def _give_up(self, now: datetime) -> int:
        """What waited too long for its answer."""
        done = 0
        for target, driver in self.drivers.items():
            within = answers_within(driver)
            if within is None:
                continue
            with self.store.reading() as conn:
                waits = bool(driving.awaited(conn, target))
            if waits:
                give_up = partial(later.give_up, target=target, within=within, close=self._close, now=now)
                done += self.store.committed(give_up)
        return done

    def answered(self, target: str, answers: Mapping[str, Answer], now: datetime) -> None:
        """What a target answers later, by a call of its own: all of it, or nothing. Raises NotFound, NotPossible."""
        take = partial(later.take, target=target, answers=answers, close=self._close, now=now)
        self.store.committed(take)

    def _returns(self) -> Iterator[Returns]:
        for name, driver in self.drivers.items():
            if isinstance(driver, BatchFileDriver) and driver.answers is not None:
                terms = self.terms.get(name, NO_TERMS)
                yield Returns(target=name, terms=terms, folder=driver.answers, desk=self.desk, close=self._close)

    def _bury_the_dead(self, now: datetime) -> int:
        """What is sent, and driven by nobody who lives."""
        with self.store.reading() as conn:
            under_way = driving.under_way(conn)
        left = [sent for sent in under_way if not self._is_driven(sent)]
        for sent in left:
            words = RESTORED if sent.owner == driving.NOBODY else DIED
            self.store.committed(partial(self._close, sent=sent, state=NetworkState.UNKNOWN, detail=words, now=now))
        return len(left)

    def _is_driven(self, sent: Sent) -> bool:
        ours = {one.id for errand in self._at_work for one in errand.sent}
        return sent.id in ours if sent.owner == self.owner.id else self.owner.lives(sent.owner)

    def _doubt(self, tx: Transaction) -> None:
        """Until a pass finds nothing more: what comes of mail that is read again is as doubtful."""
        if not driving.doubt(tx.conn):
            tx.set_fact(DOUBTED, None)

    # -- the desk ------------------------------------------------------------------------------------------------------

    def _settle(self, tx: Transaction, sent: Sent, state: NetworkState, detail: str, now: datetime) -> bool:
        """Whether the request has taken it: one that cannot be changed never stops the others (trap 28)."""
        owner = self.terms.get(sent.target, NO_TERMS).owner
        event = Driven(id=sent.name, step=sent.step, state=state, detail=detail, owner=owner)
        try:
            with tx.attempt():
                self.desk.settle(tx, sent.reference, event, now)
        except (Conflict, StoreUnreachable):
            raise
        except Exception:
            log.exception("%s is %s, and its request could not be told", sent.name, state)
            return False
        return True

    def _tell_admins(self, tx: Transaction, sent: Sent, state: NetworkState, detail: str, now: datetime) -> None:
        facts = {
            "headline": say("activation.request_does_not_know", name=sent.name, state=state, reference=sent.reference),
            "text": say("activation.the_log_says_what", reference=sent.reference),
            "lines": [detail] if detail else [],
        }
        notices = [Notice(kind=Kind.ALERT, to=admin, facts=facts) for admin in self.desk.directory.admins]
        self.desk.tell(tx, notices, now)


def _answers_of(errand: _Errand) -> Mapping[str, Answer]:
    """A driver that broke has not said what it had done until then."""
    try:
        return errand.answers.result()
    except Exception as error:
        log.exception("%s: the driver of %s broke", errand.sent[0].name, errand.sent[0].target)
        broke = Answer(state=NetworkState.UNKNOWN, detail=f"{type(error).__name__}: {error}")
        return dict.fromkeys((sent.name for sent in errand.sent), broke)
