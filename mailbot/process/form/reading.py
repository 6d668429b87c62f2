"""Finds a form's fields in what somebody wrote: lines of `Label: value`, by label or name, in any case."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mailbot.process.definition import Field, FieldType

MARKERS = ("---- form begins (keep this line) ----", "---- form ends ----")
"""The lines that a form stands between. Only between them does quoted text hold fields (contract §4)."""

# Also with the longer dashes that phones make of "--".
_MARKER = re.compile("[\\s*_>]*[-\u2010-\u2015]+\\s*form\\s+(begins|ends)\\b", re.IGNORECASE)
_MARKER_WITHIN = re.compile("[-\u2010-\u2015]\\s?form\\s(begins|ends)\\b", re.IGNORECASE)
_QUOTE = re.compile(r"(?:\s*>)+ ?")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_COLON = re.compile("[:\uff1a\ufe55]")
_AROUND_A_LABEL = " \t*_•·-"  # bold, and bullets
_AROUND_A_VALUE = " \t\u00a0*"
_WRAPPED = 64  # the column from which mail programs break lines

_LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class _Value:
    """What stands behind a label: `first`, the rest of its line, and the lines that it goes on over."""

    field: Field
    first: str
    lines: list[str]
    marked: bool

    @property
    def text(self) -> str:
        return " ".join(filter(None, [self.first, *map(str.strip, self.lines[1:])]))

    def goes_on(self, line: str) -> bool:
        """Whether a line without a label still belongs to it.

        Long text goes on by itself. Any other value goes on below an empty label, and where a mail program
        broke the line: its next word would not have fitted.
        """
        if self.field.type is FieldType.LONG_TEXT or not (self.first or self.lines[1:]):
            return True
        return len(self.lines[-1]) + 1 + len(line.split(maxsplit=1)[0]) > _WRAPPED


def read(own: str, quoted: str, fields: Iterable[Field]) -> dict[str, str]:
    """Field name → what was written for it, raw and on one line.

    `own` counts whole; of `quoted` only the first form between markers, for what `own` does not name.
    An empty value outside of a form is kept, as it takes a value back; inside of one it says nothing.
    """
    labels = {key: field for field in fields for key in (label_key(field.label), label_key(field.name))}
    from_quoted = _fields(_form_in(quoted), labels, marked=True)
    return from_quoted | _fields(own.splitlines(), labels, marked=False)


def holds_marker(text: str) -> bool:
    """Whether a part of this text, broken onto a line of its own, would begin or end a form."""
    return bool(_MARKER_WITHIN.search(text))


def label_key(text: str) -> str:
    """A label or name in the form in which they are compared."""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return " ".join(re.split(r"[\s_-]+", folded.strip(_AROUND_A_LABEL)))


def _form_in(quoted: str) -> Iterator[str]:
    """The lines between the first pair of markers; deeper quotes hold older forms, which count no more."""
    inside = False
    for raw in quoted.splitlines():
        line = _QUOTE.sub("", raw, count=1) if raw.lstrip().startswith(">") else raw
        marker = _MARKER.match(line)
        if inside and marker:
            return
        if inside:
            yield line
        inside = inside or bool(marker and marker[1].lower() == "begins")


def _fields(lines: Iterable[str], labels: Mapping[str, Field], *, marked: bool) -> dict[str, str]:
    """What stands behind each label. Within a form (`marked`), lines that begin with "#" are its help.

    The first that says something counts: what stands below may be a copy of an older letter.
    """
    found: dict[str, str] = {}
    for value in _values(lines, labels, marked=marked):
        if value.text or not value.marked:
            found[value.field.name] = found.get(value.field.name) or value.text
    return found


def _values(lines: Iterable[str], labels: Mapping[str, Field], *, marked: bool) -> list[_Value]:
    values: list[_Value] = []
    current: _Value | None = None
    for line in lines:
        if marker := _MARKER.match(line):
            marked, current = marker[1].lower() == "begins", None
        elif _says_nothing(line, marked=marked):
            current = None
        elif started := _started(line, labels, marked=marked):
            values.append(started)
            current = started
        elif current and current.goes_on(line):
            current.lines.append(line)
        else:
            current = None
    return values


def _says_nothing(line: str, *, marked: bool) -> bool:
    """Blank lines, help, and what stands behind a bar: that is somebody else's value (trap 43)."""
    text = line.strip()
    return not text or text.startswith("|") or (marked and text.startswith("#"))


def _started(line: str, labels: Mapping[str, Field], *, marked: bool) -> _Value | None:
    """The value that begins on this line: its whole beginning, up to a colon, is a label."""
    colon = _COLON.search(line, 0, _LONGEST_LABEL)
    field = labels.get(label_key(line[: colon.start()])) if colon else None
    if colon is None or field is None:
        return None
    return _Value(field=field, first=line[colon.end() :].strip(_AROUND_A_VALUE), lines=[line], marked=marked)
