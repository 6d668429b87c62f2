"""The bot: builds every part from the configuration, runs its jobs, and reads the only clock."""

import logging
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import schedule

from mailbot.activation import PATIENCE, Activation
from mailbot.addresses import Strategy
from mailbot.config import Config
from mailbot.config.assets import asset
from mailbot.config.model import Replies, Requests
from mailbot.config.space import Pool
from mailbot.desk import Correspondent, Desk, IdleTerms, Pace, PostRoom
from mailbot.digest import Digest
from mailbot.dispatch import Dispatch
from mailbot.errors import Fault, Faulty, NotPossible
from mailbot.followup import Followup
from mailbot.intake import Intake
from mailbot.mail.dns import txt_record
from mailbot.mail.letter import Letterhead, Templates
from mailbot.mail.mailbox import Folder, Mailbox, Unreachable, open_mailbox
from mailbot.mail.relay import Relay, open_relay
from mailbot.mail.sender import DkimLookup
from mailbot.mail.token import Tokens
from mailbot.netbox import Client, Prefixes
from mailbot.process.definition import Process
from mailbot.process.directory import Directory, directory_of
from mailbot.process.request import Entry, Kind, Notice, Request
from mailbot.process.rules import Rules, Surroundings, load, restore
from mailbot.process.shape import shape
from mailbot.review import Reviews
from mailbot.sourcing import PATIENCE as SOURCING_PATIENCE
from mailbot.sourcing import Sourcing
from mailbot.store import Connection, Store, StoreUnreachable, Transaction, space, views
from mailbot.store.health import LAST_PASS
from mailbot.store.owner import Owner
from mailbot.target import Driver, open_drivers

if TYPE_CHECKING:
    from mailbot.web import Parts, Server

log = logging.getLogger(__name__)

HEARTBEAT = 2
"""Seconds between two looks at what is due, while no mail wakes us."""
RELOAD = 30
"""Seconds between two looks at the rule files."""
ROUNDS = 1000
"""A pass that is not quiet after so many rounds has a fault that must not run for ever."""

REFERENCES_GIVEN_OUT = "references given out before the restore"
"""The number of the last one that the replaced database knew: what no mail brings back is not given out again."""

REREAD = "read Processed again"
"""The fact that a restored database leaves: mail that came after its backup lies in Processed."""


