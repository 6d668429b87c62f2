"""Bots by the hundred, each in a warm fork (system/forked.py), at any time of day, and killed when it is asked for."""

# ruff: noqa: S603 - the commands are our own

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from system.office import Office, environment
from system.story import GONE


class Forge:
    """Runs bots in forks of one warm process (system/forked.py); what they complain of goes into `log`."""

    def __init__(self, office: Office, log: Path) -> None:
        self.log = log
        path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        with log.open("wb") as words:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "system.forked", office.home], env={**environment(), "PYTHONPATH": path},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words, text=True,
            )  # fmt: skip

    def run(
        self, office: Office, now: datetime, *, killed_at: int | None = None, deferred: Sequence[str] = ()
    ) -> int | None:
        """One `run --once` at that moment; how many moments the bot lived through, None where it was killed."""
        order = {
            "home": str(office.home), "now": now.isoformat(), "killed_at": killed_at,
            "deferred": deferred, "refused": [GONE],
        }  # fmt: skip
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        stdin.write(f"{json.dumps(order)}\n")
        stdin.flush()
        lived = stdout.readline()
        assert lived, f"the bot came to a bad end: {self.log.read_text()}"
        answer: int | None = json.loads(lived)
        return answer

    def close(self) -> None:
        self._process.communicate()
