"""Peak memory of one pass over a full inbox, by IMAP; and with large mails among the others."""

from collections.abc import Iterator

from bench import mails
from bench.child import spend
from bench.figure import Figure
from bench.stage import MAILBOT, Stage, built

BOUND = 120
MAILS, QUICK_MAILS = 2_000, 200
AMONG, LARGE, MB = 200, 4, 10**6
"""So many mails with so many of 20 MB among them: what large ones cost does not grow with the small ones."""


def figures(*, quick: bool) -> Iterator[Figure]:
    count = QUICK_MAILS if quick else MAILS
    with built() as stage:
        _peak(stage, [])  # Python compiles what is imported, once
        peak = _peak(stage, [mails.request(number) for number in range(count)])
        yield Figure(what=f"Peak memory, {count:,} mails", value=peak, unit="MB", bound=BOUND)
        peak = _peak(stage, _with_large_ones())
        yield Figure(what=f"Peak memory, {AMONG} mails, {LARGE} of them of 20 MB", value=peak, unit="MB")


def _with_large_ones() -> list[bytes]:
    every = AMONG // LARGE
    return [mails.request(n, attached=0 if n % every else 20 * MB) for n in range(AMONG)]


def _peak(stage: Stage, inbox: list[bytes]) -> float:
    home = stage.home(stage.inbox(inbox))
    return spend(MAILBOT, "--config", home / "config.toml", "run", "--once", place=home).peak
