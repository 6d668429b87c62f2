"""Runs a command and tells what it cost: CPU of the whole process, peak memory.

As a script it is the launcher between us and the command: on Linux a process's peak memory counts that of the process
it was forked from, so the command is started from one that is small.

    python -I -S bench/child.py REPORT COMMAND…
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter


class Failed(Exception):
    """The command did not end well, so there is no figure."""


class Usage:
    """`cpu`: user and system, in seconds; `wall`: seconds; `peak`: memory in MB (10⁶ bytes)."""

    def __init__(self, *, cpu: float, wall: float, peak: float) -> None:
        self.cpu, self.wall, self.peak = cpu, wall, peak


def _environment() -> dict[str, str]:
    """As on a machine where nobody forbids Python to keep what it has compiled: else each start would compile anew."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": _compiled().name}


@cache
def _compiled() -> TemporaryDirectory[str]:
    """One folder for all runs, gone with us."""
    return TemporaryDirectory(prefix="mailbot-bench-")


def spend(*command: str | Path, place: Path) -> Usage:
    """Run it in the folder `place` to its end. Raises Failed, with what it said."""
    report = place / "usage.json"
    words = [sys.executable, "-I", "-S", __file__, report, *command]
    with (place / "said.txt").open("w+") as said:
        code = subprocess.call(  # noqa: S603 (ours)
            words, cwd=place, env=_environment(), stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        said.seek(0)
        words_of_it = said.read()
    if code:
        raise Failed(f"{' '.join(map(str, command))}: exit {code}\n{words_of_it}")
    return Usage(**json.loads(report.read_text()))


def launch(report: str, command: Sequence[str]) -> int:
    began = perf_counter()
    child = subprocess.Popen(command)  # noqa: S603 (ours)
    _, status, used = os.wait4(child.pid, 0)
    wall = perf_counter() - began
    usage = {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "peak": used.ru_maxrss * 1024 / 10**6}
    Path(report).write_text(json.dumps(usage))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(launch(sys.argv[1], sys.argv[2:]))
