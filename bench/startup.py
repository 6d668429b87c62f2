"""How long `mailbot --help` lets its reader wait."""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.child import Usage, spend
from bench.figure import Figure
from bench.stage import MAILBOT

BOUND = 0.3
TURNS, QUICK_TURNS = 20, 5


def figures(*, quick: bool) -> Iterator[Figure]:
    """Of each the turn that was disturbed least: a busy machine makes a start longer, nothing makes it shorter."""
    with TemporaryDirectory() as folder:
        turns = [_turn(Path(folder)) for _ in range(QUICK_TURNS if quick else TURNS)]
    ours, click = zip(*turns, strict=True)
    yield Figure(what="mailbot --help", value=min(usage.wall for usage in ours), unit="s", bound=BOUND)
    ratio = min(usage.cpu for usage in ours) / min(usage.cpu for usage in click)
    yield Figure(what='mailbot --help / python -c "import click" (CPU)', value=ratio)


def _turn(folder: Path) -> tuple[Usage, Usage]:
    return (
        spend(MAILBOT, "--help", place=folder),
        spend(sys.executable, "-c", "import click", place=folder),
    )
