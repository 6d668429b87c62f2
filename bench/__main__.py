"""Measures, and shows one table: what, figure, bound, verdict. Exit 1 where a figure is over its bound.

    python -m bench [NAME…] [--quick] [--write]

`--quick`: fewer mails, smaller pools, fewer rounds. `--write`: into bench/RESULTS.md, too.
"""

import argparse
import os
import platform
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench.child import Failed
from bench.figure import Figure

NAMES = ("mainjob", "memory", "startup", "space", "exchange", "rules")
LONG = ("pages",)
"""Only where they are named: they take many minutes."""
RESULTS = Path(__file__).with_name("RESULTS.md")
COLUMNS = ("what", "figure", "at most", "")
_is_row = re.compile(r"\| (?!what |---)").match


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m bench", description="Figures, as ratios measured in one run.")
    words.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; without any: all these; {', '.join(LONG)}"
    )
    words.add_argument("--quick", action="store_true", help="fewer mails, smaller pools, fewer rounds")
    words.add_argument("--write", action="store_true", help=f"into bench/{RESULTS.name}, too")
    asked = words.parse_args()
    if unknown := set(asked.names) - {*NAMES, *LONG}:
        words.error(f"there is no {', '.join(sorted(unknown))}: {', '.join((*NAMES, *LONG))}")
    try:
        found = measured(asked.names or NAMES, quick=asked.quick)
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    show(found)
    if asked.write:
        RESULTS.write_text(page(found, RESULTS.read_text()))
    return int(any(figure.is_over for figure in found))


def measured(names: Iterable[str], *, quick: bool) -> list[Figure]:
    """In turn, and each module imported only then: two measurements at once would measure each other."""
    found: list[Figure] = []
    with Console(stderr=True).status("") as status:
        for name in names:
            status.update(f"measuring: {name}")
            found += import_module(f"bench.{name}").figures(quick=quick)
    return found


def show(found: Iterable[Figure]) -> None:
    table = Table(*COLUMNS, box=box.SIMPLE_HEAD)
    for column in table.columns[1:3]:
        column.justify = "right"
    for figure in found:
        table.add_row(*figure.cells, style="bold red" if figure.is_over else "" if figure.bound else "dim")
    Console().print(table)


def page(found: Iterable[Figure], before: str) -> str:
    """The figures as Markdown; those that were not measured this time stay as they are in the page `before`."""
    kept = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in before.splitlines() if _is_row(line)]
    cells = {row[0]: row for row in [*kept, *(figure.cells for figure in found)]}
    rows = [COLUMNS, ("---", "---:", "---:", "---"), *cells.values()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    today = datetime.now(UTC).date()  # noqa: TID251 (when it was measured)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    how = " ".join(["python -m bench", *sys.argv[1:]])
    written = f"Last written by `{how}` on {today}: {machine}; what that does not measure is of an earlier run."
    return f"# Figures\n\n{written}\nLoad of the machine at the end (1, 5, 15 minutes): {load}.\n\n{table}\n"


if __name__ == "__main__":
    sys.exit(main())
