"""Where each key and value of a TOML text stands. tomllib has accepted the text: nothing is checked twice."""

import re
import tomllib
from dataclasses import dataclass, field
from typing import NamedTuple

KeyPath = tuple[str | int, ...]
"""The way to a value: keys, and indexes from 0 for the items of lists and arrays of tables."""


class Spot(NamedTuple):
    """Indexes into the text: where the key begins, where its value begins and where that ends."""

    key: int
    value: int
    end: int


_GAP = re.compile(r"[ \t]*")
_VOID = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
# A closing run of quotes may hold up to two that still belong to the text.
_STRING = re.compile(r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?'{3,5}|"(?:[^"\\]|\\.)*"|'[^']*\'''', re.DOTALL)
_BARE = re.compile(r"[^,\]}#\n]*[^,\]}#\n \t]")
_CHARACTER = re.compile(r"(?P<nothing>\\[ \t]*\n[ \t\n]*)|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\.|.", re.DOTALL)


def locate(text: str) -> dict[KeyPath, Spot]:
    """Every key path of the text, tables and list items included, with its spot."""
    return _Walk(text).document()


def inside(raw: str, offset: int) -> int:
    """The index into a string as it is written (with quotes and escapes) of a character of its value."""
    if raw[:1] not in ("'", '"'):
        return 0
    quotes = 3 if raw[:3] in ('"""', "'''") else 1
    index = quotes + (quotes == 3 and raw[3:4] == "\n")  # noqa: PLR2004 (three quotes)
    if raw[:1] == "'":
        return min(index + offset, len(raw) - quotes)
    while offset > 0 and index < len(raw) - quotes and (token := _CHARACTER.match(raw, index)):
        offset -= token["nothing"] is None
        index = token.end()
    return index


@dataclass(slots=True)
class _Walk:
    text: str
    at: int = 0
    spots: dict[KeyPath, Spot] = field(default_factory=dict)
    lengths: dict[KeyPath, int] = field(default_factory=dict)
    """How many tables each array of tables has so far."""

    def document(self) -> dict[KeyPath, Spot]:
        table: KeyPath = ()
        self._skip(_VOID)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_VOID)
        return self.spots

    def _header(self) -> KeyPath:
        """[a.b] or [[a.b]]; answers the path of the table that it opens."""
        begin = self.at
        array = self.text.startswith("[[", begin)
        self.at += 1 + array
        self._skip(_GAP)
        *parents, (last, key_at) = self._keys()
        self._skip(_GAP)
        self.at += 1 + array
        path = (*self._through((), parents), last)
        spot = Spot(key_at, begin, self.at)
        if array:
            self.spots.setdefault(path, spot)
            self.lengths[path] = self.lengths.get(path, 0) + 1
            path = self._newest(path)
        self.spots[path] = spot  # a better place than that of a [path.below] before it
        return path

    def _pair(self, table: KeyPath) -> None:
        *parents, (last, key_at) = self._keys()
        self._skip(_EQUALS)
        path = (*self._through(table, parents), last)
        self._value(path, key_at)

    def _value(self, path: KeyPath, key_at: int) -> None:
        begin = self.at
        match self.text[begin]:
            case "[":
                self._list(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                self._skip(_STRING)
            case _:
                self._skip(_BARE)
        self.spots[path] = Spot(key_at, begin, self.at)

    def _list(self, path: KeyPath) -> None:
        self.at += 1
        self._skip(_VOID)
        index = 0
        while self.text[self.at] != "]":
            self._value((*path, index), self.at)
            index += 1
            self._skip_comma()
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        self._skip(_VOID)
        while self.text[self.at] != "}":
            self._pair(path)
            self._skip_comma()
        self.at += 1

    def _skip_comma(self) -> None:
        self._skip(_VOID)
        if self.text[self.at] == ",":
            self.at += 1
            self._skip(_VOID)

    def _keys(self) -> list[tuple[str, int]]:
        """A dotted key: its parts, each with where it begins."""
        keys = [self._key()]
        while (dot := _DOT.match(self.text, self.at)) is not None:
            self.at = dot.end()
            keys.append(self._key())
        return keys

    def _key(self) -> tuple[str, int]:
        begin = self.at
        self._skip(_KEY)
        raw = self.text[begin : self.at]
        if raw[0] not in "\"'":
            return raw, begin
        decoded: str = tomllib.loads(f"it = {raw}")["it"]
        return decoded, begin

    def _through(self, table: KeyPath, parents: list[tuple[str, int]]) -> KeyPath:
        """The path below `table` that leads through `parents`, each of which is noted where it is new."""
        for key, key_at in parents:
            table = (*table, key)
            self.spots.setdefault(table, Spot(key_at, key_at, self.at))
            table = self._newest(table)
        return table

    def _newest(self, path: KeyPath) -> KeyPath:
        """Of an array of tables, the table that was opened last: what follows belongs to it."""
        return (*path, self.lengths[path] - 1) if path in self.lengths else path

    def _skip(self, pattern: re.Pattern[str]) -> None:
        if (found := pattern.match(self.text, self.at)) is not None:
            self.at = found.end()
