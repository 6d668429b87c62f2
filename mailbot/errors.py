"""What can go wrong: faults in a user's files, told all at once, and things that are not there or not allowed."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path


class MailbotError(Exception):
    """The root: its text is fit to be shown to the person at the shell."""


class NotFound(MailbotError):
    """The thing asked for is not there (exit 1)."""


class NotPossible(MailbotError):
    """The thing asked for is there, but cannot be done to it now (exit 1)."""


class Usage(MailbotError):
    """The command was called wrongly (exit 2)."""


class Conflict(MailbotError):
    """Another bot changed the same request first: the door starts again."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong in a file that a user wrote; line and column count from 1."""

    file: Path
    line: int
    column: int
    message: str
    suggestion: str | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        hint = f" (did you mean {self.suggestion!r}?)" if self.suggestion else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message}{hint}"


class Faulty(MailbotError):
    """A configuration or rule file does not hold (exit 2); carries every fault, not only the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def near_miss(word: str, choices: Iterable[str]) -> str | None:
    """The choice that was probably meant, or None."""
    found = get_close_matches(word, list(choices), n=1, cutoff=0.6)
    return found[0] if found else None
