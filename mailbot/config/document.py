"""A TOML file, each of whose keys and values knows its line and column."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from mailbot.config.locate import KeyPath, Spot, inside, locate
from mailbot.errors import Fault, Faulty, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands: line and column count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says (`value`, as tomllib gives it) and where it says it."""

    path: Path
    text: str
    value: Mapping[str, Any]
    spots: Mapping[KeyPath, Spot] = field(repr=False)
    _lines: tuple[int, ...] = field(repr=False)

    @classmethod
    def parse(cls, path: Path, text: str) -> Self:
        """Take a text apart; Faulty where it is no TOML. `path` is only what faults are told with."""
        text = text.removeprefix("\ufeff").replace("\r\n", "\n")  # as Notepad leaves them
        lines = (0, *(found.end() for found in re.finditer("\n", text)))
        try:
            value = tomllib.loads(text)
            spots = locate(text)
        except (ValueError, RecursionError) as error:
            raise Faulty([_syntax_fault(path, text, error)]) from None
        return cls(path=path, text=text, value=value, spots=spots, _lines=lines)

    def at(self, key_path: KeyPath) -> Any:
        """What stands at a key path, a table as a dict; None where nothing does."""
        value: Any = self.value
        for key in key_path:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def every(self, *pattern: str) -> Iterator[tuple[KeyPath, Any]]:
        """All that stands at key paths of this form, "*" being any key or item, with its path."""
        found: list[tuple[KeyPath, Any]] = [((), self.value)]
        for part in pattern:
            found = [((*path, key), below) for path, value in found for key, below in _below(value, part)]
        yield from found

    def place(self, key_path: KeyPath, *, of_value: bool = False, offset: int | None = None) -> Place:
        """Where a key stands, or its value, or a character of its value (`offset`, into a string).

        What is not there has the place of the nearest table around it.
        """
        known = key_path
        while known and known not in self.spots:
            known = known[:-1]
        spot = self.spots.get(known, Spot(0, 0, 0))
        if known != key_path or not (of_value or offset is not None):
            return self._place(spot.key)
        if offset is None:
            return self._place(spot.value)
        return self._place(spot.value + inside(self.text[spot.value : spot.end], offset))

    def fault(
        self,
        key_path: KeyPath,
        message: str,
        suggestion: str | None = None,
        severity: Severity = Severity.ERROR,
        *,
        of_value: bool = False,
        offset: int | None = None,
    ) -> Fault:
        """A fault at a `place`. `offset` counts the characters of a string value from its first one."""
        place = self.place(key_path, of_value=of_value, offset=offset)
        return Fault(
            file=self.path,
            line=place.line,
            column=place.column,
            message=message,
            suggestion=suggestion,
            severity=severity,
        )

    def _place(self, index: int) -> Place:
        line = bisect_right(self._lines, index)
        return Place(line=line, column=index - self._lines[line - 1] + 1)


def read(path: Path) -> Document:
    """Read and take apart a file; Faulty where it cannot be read or is no TOML."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Faulty([_fault(path, f"the file cannot be read: {error.strerror}")]) from None
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        good = raw[: error.start].decode()
        what = "a character that is not UTF-8: save the file as UTF-8"
        raise Faulty([_fault(path, what, *_end_of(good))]) from None
    return Document.parse(path, text)


def _below(value: object, part: str) -> Iterable[tuple[str | int, Any]]:
    match value:
        case dict() if part == "*":
            return value.items()
        case dict():
            return [(part, value[part])] if part in value else []
        case list() if part == "*":
            return enumerate(value)
        case _:
            return []


def _fault(path: Path, message: str, line: int = 1, column: int = 1) -> Fault:
    return Fault(file=path, line=line, column=column, message=message)


def _end_of(text: str) -> tuple[int, int]:
    return text.count("\n") + 1, len(text) - text.rfind("\n")


_WORDS = (
    # tomllib says → we say; the first that fits. (…) is kept as {0}.
    (r"Cannot overwrite a value|Duplicate inline table key", "this key is given twice"),
    (r"Cannot declare \((.*?),?\) twice", "the section [{0}] is given twice"),
    (r"Cannot (?:mutate|redefine)[^(]*\((.*?),?\)", "{0} is given twice, in two ways that exclude each other"),
    (r"Expected '=' after a key", 'a name must be followed by "=" and a value'),
    (r"Invalid value", "no value: text stands in quotes, a list in [ ], yes and no are true and false"),
    (r"Unclosed array", 'a list lacks its "]", or a comma between two items'),
    (r"Unclosed inline table|Invalid initial character", 'a name is expected here, or a "}}" before'),
    (r"Illegal character '\\n'|Unterminated|Expected \"'\"", "text lacks its closing quote"),
    (r"Illegal character|Found invalid character", "a control character"),
    (r"Unescaped", r'"\" begins an escape: write "\\" for one, or put the text in single quotes'),
    (r"Invalid hex|Escaped character", "an escape that stands for no character"),
    (r"Exceeds the limit", "a number with too many digits"),
    (r"Expected newline", "the line goes on after its value: is the value text that lacks its quotes?"),
    (r"Expected '\]\]?'", 'the section lacks its closing "]"'),
    (r"Invalid date", "no date or time of the calendar"),
    (r"Invalid statement", "neither a [section] nor a line of the form name = value"),
)


def _syntax_fault(path: Path, text: str, error: Exception) -> Fault:
    """What tomllib found, with the place that it tells in its message and in words for people."""
    if isinstance(error, RecursionError):
        return _fault(path, "lists or tables stand too deep inside each other")
    said = str(error)
    at = re.search(r"\(at line (\d+), column (\d+)\)", said)
    line, column = (int(at[1]), int(at[2])) if at else _end_of(text.rstrip())
    if "overwrite" in said:  # told at the end of the value; the key is at the line's beginning
        shown = text.split("\n")[line - 1]
        column = len(shown) - len(shown.lstrip()) + 1
    elif "Unescaped" in said:  # told behind the escape
        column -= 2
    return _fault(path, _in_words(said), line, column)


def _in_words(said: str) -> str:
    for pattern, words in _WORDS:
        if found := re.search(pattern, said):
            keys = [re.sub(r"', '", ".", group).strip("'") for group in found.groups()]
            return words.format(*keys)
    return "no TOML that can be read"
