"""XLSX: values alone (of formulas the last result), read row by row, within bounds; no entity is ever expanded."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from mailbot.sheet.values import Bounds, Cell, NotReadable, Row, Sheet
from mailbot.words import say

MOST_SHEETS = 20

LAST_ROW = 100_000
"""Empty ones are counted one by one, up to whatever number a file says."""


def read(content: bytes, bounds: Bounds) -> tuple[Sheet, ...]:
    """Its visible sheets. Raises NotReadable."""
    import openpyxl  # noqa: PLC0415 (slow to import, and few mails bring a workbook)
    from openpyxl.xml import DEFUSEDXML  # noqa: PLC0415

    if not DEFUSEDXML:
        raise ImportError("openpyxl does not use defusedxml: install it, or OPENPYXL_DEFUSEDXML=True")
    _is_no_bomb(content, bounds)
    try:
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            shown = [sheet for sheet in book.worksheets[:MOST_SHEETS] if sheet.sheet_state == "visible"]
            return tuple(_sheet(sheet, bounds) for sheet in shown)
        finally:
            book.close()
    except NotReadable:
        raise
    except Exception:  # noqa: BLE001  openpyxl raises many things at files that others have written
        raise NotReadable(say("lines.is_no_xlsx")) from None


def _is_no_bomb(content: bytes, bounds: Bounds) -> None:
    """What a zip says of its sizes is what zipfile gives out at most: it stops there."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            unpacked = sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise NotReadable(say("lines.is_no_xlsx")) from None
    if unpacked > bounds.unpacked:
        raise NotReadable(say("lines.is_too_large", most=bounds.unpacked // 2**20))


def _sheet(sheet: Any, bounds: Bounds) -> Sheet:
    return Sheet(name=sheet.title, rows=tuple(_rows(sheet, bounds)))


def _rows(sheet: Any, bounds: Bounds) -> Iterator[Row]:
    # Without this a sheet that claims a million columns is read as wide as it claims.
    sheet.reset_dimensions()
    count = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > LAST_ROW:
            raise NotReadable(say("lines.has_too_many_rows", most=bounds.rows))
        row = Row(number=number, cells=tuple(_cell(value)[: bounds.cell] for value in values[: bounds.columns]))
        if row.is_empty:
            continue
        count += 1
        if count > bounds.rows:
            raise NotReadable(say("lines.has_too_many_rows", most=bounds.rows))
        yield row


def _cell(value: object) -> Cell:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value).strip()
