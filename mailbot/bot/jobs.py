"""The bot's jobs: one pass, or round and round until it is stopped."""

import logging
import signal
from collections.abc import Callable
from datetime import datetime
from threading import Event

import schedule

from mailbot.activation import PATIENCE
from mailbot.bot.parts import Parts, pool_definitions
from mailbot.config import Config
from mailbot.dispatch import Dispatch
from mailbot.errors import NotPossible
from mailbot.followup import Followup
from mailbot.mail.mailbox import Folder, Unreachable
from mailbot.process.customers import customers_of
from mailbot.process.request import Entry, Kind, Notice
from mailbot.retention import Keeping
from mailbot.review import Reviews
from mailbot.sourcing import PATIENCE as SOURCING_PATIENCE
from mailbot.store import StoreUnreachable, Transaction, customers, space, subscribers
from mailbot.store.alerting import alert, all_clear
from mailbot.store.health import LAST_PASS
from mailbot.words import say

log = logging.getLogger(__name__)
HEARTBEAT = 2
"""Seconds between two looks at what is due, while no mail wakes us."""
RELOAD = 30
"""Seconds between two looks at the rule files."""
ROUNDS = 1000
"""A pass that is not quiet after so many rounds has a fault that must not run for ever."""

REFERENCES_GIVEN_OUT = "references given out before the restore"
"""The number of the last one that the replaced database knew: what no mail brings back is not given out again."""

RULES = "rules"
"""The cause of the alert that rule files have errors."""

REREAD = "read Processed again"
"""The fact that a restored database leaves: mail that came after its backup lies in Processed."""


