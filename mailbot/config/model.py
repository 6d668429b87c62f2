"""config.toml as values: one frozen model a section, whose attributes have the names of its keys."""

import hashlib
import hmac
import re
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from mailbot.config.address import domain_of
from mailbot.config.connection import DATABASES, Mailbox, Relay, Secret, taken_apart
from mailbot.config.customers import Attribute, Customer, CustomerName
from mailbot.config.holidays import known
from mailbot.config.hours import Week
from mailbot.config.kinds import (
    HIDDEN,
    Address,
    Addressee,
    Choice,
    Day,
    Domain,
    Elapsed,
    Hours,
    Line,
    Misfit,
    Moment,
    Name,
    Section,
    Several,
)
from mailbot.config.netbox import NetBox
from mailbot.config.people import Group, Party, Person
from mailbot.config.space import Pool
from mailbot.config.subscribers import AnySubscriber, Events
from mailbot.config.targets import AnyTarget
from mailbot.errors import MailbotError, near_miss

HOUSE = "house"
"""The name of the house's own calendar, which stands in [calendar]."""
ALWAYS_OPEN = "always"
"""The name of the calendar that knows neither night nor Sunday."""
SECRET_LENGTH = 16
"""Characters that a signing key has at least."""


def _timezone(text: str) -> str:
    # "../etc/passwd", "Europe" (a folder) and names with a NUL each fail in a way of their own.
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        suggestion = near_miss(text, available_timezones())
        raise Misfit(f'{text!r} is no time zone, like "Europe/Paris"', suggestion=suggestion) from None
    return text


def _reference(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,9}", text):
        raise ValueError(f"{text!r} cannot begin references: up to ten letters and digits, a letter first")
    return text


def _subaddress(text: str) -> str:
    if text not in ("+", "-", ""):
        raise ValueError(f'{text!r} separates no sub-address: "+", "-", or "" where there is none')
    return text


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", text):
        raise ValueError(f'{text!r} is no language: write its code, like "en", "de" or "pt-BR"')
    return text


def _holidays(text: str) -> str:
    known(text)
    return text


def _database(url: str) -> str:
    parts = taken_apart(url, DATABASES)
    if parts.scheme == "sqlite" and parts.path.strip("/") in ("", ":memory:"):
        raise ValueError('the database needs a file: write "sqlite:///var/mailbot.db"')
    if parts.scheme != "sqlite" and not parts.path.strip("/"):
        raise ValueError('the url names no database: write "postgresql+psycopg://user@host/mailbot"')
    return url


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port[:6]) > 65_535:  # noqa: PLR2004 (the last port)
        raise ValueError(f'{text!r} is no address to listen on: write host and port, like "127.0.0.1:8080"')
    return text


def _page_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise ValueError(f'{text!r} is no address of a page, like "https://ip.example.net"')
    return text.rstrip("/")


