"""CSV as spreadsheets write and open it: read whole or not at all, and written so that no cell becomes a formula."""

import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import BinaryIO, TextIO

from mailbot.errors import NotPossible, near_miss
from mailbot.words import first_of

MOST_TOLD = 10
"""Rows that are named for one mistake."""
DELIMITERS = ",;\t"
"""In some countries a spreadsheet's CSV has semicolons."""

# A spreadsheet runs what begins so; the quote before it makes it text, and `unguarded` takes it off again.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell


def write(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """CSV on standard output, row by row."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded("" if row[name] is None else str(row[name])) for name in columns])


def read(file: str, columns: Sequence[str], needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a file ("-": standard input), by column, each with its number, as spreadsheets count: the first is
    row 2, and blank ones are left out. NotPossible, in words, where it is no such CSV.
    """
    with opened(file) as source:
        return list(rows(source, file, columns, needed))


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """A file that can be read from its beginning more than once, standard input ("-") too."""
    if file != "-":
        with Path(file).open("rb") as source:
            yield source
        return
    with TemporaryFile() as kept:
        copyfileobj(sys.stdin.buffer, kept)
        kept.seek(0)
        yield kept


def rows(
    source: BinaryIO, file: str, columns: Sequence[str], needed: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The same row by row, each with its number, read as they are asked for."""
    with text_of(source) as text:
        cells = table(text, file)
        try:
            _, head = next(cells)
        except StopIteration:
            raise NotPossible(f"{file}: it is empty; its first row names the columns {','.join(columns)}") from None
        yield from named(file, names_of(file, head, columns, needed), cells)


@contextmanager
def text_of(source: BinaryIO) -> Iterator[TextIO]:
    """From its beginning, as UTF-8; the source stays open."""
    source.seek(0)
    text = TextIOWrapper(source, "utf-8-sig", newline="")
    try:
        yield text
    finally:
        text.detach()


def table(text: TextIO, file: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of cells with their numbers, less blank ones; the header is among them. NotPossible where it is no CSV."""
    number = 0
    try:
        first = text.readline()
        delimiter = max(DELIMITERS, key=first.count)
        for number, cells in enumerate(csv.reader(chain([first], text), delimiter=delimiter, strict=True), 1):
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        words = f"this is no CSV: {error}; is a quote there that is not closed?"
        raise NotPossible(f"{file}: row {number + 1}: {words}") from None
    except UnicodeDecodeError:
        raise NotPossible(f"{file}: this is no UTF-8: save it as “CSV UTF-8”") from None


def named(
    file: str, names: Sequence[str], cells: Iterable[tuple[int, list[str]]]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by column. NotPossible, naming them, where some have more cells than there are columns."""
    rest = iter(cells)
    for number, row in rest:
        if len(row) > len(names):
            others = first_of([str(other) for other, more in rest if len(more) > len(names)], MOST_TOLD)
            too = f"; too many also in row {', '.join(others)}" if others else ""
            raise NotPossible(f"{file}: row {number}: {len(row)} cells in {len(names)} columns{too}")
        yield number, dict(zip(names, map(unguarded, row), strict=False))


def names_of(file: str, head: Sequence[str], columns: Sequence[str], needed: Sequence[str]) -> list[str]:
    """The columns of a header. One that nobody knows would be lost in silence: it is an error.

    A column that ends with "." stands for all that begin so.
    """
    head = [name.strip().lower() if name.strip().lower() in columns else name.strip() for name in head]
    if wrong := list(_wrong_names(head, columns, needed)):
        raise NotPossible(f"{file}: row 1: {'; '.join(wrong)}")
    return head


def _wrong_names(head: Sequence[str], columns: Sequence[str], needed: Sequence[str]) -> Iterator[str]:
    begins = tuple(name for name in columns if name.endswith("."))
    strange = [name for name in dict.fromkeys(head) if name not in columns]
    strange = [name for name in strange if not (begins and name.startswith(begins))]
    meant = {name: _meant(name.lower(), columns) for name in strange}
    for name, near in meant.items():
        yield f"there is no column {name[:40]!r}" + (f" (did you mean {near!r}?)" if near else "")
    for name in dict.fromkeys(head):
        if head.count(name) > 1:
            yield f"the column {name[:40]!r} stands there twice"
    for name in needed:
        if name not in head:
            yield f"the column {name!r} is missing"
    if not all(meant.values()):
        yield f"known are {', '.join(columns)}"


def _meant(name: str, columns: Sequence[str]) -> str | None:
    """Of columns that begin alike ("quota:lan", "quota:wan"), what is behind that is compared."""
    beginning = "".join(name.rpartition(":")[:2])
    alike = {column.removeprefix(beginning): column for column in columns if column.startswith(beginning)}
    if not alike:
        return near_miss(name, columns)
    near = near_miss(name.removeprefix(beginning), alike)
    return alike[near] if near else None
