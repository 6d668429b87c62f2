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


@pytest.fixture
def url(request, tmp_path):
    return request.getfixturevalue("postgres").database() if request.param else f"sqlite:///{tmp_path / 'mailbot.db'}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "bots"),
    [(False, 4), pytest.param(True, 8, marks=pytest.mark.servers)],
    indirect=["url"],
    ids=["4 on a file", "8 on PostgreSQL"],
)
@pytest.mark.parametrize(
    ("said", "length"), [({"prefixes": ("10.0.0.0/26",)}, "32"), ({"numbers": ("100-163",)}, "number")]
)
def test_trap_34_no_prefix_is_given_out_twice_by_bots_that_share_a_database(url, bots, said, length):
    engine = open_engine(url)
    metadata.create_all(engine)
    definition = space.PoolDefinition(name="lan", title="", **said)
    with writing(engine) as conn:
        assert space.sync_pools(conn, [definition], NOW) == []

    running = [start(url, length, f"IP-{bot}") for bot in range(bots)]
    assert [bot.stdout.readline() for bot in running] == ["ready\n"] * bots
    for bot in running:
        bot.stdin.write("go\n")
        bot.stdin.flush()
    taken = {f"IP-{number}": bot.communicate(timeout=120)[0].split() for number, bot in enumerate(running)}

    assert [bot.returncode for bot in running] == [0] * bots
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
