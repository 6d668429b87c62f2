"""CSV as spreadsheets write and open it: read whole or not at all, and written so that no cell becomes a formula."""

import csv
import io
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mailbot.errors import NotPossible, near_miss

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


def read(file: str, columns: Sequence[str], needed: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a file ("-": standard input), by column. NotPossible, in words, where it is no such CSV.

    Blank rows at its end do not count; else the first row is row 2, as spreadsheets count.
    """
    text = _text(file)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise NotPossible(f"{file}: this is no CSV: {error}") from None
    except ValueError:  # nothing to unpack
        raise NotPossible(f"{file}: it is empty; its first row names the columns {','.join(columns)}") from None
    names = _names(file, [name.strip().lower() for name in head], columns, needed)
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return [_row(file, number, names, row) for number, row in enumerate(rows, 2)]


def _text(file: str) -> str:
    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotPossible(f"{file}: this is no UTF-8: save it as “CSV UTF-8”") from None


def _names(file: str, head: list[str], columns: Sequence[str], needed: Sequence[str]) -> list[str]:
    """A column that nobody knows would be lost in silence: it is an error."""
    for name in head:
        if name not in columns:
            near = near_miss(name, columns)
            hint = f" (did you mean {near!r}?)" if near else f"; known are {', '.join(columns)}"
            raise NotPossible(f"{file}: row 1: there is no column {name[:40]!r}{hint}")
        if head.count(name) > 1:
            raise NotPossible(f"{file}: row 1: the column {name!r} stands there twice")
    for name in needed:
        if name not in head:
            raise NotPossible(f"{file}: row 1: the column {name!r} is missing")
    return head


def _row(file: str, number: int, names: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) > len(names):
        raise NotPossible(f"{file}: row {number}: {len(cells)} cells in {len(names)} columns")
    return dict(zip(names, map(unguarded, cells), strict=False))
