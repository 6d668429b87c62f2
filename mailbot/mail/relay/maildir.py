"""A Maildir as relay: the embedded one, where letters are read by whoever tries mailbot out."""

import os
import socket
from collections.abc import Sequence
from pathlib import Path

from mailbot.mail.account import Unreachable
from mailbot.mail.relay.base import Deferred


class MaildirRelay:
    """Letters go into new/, as a delivery agent puts them there; names sort in order of sending.

    The envelope stands on top (RFC 5321 §4.4): else it would be lost.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = 0
        self._host = socket.gethostname().replace("/", r"\057").replace(":", r"\072")

    def send(self, raw: bytes, *, sender: str, to: Sequence[str]) -> None:
        envelope = f"Return-Path: <{sender}>\r\nEnvelope-To: {', '.join(to)}\r\n".encode()
        try:
            self._make()
            self._deliver(envelope + raw)
        except OSError as error:
            raise Deferred(f"The Maildir {self._path} cannot be written: {error}") from error

    def check(self) -> list[str]:
        """As the protocol says; makes the directories that are missing."""
        try:
            self._make()
        except OSError as error:
            words = f"The Maildir {self._path} cannot be made: {error}"
            raise Unreachable(words, lasting=True) from error
        for name in ("tmp", "new"):
            if not os.access(self._path / name, os.W_OK | os.X_OK):
                raise Unreachable(f"{self._path / name}: not allowed to write there", lasting=True)
        return [f"{self._path}: a Maildir, where letters are put"]

    def close(self) -> None:
        """Nothing is held open."""

    def _make(self) -> None:
        for name in ("tmp", "new", "cur"):
            (self._path / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def _deliver(self, text: bytes) -> None:
        unique = f"P{os.getpid()}R{id(self):x}.{self._host}"
        draft = self._path / "tmp" / unique
        with draft.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            # By the file system's clock, which ticks too rarely to tell two letters apart.
            self._last = max(os.fstat(file.fileno()).st_mtime_ns, self._last + 1)
        draft.rename(self._path / "new" / f"{self._last}.{unique}")
        _sync(self._path / "new")


def _sync(directory: Path) -> None:
    """Make the rename itself last: the outbox forgets the letter next."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
