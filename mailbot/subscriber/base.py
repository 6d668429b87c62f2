"""The face of a subscriber, and what it is handed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mailbot.config.events import Severity
from mailbot.errors import MailbotError


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An event, ready to leave. `id` is the same however often it is told; `words` are one line for people."""

    id: str
    at: datetime
    type: str
    severity: Severity
    reference: str | None
    words: str
    body: bytes
    content_type: str


class NotTaken(MailbotError):
    """It has not been taken, or may not have been: it is told again later, with the same id."""


class Gone(NotTaken):
    """Whoever listened there does not want to hear any more (HTTP 410)."""


class Sink(Protocol):
    """One subscriber. It is told one event after the other, each on some thread."""

    def deliver(self, message: Message, now: datetime) -> None:
        """Returns when it has been taken. Raises NotTaken, Gone."""
        ...

    def check(self) -> str:
        """Where it leads, in words. Raises NotTaken where it plainly cannot."""
        ...

    def close(self) -> None: ...
