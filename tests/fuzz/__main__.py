"""`make fuzz`: ten million inputs over all doors, and what came of them as a table in docs/robustness.md.

An input that raises, or takes longer than a second, is kept in `found/`; it belongs into a test.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fuzz.doors import DOORS, Door

PAGE = Path(__file__).parents[2] / "docs" / "robustness.md"
BEGIN, END = "<!-- make fuzz -->", "<!-- end of make fuzz -->"
FOUND = Path("found")
LONGEST = 16_384
"""bytes of an input"""
SLOW = 1
"""seconds that no input may take"""
MEMORY = 2_048
"""MiB that no input may need"""


def play(door: Door, inputs: int) -> bool:
    """Whether all inputs passed. libFuzzer ends a door at its first finding."""
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{door.name}-") as folder:
        for number, seed in enumerate(door.seeds()):
            Path(folder, f"seed-{number}").write_bytes(seed[:LONGEST])
        options = (f"-runs={inputs}", f"-max_len={LONGEST}", f"-timeout={SLOW}", f"-rss_limit_mb={MEMORY}")
        quiet = ("-verbosity=0", "-print_final_stats=0", f"-artifact_prefix={FOUND}/{door.name}-")
        command = [sys.executable, "-m", "fuzz.endless", door.name, *options, *quiet, folder]
        ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if ended.returncode:
            print(ended.stdout.decode(errors="replace"), file=sys.stderr)
        return ended.returncode == 0


def main() -> int:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    names = sys.argv[2:] or list(DOORS)
    FOUND.mkdir(exist_ok=True)
    rows, passed = [], True
    for name in names:
        inputs = int(total * DOORS[name].share)
        began = time.monotonic()
        held = play(DOORS[name], inputs)
        seconds = time.monotonic() - began
        rows.append(f"| {name} | {inputs:,} | {'none' if held else 'see found/'} | {inputs / seconds:,.0f} |")
        print(rows[-1], flush=True)
        passed = passed and held
    if passed and not sys.argv[2:]:
        _write(rows)
    return 0 if passed else 1


def _write(rows: list[str]) -> None:
    head = ["| door | inputs | that raised or took over a second | inputs a second |", "|---|---|---|---|"]
    table = "\n".join([BEGIN, "", *head, *rows, "", END])
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{table}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
