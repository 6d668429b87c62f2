"""One program, run to its end or to the end of our patience, whatever it writes and whatever it leaves running."""

import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

KEPT = 16_384
"""Bytes that are kept of each of its outputs."""
CHUNK = 65_536
GLANCE = 0.1
"""Seconds between two looks at whether it has ended, while something holds its outputs open."""
GRACE = 3.0
"""Seconds that it has to clean up, once it was told to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended: its exit code, or the negative number of the signal that ended it; and what it said."""

    code: int
    timed_out: bool
    out: str
    err: str


def run(command: Sequence[str], given: bytes, *, env: Mapping[str, str], folder: Path, seconds: float) -> Ended:
    """Run a program in a process group of its own. OSError where it cannot be begun.

    What it is given comes from a file, so that it need not read it. What it leaves running in the background does not
    keep us waiting; with a program that takes too long, all that it has begun is ended.
    """
    end = time.monotonic() + seconds
    with tempfile.TemporaryFile() as file:
        file.write(given)
        file.seek(0)
        child = subprocess.Popen(  # noqa: S603 (the operator's own words, and no shell)
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            cwd=folder,
            start_new_session=True,
        )
    try:
        said = _heard(child, end)
        timed_out = not _ends(child, end - time.monotonic())
        if timed_out:
            _end(child)
    finally:
        _let_go(child)
    out, err = (bytes(part).decode("utf-8", "replace") for part in said)
    return Ended(code=-signal.SIGKILL if timed_out else child.returncode, timed_out=timed_out, out=out, err=err)


def _heard(child: "subprocess.Popen[bytes]", end: float) -> tuple[bytearray, bytearray]:
    """The beginnings of what it writes, until it closes its outputs, ends, or the time is over."""
    assert child.stdout is not None  # noqa: S101 (both are pipes)
    assert child.stderr is not None  # noqa: S101
    said = bytearray(), bytearray()
    with selectors.DefaultSelector() as outputs:
        for stream, kept in zip((child.stdout, child.stderr), said, strict=True):
            outputs.register(stream, selectors.EVENT_READ, kept)
        while outputs.get_map() and (left := end - time.monotonic()) > 0:
            ready = outputs.select(min(left, GLANCE))
            for key, _ in ready:
                if not _took(key.fd, key.data):
                    outputs.unregister(key.fileobj)
            if not ready and child.poll() is not None:
                break  # what it has left running holds them open
    return said


def _took(output: int, kept: bytearray) -> bool:
    chunk = os.read(output, CHUNK)
    kept += chunk[: max(0, KEPT - len(kept))]
    return bool(chunk)


def _ends(child: "subprocess.Popen[bytes]", seconds: float) -> bool:
    try:
        child.wait(max(seconds, 0))
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Ask its whole group to end, then make it. Until it is waited for, nobody else can have its number."""
    with suppress(PermissionError):  # what has taken another user's rights (sudo) is his to end
        os.killpg(child.pid, signal.SIGTERM)
        end = time.monotonic() + GRACE
        while _runs(child) and time.monotonic() < end:
            time.sleep(GLANCE)
        os.killpg(child.pid, signal.SIGKILL)
    _ends(child, GRACE)


def _runs(child: "subprocess.Popen[bytes]") -> bool:
    """Asked without waiting for it."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def _let_go(child: "subprocess.Popen[bytes]") -> None:
    for stream in (child.stdout, child.stderr):
        if stream is not None:
            stream.close()
