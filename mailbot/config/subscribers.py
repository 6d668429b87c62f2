"""Who is told of events: `[subscribers.NAME]`, a model for each kind."""

from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Literal
from urllib.parse import SplitResult

from pydantic import AfterValidator, Field

from mailbot.config import events
from mailbot.config.connection import File, Secret, taken_apart
from mailbot.config.duration import Duration, Unit
from mailbot.config.events import Severity
from mailbot.config.kinds import HIDDEN, Address, Choice, Elapsed, Line, Pattern, Section, Several
from mailbot.config.url import HttpUrl

SYSLOGS = {"udp": 514, "tcp": 601, "tls": 6514}
"""Ways to a syslog, and their ports (RFC 5426, 6587, 5425)."""
FACILITIES = {"daemon": 3, **{f"local{number}": 16 + number for number in range(8)}}


class Least(StrEnum):
    """How grave an event is at least."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def severity(self) -> Severity:
        return Severity[self.name]


class Format(StrEnum):
    JSON = "json"
    XML = "xml"


class Facility(StrEnum):
    """Where a syslog sorts it."""

    DAEMON = "daemon"
    LOCAL0 = "local0"
    LOCAL1 = "local1"
    LOCAL2 = "local2"
    LOCAL3 = "local3"
    LOCAL4 = "local4"
    LOCAL5 = "local5"
    LOCAL6 = "local6"
    LOCAL7 = "local7"


def _type(text: str) -> str:
    return events.pattern(text)


def _http(text: str) -> str:
    HttpUrl.parse(text)
    return text


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError(f'{text!r} is no network of one\'s own, like "10.0.0.0/8"') from None


def _syslog(url: str) -> str:
    parts = taken_apart(url, tuple(f"{way}://" for way in SYSLOGS))
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError('a syslog is written like "udp://host:514", "tcp://host:601" or "tls://host:6514"')
    return url


OwnNetwork = Annotated[Line, AfterValidator(_network)]


class Subscriber(Section):
    """What all kinds have in common.

    `types` and `severity` say which events; `customers` and `requesters` narrow them to what these may see.
    """

    title: Line = ""
    types: Several[Annotated[Line, AfterValidator(_type)]] = Field(default=("*",), min_length=1)
    severity: Choice[Least] = Least.INFO
    customers: Several[Line] = ()
    requesters: Several[Pattern] = ()
    name: str = Field(default="", validation_alias=HIDDEN)


class WebhookSubscriber(Subscriber):
    """A url that is called: signed as Standard Webhooks has it.

    `allow` names networks of one's own that may be called beside public addresses.
    """

    kind: Literal["webhook"]
    url: Annotated[Line, AfterValidator(_http)]
    secret: Secret
    format: Choice[Format] = Format.JSON
    timeout: Elapsed = Duration(amount=15, unit=Unit.SECOND)
    allow: Several[OwnNetwork] = ()
    ca: File | None = None

    @property
    def where(self) -> str:
        """As anybody may read it: the query may hold a secret."""
        return self.url.partition("?")[0]


class MailSubscriber(Subscriber):
    """A mailbox, as a ticket system has: a letter an event."""

    kind: Literal["mail"]
    to: Address

    @property
    def where(self) -> str:
        return self.to


class SyslogSubscriber(Subscriber):
    """A syslog, by RFC 5424."""

    kind: Literal["syslog"]
    url: Annotated[Line, AfterValidator(_syslog)]
    facility: Choice[Facility] = Facility.LOCAL0
    format: Choice[Format] = Format.JSON
    ca: File | None = None

    @property
    def where(self) -> str:
        return self.url

    @property
    def parts(self) -> SplitResult:
        return taken_apart(self.url, tuple(f"{way}://" for way in SYSLOGS))


class FileSubscriber(Subscriber):
    """A folder with a file a day, a line an event, for another program to follow."""

    kind: Literal["file"]
    folder: File

    @property
    def where(self) -> str:
        return str(self.folder)


AnySubscriber = Annotated[
    WebhookSubscriber | MailSubscriber | SyslogSubscriber | FileSubscriber, Field(discriminator="kind")
]


class Events(Section):
    """[events]: how long events are kept for who cannot take them, and where the API's callbacks may lead.

    `allow` names networks of one's own that callbacks may reach, beside public addresses.
    """

    keep: Elapsed = Duration(amount=14, unit=Unit.DAY)
    allow: Several[OwnNetwork] = ()