class Bot:
    """One mailbot. Its parts are built when they are first needed: a command that only reads opens no mailbox."""

    def __init__(self, config: Config, clock: Callable[[], datetime] | None = None) -> None:
        self.config = config
        self._clock = clock or _now
        self._stop = Event()
        self._processes: dict[str, Process] = {}

    def now(self) -> datetime:
        return self._clock()

    # -- parts ---------------------------------------------------------------------------------------------------------

    @cached_property
    def store(self) -> Store:
        """The database. SQLite's is brought to this version of mailbot by itself, a shared one by its operator."""
        store = Store(self.config.database_url())
        if store.is_sqlite:
            store.upgrade()
        elif not store.is_current():
            raise NotPossible("the database is not of this version of mailbot: type `mailbot db upgrade`")
        return store

    @cached_property
    def directory(self) -> Directory:
        return directory_of(self.config)

    @cached_property
    def surroundings(self) -> Surroundings:
        config = self.config
        return Surroundings(
            groups={name: tuple(group.members) for name, group in config.groups.items()},
            led=frozenset(name for name, group in config.groups.items() if group.lead),
            pools=frozenset(config.pools),
            numbers=frozenset(name for name, pool in config.pools.items() if pool.numbers),
            calendars=frozenset(self.directory.calendars),
            working=self.directory.calendars,
            targets=frozenset(config.targets),
            templates=frozenset(self.templates.own()),
            parties=frozenset(config.parties),
            domains=tuple(config.bot.domains),
        )

    def load_rules(self) -> Rules:
        """The rule files as they are now; Faulty when they do not hold."""
        return load(self.config.home / "rules", self.surroundings)

    @cached_property
    def rules(self) -> "RuleBook":
        return RuleBook(self.load_rules)

    @cached_property
    def templates(self) -> Templates:
        return Templates([self.config.home / "templates" / "mail", asset("templates") / "mail"])

    @cached_property
    def correspondent(self) -> Correspondent:
        bot, web = self.config.bot, self.config.web
        return Correspondent(
            letterhead=Letterhead(
                name=bot.name,
                address=bot.address,
                subaddress=bot.subaddress,
                zone=bot.zone,
                url=web.url if web else None,
            ),
            templates=self.templates,
            pools={name: pool.title or name for name, pool in self.config.pools.items()},
            numbers=frozenset(name for name, pool in self.config.pools.items() if pool.numbers),
            space=[prefix for pool in self.config.pools.values() for prefix in pool.prefixes],
        )

    @cached_property
    def pace(self) -> Pace:
        return Pace()

    @cached_property
    def desk(self) -> Desk:
        tokens = Tokens(self.config.keys("token"))
        return Desk(
            directory=self.directory,
            post=PostRoom(correspondent=self.correspondent, tokens=tokens, directory=self.directory),
            restore=restore,
            pace=self.pace,
            reference=self.config.bot.reference,
            owners={name: pool.owner for name, pool in self.config.pools.items() if pool.owner},
            warn_at={name: pool.warn_at for name, pool in self.config.pools.items() if pool.warn_at},
            idle={name: _idle_terms(pool) for name, pool in self.config.pools.items()},
        )

    @cached_property
    def digest(self) -> Digest:
        return Digest(store=self.store, desk=self.desk, section=self.config.digest)

    @cached_property
    def intake(self) -> Intake:
        return Intake(
            config=self.config,
            store=self.store,
            desk=self.desk,
            rules=lambda: self.rules.current,
            dkim_lookup=self.dkim_lookup,
        )

    @property
    def dkim_lookup(self) -> DkimLookup | None:
        """Asks DNS for a sender's key, where a verified From is asked for at all."""
        trust = self.config.trust
        trusting = trust.replies is Replies.TOKEN and trust.requests is Requests.FROM
        return None if trusting else txt_record

    @cached_property
    def mailbox(self) -> Mailbox:
        return open_mailbox(self.config.mailbox)

    @cached_property
    def relay(self) -> Relay:
        return open_relay(self.config.relay)

    @cached_property
    def owner(self) -> Owner:
        return self.store.new_owner(self.now())

    @cached_property
    def drivers(self) -> dict[str, Driver]:
        """The targets that are in force."""
        config = self.config
        return open_drivers(
            config.targets,
            home=config.home,
            templates=[config.home / "templates" / "target", asset("templates") / "target"],
            letterhead=self.correspondent.letterhead,
            tokens=self.desk.post.tokens,
            relay=lambda: open_relay(config.relay),
            netbox=config.netbox,
        )

    @cached_property
    def activation(self) -> Activation:
        return Activation(
            store=self.store,
            desk=self.desk,
            drivers=self.drivers,
            owners={name: target.owner for name, target in self.config.targets.items() if target.owner},
            owner=self.owner,
        )

    @cached_property
    def netbox_pools(self) -> dict[str, Prefixes]:
        """Of the pools that follow NetBox, what is told it and asked of it."""
        config = self.config
        return {
            name: Prefixes(Client(config.netbox), pool.vrf)
            for name, pool in config.pools.items()
            if pool.source and config.netbox
        }

    @cached_property
    def sourcing(self) -> Sourcing:
        netbox = self.config.netbox
        return Sourcing(
            store=self.store,
            desk=self.desk,
            pools=self.netbox_pools,
            owner=self.owner,
            every=netbox.every.elapsed if netbox else timedelta(),
        )

    def web_server(self) -> "Server":
        """The pages' server, listening already. Raises NotPossible.

        What it shares with the jobs is built here, while there is but one thread.
        """
        from mailbot.web import Server, build  # noqa: PLC0415 (who serves no pages does not wait for FastAPI)

        web = self.config.web
        if web is None:
            raise NotPossible("the configuration has no [web]: write where to listen, and url, how people reach it")
        _ = self.rules, self.intake
        return Server(build(self.web_parts), web.host_and_port)

    @cached_property
    def web_parts(self) -> "Parts":
        """What the pages are made of."""
        from mailbot.web import Parts, Renderer, Sessions  # noqa: PLC0415

        config, bot = self.config, self.config.bot
        url = config.web.url if config.web else None
        return Parts(
            config=config,
            store=self.store,
            desk=self.desk,
            rules=lambda: self.rules.current,
            now=self.now,
            release=lambda number: self.intake.release(number, self.now()).words,
            retry=lambda number: self.intake.retry(number, self.now()).words,
            renderer=Renderer(
                [config.home / "templates" / "web", asset("templates") / "web"],
                name=bot.name,
                address=bot.address,
                root=urlsplit(url or "").path,
                zone=bot.zone,
            ),
            sessions=Sessions(config.keys("session")),
        )

    def shape(self, conn: Connection, request: Request) -> dict[str, Any]:
        """A request as the outside sees it (contract §6)."""
        addresses = views.addresses(conn, request)
        directory = replace(self.directory, usual=self.pace.at(conn, self.now()))
        return shape(request, self.process(conn, request), directory, addresses, self.now())

    def process(self, conn: Connection, request: Request) -> Process:
        """The version of its process that a request began with."""
        process = self._processes.get(request.rules)
        if process is None:
            process = self._processes[request.rules] = restore(views.rules_source(conn, request.rules))
        return process

    # -- jobs ----------------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """All that must hold before anything runs: rules, keys, pools. Raises Faulty, MailbotError."""
        _ = self.rules.current, self.desk
        with self.store.transaction() as tx:
            problems = space.sync_pools(tx.conn, pool_definitions(self.config), self.now())
        for problem in problems:
            log.warning("%s", problem)

    def once(self) -> None:
        """One complete pass: the whole inbox, every due timer, everything due to leave, and what those cause."""
        self.prepare()
        for _ in range(ROUNDS):
            done = self.take_in() + self.follow_up() + self.review() + self.source(None) + self.drive(None)
            if not done + self.send() + self.report():
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
            (RELOAD, self.note_pass),
            (HEARTBEAT, self.source),
            (HEARTBEAT, self.drive),
            (HEARTBEAT, self.send),
            (RELOAD, self.reload_rules),
        ):
            jobs.every(seconds).seconds.do(self._guarded, job)
        self._guarded(self.take_in)
        while not self._stop.is_set():
            self._guarded(jobs.run_all if self._woken() else jobs.run_pending)
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

    def send(self) -> int:
        dispatch = Dispatch(store=self.store, desk=self.desk, relay=self.relay, owner=self.owner)
        return dispatch.run(self.now())

    def drive(self, patience: float | None = PATIENCE) -> int:
        """Send network requests, and settle what targets have answered within so many seconds (None: all)."""
        return self.activation.run(self.now, patience)

    def source(self, patience: float | None = SOURCING_PATIENCE) -> int:
        """Bring to NetBox what changed here, and take in what changed there."""
        return self.sourcing.run(self.now, patience)

    def reload_rules(self) -> None:
        """Take over changed rule files; with faults in them, go on with the last good ones and tell admins once."""
        faults = self.rules.reload()
        if faults is None:
            return
        facts = {
            "headline": "The rule files have errors",
            "text": "mailbot goes on with the last good version. Mend these, and it takes them over by itself.",
            "lines": [str(fault) for fault in faults],
        }
        notices = [Notice(kind=Kind.ALERT, to=admin, facts=facts) for admin in self.directory.admins]
        with self.store.transaction() as tx:
            tx.write_house([Entry(actor=self.directory.bot, action="rules not taken over")], self.now())
            self.desk.tell(tx, notices, self.now())

    def close(self) -> None:
        """Let go of what was opened; what is needed again is opened again."""
        for door in ("activation", "sourcing"):
            if door in self.__dict__:
                self.__dict__.pop(door).close(self.now)
        for part in ("mailbox", "relay", "owner", "store"):
            if part in self.__dict__:
                self.__dict__.pop(part).close()


