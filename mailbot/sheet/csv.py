"""CSV as programs write it: UTF-8 with or without a mark, UTF-16, windows-1252; commas, semicolons or tabs."""

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from io import StringIO

from mailbot.sheet.values import Bounds, NotReadable, Row, Sheet
from mailbot.words import say

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What no cell shows, and a terminal obeys."""
_SEPARATORS = ";\t,"


def read(content: bytes, bounds: Bounds) -> Sheet:
    """Raises NotReadable."""
    text = _text(content)
    # Blank lines count: a row's number is that of the spreadsheet that shows it.
    lines = csv.reader(StringIO(_CONTROL.sub("", text), newline=""), delimiter=_separator(text), strict=False)
    rows: list[Row] = []
    try:
        for number, cells in enumerate(lines, 1):
            row = Row(number=number, cells=tuple(cell.strip()[: bounds.cell] for cell in cells[: bounds.columns]))
            if row.is_empty:
                continue
            rows.append(row)
            if len(rows) > bounds.rows:
                raise NotReadable(say("lines.has_too_many_rows", most=bounds.rows))
    except csv.Error:
        raise NotReadable(say("lines.is_no_csv")) from None
    return Sheet(name="", rows=tuple(rows))


def _text(content: bytes) -> str:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _separator(text: str) -> str:
    """The one that the first line with text holds most often; Excel tells its own in a line "sep=;"."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=first.count) if any(mark in first for mark in _SEPARATORS) else ","
