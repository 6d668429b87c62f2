"""The door that time comes in by: timers that fall due, lists of actions, space that has rested, steps that waited for
room.
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from mailbot.addresses import Family
from mailbot.config.events import Severity
from mailbot.desk import FILLED, Desk, gathered
from mailbot.errors import Conflict, MailbotError
from mailbot.process.decide import ROOM
from mailbot.process.request import Entry, Kind, Notice, TimePassed
from mailbot.store import Store, StoreUnreachable, Transaction, gathering, space
from mailbot.store.alerting import alert, all_clear
from mailbot.words import say

log = logging.getLogger(__name__)

PUT_OFF = timedelta(hours=1)
"""When a timer rings again that could not be followed: somebody must mend what is broken first."""

HELD_TOLD_EVERY = timedelta(hours=1)
HELD_SHOWN = 20

_WARNED = "is known to be full: "
_TOLD_AT = "held mail was told at"
_TOLD_UP_TO = "held mail was told up to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followup:
    store: Store
    desk: Desk

    def run(self, now: datetime) -> int:
        """All that is due, each in a transaction of its own; how much was done."""
        done = 0
        while self._once(lambda tx: self._ring(tx, now)):
            done += 1
        while self._list_is_due(now) and self._once(lambda tx: self._tell_list(tx, now)):
            done += 1
        done += self._once(lambda tx: self._end_quarantine(tx, now))
        done += self._make_use_of_room(now)
        done += self._once(lambda tx: self._warn_of_full_pools(tx, now))
        return done + self._once(lambda tx: self._tell_of_held_mail(tx, now))

    def _once(self, change: Callable[[Transaction], bool]) -> bool:
        try:
            with self.store.transaction() as tx:
                return change(tx)
        except Conflict:
            return True  # another bot was faster: there is something to look at again

    def _ring(self, tx: Transaction, now: datetime) -> bool:
        timer = tx.due_timer(now)
        if timer is None:
            return False
        reference, step, mark = timer
        try:
            with tx.attempt():
                self.desk.settle(tx, reference, TimePassed(mark=mark, step=step), now)
        except (Conflict, StoreUnreachable):
            raise
        except Exception:  # one bad request never stops the others (trap 28)
            words = "%s: the timer %s of %s could not be followed, and is put off"
            log.exception(words, reference, mark, step, extra={"reference": reference})
            tx.put_off(reference, step, mark, now + PUT_OFF)
        return True

    def _list_is_due(self, now: datetime) -> bool:
        with self.store.reading() as conn:
            return gathered.is_due(conn, now)

    def _tell_list(self, tx: Transaction, now: datetime) -> bool:
        seat = gathered.due_seat(tx, now)
        if seat is None:
            return False
        try:
            with tx.attempt():
                gathered.tell(self.desk, tx, seat, now)
        except (Conflict, StoreUnreachable):
            raise
        except Exception:  # one bad request never stops the others (trap 28)
            log.exception("the list of what %s must do could not be written, and is put off", seat)
            gathering.put_off_all(tx.conn, seat, now, now + PUT_OFF)
        return True

    def _end_quarantine(self, tx: Transaction, now: datetime) -> bool:
        pools = space.end_quarantine(tx.conn, now)
        if pools:
            entry = Entry(actor=self.desk.directory.bot, action="quarantine ended", detail=", ".join(pools))
            tx.write_house([entry], now)
        return bool(pools)

    def _make_use_of_room(self, now: datetime) -> int:
        """Steps that a full pool holds go on as soon as they fit, the oldest request first.

        The look before the leap is cheap, and leaves no trace in the history: hundreds may wait for one pool.
        """
        steps: dict[tuple[str, str], list[Any]] = {}
        with self.store.reading() as conn:
            tx, survey = Transaction(conn), space.Survey(conn)
            if all(_is_hopeless(survey, row) for row in tx.room_wanted()):
                return 0
            for row in tx.waiting_for_room():
                steps.setdefault((row.reference, row.step.partition(".")[0]), []).append(row)
            waited = [rows for rows in steps.values() if _has_room(survey, rows)]
        return sum(self._once(partial(self._try_again, rows=rows, now=now)) for rows in waited)

    def _try_again(self, tx: Transaction, *, rows: Sequence[Any], now: datetime) -> bool:
        """Whether a step went on, for all of its items: those before it may have taken the room."""
        first = rows[0]
        if not _has_room(space.Survey(tx.conn), rows):
            return False
        request = self.desk.settle(tx, first.reference, TimePassed(mark=ROOM, step=first.step), now)
        return not request.step(first.step).waits_for

    def _warn_of_full_pools(self, tx: Transaction, now: datetime) -> bool:
        """A pool that passes its `warn_at` is told of once, until it has been below it again."""
        tx.hold(FILLED)
        taken_from = tx.facts(FILLED)
        for pool, reference in taken_from.items():
            tx.set_fact(FILLED + pool, None)
            if pool not in self.desk.warn_at:
                continue  # it was taken out of the configuration meanwhile
            figures = space.figures(tx.conn, pool)
            warned, full = (
                tx.fact(_WARNED + pool),
                100 * figures.used >= self.desk.warn_at[pool] * figures.size,
            )
            if full and not warned:
                self._warn(tx, figures, reference, now)
            if full != bool(warned):
                tx.set_fact(_WARNED + pool, now.isoformat() if full else None)
                self._alert(tx, pool, figures if full else None, now)
        return bool(taken_from)

    def _alert(self, tx: Transaction, pool: str, figures: space.Figures | None, now: datetime) -> None:
        """For other systems; None: it is not that full any more."""
        if figures is None:
            all_clear(tx, f"pool/{pool}", now)
        else:
            share = 100 * figures.used // figures.size
            alert(tx, f"pool/{pool}", f"the pool {pool} is {share} % full", now, Severity.WARNING)

    def _warn(self, tx: Transaction, figures: space.Figures, reference: str, now: datetime) -> None:
        """The pool's owner, and the managers of the process that took the last of it."""
        process = self.desk.process(tx, tx.load(reference).request)
        named = [*filter(None, [self.desk.owners.get(figures.name)]), *process.managers]
        people = {self.desk.directory.person(a) for name in named for a in self.desk.directory.addressees(name)}
        facts = {
            "headline": say(
                "followup.the_pool_is_full", name=figures.name, per_cent=100 * figures.used // figures.size
            ),
            "text": _how_full(figures),
        }
        self.desk.tell(tx, [Notice(kind=Kind.ALERT, to=person, facts=facts) for person in sorted(people)], now)

    def _tell_of_held_mail(self, tx: Transaction, now: datetime) -> bool:
        """One letter an hour to the admins about the mail that waits for them."""
        tx.hold(_TOLD_AT)
        told_at = datetime.fromisoformat(tx.fact(_TOLD_AT) or "1970-01-01T00:00:00+00:00")
        if now - told_at < HELD_TOLD_EVERY:
            return False
        rows = tx.mail_held_since(int(tx.fact(_TOLD_UP_TO) or 0))
        if not rows:
            return False
        lines = [
            say(
                "followup.held_mail",
                number=number,
                mail=r.id,
                sender=r.sender or say("followup.nobody"),
                subject=r.subject[:60],
                reason=r.reason,
            )
            for number, r in enumerate(rows[:HELD_SHOWN], 1)
        ]
        if len(rows) > HELD_SHOWN:
            lines.append(say("followup.and_more_mails", more=len(rows) - HELD_SHOWN))
        listed = json.dumps([r.id for r in rows[:HELD_SHOWN]])
        facts = {
            "held": listed,
            "headline": say("followup.mails_wait", count=len(rows)),
            "text": say("followup.what_to_do"),
            "lines": lines,
        }
        notices = [Notice(kind=Kind.ALERT, to=admin, facts=facts) for admin in self.desk.directory.admins]
        self.desk.tell(tx, notices, now, subject=listed)
        tx.set_fact(_TOLD_AT, now.isoformat())
        tx.set_fact(_TOLD_UP_TO, str(rows[:HELD_SHOWN][-1].id))
        return True


def _is_hopeless(survey: space.Survey, wish: Any) -> bool:
    try:
        return survey.fits_nobody(wish.pool, wish.length)
    except MailbotError:
        return True  # as in `_has_room`


def _has_room(survey: space.Survey, rows: Sequence[Any]) -> bool:
    """Whether there is room for all items of one step."""
    try:
        return all(
            survey.fits(pool, [row.length for row in rows if row.pool == pool], rows[0].requester)
            for pool in {row.pool for row in rows}
        )
    except MailbotError:
        return False  # the pool has gone: an operator's affair, of which he was told


def _how_full(figures: space.Figures) -> str:
    if figures.family is Family.NUMBER:
        return say("followup.of_numbers_are_in", used=figures.used, size=figures.size)
    largest = (
        say("followup.the_largest_free_block", length=figures.largest_free.length)
        if figures.largest_free
        else say("followup.nothing_is_free")
    )
    return say("followup.of_addresses_are_in", used=figures.used, size=figures.size, largest=largest)