class RuleBook:
    """The processes as they are now: the last version of the rule files that held."""

    def __init__(self, load_: Callable[[], Rules]) -> None:
        self._load = load_
        self.current = load_()
        self._told: str | None = None

    def reload(self) -> tuple[Fault, ...] | None:
        """The faults of files that do not hold and were not told of yet; else None, and `current` is up to date."""
        try:
            self.current = self._load()
        except Faulty as faulty:
            words = str(faulty)
            if words == self._told:
                return None
            self._told = words
            return faulty.faults
        self._told = None
        return None


def pool_definitions(config: Config) -> list[space.PoolDefinition]:
    """The pools that a configuration defines."""
    return [
        space.PoolDefinition(
            name=name,
            title=pool.title or name,
            prefixes=tuple(pool.prefixes),
            numbers=tuple(pool.numbers),
            strategy=Strategy(pool.strategy.value),
            quarantine=pool.quarantine.elapsed,
            owner=pool.owner or "",
            min_length=pool.min,
            max_length=pool.max,
            hosts=pool.hosts,
            vrf=pool.vrf,
            warn_at=pool.warn_at or 80,
            users=tuple(pool.users),
            parent=pool.parent,
            source=pool.source.value if pool.source else None,
        )
        for name, pool in config.pools.items()
    ]


def _idle_terms(pool: Pool) -> IdleTerms:
    amount, _, currency = (pool.cost or "").partition(" ")
    return IdleTerms(after=pool.idle_after, cost=(Decimal(amount), currency) if amount else None)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 (here, and nowhere else)
