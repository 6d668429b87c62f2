"""Several bots on one database."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailbot.store import space
from mailbot.store.base import metadata
from mailbot.store.engine import open_engine, reading, writing

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
GRABBER = Path(__file__).with_name("grabber.py")
BOTS = 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "length"), [({"prefixes": ("10.0.0.0/26",)}, "32"), ({"numbers": ("100-163",)}, "number")]
)
def test_trap_34_no_prefix_is_given_out_twice_by_bots_that_share_a_file(tmp_path, said, length):
    url = f"sqlite:///{tmp_path / 'mailbot.db'}"
    engine = open_engine(url)
    metadata.create_all(engine)
    definition = space.PoolDefinition(name="lan", title="", **said)
    with writing(engine) as conn:
        assert space.sync_pools(conn, [definition], NOW) == []

    bots = [start(url, length, f"IP-{bot}") for bot in range(BOTS)]
    assert [bot.stdout.readline() for bot in bots] == ["ready\n"] * BOTS
    for bot in bots:
        bot.stdin.write("go\n")
        bot.stdin.flush()
    taken = {f"IP-{number}": bot.communicate(timeout=120)[0].split() for number, bot in enumerate(bots)}

    assert [bot.returncode for bot in bots] == [0] * BOTS
    with reading(engine) as conn:
        held = list(space.allocations(conn, "lan"))
        assert space.check(conn) == []
        assert space.figures(conn, "lan").free == 0  # nobody was told "full" while there was room
    engine.dispose()
    assert len(held) == 64
    assert all(str(one.prefix) in taken[one.reference] for one in held)
    assert len({one.reference for one in held}) > 1  # they did run side by side


def start(url, length, reference):
    return subprocess.Popen(  # noqa: S603 -- our own program, our own words
        [sys.executable, GRABBER, url, "lan", length, reference],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
