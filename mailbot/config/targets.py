"""Who is driven: `[targets.NAME]`, a model for each kind."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mailbot.config.connection import File, Secret
from mailbot.config.duration import Duration, Unit
from mailbot.config.kinds import HIDDEN, Address, Addressee, Choice, Domain, Elapsed, Line, Name, Section, Several
from mailbot.config.space import Prefix
from mailbot.config.url import HttpUrl

LONGEST = timedelta(hours=1)
"""That a target may take for an answer: a program that takes longer than this hangs."""

MOST_AT_ONCE = 8
"""As many as all targets together are told at a time."""


class Check(StrEnum):
    """Whose grammar a rendered template must keep to, else it does not leave."""

    RPSL = "rpsl"
    ARIN = "arin"


def _program(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and not words[0].strip():
        raise ValueError("a command begins with the name of a program")
    return words


def _patience(timeout: Duration) -> Duration:
    if not timedelta() < timeout.elapsed <= LONGEST:
        raise ValueError(f"'{timeout}' is no time to wait for an answer: write up to an hour, like \"60 seconds\"")
    return timeout


def _http_url(url: str) -> str:
    HttpUrl.parse(url)
    return url


def _recipient(text: str) -> str:
    if not re.fullmatch(r"age1[a-z0-9]{58}", text):
        raise ValueError('a public key of age is expected: "age1" and 58 letters and digits')
    return text


def _signing_key(text: str) -> str:
    if not re.fullmatch(r"ed25519:[A-Za-z0-9+/]{43}=", text):
        raise ValueError('a public key is expected, as `mailbot targets keys` shows it: "ed25519:…"')
    return text


Recipient = Annotated[str, AfterValidator(_recipient)]
SigningKey = Annotated[str, AfterValidator(_signing_key)]
Patience = Annotated[Elapsed, AfterValidator(_patience)]
Webhook = Annotated[Line, AfterValidator(_http_url)]


class Target(Section):
    """What all kinds have in common. `owner` is told of what fails, beside the admins.

    `at_once` is how many network requests it is told at a time: more than one keeps no order. One that fails
    `pause_after` times in a row is paused (0: never).
    """

    title: Line = ""
    owner: Addressee | None = None
    at_once: int = Field(default=1, ge=1, le=MOST_AT_ONCE)
    pause_after: int = Field(default=5, ge=0, le=1000)
    name: str = Field(default="", validation_alias=HIDDEN)


class CommandTarget(Target):
    """A program of one's own: JSON on its standard input, or a template's text; exit 0 confirms."""

    kind: Literal["command"]
    command: Annotated[Several[Line], AfterValidator(_program)] = Field(min_length=1)
    template: Name | None = None
    timeout: Patience = Duration(amount=60, unit=Unit.SECOND)


class Answers(Section):
    """`[targets.NAME.batch.answers]`: where the answers to batches come, who signs them (public keys), and our identity
    to decrypt them with. What has no answer `within` this time is unknown.
    """

    folder: File
    signed_by: Several[SigningKey] = Field(min_length=1)
    decrypt: Secret | None = None
    within: Elapsed = Duration(amount=2, unit=Unit.DAY)


class Batch(Section):
    """`[targets.NAME.batch]`: up to `most` network requests in one file, numbered, signed with our key, and encrypted
    for all recipients that are named.
    """

    most: int = Field(default=100, ge=1, le=1000)
    sign: Secret
    encrypt: Several[Recipient] = ()
    answers: Answers | None = None


class FileTarget(Target):
    """A folder that another system collects from: one file a network request, JSON unless a template says otherwise;
    or batches.
    """

    kind: Literal["file"]
    folder: File
    template: Name | None = None
    batch: Batch | None = None
    check: Choice[Check] | None = None


class MailTarget(Target):
    """A mailbox where other people, or another system, take orders; `subject` are words of its own for these."""

    kind: Literal["mail"]
    to: Address
    subject: Line = ""
    template: Name | None = None
    check: Choice[Check] | None = None


def _object(text: str) -> str:
    if not re.fullmatch(r"[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*", text):
        raise ValueError(f'{text!r} is no kind of object: write it as NetBox\'s API does, like "ipam.vlans"')
    return text


class NetBoxTarget(Target):
    """An object of the NetBox of [netbox]: `template` says which one, and what is to stand in it."""

    kind: Literal["netbox"]
    object: Annotated[Line, AfterValidator(_object)]
    template: Name


class WebhookTarget(Target):
    """Another system's web server: what it is told is posted there, and signed.

    `secrets` are keys of Standard Webhooks, each of which signs, so that one can be changed for another;
    `authorization` is what stands in the header of that name, where the system wants one; `allow` are networks of
    one's own that may be called beside the public internet. With `answers_within`, 202 says that the answer comes
    later, by a call of the API; what has none by then is unknown.
    """

    kind: Literal["webhook"]
    url: Webhook
    secrets: Several[Secret] = Field(min_length=1)
    authorization: Secret | None = None
    template: Name | None = None
    content_type: Line = ""
    allow: Several[Prefix] = ()
    ca: File | None = None
    timeout: Patience = Duration(amount=30, unit=Unit.SECOND)
    answers_within: Elapsed | None = None


class Algorithm(StrEnum):
    """Of the signatures of updates (RFC 8945)."""

    SHA256 = "hmac-sha256"
    SHA384 = "hmac-sha384"
    SHA512 = "hmac-sha512"


class DnsTarget(Target):
    """A name server that takes signed updates of these zones; `key` is the name of the key, as the server knows it."""

    kind: Literal["dns"]
    server: Line = Field(min_length=1)
    port: int = Field(default=53, ge=1, le=65535)
    zones: Several[Domain] = Field(min_length=1)
    key: Line = Field(min_length=1)
    secret: Secret
    algorithm: Choice[Algorithm] = Algorithm.SHA256
    ttl: int = Field(default=3600, ge=0, le=604_800)
    template: Name | None = None
    timeout: Patience = Duration(amount=20, unit=Unit.SECOND)


AnyTarget = Annotated[
    CommandTarget | FileTarget | MailTarget | WebhookTarget | DnsTarget | NetBoxTarget, Field(discriminator="kind")
]
