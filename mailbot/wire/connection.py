"""The connection below a call: to an address that was looked at, by a moment that does not move, and no other way."""

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from mailbot.errors import MailbotError
from mailbot.wire.reach import Reach

Resolve = Callable[[str, int], list[str]]
"""A host's addresses, as the system's resolver tells them. Raises OSError."""

CHUNK = 65_536


class Shut(MailbotError):
    """The host has no address that may be called."""


def addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Pinned(httpcore.NetworkBackend):
    """Names are looked up once, and what was found is what is connected to: a name that means something else a moment
    later (DNS rebinding) leads nowhere. `wrote` says whether anything of a call has left.
    """

    def __init__(self, reach: Reach, resolve: Resolve, *, secure: bool, end: float) -> None:
        self._reach = reach
        self._resolve = resolve
        self._secure = secure
        self._end = end
        self.wrote = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (ours is of the whole call)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """To the first address that answers. Raises Shut before anything is connected to."""
        failure: Exception | None = None
        for address in self.looked_up(host, port):
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, self.left(httpcore.ConnectTimeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Timed(stream, self)
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def left(self, late: type[Exception]) -> float:
        """Seconds until the end of the call; raises `late` when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise late("it took too long")
        return seconds

    def looked_up(self, host: str, port: int) -> list[str]:
        """Its addresses. One that may not be called shuts the host as a whole: whoever mixes them means no good.

        Raises Shut, httpcore.ConnectError.
        """
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be looked up: {error}") from None
        for address in found:
            if not self._reach.takes(address):
                raise Shut(f"{host} is {address}, which is no public address")
            if not self._secure and not self._reach.trusts(address):
                raise Shut(f"{host} is {address}: outside of one's own networks only https is spoken")
        return found


class _Timed(httpcore.NetworkStream):
    """Each single step of a call has what is left of the whole: an answer in drops keeps nobody waiting."""

    def __init__(self, stream: httpcore.NetworkStream, call: Pinned) -> None:
        self._stream = stream
        self._call = call

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (as in connect_tcp)
        return self._stream.read(max_bytes, self._call.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        for start in range(0, len(buffer), CHUNK):
            left = self._call.left(httpcore.WriteTimeout)
            self._call.wrote = True
            self._stream.write(buffer[start : start + CHUNK], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        left = self._call.left(httpcore.ConnectTimeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._call)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
