"""One call by HTTP: guarded, bounded in time and size, and honest about whether anything has left."""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mailbot.config.url import HttpUrl
from mailbot.errors import MailbotError
from mailbot.wire.reach import Reach

if TYPE_CHECKING:
    import httpcore

    from mailbot.wire.connection import Pinned

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes that are sent in one call."""
KEPT = 65_536
"""Bytes that are read of an answer."""


class WireError(MailbotError):
    """A call to which there is no answer; its text says which host, and why."""


class NotAllowed(WireError):
    """It leads where it must not, and nothing has left; trying again does not help."""


class NotReached(WireError):
    """The other side could not be reached, and surely nothing has left."""


class Cut(WireError):
    """It has left, in part at least, and there is no answer: it may or may not have arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What was answered: names of headers are in small letters, `body` is its beginning. A redirect is not followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """`seconds` is how long a call takes at most, from the first byte to the last; `ca` is a file of authorities that
    are believed beside the system's. Each call has a connection of its own, to an address looked up for it. The
    environment's proxies are not asked: a proxy would look the name up once more.
    """

    reach: Reach = field(default_factory=Reach)
    seconds: float = 30
    ca: Path | None = None
    resolve: Callable[[str, int], list[str]] | None = None
    """Another way to look names up than the system's; for tests."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Raises NotAllowed, NotReached, Cut."""
        to = _read(url)
        if len(body) > LARGEST_BODY:
            raise NotAllowed(f"{to}: {len(body)} bytes are more than is sent in one call ({LARGEST_BODY})")
        return self._call(to, body, headers)

    def look(self, url: str) -> str:
        """The address that is reached there, by TLS where that is spoken; nothing is asked of it.

        Raises NotAllowed, NotReached.
        """
        to = _read(url)
        import httpcore  # noqa: PLC0415

        from mailbot.wire.connection import Shut  # noqa: PLC0415

        try:
            stream = self._way(to).connect_tcp(to.host, to.port)
            address = str(stream.get_extra_info("server_addr")[0])
            if to.secure:
                stream = stream.start_tls(self._tls(), to.host)
            stream.close()
        except Shut as error:
            raise NotAllowed(str(error)) from None
        except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as error:
            raise NotReached(f"{to}: {error or type(error).__name__}") from None
        return address

    def _call(self, to: HttpUrl, body: bytes, headers: Mapping[str, str]) -> Reply:
        import httpcore  # noqa: PLC0415 (slow to load, and most commands call nobody)

        from mailbot.wire.connection import Shut  # noqa: PLC0415

        way = self._way(to)
        url = httpcore.URL(scheme="https" if to.secure else "http", host=to.host, port=to.port, target=to.target)
        sent = [("Host", to.authority), ("Connection", "close"), *headers.items()]
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._tls() if to.secure else None, network_backend=way) as pool,
                pool.stream("POST", url, headers=sent, content=body) as answer,
            ):
                return Reply(
                    status=answer.status,
                    headers={name.decode("latin-1").lower(): text.decode("latin-1") for name, text in answer.headers},
                    body=_beginning(answer),
                )
        except Shut as error:
            raise NotAllowed(str(error)) from None
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            words = f"{to}: {error or type(error).__name__}"
            raise (Cut(words) if way.wrote else NotReached(words)) from None

    def _way(self, to: HttpUrl) -> "Pinned":
        from mailbot.wire.connection import Pinned, addresses  # noqa: PLC0415

        end = time.monotonic() + self.seconds
        return Pinned(self.reach, self.resolve or addresses, secure=to.secure, end=end)

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        try:
            if self.ca is not None:
                context.load_verify_locations(self.ca)
        except (OSError, ssl.SSLError) as error:
            raise NotReached(f"the file of certificates {self.ca} cannot be used: {error}") from None
        return context


def _read(url: str) -> HttpUrl:
    try:
        return HttpUrl.parse(url)
    except ValueError as error:
        raise NotAllowed(str(error)) from None


def _beginning(answer: "httpcore.Response") -> bytes:
    """What follows is not read. One that breaks off has said its status before."""
    import httpcore  # noqa: PLC0415

    body = bytearray()
    try:
        for chunk in answer.iter_stream():
            body += chunk[: KEPT - len(body)]
            if len(body) >= KEPT:
                break
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        pass
    return bytes(body)
