"""What mailbox and relay share: an account's settings, its url, TLS, and words for trouble."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from mailbot.errors import MailbotError, Usage


class Unreachable(MailbotError):
    """A server (or folder) cannot be used now; the text says which, what failed, and what to try.

    `lasting`: it will not heal by itself (password or certificate refused); trying again soon
    only does harm.
    """

    def __init__(self, words: str, *, lasting: bool = False) -> None:
        self.lasting = lasting
        super().__init__(words)


class Secret(Protocol):
    """Something that is never printed."""

    def reveal(self) -> str: ...


class OAuth2(Protocol):
    """Where an access token comes from; `grant` is "client_credentials" or "refresh_token"."""

    @property
    def token_url(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def client_secret(self) -> Secret | None: ...
    @property
    def scope(self) -> str: ...
    @property
    def grant(self) -> str: ...
    @property
    def refresh_token(self) -> Secret | None: ...


class Account(Protocol):
    """The `[mailbox]` or `[relay]` of a config. `auth` is "password" or "oauth2".

    A maildir's path is relative to `home`; `ca` is a file of further authorities to believe.
    """

    @property
    def url(self) -> str: ...
    @property
    def user(self) -> Secret | None: ...
    @property
    def password(self) -> Secret | None: ...
    @property
    def auth(self) -> str: ...
    @property
    def oauth2(self) -> OAuth2 | None: ...
    @property
    def ca(self) -> Path | None: ...
    @property
    def home(self) -> Path: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server's url taken apart; `folder` is what follows the host, decoded ("" for nothing)."""

    scheme: str
    host: str
    port: int
    folder: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def endpoint(url: str, ports: dict[str, int]) -> Endpoint:
    """Take a server's url apart; `ports`: the schemes known, with their ports. Raises Usage."""
    try:
        parts = urlsplit(url)
        port = parts.port or ports[parts.scheme]
    except (KeyError, ValueError):
        known = ", ".join(["maildir:", *(f"{scheme}://" for scheme in ports)])
        raise Usage(f"{url!r} is no url of a server: it begins with one of {known}") from None
    if parts.username is not None:  # the url is shown in many places
        raise Usage(f"user and password do not belong into a url ({parts.scheme}://…@{parts.hostname})")
    if not parts.hostname:
        raise Usage(f"{url!r} names no host")
    return Endpoint(scheme=parts.scheme, host=parts.hostname, port=port, folder=unquote(parts.path.strip("/")))


def maildir_path(account: Account) -> Path | None:
    """The directory of a `maildir:` url, made absolute; None for any other url."""
    scheme, _, path = account.url.partition(":")
    return account.home / path if scheme == "maildir" else None


def is_loopback(host: str) -> bool:
    """Whether what is said to that host stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(ca: Path | None) -> ssl.SSLContext:
    """A context that verifies names and certificates, by the system's authorities and `ca`."""
    context = ssl.create_default_context()
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except (OSError, ssl.SSLError) as error:
            words = f"The file of certificates {ca} cannot be used: {error}"
            raise Unreachable(words, lasting=True) from None
    return context


class Attempts:
    """Back-off after failures, doubled each time: many wrong logins lock an account."""

    FIRST, LONGEST = 0.5, 60.0  # seconds

    def __init__(self) -> None:
        self._failed: Unreachable | None = None
        self._not_before = 0.0
        self._pause = self.FIRST

    @property
    def left(self) -> float:
        """Seconds until another attempt makes sense."""
        return max(0.0, self._not_before - time.monotonic())

    def allow(self) -> None:
        """Raises the last failure again where it is too soon for another attempt."""
        if self._failed is not None and self.left:
            raise Unreachable(str(self._failed), lasting=self._failed.lasting)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Wraps an attempt, and remembers how it went."""
        try:
            yield
        except Unreachable as error:
            pause = self.LONGEST if error.lasting else self._pause
            self._failed, self._not_before = error, time.monotonic() + pause
            self._pause = min(2 * pause, self.LONGEST)
            raise
        self._failed, self._not_before, self._pause = None, 0.0, self.FIRST


def trouble(where: Endpoint, error: Exception) -> Unreachable:
    """Say in words why a connection failed, and what to try."""
    match error:
        case ssl.SSLCertVerificationError():
            words = (
                f"its certificate is not believed: {error.verify_message}. Name the server as its"
                " certificate does, or give its authority's file as `ca`."
            )
            return Unreachable(f"{where}: {words}", lasting=True)
        case ssl.SSLError():
            words = f"no TLS there ({error.reason or error}). Is it the port for {where.scheme}://?"
        case socket.gaierror():
            words = "no such host is found. Is its name right, and does DNS answer?"
        case ConnectionRefusedError():
            words = "nothing listens there. Is the server up, and the port right?"
        case TimeoutError():
            words = "no answer in time. Does a firewall stand between?"
        case _:
            words = f"the connection broke: {error or type(error).__name__}"
    return Unreachable(f"{where}: {words}")