def _header(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", text):
        raise ValueError(f'{text!r} is no name of a header, like "X-Remote-User"')
    return text


def _list(text: str) -> str:
    if not re.fullmatch(r"[^\s<>,@]+@?[^\s<>,@]+", text) or "." not in text:
        raise ValueError(f'{text!r} is no list: write its List-Id, like "ip-list.example.net", or its posting address')
    return text.lower()


def _peer(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError(f'{text!r} is no IP address of a proxy, like "127.0.0.1"') from None


Zone = Annotated[Line, AfterValidator(_timezone)]


class Replies(StrEnum):
    """What mail with a token needs beside it."""

    VERIFIED = "verified"
    TOKEN = "token"  # noqa: S105 (a way to trust, no token)


class Requests(StrEnum):
    """What mail without a token needs to be acted on."""

    VERIFIED = "verified"
    CONFIRM = "confirm"
    FROM = "from"


class Bot(Section):
    """[bot]: who it is."""

    address: Address
    name: Line = "IP requests"
    admins: Several[Address] = Field(min_length=1)
    secrets: Several[Secret] = Field(min_length=1)
    timezone: Zone = "UTC"
    reference: Annotated[str, AfterValidator(_reference)] = "IP"
    domains: Several[Domain] = Field(default_factory=lambda given: (domain_of(given["address"]),), min_length=1)
    subaddress: Annotated[str, AfterValidator(_subaddress)] = "+"
    language: Annotated[str, AfterValidator(_language)] = "en"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Database(Section):
    """[database]: where everything is kept. SQLite's file is relative to the config."""

    url: Annotated[Line, AfterValidator(_database)] = "sqlite:///var/mailbot.db"
    password: Secret | None = None


class Web(Section):
    """[web]: the pages. Without `url` letters hold no links, and nobody can be mailed one to log in by.

    `proxy_header` names who is there, where it comes from one of `proxies`, addresses that log people in themselves.
    `metrics` are addresses that may read /metrics.
    """

    listen: Annotated[Line, AfterValidator(_listen)] = "127.0.0.1:8080"
    url: Annotated[Line, AfterValidator(_page_url)] | None = None
    proxy_header: Annotated[Line, AfterValidator(_header)] | None = None
    proxies: Several[Annotated[Line, AfterValidator(_peer)]] = ()
    metrics: Several[Annotated[Line, AfterValidator(_peer)]] = ("127.0.0.1", "::1")

    @property
    def host_and_port(self) -> tuple[str, int]:
        host, _, port = self.listen.rpartition(":")
        return host.removeprefix("[").removesuffix("]"), int(port)


class WorkingHours(Section):
    """[calendar] and [calendars.NAME]; `timezone` is the bot's unless it is given."""

    hours: Hours = Field(default_factory=lambda: Week.parse("mon-fri 09:00-17:00"))
    holidays: Annotated[Line, AfterValidator(_holidays)] | None = None
    dates: Several[Day] = ()
    timezone: Zone | None = None

    @property
    def zone(self) -> ZoneInfo | None:
        return None if self.timezone is None else ZoneInfo(self.timezone)


class Trust(Section):
    """[trust]: who is believed to be the From of a mail.

    `forwarders` are domains whose ARC seal makes what they found count; `lists`, List-Ids or posting addresses of
    lists through which people write to the bot: their mail is no machine's.
    """

    authentication_results: Line | None = None
    replies: Choice[Replies] = Replies.VERIFIED
    requests: Choice[Requests] = Requests.CONFIRM
    forwarders: Several[Domain] = ()
    lists: Several[Annotated[Line, AfterValidator(_list)]] = ()


class Digest(Section):
    """[digest]: the weekly summary."""

    when: Moment
    to: Several[Addressee] = Field(min_length=1)


class Retention(Section):
    """[retention]: how long what is kept; without a key, for ever.

    `mail`: the bytes of mails and letters, from when they came or left. `person`: who it was, and what was said, in
    requests, from when they ended. `record`: who held an address, from when that ended.
    """

    mail: Elapsed | None = None
    person: Elapsed | None = None
    record: Elapsed | None = None


class Attachments(Section):
    """[attachments]: where the files lie that came with requests."""

    folder: Line = "var/attachments"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class Log(Section):
    """[log]: how the bot's log is written; a line a thing that happened, either way."""

    format: Choice[LogFormat] = LogFormat.TEXT


class Limits(Section):
    """[limits]: what no honest sender reaches."""

    message_size: int = Field(default=26_214_400, ge=65_536)
    """bytes"""
    parts: int = Field(default=200, ge=1, le=2000)
    """MIME parts of a mail, those of attached mails too"""
    nesting: int = Field(default=30, ge=1, le=100)
    """parts within parts"""
    header_size: int = Field(default=262_144, ge=16_384)
    """bytes of a mail's header"""
    seconds: int = Field(default=10, ge=1)
    """that reading one mail may take"""
    lines_per_message: int = Field(default=200, ge=1, le=1000)
    """lines of the tables that come with a mail"""
    commands_per_message: int = Field(default=100, ge=1)
    answers_per_hour: int = Field(default=20, ge=1)
    """letters that answer one sender's mail"""
    calls_per_minute: int = Field(default=600, ge=1)
    """of the API, by one key, at one server"""
    letters_per_hour: int | None = Field(default=None, ge=10)
    """letters in all; one more pauses sending, and admins are told"""


class Config(Section):
    """The whole of config.toml. `home` is the folder in which it lies."""

    bot: Bot
    mailbox: Mailbox
    relay: Relay
    database: Database = Field(default_factory=Database)
    web: Web | None = None
    calendar: WorkingHours = Field(default_factory=WorkingHours)
    calendars: dict[Name, WorkingHours] = Field(default_factory=dict)
    trust: Trust = Field(default_factory=Trust)
    groups: dict[Name, Group] = Field(default_factory=dict)
    people: dict[Address, Person] = Field(default_factory=dict)
    parties: dict[Name, Party] = Field(default_factory=dict)
    customers: dict[CustomerName, Customer] = Field(default_factory=dict)
    customer_attributes: dict[Name, Attribute] = Field(default_factory=dict)
    pools: dict[Name, Pool] = Field(default_factory=dict)
    targets: dict[Name, AnyTarget] = Field(default_factory=dict)
    subscribers: dict[Name, AnySubscriber] = Field(default_factory=dict)
    events: Events = Field(default_factory=Events)
    netbox: NetBox | None = None
    digest: Digest | None = None
    limits: Limits = Field(default_factory=Limits)
    retention: Retention = Field(default_factory=Retention)
    attachments: Attachments = Field(default_factory=Attachments)
    log: Log = Field(default_factory=Log)
    home: Path = Field(default=Path(), validation_alias=HIDDEN)

    def database_url(self) -> str:
        """For SQLAlchemy: SQLite's file made absolute, the password put in. Not to be shown or logged."""
        url, password = self.database.url, self.database.password
        if url.startswith("sqlite:"):
            return f"sqlite:///{self.home / url.removeprefix('sqlite:///')}"
        if password is None:
            return url
        scheme, rest = url.split("://", 1)
        user, at, host = rest.partition("@")
        return f"{scheme}://{user}:{quote(password.reveal(), safe='')}{at}{host}"

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """Signing keys for one purpose, newest last, 32 bytes each; MailbotError where a secret is missing.

        What signs one thing must never be able to sign another: so each purpose has keys of its own.
        """
        label = f"mailbot/{purpose}".encode()
        return tuple(
            hmac.new(_strong(ref.reveal(), str(ref)), label, hashlib.sha256).digest() for ref in self.bot.secrets
        )


def _strong(secret: str, where: str) -> bytes:
    if len(secret) < SECRET_LENGTH:
        raise MailbotError(f"the signing key {where} is too short: at least {SECRET_LENGTH} characters")
    return secret.encode()
