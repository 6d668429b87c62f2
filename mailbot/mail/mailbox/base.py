"""The face of a mailbox: mail that waits, where it moves to, and how it is cut into batches."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

T = TypeVar("T")

# What the bot takes into memory at once, and of one mail at most.
BATCH_MAILS = 100
BATCH_BYTES = 8 * 2**20
LARGEST = 40 * 2**20
# What is read of a mail that is larger: its headers and, as a rule, its text.
BEGINNING = 2**20


class Folder(StrEnum):
    """Where mail goes after it was handled."""

    PROCESSED = "Processed"
    IGNORED = "Ignored"
    QUARANTINE = "Quarantine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One mail in the mailbox; `handle` names it to `file`, until it is moved.

    `truncated`: it is larger than the bot reads, and `raw` is only its beginning.
    """

    handle: str
    raw: bytes
    truncated: bool = False


class Mailbox(Protocol):
    """Where requests come in. For one thread; several bots may share what is behind it."""

    def waiting(self, *, folder: Folder | None = None) -> Iterator[list[Waiting]]:
        """All mail that waits, in order of arrival, in batches small enough for memory.

        `folder` reads one of the others instead of the inbox. Mail that another bot takes away
        meanwhile is left out. Raises Unreachable.
        """
        ...

    def file(self, handles: Iterable[str], folder: Folder) -> None:
        """Move mail to a folder, made when missing; what is gone is fine. Raises Unreachable."""
        ...

    def remove(self, handles: Iterable[str]) -> None:
        """Delete mail for good; what is gone is fine. Raises Unreachable."""
        ...

    def clear(self, folder: Folder, before: datetime) -> int:
        """Delete what arrived in a folder before then (to the day); how many there were. Raises Unreachable."""
        ...

    def wait(self, seconds: float) -> bool:
        """Whether mail may have arrived since `waiting` began; at most `seconds` are waited for it.

        A lost connection counts, for it may hide mail: `waiting` makes another, or tells what is
        wrong, and after that time is waited out, with back-off. Calling it each second is cheap.
        A server that has fallen silent may cost ten seconds more, once.
        """
        ...

    def check(self) -> list[str]:
        """Try all that is needed and change no mail; a line for what works. Raises Unreachable."""
        ...

    def close(self) -> None: ...


def batches(sizes: Iterable[tuple[T, int]]) -> Iterator[list[T]]:
    """Cut (name, bytes) into lists of names, none of too many mails or bytes."""
    batch: list[T] = []
    total = 0
    for name, size in sizes:
        if batch and (len(batch) == BATCH_MAILS or total + size > BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(name)
        total += size
    if batch:
        yield batch
