"""The face of a target, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from mailbot.errors import MailbotError
from mailbot.mail.letter import UnfitValue, line
from mailbot.process.request import Drive, NetworkState

KNOWN = (
    *("id", "reference", "type", "step", "action", "form", "addresses", "item", "set", "undoes", "prefix", "becomes"),
    "body",
)
"""What the templates of targets may name: the keys of a network request's body, and `body` itself."""

LONGEST_DETAIL = 500
"""Characters of an answer that are kept."""
LINES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`confirmed`, `failed`, or `unknown` where it may or may not have been done; `unprocessed` where surely nothing
    was done, and the same may be tried again later, at the earliest `after` this time where the target named one.
    `detail` is what the target said, in one line. It `speaks` of the target, unless a value of the request could not be
    said to it.
    """

    state: NetworkState
    detail: str = ""
    after: timedelta | None = None
    speaks: bool = True


class CannotDrive(MailbotError):
    """A target that could not be told anything as it is configured, in words for an operator."""


class Unsound(MailbotError):
    """A file from outside, or a key, that is not what it should be, in words for an operator."""


class Driver(Protocol):
    """One target. It is told one thing at a time, each on a thread of its own."""

    @property
    def mailbox(self) -> str | None:
        """Whom it writes to, where it does: what it writes may come back."""
        ...

    def drive(self, request: Drive, since: datetime) -> Answer:
        """Tell the target, and wait for its answer. `since` is when it was wished for: the same for the same id.

        Told the same id again, it does no harm that this target could know of. Raises nothing that is to be expected.
        """
        ...

    def check(self) -> str:
        """What it would do, in words, after a look at whether it could; nothing is told. Raises CannotDrive, Unfit."""
        ...


@runtime_checkable
class BatchDriver(Driver, Protocol):
    """One target that is told several things at once."""

    @property
    def batch(self) -> int:
        """How many at most."""
        ...

    def drive_all(self, requests: Sequence[Drive]) -> Mapping[str, Answer]:
        """As `drive`: an answer for each, by its id. `sent` where the answer is still to come, by another way."""
        ...


def confirmed(detail: str = "") -> Answer:
    return Answer(state=NetworkState.CONFIRMED, detail=shortened(detail))


def failed(detail: str) -> Answer:
    return Answer(state=NetworkState.FAILED, detail=shortened(detail))


def cannot(error: Exception) -> Answer:
    """Nothing was told: it could not be put into words, or not brought there."""
    return Answer(state=NetworkState.FAILED, detail=shortened(str(error)), speaks=not isinstance(error, UnfitValue))


def unknown(detail: str) -> Answer:
    return Answer(state=NetworkState.UNKNOWN, detail=shortened(detail))


def later(detail: str, after: timedelta | None = None) -> Answer:
    """Surely nothing was done."""
    return Answer(state=NetworkState.UNPROCESSED, detail=shortened(detail), after=after)


def shortened(text: str) -> str:
    """The first lines of what a system said, as one line, without what no reader should be sent."""
    rows = [row for row in map(line, text.splitlines()) if row]
    told = "; ".join(rows[:LINES])
    cut = len(rows) > LINES or len(told) > LONGEST_DETAIL
    return f"{told[:LONGEST_DETAIL]} …" if cut else told