class Bot(Parts):
    """One mailbot."""

    def __init__(
        self, config: Config, clock: Callable[[], datetime] | None = None, *, only_looks: bool = False
    ) -> None:
        """Who `only_looks` makes no database, and brings none to this version."""
        super().__init__(config, clock, only_looks=only_looks)
        self._stop = Event()
        self.beat: Callable[[], None] = lambda: None
        """Called after each round of the jobs: for who watches whether they still go round."""

    def prepare(self) -> None:
        """All that must hold before anything runs: rules, keys, pools, customers. Raises Faulty, MailbotError."""
        _ = self.rules.current, self.desk
        with self.store.transaction() as tx:
            subscribers.sync(tx.conn, self.config.subscribers, self.now())
            all_clear(tx, RULES, self.now())  # without rules that hold it would not have come so far
            # In the order in which decisions lock them: else the two could wait for each other.
            problems = [*self.sync_customers(tx)]
            problems += space.sync_pools(tx.conn, pool_definitions(self.config), self.now())
        for problem in problems:
            log.warning("%s", problem)

    def sync_customers(self, tx: Transaction) -> tuple[str, ...]:
        """Make the record of customers say what the configuration does; who stays although it drops him is told.

        Raises NotPossible, with all that cannot be: whoever is in the configuration was not imported too.
        """
        tx.hold("customers")
        synced = customers.sync(tx.conn, customers_of(self.config))
        if synced.errors:
            raise NotPossible("; ".join(synced.errors))
        return synced.kept

    def once(self) -> None:
        """One complete pass: the whole inbox, every due timer, everything due to leave, and what those cause."""
        self.prepare()
        for _ in range(ROUNDS):
            inside = self.take_in() + self.follow_up() + self.review() + self.source(None) + self.drive(None)
            if not inside + self.broadcast.run(None) + self.send() + self.report():
                self.retain()
                self.note_pass()
                return
        log.error("still not quiet after %s rounds", ROUNDS)

    def forever(self) -> None:
        """Run until `stop`. What must not be forgotten is in the ledgers: the jobs are only a heartbeat."""
        self.prepare()
        jobs = schedule.Scheduler()
        for seconds, job in (
            (HEARTBEAT, self.follow_up),
            (HEARTBEAT, self.report),
            (RELOAD, self.review),
            (RELOAD, self.retain),
            (RELOAD, self.note_pass),
            (HEARTBEAT, self.source),
            (HEARTBEAT, self.drive),
            (HEARTBEAT, self.send),
            (HEARTBEAT, self.broadcast.run),
            (RELOAD, self.reload_rules),
        ):
            jobs.every(seconds).seconds.do(self._guarded, job)
        self._guarded(self.take_in)
        while not self._stop.is_set():
            self._guarded(jobs.run_all if self._woken() else jobs.run_pending)
            self.beat()
        self.close()

    def stop(self, *_: object) -> None:
        """End after what is being done now (also as a signal's receiver)."""
        self._stop.set()

    def wait_for_stop(self) -> None:
        """While others work."""
        self._stop.wait()

    def stop_on_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)

    def _woken(self) -> bool:
        """Wait for mail for the length of a heartbeat, and take in what has come."""
        if not self.mailbox.wait(HEARTBEAT):
            return False
        self._guarded(self.take_in)
        return True

    def _guarded(self, job: Callable[[], object]) -> None:
        """A job that fails is tried again at the next heartbeat; schedule would forget its next run (choices.md)."""
        try:
            job()
        except (Unreachable, StoreUnreachable) as trouble:
            log.warning("%s", trouble)
        except Exception:
            log.exception("a job has failed, and is tried again")

    def take_in(self) -> int:
        """Handle all mail that waits; how many there were."""
        with self.store.reading() as conn:
            restored = Transaction(conn).fact(REREAD) is not None
        if restored:
            self._take_again()
        return self._take_all(None)

    def _take_again(self) -> None:
        # Requests that were confirmed, or released, lie in Quarantine, and what let them go on in Processed.
        for folder in (Folder.QUARANTINE, Folder.PROCESSED):
            self._take_all(folder)
        with self.store.transaction() as tx:
            tx.set_fact(REREAD, None)
            tx.skip_references(tx.fact(REFERENCES_GIVEN_OUT))

    def _take_all(self, folder: Folder | None) -> int:
        count = 0
        for batch in self.mailbox.waiting(folder=folder):
            filed: dict[Folder, list[str]] = {}
            for mail in batch:
                to = self.intake.take(mail.raw, self.now(), truncated=mail.truncated)
                if to is not None:
                    filed.setdefault(to, []).append(mail.handle)
                    count += 1
            for to, handles in filed.items():
                if to != folder:
                    self.mailbox.file(handles, to)
        return count

    def follow_up(self) -> int:
        return Followup(store=self.store, desk=self.desk).run(self.now())

    def report(self) -> int:
        return self.digest.run(self.now())

    def note_pass(self) -> None:
        """For who looks whether the bot still runs (`mailbot probe punctual`)."""
        with self.store.transaction() as tx:
            tx.set_fact(LAST_PASS, self.now().isoformat())

    def review(self) -> int:
        """Ask holders of space whether they still need it, where a rule says so."""
        return Reviews(store=self.store, desk=self.desk, rules=lambda: self.rules.current).run(self.now())

    def retain(self) -> int:
        """Take out what is not to be kept any longer, where the configuration says how long that is."""
        keeping = Keeping(
            store=self.store,
            terms=self.config.retention,
            mailbox=lambda: self.mailbox,
            files=self.files,
            actor=self.directory.bot,
        )
        return keeping.run(self.now())

    def send(self) -> int:
        most = self.config.limits.letters_per_hour
        dispatch = Dispatch(store=self.store, desk=self.desk, relay=self.relay, owner=self.owner, letters_per_hour=most)
        return dispatch.run(self.now)

    def source(self, patience: float | None = SOURCING_PATIENCE) -> int:
        """Bring to NetBox what changed here, and take in what changed there."""
        return self.sourcing.run(self.now, patience)

    def drive(self, patience: float | None = PATIENCE) -> int:
        """Send network requests, and settle what targets have answered within so many seconds (None: all)."""
        return self.activation.run(self.now, patience)

    def reload_rules(self) -> None:
        """Take over changed rule files; with faults in them, go on with the last good ones and tell admins once."""
        held, faults = self.rules.holds, self.rules.reload()
        if faults is None:
            if self.rules.holds and not held:
                self._rules_are_mended()
            return
        facts = {
            "headline": say("rules.the_rule_files_have"),
            "text": say("rules.mailbot_goes_on_with"),
            "lines": [str(fault) for fault in faults],
        }
        notices = [Notice(kind=Kind.ALERT, to=admin, facts=facts) for admin in self.directory.admins]
        with self.store.transaction() as tx:
            tx.write_house([Entry(actor=self.directory.bot, action="rules not taken over")], self.now())
            self.desk.tell(tx, notices, self.now())
            alert(tx, RULES, f"the rule files have errors: {faults[0]}", self.now())

    def _rules_are_mended(self) -> None:
        with self.store.transaction() as tx:
            all_clear(tx, RULES, self.now())

    def close(self) -> None:
        """Let go of what was opened; what is needed again is opened again."""
        for door in ("activation", "sourcing"):
            if door in self.__dict__:
                self.__dict__.pop(door).close(self.now)
        if "broadcast" in self.__dict__:
            self.__dict__.pop("broadcast").close()
        for part in ("mailbox", "relay", "owner", "store"):
            if part in self.__dict__:
                self.__dict__.pop(part).close()
