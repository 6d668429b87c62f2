"""Words made fit for letters: one line, several lines behind a bar, paragraphs wrapped."""

import re
from collections.abc import Iterable
from typing import Protocol

from mailbot.words import Phrase, Value

WIDTH = 72
BAR = "| "
"""Stands before each line that others wrote: no client's quoting makes them anybody's answer (trap 43)."""

# What is no text: control characters, the halves of surrogate pairs, and the marks that turn the direction of writing,
# with which a name can be shown as another one (traps 40, 44).
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1b\x7f\x80-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def clean(text: str) -> str:
    """The text less what is none: control characters, half characters, turns of direction."""
    return _UNWANTED.sub("", text)


def line(text: str) -> str:
    """The text as one line: blanks of any kind are one space, and nothing breaks a line or a header.

    A phrase of one line stays one, so that a letter can still say it in its reader's language.
    """
    if isinstance(text, Phrase) and len(text.splitlines()) == 1:
        return text.with_values(_cleaned)
    return " ".join(clean(text).split())


def _cleaned(value: Value) -> Value:
    match value:
        case tuple():
            return tuple(map(line, value))
        case str():
            return line(value)
        case _:
            return value


def lines(text: str) -> tuple[str, ...]:
    """The text's lines, less blank ones at both ends; whatever any program may take for a line's end ends one."""
    return tuple(row.rstrip() for row in clean(text).strip().expandtabs().splitlines())


def bar(rows: str | tuple[str, ...], width: int = WIDTH) -> str:
    """These lines behind the bar, wrapped, so that no mail program wraps them and lets one escape."""
    rows = lines(rows) if isinstance(rows, str) else rows
    return "\n".join(f"{BAR}{piece}".rstrip() for row in rows for piece in _broken(row, width - len(BAR)))


_BOUND = "\0"
"""a blank at which no line is broken; `clean` has left none in any value"""


class Labelled(Protocol):
    """One field of a form."""

    @property
    def label(self) -> str: ...
    @property
    def lines(self) -> tuple[str, ...]: ...


def bar_fields(rows: Iterable[Labelled], width: int = WIDTH) -> str:
    """A form behind the bar: `| Label: value` where that is one line, else the value below its label."""
    return "\n".join(bar(_field(row, width - len(BAR)), width) for row in rows)


def _field(row: Labelled, room: int) -> tuple[str, ...]:
    if len(row.lines) == 1 and len(row.label) + len(": ") + len(row.lines[0]) <= room:
        return (f"{row.label}: {row.lines[0]}",)
    return (f"{row.label}:", *row.lines)


def wrapped(text: str, width: int = WIDTH) -> str:
    """Paragraphs (parted by blank lines) wrapped to the width; blanks within them count as one.

    No line begins with a quotation mark where the writer's did not: what stands in quotes are commands, and one at the
    head of a line would pass for somebody's (trap 22).
    """
    paragraphs = (" ".join(p.split()).replace(' "', f'{_BOUND}"') for p in re.split(r"\n\s*\n", text.strip()))
    return "\n\n".join("\n".join(_broken(p, width)) for p in paragraphs).replace(_BOUND, " ")


def _broken(row: str, width: int) -> list[str]:
    """One line, broken at spaces; a word longer than the width (a URL) stays whole."""
    broken = []
    while len(row) > width:
        cut = row.rfind(" ", 1, width + 1)
        cut = cut if cut > 0 else row.find(" ", width)
        if cut < 0 or not row[:cut].strip():
            break
        broken.append(row[:cut].rstrip())
        row = row[cut:].lstrip(" ")
    return [*broken, row]
