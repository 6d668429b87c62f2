"""Pools that follow a NetBox: what changes here is brought there, what changes there is taken in, one pool at a time.

No call is made inside a transaction. What is to be brought stands in the pool's line, committed with its change; that
it was brought is committed with what comes of it. So a bot that dies between leaves a look that is done again.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from mailbot.addresses import Block
from mailbot.desk import Desk, sources
from mailbot.errors import Conflict
from mailbot.netbox import Prefix, Prefixes, Trouble
from mailbot.sourcing.bring import End, Outcome, bring
from mailbot.sourcing.compare import Difference, What
from mailbot.sourcing.mirror import differences, mend, roots_of
from mailbot.sourcing.told import tell_troubles
from mailbot.store import PAUSED, Connection, Store, StoreUnreachable, Transaction, space
from mailbot.store.owner import Owner
from mailbot.store.space import sourced
from mailbot.words import say

log = logging.getLogger(__name__)

T = TypeVar("T")

AT_ONCE = 4
"""Pools that are worked on at the same time; of one pool, one thing after the other."""
PATIENCE = 1.0
"""Seconds that a pass waits for quick answers, so that mail never waits long."""
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=10)
AGAIN = timedelta(minutes=1)
"""After which a look is tried again that failed."""

LOOKED_AT = "looked at in its source: "
"""Begins the fact, one a pool, that says when all of it was last looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """All that NetBox has of a pool, or why not."""

    theirs: list[Prefix] | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourcing:
    """`pools` are those that follow a NetBox, `every` the pause between two looks at the whole of one."""

    store: Store
    desk: Desk
    pools: Mapping[str, Prefixes]
    owner: Owner
    every: timedelta
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "netbox"))
    _at_work: "dict[str, tuple[space.Due | None, Future[Outcome | _Look]]]" = field(default_factory=dict)
    """What is asked of NetBox just now, by pool; without a Due, for all that it has."""

    def run(self, clock: Callable[[], datetime], patience: float | None = PATIENCE) -> int:
        """Bring what is due, and look where it is time; how much was done. `patience` as in Activation."""
        end = None if patience is None else time.monotonic() + patience
        done = self._pass(clock())
        while self._at_work and self._wait(end):
            done += self._pass(clock())
        return done

    @property
    def is_at_work(self) -> bool:
        """Whether NetBox is asked something just now."""
        return bool(self._at_work)

    def close(self, clock: Callable[[], datetime]) -> None:
        """What was asked is waited for, and settled; nothing more is asked."""
        while self._at_work:
            self._wait(None)
            self._take_in(clock())
        self._threads.shutdown()

    def look(self, name: str) -> list[Difference]:
        """In what a pool and NetBox differ, as they are now. Raises Trouble."""
        with self.store.reading() as conn:
            within = roots_of(conn, name)
        theirs = _all_of(self.pools[name], within)
        with self.store.reading() as conn:
            return differences(conn, name, theirs)

    def mend(self, name: str, found: list[Difference], now: datetime) -> None:
        """Take in what others did, and have the next `run` bring the rest."""
        for difference in found:
            self.store.committed(partial(mend, name=name, difference=difference, now=now))

    # -- out -----------------------------------------------------------------------------------------------------------

    def _pass(self, now: datetime) -> int:
        return self._take_in(now) + self._ask(now)

    def _wait(self, end: float | None) -> bool:
        left = None if end is None else max(0, end - time.monotonic())
        return bool(wait([future for _, future in self._at_work.values()], left, FIRST_COMPLETED).done)

    def _ask(self, now: datetime) -> int:
        with self.store.reading() as conn:
            looks = [name for name in self.pools if self._look_is_due(conn, name, now)]
            lines = sourced.lines(conn)
        asked = self._let_pass(lines - self.pools.keys(), now)
        for name, prefixes in self.pools.items():
            if name in self._at_work:
                continue
            if name in looks:
                self._begin_look(name, prefixes, now)
                asked += 1
            elif name in lines and (due := self.store.committed(partial(self._claim, name=name, now=now))):
                self._at_work[name] = due, self._threads.submit(bring, prefixes, due)
                asked += 1
        return asked

    def _let_pass(self, names: Iterable[str], now: datetime) -> int:
        """What waits for a source that its pool does not follow any more waits for nothing."""
        passed = 0
        for name in names:
            while due := self.store.committed(partial(self._claim, name=name, now=now)):
                self.store.committed(partial(self._close, due=due, outcome=Outcome(end=End.AGREED), now=now))
                passed += 1
        return passed

    def _claim(self, tx: Transaction, name: str, now: datetime) -> space.Due | None:
        if tx.fact(PAUSED) in {"targets", "all"}:
            return None
        return sourced.claim(tx.conn, name, self.owner.id, self.owner.lives, now)

    def _look_is_due(self, conn: Connection, name: str, now: datetime) -> bool:
        last = Transaction(conn).fact(LOOKED_AT + name)
        return last is None or datetime.fromisoformat(last) + self.every <= now

    def _begin_look(self, name: str, prefixes: Prefixes, now: datetime) -> None:
        with self.store.transaction() as tx:
            tx.set_fact(LOOKED_AT + name, now.isoformat())  # another bot need not look as well
            within = roots_of(tx.conn, name)
        self._at_work[name] = None, self._threads.submit(_looked, prefixes, within)

    # -- back ----------------------------------------------------------------------------------------------------------

    def _take_in(self, now: datetime) -> int:
        answered = [(name, due, future) for name, (due, future) in self._at_work.items() if future.done()]
        for name, due, future in answered:
            if due is None:
                self._take_look(name, future, now)
            else:
                self._settle(due, future, now)
            del self._at_work[name]
        return len(answered)

    def _settle(self, due: space.Due, future: "Future[Outcome | _Look]", now: datetime) -> None:
        try:
            outcome = future.result()
        except Trouble as trouble:
            self._put_off(due, str(trouble), now)
        except Exception as error:
            log.exception("%s of %s could not be brought to NetBox", due.prefix, due.pool)
            self._put_off(due, f"{type(error).__name__}: {error}", now)
        else:
            assert isinstance(outcome, Outcome)  # noqa: S101 (as it was asked)
            self.store.committed(partial(self._close, due=due, outcome=outcome, now=now))

    def _put_off(self, due: space.Due, detail: str, now: datetime) -> None:
        pause = min(FIRST_PAUSE * 2 ** min(due.attempts - 1, 10), LONGEST_PAUSE)
        log.warning("%s of %s waits: %s", due.prefix, due.pool, detail)
        self.store.committed(lambda tx: sourced.put_off(tx.conn, due, now + pause, detail))

    def _close(self, tx: Transaction, due: space.Due, outcome: Outcome, now: datetime) -> None:
        """What came of one prefix, and of the step that waited for it: a step that cannot be told stops nobody else."""
        try:
            with tx.attempt():
                self._follow(tx, due, outcome, now)
        except (Conflict, StoreUnreachable):
            raise
        except Exception:
            log.exception("%s of %s is %s, and its request could not be told", due.prefix, due.pool, outcome.end)
            sourced.set_aside(tx.conn, due, say("activation.its_request_could_not"))

    def _follow(self, tx: Transaction, due: space.Due, outcome: Outcome, now: datetime) -> None:
        if outcome.end is End.AGREED:
            if sourced.settle(tx.conn, due, outcome.number) and due.awaited and due.held is not None:
                sources.confirmed(self.desk, tx, due.held, now)
            return
        others = tuple(one.prefix for one in outcome.others)
        detail = outcome.detail or say("sourcing.others_have_it", prefixes=others)
        if not due.awaited or not sourced.is_unchanged(tx.conn, due):
            sourced.set_aside(tx.conn, due, detail)
            return
        sourced.remember(tx.conn, due, outcome.number)
        held = sources.let_go(self.desk, tx, due, detail, now)
        for other in outcome.others:
            if not space.hold_foreign(tx.conn, due.pool, other.prefix, other.description, now):
                # It is around what is ours as well: as much of it as we had just tried.
                space.hold_foreign(tx.conn, due.pool, due.prefix, other.description, now)
        is_others = outcome.end is End.TAKEN
        sources.not_confirmed(self.desk, tx, held, detail, now, is_others=is_others, named=due.named)

    def _take_look(self, name: str, future: "Future[Outcome | _Look]", now: datetime) -> None:
        look = future.result()
        assert isinstance(look, _Look)  # noqa: S101 (as it was asked)
        found: list[Difference] = []
        if look.theirs is None:
            log.warning("%s cannot be looked at in NetBox: %s", name, look.trouble)
            again = now - self.every + min(self.every, AGAIN)
            self.store.committed(lambda tx: tx.set_fact(LOOKED_AT + name, again.isoformat()))
        else:
            with self.store.reading() as conn:
                found = differences(conn, name, look.theirs)
            self.mend(name, found, now)
        clashes = [difference for difference in found if difference.what is What.CLASH]
        self.store.committed(
            partial(tell_troubles, desk=self.desk, pool=name, clashes=clashes, away=look.trouble, now=now)
        )


def _looked(prefixes: Prefixes, within: list[Block]) -> _Look:
    try:
        return _Look(theirs=_all_of(prefixes, within))
    except Trouble as trouble:
        return _Look(trouble=str(trouble))


def _all_of(prefixes: Prefixes, within: list[Block]) -> list[Prefix]:
    return [one for root in within for one in prefixes.within(root)]
