"""`make fuzz`: ten million inputs over all doors, and what came of them as a table in docs/robustness.md.

`python -m fuzz INPUTS DOOR...` plays their shares of these doors alone; fewer inputs are only a try, and not written.

An input that raises, or takes longer than a second, is kept in `found/`; it belongs into a test.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fuzz.doors import DOORS, Door

PAGE = Path(__file__).parents[2] / "docs" / "robustness.md"
BEGIN, END = "<!-- make fuzz -->", "<!-- end of make fuzz -->"
FOUND = Path("found")
LONGEST = 4_096
"""bytes of an input; what is long rather than odd has tests of its own"""
HANGS = 20
"""seconds by the clock after which an input will never end; what takes over one of its own is told by the door"""
MANY = 10_000_000
"""inputs over all doors"""
MEMORY = 2_048
"""MiB that no input may need"""


def play(door: Door, inputs: int) -> bool:
    """Whether all inputs passed. libFuzzer ends a door at its first finding."""
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{door.name}-") as folder:
        for number, seed in enumerate(door.seeds()):
            Path(folder, f"seed-{number}").write_bytes(seed[:LONGEST])
        options = (f"-runs={inputs}", f"-max_len={LONGEST}", f"-timeout={HANGS}", f"-rss_limit_mb={MEMORY}")
        quiet = ("-verbosity=0", "-print_final_stats=0", f"-artifact_prefix={FOUND}/{door.name}-")
        command = [sys.executable, "-m", "fuzz.endless", door.name, *options, *quiet, folder]
        ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if ended.returncode:
            print(ended.stdout.decode(errors="replace"), file=sys.stderr)
        return ended.returncode == 0


def row(door: Door, inputs: int) -> tuple[bool, str]:
    """A door's line of the table, and whether it held."""
    began = time.monotonic()
    held = play(door, inputs)
    speed = inputs / (time.monotonic() - began)
    line = f"| {door.name} | {inputs:,} | {'none' if held else 'see found/'} | {speed:,.0f} |"
    print(line, flush=True)
    return held, line


def main() -> int:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    doors = [DOORS[name] for name in sys.argv[2:] or DOORS]
    FOUND.mkdir(exist_ok=True)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as side_by_side:
        rows = list(side_by_side.map(lambda door: row(door, int(total * door.share)), doors))
    if total >= MANY:
        _write({door.name: line for door, (held, line) in zip(doors, rows, strict=True) if held})
    return 0 if all(held for held, _ in rows) else 1


def _write(rows: Mapping[str, str]) -> None:
    """Of each door the last run that held; what was not played this time stays as it is."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    table, _, after = rest.partition(END)
    for name, line in rows.items():
        table = re.sub(rf"^\| {name} \|.*$", line, table, flags=re.MULTILINE)
    PAGE.write_text(f"{before}{BEGIN}{table}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
