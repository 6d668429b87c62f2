"""Who is told next: events are numbered, subscribers take their turns, each on a thread, and the old is forgotten."""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailbot.broadcast.turn import Teller
from mailbot.config.subscribers import AnySubscriber
from mailbot.desk import Desk
from mailbot.desk.telling import Telling
from mailbot.process.request import Kind, Notice
from mailbot.store import PAUSED, Store, following, subscribers
from mailbot.store.owner import Owner
from mailbot.store.subscribers import Subscription, Turn
from mailbot.subscriber import Sink, callback_sink
from mailbot.words import say

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Subscribers that are told at the same time: a slow one stops neither the others nor the mail."""

PATIENCE = 1.0
"""Seconds that a pass waits for quick subscribers."""

SWEPT_EVERY = timedelta(hours=1)


@dataclass(kw_only=True)
class Broadcast:
    """`configured` are the configuration's subscribers by name, `sinks` how they are reached; `allow` are networks of
    our own that the API's callbacks may lead to, and `keep` is how long events are kept.
    """

    store: Store
    desk: Desk
    telling: Telling
    configured: Mapping[str, AnySubscriber]
    sinks: Mapping[str, Sink]
    owner: Owner
    clock: Callable[[], datetime]
    keep: timedelta
    allow: tuple[str, ...] = ()
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "subscriber"))
    _at_work: dict[str, "Future[int]"] = field(default_factory=dict)
    """Whom we tell just now."""
    _swept: datetime | None = None

    def run(self, patience: float | None = PATIENCE) -> int:
        """Tell what is to be told; how many events were taken.

        `patience` is for how many seconds it waits for subscribers (None: for all of them); what is taken later is
        counted by a later call.
        """
        end = None if patience is None else time.monotonic() + patience
        self._sweep(self.clock())
        done = self._pass()
        while self._at_work and self._wait(end):
            done += self._pass()
        return done

    def close(self) -> None:
        """Turns that have begun are taken to their end."""
        while self._at_work:
            self._wait(None)
            self._gather()
        self._threads.shutdown()
        for sink in self.sinks.values():
            sink.close()

    def _wait(self, end: float | None) -> bool:
        """Until a turn is over; False where none is at the end of our patience."""
        left = None if end is None else max(0, end - time.monotonic())
        return bool(wait(self._at_work.values(), left, FIRST_COMPLETED).done)

    def _pass(self) -> int:
        done = self._gather()
        self._number()
        now = self.clock()
        with self.store.reading() as conn:
            last = following.last_position(conn)
            behind = subscribers.are_behind(conn, now, last)
        while behind and len(self._at_work) < AT_ONCE and (turn := self._claim(now, last)):
            self._at_work[turn.to.id] = self._threads.submit(self._teller.take, turn, last)
        return done

    def _gather(self) -> int:
        """What those have taken whose turns are over."""
        over = {name: future for name, future in self._at_work.items() if future.done()}
        for name in over:
            del self._at_work[name]
        return sum(future.result() for future in over.values())

    def _number(self) -> None:
        while True:
            with self.store.reading() as conn:
                if following.is_numbered(conn):
                    return
            with self.store.transaction() as tx:
                following.number(tx)

    def _claim(self, now: datetime, last: int) -> Turn | None:
        with self.store.transaction() as tx:
            if tx.fact(PAUSED) == "all":
                return None
            subscribers.end_revoked(tx.conn)
            subscribers.free_the_dead(tx.conn, self._is_at_work)
            return subscribers.claim(tx.conn, self.owner.id, now, last)

    def _is_at_work(self, owner: int, name: str) -> bool:
        return name in self._at_work if owner == self.owner.id else self.owner.lives(owner)

    @property
    def _teller(self) -> Teller:
        return Teller(
            store=self.store,
            desk=self.desk,
            telling=self.telling,
            configured=self.configured,
            sink=self.sink,
            clock=self.clock,
        )

    def sink(self, to: Subscription) -> Sink:
        """How he is reached."""
        return self.sinks[to.id] if to.callback is None else callback_sink(to.callback, self.allow)

    def _sweep(self, now: datetime) -> None:
        """What is too old is forgotten, and admins are told where somebody had not heard of it."""
        if self._swept is not None and self._swept <= now < self._swept + SWEPT_EVERY:
            return
        self._swept = now
        with self.store.transaction() as tx:
            lost = following.forget(tx.conn, now - self.keep)
            if not lost:
                return
            facts = {
                "headline": say("broadcast.have_lost_events", count=len(lost)),
                "text": say("broadcast.they_were_older"),
                "lines": [say("broadcast.so_many", name=name, count=count) for name, count in sorted(lost.items())],
            }
            notices = [Notice(kind=Kind.ALERT, to=admin, facts=facts) for admin in self.desk.directory.admins]
            self.desk.tell(tx, notices, now)
