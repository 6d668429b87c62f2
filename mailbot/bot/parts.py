"""What the bot is made of: every part, built from the configuration; and the only clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mailbot.activation import Activation, Terms
from mailbot.addresses import Strategy
from mailbot.bot.rulebook import RuleBook
from mailbot.broadcast import Broadcast
from mailbot.config import Config
from mailbot.config.catalogue import catalogue_of
from mailbot.config.customers import Attribute
from mailbot.config.customers import Kind as AttributeKind
from mailbot.config.space import Pool
from mailbot.delivered import asset
from mailbot.desk import Correspondent, Desk, IdleTerms, Pace, PostRoom
from mailbot.desk.outlook import Outlooks
from mailbot.desk.telling import Hub, Telling
from mailbot.digest import Digest
from mailbot.errors import NotPossible
from mailbot.intake import Intake
from mailbot.mail.dns import txt_record
from mailbot.mail.letter import Letterhead, Templates
from mailbot.mail.mailbox import Mailbox, open_mailbox
from mailbot.mail.relay import Relay, open_relay
from mailbot.mail.token import Tokens
from mailbot.netbox import Client, Prefixes
from mailbot.process.definition import Process
from mailbot.process.directory import Directory, directory_of
from mailbot.process.expression import Kind as ValueKind
from mailbot.process.expression import Known
from mailbot.process.request import Request
from mailbot.process.rules import Rules, Surroundings, load, restore
from mailbot.process.shape import shape
from mailbot.sourcing import Sourcing
from mailbot.store import Connection, Store, attachments, space, views
from mailbot.store.attachments import Files
from mailbot.store.owner import Owner
from mailbot.subscriber import open_sinks
from mailbot.target import Driver, open_drivers
from mailbot.words import Catalogue, folders

if TYPE_CHECKING:
    from mailbot.web import Parts as PageParts
    from mailbot.web import Server


class Parts:
    """Each is built when it is first needed: a command that only reads opens no mailbox."""

    def __init__(
        self, config: Config, clock: Callable[[], datetime] | None = None, *, only_looks: bool = False
    ) -> None:
        self.config = config
        self._only_looks = only_looks
        self._clock = clock or _now
        self._processes: dict[str, Process] = {}

    def now(self) -> datetime:
        return self._clock()

    @cached_property
    def store(self) -> Store:
        """The database. SQLite's is made and brought to this version of mailbot by itself, but for who only looks; a
        shared one by its operator.
        """
        store = Store(self.config.database_url())
        if store.is_sqlite and not self._only_looks:
            store.upgrade()
        elif not store.looks_current():
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
            served={n: (*p.users, *([p.owner] if p.owner else [])) for n, p in config.pools.items() if p.users},
            calendars=frozenset(self.directory.calendars),
            working=self.directory.calendars,
            targets=frozenset(config.targets),
            templates=frozenset(self.templates.own()),
            parties=frozenset(config.parties),
            domains=tuple(config.bot.domains),
            attributes={name: _known(terms) for name, terms in config.customer_attributes.items()},
        )

    def load_rules(self) -> Rules:
        """The rule files as they are now; Faulty when they do not hold."""
        return load(self.config.home / "rules", self.surroundings)

    @cached_property
    def rules(self) -> RuleBook:
        return RuleBook(self.load_rules)

    @cached_property
    def catalogue(self) -> Catalogue:
        """What the house says in its own words and language. Faulty where its files do not hold."""
        return catalogue_of(self.config.home / "templates", self.config.bot.language)

    def folders(self, kind: str) -> Sequence[Path]:
        """Where templates of this kind are looked for, first to last."""
        house, language = self.config.home / "templates", self.config.bot.language
        return folders(kind, house=house, ours=asset("templates"), language=language)

    @cached_property
    def templates(self) -> Templates:
        return Templates(self.folders("mail"), language=self.catalogue.language)

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
            catalogue=self.catalogue,
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
            files=self.files,
            dkim_lookup=txt_record,
        )

    @cached_property
    def mailbox(self) -> Mailbox:
        return open_mailbox(self.config.mailbox, largest=self.config.limits.message_size)

    @cached_property
    def files(self) -> Files:
        return Files(self.config.home / self.config.attachments.folder)

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
            clock=self.now,
            netbox=config.netbox,
        )

    @cached_property
    def activation(self) -> Activation:
        return Activation(
            store=self.store,
            desk=self.desk,
            drivers=self.drivers,
            terms={
                name: Terms(owner=target.owner, at_once=target.at_once, pause_after=target.pause_after)
                for name, target in self.config.targets.items()
            },
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

    @cached_property
    def broadcast(self) -> Broadcast:
        return Broadcast(
            store=self.store,
            desk=self.desk,
            telling=Telling(desk=self.desk, markup=_event_xml, order=self._order_told),
            configured=self.config.subscribers,
            sinks=open_sinks(self.config.subscribers),
            owner=self.owner,
            clock=self.now,
            keep=self.config.events.keep.elapsed,
            allow=self.config.events.allow,
        )

    def _order_told(self, conn: Connection, request: Request, at: datetime, hub: Hub) -> Mapping[str, Any] | None:
        from mailbot.web.api.told import order_told  # noqa: PLC0415 (who has no such subscriber does not wait for it)

        return order_told(self.web_parts, conn, request, at, key=hub.key, version=hub.version)

    def web_server(self) -> "Server":
        """The pages' server, listening already. Raises NotPossible.

        What it shares with the jobs is built here, while there is but one thread.
        """
        from mailbot.web import Server, build  # noqa: PLC0415 (who serves no pages does not wait for FastAPI)

        web = self.config.web
        if web is None:
            raise NotPossible("the configuration has no [web]: write where to listen, and url, how people reach it")
        _ = self.rules, self.intake, self.activation
        return Server(build(self.web_parts), web.host_and_port)

    @cached_property
    def web_parts(self) -> "PageParts":
        """What the pages are made of."""
        from mailbot.web import Parts as PageParts  # noqa: PLC0415
        from mailbot.web import Renderer, Sessions  # noqa: PLC0415

        config, bot = self.config, self.config.bot
        url = config.web.url if config.web else None
        return PageParts(
            config=config,
            store=self.store,
            files=self.files,
            desk=self.desk,
            rules=lambda: self.rules.current,
            now=self.now,
            release=lambda number: self.intake.release(number, self.now()).words,
            retry=lambda number: self.intake.retry(number, self.now()).words,
            answered=lambda target, answers: self.activation.answered(target, answers, self.now()),
            renderer=Renderer(
                self.folders("web"),
                name=bot.name,
                address=bot.address,
                root=urlsplit(url or "").path,
                zone=bot.zone,
                catalogue=self.catalogue,
            ),
            sessions=Sessions(config.keys("session")),
            outlooks=Outlooks(self.desk),
        )

    def shape(self, conn: Connection, request: Request) -> dict[str, Any]:
        """A request as the outside sees it (contract §6)."""
        addresses = views.addresses(conn, request)
        directory = replace(self.directory, usual=self.pace.at(conn, self.now()))
        files = attachments.with_it(conn, request)
        return shape(request, self.process(conn, request), directory, addresses, files, self.now())

    def process(self, conn: Connection, request: Request) -> Process:
        """The version of its process that a request began with."""
        process = self._processes.get(request.rules)
        if process is None:
            process = self._processes[request.rules] = restore(views.rules_source(conn, request.rules))
        return process


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
            growth=pool.growth,
            adjacent=pool.adjacent,
            source=pool.source.value if pool.source else None,
        )
        for name, pool in config.pools.items()
    ]


def _known(terms: Attribute) -> Known:
    """What expressions may do with an attribute of customers."""
    return Known(kind=_KINDS[terms.type], choices=terms.choices)


_KINDS = {
    AttributeKind.TEXT: ValueKind.TEXT,
    AttributeKind.CHOICE: ValueKind.TEXT,
    AttributeKind.INTEGER: ValueKind.NUMBER,
    AttributeKind.YES_NO: ValueKind.BOOLEAN,
}


def _idle_terms(pool: Pool) -> IdleTerms:
    amount, _, currency = (pool.cost or "").partition(" ")
    return IdleTerms(after=pool.idle_after, cost=(Decimal(amount), currency) if amount else None)


def _event_xml(event: Mapping[str, Any]) -> bytes:
    from mailbot.web.api import xml  # noqa: PLC0415 (who tells nothing in XML does not wait for FastAPI)
    from mailbot.web.api.models.event import EventShape  # noqa: PLC0415

    return xml.written(event, EventShape)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 (here, and nowhere else)
