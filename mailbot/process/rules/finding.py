"""Finds the process that a subject, a sub-address or a `Type:` line asks for."""

import re
import unicodedata
from collections.abc import Iterable

from mailbot.process.definition import Process

_PREFIXES = re.compile(r"(?:(?:re|fwd?|aw|wg|tr|sv|vs|antw|rv|enc|res|rif|i|odp)\s*(?:\[\d+\])?\s*:\s*)+")
"""What mail programs put before a subject, in their languages."""


def find(words: str, processes: Iterable[Process]) -> Process | None:
    """The process whose type or alias the words begin with: whole words, in any case; the longest wins."""
    wanted = words_of(words)
    found = [
        (len(name), process) for process in processes for name in names(process) if name and wanted[: len(name)] == name
    ]
    return max(found, key=lambda each: each[0], default=(0, None))[1]


def names(process: Process) -> tuple[tuple[str, ...], ...]:
    """All that a process is called, in words."""
    return tuple(words_of(name) for name in (process.type, *process.aliases))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a subject as they are compared, less `Re:` and the punctuation around each."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    stripped = (word.strip(".,:;!?\"'()[]<>") for word in _PREFIXES.sub("", folded, count=1).split())
    return tuple(filter(None, stripped))
