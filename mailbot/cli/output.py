"""How answers look: JSON for programs, tables for people, and nothing of either on the wrong stream."""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

import click

from mailbot.errors import Fault, Severity

if TYPE_CHECKING:  # rich is slow to import, and a program that reads JSON needs none of it
    from rich.console import Console
    from rich.text import Text

Cell = str | tuple[str, str]
"""What stands in a table: words, or (words, style)."""

SHORT = len("2026-11-23 10:00")
"""Characters of a cell that is never broken."""

_BEYOND_ASCII = re.compile(r"[^ -~\n]")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")


def print_json(value: object) -> None:
    click.echo(_json(value, indent=2))


def print_json_list(items: Iterable[object], *, behind: Mapping[str, Any] | None = None, name: str = "") -> None:
    """A list of any length, item by item; as the last member, called `name`, of an object if there is one."""
    opening = f"{_json(behind)[:-1]}, {_json(name)}: [" if behind is not None else "["
    click.echo(opening, nl=False)
    separator = "\n"
    for item in items:
        click.echo(f"{separator}{_json(item)}", nl=False)
        separator = ",\n"
    end = "]" if separator == "\n" else "\n]"
    click.echo(end if behind is None else end + "}")


def print_json_line(value: object) -> None:
    click.echo(_json(value))


def _json(value: object, indent: int | None = None) -> str:
    """What no terminal should see stands escaped; it can only stand within strings."""
    text = json.dumps(value, ensure_ascii=not _is_utf8(), indent=indent)
    return _BEYOND_ASCII.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return match[0] if match[0].isprintable() else json.dumps(match[0])[1:-1]


def _is_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def printable(text: str) -> str:
    """A text of somebody else's, safe for a terminal: control characters could rewrite what is on the screen."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def one_line(text: str) -> str:
    return printable(" ".join(text.split()))


def counted(count: int, word: str, many: str = "") -> str:
    return f"{count:,} {word if count == 1 else many or f'{word}s'}"


def when(moment: datetime | str | None, zone: tzinfo) -> str:
    """A moment (or its ISO text) as people of that zone read it."""
    if moment is None:
        return ""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def say(text: str) -> None:
    """Talk, which is no answer: on standard error."""
    click.echo(printable(text), err=True)


def tell_faults(faults: Iterable[Fault]) -> bool:
    """Print them where people look for them; whether there was an error among them."""
    told = list(faults)
    for fault in told:
        say(str(fault))
    return any(fault.severity is Severity.ERROR for fault in told)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], nothing: str = "", *, indent: int = 0) -> None:
    """A table for people; `nothing` is said where there is no row. Columns without a name have no head."""
    found = [[cell if isinstance(cell, tuple) else (cell, "") for cell in row] for row in rows]
    if not found:
        click.echo(nothing, nl=bool(nothing))
    elif is_terminal():
        _rich_table(columns, found, indent)
    else:
        _plain_table(columns, [[one_line(words) for words, _ in row] for row in found], indent)


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[tuple[str, str]]], indent: int) -> None:
    """Where a terminal is too narrow, what is long is broken, and nothing is cut off."""
    from rich.padding import Padding  # noqa: PLC0415 (slow to import)
    from rich.table import Table  # noqa: PLC0415

    made = Table(box=None, header_style="bold", pad_edge=False, show_header=any(columns))
    for number, column in enumerate(columns):
        is_short = max(len(row[number][0]) for row in rows) <= SHORT
        made.add_column(column, no_wrap=is_short, overflow="fold")
    for row in rows:
        made.add_row(*map(styled, row))
    console().print(Padding(made, (0, 0, 0, indent)))


def _plain_table(columns: Sequence[str], rows: list[list[str]], indent: int) -> None:
    """One line a row, however long it is: grep and cut find it whole."""
    told = [list(columns), *rows] if any(columns) else rows
    widths = [max(map(len, column)) for column in zip(*told, strict=True)]
    for row in told:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(" " * indent + line.rstrip())


def print_line(*cells: Cell) -> None:
    """Words side by side, in their styles where a terminal shows them."""
    if is_terminal():
        console().print(*map(styled, cells), soft_wrap=True)
    else:
        click.echo(" ".join(printable(cell if isinstance(cell, str) else cell[0]) for cell in cells).rstrip())


def styled(cell: Cell) -> "Text":
    from rich.text import Text  # noqa: PLC0415

    words, style = cell if isinstance(cell, tuple) else (cell, "")
    return Text(printable(words), style=style)


def is_terminal(*, stderr: bool = False) -> bool:
    return (sys.stderr if stderr else sys.stdout).isatty()


def console(*, stderr: bool = False) -> "Console":
    from rich.console import Console  # noqa: PLC0415

    return Console(file=sys.stderr if stderr else sys.stdout, highlight=False)
