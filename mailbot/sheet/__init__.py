"""Tables that people attach, CSV or XLSX, as rows of text with their places: nothing in them is run or fetched."""

from mailbot.sheet.csv import read as _read_csv
from mailbot.sheet.values import Bounds, Cell, NotReadable, Row, Sheet
from mailbot.sheet.xlsx import read as _read_xlsx

__all__ = ["Bounds", "Cell", "NotReadable", "Row", "Sheet", "is_table", "read"]

_ENDINGS = (".csv", ".tsv", ".xlsx")


def is_table(name: str) -> bool:
    """By the ending of a file's name."""
    return name.lower().endswith(_ENDINGS)


def read(name: str, content: bytes, bounds: Bounds) -> tuple[Sheet, ...]:
    """The sheets of a file that `is_table`; one without a name where it is CSV. Raises NotReadable."""
    if name.lower().endswith(".xlsx"):
        return _read_xlsx(content, bounds)
    return (_read_csv(content, bounds),)
