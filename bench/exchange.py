"""An address plan of a million rows comes in: how long it takes, and that memory does not grow with it.

The rows stand in no order, of IPv4 and IPv6, with holes between their prefixes. `quick`: a hundred thousand.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random  # noqa: TID251 -- disorder, not secrets
from tempfile import TemporaryDirectory

from bench.child import Usage, spend
from bench.figure import Figure
from bench.space import HOLES
from bench.stage import MAILBOT
from mailbot.addresses import Family, block_text, parse_prefix

MANY, QUICK, FEW = 1_000_000, 100_000, 10_000
SECONDS, GROWS = 60.0, 1.25
CONFIG = ("10.20.0.0/16", "10.0.0.0/8")
PLACES = (("customers-v4", "10.0.0.0/8", 28), ("customers-v6", "2001:db8::/32", 56))


def figures(*, quick: bool) -> Iterator[Figure]:
    many = QUICK if quick else MANY
    with TemporaryDirectory() as folder:
        few, all_of_it = (taken_in(Path(folder) / str(count), count) for count in (FEW, many))
    yield Figure(what=f"pools import, {many:,} rows", value=all_of_it.wall, unit="s", bound=SECONDS)
    yield Figure(what=f"pools import, {many:,} rows (CPU)", value=all_of_it.cpu, unit="s")
    yield Figure(what=f"Peak memory of pools import, {many:,} rows", value=all_of_it.peak, unit="MB")
    what = f"Peak memory of pools import, {many:,} / {FEW:,} rows"
    yield Figure(what=what, value=all_of_it.peak / few.peak, bound=GROWS)


def taken_in(home: Path, count: int) -> Usage:
    home.mkdir()
    subprocess.run([MAILBOT, "init", home], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (ours)
    config = home / "config.toml"
    config.write_text(config.read_text().replace(*CONFIG))
    plan = home / "plan.csv"
    write(plan, count)
    return spend(MAILBOT, "--config", config, "pools", "import", plan, place=home)


def write(plan: Path, count: int) -> None:
    random = Random(28)  # noqa: S311 -- wants repeating
    rows = [row for place in PLACES for row in rows_of(*place, count // 2, random)]
    random.shuffle(rows)
    plan.write_text("prefix,pool,state,customer,description\n" + "\n".join(rows))


def rows_of(pool: str, prefix: str, length: int, count: int, random: Random) -> Iterator[str]:
    root = parse_prefix(prefix)
    family: Family = root.family
    at, bits = root.network, family.width - length
    while count:
        if random.random() >= HOLES:
            count -= 1
            yield f"{block_text(family, at, bits)},{pool},,Customer {count},Site {count}"
        at += 1 << bits
