"""How to reach the mailbox and the relay: `[mailbox]`, `[relay]`, and `[….oauth2]` below them."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo
from pydantic_core import PydanticKnownError

from mailbot.config.kinds import HIDDEN, Choice, Line, Misfit, Section, home_of
from mailbot.config.secret import HOW, SecretRef
from mailbot.config.wording import joined
from mailbot.errors import MailbotError, near_miss

MAILBOXES = ("maildir:", "imaps://", "imap+starttls://")
RELAYS = ("maildir:", "smtp+starttls://", "smtps://", "smtp://")
DATABASES = ("sqlite:///", "postgresql+psycopg://")


def _secret(value: object, info: ValidationInfo) -> SecretRef:
    return SecretRef.parse(_text(value), home_of(info)) if not isinstance(value, SecretRef) else value


def _user(value: object, info: ValidationInfo) -> SecretRef:
    return SecretRef.or_plain(_text(value), home_of(info)) if not isinstance(value, SecretRef) else value


def _client(value: object, info: ValidationInfo) -> str:
    try:
        return _user(value, info).reveal()
    except MailbotError as error:
        raise ValueError(str(error)) from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    return value


def _file(value: object, info: ValidationInfo) -> Path:
    return value if isinstance(value, Path) else home_of(info) / _text(value)


Secret = Annotated[SecretRef, PlainValidator(_secret)]
User = Annotated[SecretRef, PlainValidator(_user)]
"""A name to log in with: as it is, or "env:…", "file:…"."""
File = Annotated[Path, PlainValidator(_file)]


def taken_apart(url: str, known: tuple[str, ...]) -> SplitResult:
    """A url of one of the known beginnings; ValueError in words, which tell no password that stands in it."""
    scheme, colon, _ = url.partition(":")
    beginnings = {beginning.partition(":")[0]: beginning for beginning in known}
    if not colon or scheme not in beginnings:
        meant = near_miss(scheme, beginnings) if colon else None
        raise Misfit(f"a url that begins with {joined(known)} is expected", suggestion=meant and beginnings[meant])
    if not url.startswith(beginnings[scheme]):
        raise Misfit(f"{scheme!r} is written with {beginnings[scheme]!r}", suggestion=_mended(url, beginnings[scheme]))
    try:
        parts = urlsplit(url)
        is_port_missing = parts.port is None and parts.netloc.endswith(":")
    except ValueError:
        raise ValueError("the url's host or port cannot be read") from None
    if is_port_missing:
        raise ValueError("the url's port is missing behind the colon: write it, or no colon")
    if parts.password is not None:
        raise ValueError(f"a password does not stand in the url; as password = …, {HOW}")
    return parts


def _mended(url: str, beginning: str) -> str | None:
    rest = url.partition(":")[2].lstrip("/")
    return None if "@" in rest else beginning + rest


def _server(url: str, known: tuple[str, ...]) -> str:
    parts = taken_apart(url, known)
    if parts.scheme == "maildir":
        if not parts.path or parts.netloc:
            raise ValueError('a folder is written like "maildir:var/mail"')
    elif parts.username is not None:
        raise ValueError('the user does not stand in the url: write user = "…" below it')
    elif not parts.hostname:
        raise ValueError("the url names no host")
    return url


def _token_url(url: str) -> str:
    # Plain http stays on this machine: a token server of one's own, as in our tests.
    if not re.match(r"https://[^\s@]+$|http://(127\.0\.0\.1|localhost)[:/]", url):
        raise ValueError("a url that begins with https:// is expected: secrets are sent there")
    return url


class Auth(StrEnum):
    PASSWORD = "password"  # noqa: S105 (a kind, no password)
    OAUTH2 = "oauth2"


class Grant(StrEnum):
    CLIENT_CREDENTIALS = "client_credentials"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 (a kind, no token)


class OAuth2(Section):
    """Where access tokens come from. `client_id` is as it is, or was read from "env:…" or "file:…"."""

    token_url: Annotated[Line, AfterValidator(_token_url)]
    client_id: Annotated[str, PlainValidator(_client)]
    client_secret: Secret | None = None
    scope: Line = ""
    grant: Choice[Grant] = Grant.CLIENT_CREDENTIALS
    refresh_token: Secret | None = None


class Connection(Section):
    """What [mailbox] and [relay] have in common; a Maildir's path is relative to `home`."""

    user: User | None = None
    password: Secret | None = None
    auth: Choice[Auth] = Auth.PASSWORD
    oauth2: OAuth2 | None = None
    ca: File | None = None
    """Certificates to trust beside the system's, as a PEM file."""
    home: Path = Field(default=Path(), validation_alias=HIDDEN)


class Mailbox(Connection):
    """[mailbox]: where requests come in."""

    url: Annotated[Line, AfterValidator(lambda url: _server(url, MAILBOXES))]


class Relay(Connection):
    """[relay]: how mail leaves."""

    url: Annotated[Line, AfterValidator(lambda url: _server(url, RELAYS))]
