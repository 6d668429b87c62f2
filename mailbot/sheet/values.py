"""A table as values: rows with their numbers, cells as text."""

from dataclasses import dataclass

Cell = str
"""What stands in it, as a person would write it into a form; "" for an empty one."""


class NotReadable(Exception):
    """The file is no such table, or is over the bounds; `phrase` says which, in words for its sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much one table may hold."""

    rows: int = 1000
    """with text in them, the header's among them"""
    columns: int = 60
    cell: int = 5000
    """characters"""
    unpacked: int = 50 * 1024 * 1024
    """bytes of an XLSX, which is a zip (a bomb of one is small before)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`number` as the program shows it that made the table: the first is 1."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Its rows in order, less the empty ones. A CSV file's has no name."""

    name: str
    rows: tuple[Row, ...]
