"""How answers look: JSON for programs, tables for people, and nothing of either on the wrong stream."""

import json
from collections.abc import Iterable, Sequence

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], nothing: str) -> None:
    """A table for people; `nothing` is said where there is no row."""
    from rich.console import Console  # noqa: PLC0415 (slow to import)
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(escape(printable(cell)) for cell in row))
    console = Console(soft_wrap=not click.get_text_stream("stdout").isatty())
    console.print(table if table.row_count else nothing)


def printable(text: str) -> str:
    """A text of somebody else's, safe for a terminal: control characters could rewrite what is on the screen."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)
