"""Until when a server's certificate holds, asked of the server itself: by TLS at once, or after STARTTLS."""

import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from mailbot.errors import MailbotError

PATIENCE = 15.0
"""Seconds of each step."""
LONGEST_LINE = 4096
_LINES = 100

_SPOKEN: dict[str, Sequence[tuple[bytes, bytes]]] = {
    "imap": ((b"", b"*"), (b"m STARTTLS\r\n", b"m OK")),
    "smtp": ((b"", b"220 "), (b"EHLO mailbot\r\n", b"250 "), (b"STARTTLS\r\n", b"220 ")),
}
"""By protocol: what is said, and how the line begins that answers it."""


class NoCertificate(MailbotError):
    """There is none that is believed; the text says why."""


def expires(host: str, port: int, *, starttls: str = "", ca: Path | None = None) -> datetime:
    """`starttls` is "imap", "smtp" or "" for TLS at once. Raises NoCertificate."""
    context = ssl.create_default_context()
    try:
        if ca is not None:
            context.load_verify_locations(ca)
        with socket.create_connection((host, port), PATIENCE) as plain:
            for words, begins in _SPOKEN.get(starttls, ()):
                _say(plain, words, begins)
            with context.wrap_socket(plain, server_hostname=host) as line:
                found = line.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        raise NoCertificate(f"{host}:{port}: {error.verify_message}") from None
    except (OSError, ValueError) as error:
        raise NoCertificate(f"{host}:{port}: {error}") from None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)


def _say(plain: socket.socket, words: bytes, begins: bytes) -> None:
    """And hear the answer, octet by octet: what comes behind it is TLS. Raises ValueError where it is another one."""
    plain.sendall(words)
    for _ in range(_LINES):
        line = b""
        while not line.endswith(b"\n") and len(line) < LONGEST_LINE:
            octet = plain.recv(1)
            if not octet:
                raise ValueError("it hung up")
            line += octet
        if line.startswith(begins):
            return
        if not line.startswith((b"*", begins[:3] + b"-")):
            raise ValueError(f"it answered {line[:80].decode('ascii', 'replace').strip()!r}")
    raise ValueError("it goes on and on")
