"""A subscriber that is a syslog: RFC 5424, in datagrams (RFC 5426), or counted on a stream (RFC 6587), with TLS or
without (RFC 5425).
"""

import re
import select
import socket
import ssl
from datetime import UTC, datetime

from mailbot.config.events import Severity
from mailbot.config.subscribers import FACILITIES, SYSLOGS, SyslogSubscriber
from mailbot.subscriber.base import Message, NotTaken

PATIENCE = 15.0
"""Seconds."""
LARGEST_DATAGRAM = 65_000
SD_ID = "mailbot@32473"
"""Of our structured data: the number is the one that is kept for examples (RFC 5612), as we have none of our own."""
_LEVELS = {Severity.INFO: 6, Severity.WARNING: 4, Severity.ERROR: 3}
_UNNAMED = re.compile(r"[^\x21-\x7e]")


class SyslogSink:
    """A stream stays open between events. What its other side had not read when it went away was not taken, though
    nothing says so: syslog has no answers.
    """

    def __init__(self, to: SyslogSubscriber, host: str) -> None:
        self._to = to
        self._host = _UNNAMED.sub("_", host)[:255] or "-"
        self._open: socket.socket | None = None

    def deliver(self, message: Message, now: datetime) -> None:  # noqa: ARG002 (as the face has it)
        line = frame(message, FACILITIES[self._to.facility], self._host)
        try:
            if self._to.parts.scheme == "udp":
                self._throw(line)
            else:
                self._hand(b"%d %s" % (len(line), line))
        except (OSError, ssl.SSLError) as error:
            self.close()
            raise NotTaken(f"{self._to.url}: {error}") from None

    def check(self) -> str:
        try:
            if self._to.parts.scheme == "udp":
                socket.getaddrinfo(*self._address(), type=socket.SOCK_DGRAM)
            else:
                self._stream()
        except (OSError, ssl.SSLError) as error:
            raise NotTaken(f"{self._to.url}: {error}") from None
        return self._to.url

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _address(self) -> tuple[str, int]:
        parts = self._to.parts
        return parts.hostname or "", parts.port or SYSLOGS[parts.scheme]

    def _throw(self, line: bytes) -> None:
        """One that is too large for a datagram is cut: a syslog has the line, and the feed the whole."""
        family, kind, proto, _, address = socket.getaddrinfo(*self._address(), type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, proto) as way:
            way.settimeout(PATIENCE)
            way.sendto(line[:LARGEST_DATAGRAM], address)

    def _hand(self, framed: bytes) -> None:
        stream = self._stream()
        stream.sendall(framed)

    def _stream(self) -> socket.socket:
        """The open one, where its other side has not gone; else a new one."""
        if self._open is not None and _has_gone(self._open):
            self.close()
        if self._open is None:
            self._open = self._connected()
        return self._open

    def _connected(self) -> socket.socket:
        plain = socket.create_connection(self._address(), PATIENCE)
        if self._to.parts.scheme == "tcp":
            return plain
        try:
            context = ssl.create_default_context()
            if self._to.ca is not None:
                context.load_verify_locations(self._to.ca)
            return context.wrap_socket(plain, server_hostname=self._address()[0])
        except BaseException:
            plain.close()
            raise


def frame(message: Message, facility: int, host: str) -> bytes:
    """One message by RFC 5424 §6; its text is the event's line, and behind it the event itself."""
    priority = facility * 8 + _LEVELS[message.severity]
    at = message.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    about = {"id": message.id, "type": message.type, "reference": message.reference or ""}
    data = " ".join(f'{name}="{_escaped(value)}"' for name, value in about.items() if value)
    name = message.type[:32]
    head = f"<{priority}>1 {at} {host} mailbot - {name} [{SD_ID} {data}] \ufeff"
    return head.encode() + b" ".join((_one_line(message.words), message.body.strip()))


def _one_line(words: str) -> bytes:
    """What somebody wrote begins no line in anybody's log."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", words).encode("utf-8", "replace")


def _escaped(value: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", value)


def _has_gone(stream: socket.socket) -> bool:
    """A syslog never says anything: what can be read is its end."""
    readable, _, _ = select.select([stream], [], [], 0)
    return bool(readable)
