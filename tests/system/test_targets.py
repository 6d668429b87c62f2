"""S3.7: kill -9 between any two changes of the world outside, and a second run: no command is lost, none is doubled."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from servers.postgres import Postgres
from sqlalchemy import create_engine, text
from system.forge import Forge
from system.office import BOB, Office, mail

from mailbot.config import load

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = timedelta(seconds=1)

TARGETS = """
[targets.router]
kind = "command"
command = ["./router-add"]

[targets.files]
kind = "file"
folder = "out"
"""

DELIVERY = """
type      = "delivery"
title     = "Space put into operation"
who       = ["*@example.net"]
lead_time = "3 working days"

[[field]]
name     = "size"
label    = "Prefix length"
type     = "prefix-length"
required = true

[[step]]
name   = "allocate"
kind   = "allocate"
pool   = "customers-v4"
length = "form.size"

[[step]]
name    = "configure"
kind    = "activate"
targets = ["router", "files"]
"""

ROUTER = "#!/bin/sh\ncat >> told; echo >> told\n"
NETWORK = "SELECT name, target, state FROM network_request ORDER BY id"


@pytest.fixture
def plant(build: Callable[..., Office]) -> Callable[..., Office]:
    """An office with two targets, and a request that is about to come in."""

    def planted(**options: str) -> Office:
        office = build(**options)
        with office.config.open("a") as config:
            config.write(TARGETS)
        (office.home / "rules" / "delivery.toml").write_text(DELIVERY)
        (office.home / "router-add").write_text(ROUTER)
        (office.home / "router-add").chmod(0o755)
        (office.home / "out").mkdir()
        office.deliver(mail(BOB, "delivery", "Prefix length: 28\n"))
        return office

    return planted


def told(office: Office) -> Counter[str]:
    """How often each target was told each id."""
    log = office.home / "told"
    by_command = [json.loads(line)["id"] for line in log.read_text().splitlines()] if log.exists() else []
    by_file = [json.loads(path.read_text())["id"] for path in (office.home / "out").glob("*.json")]
    return Counter(by_command + by_file)


def network(office: Office) -> dict[str, str]:
    """The state of each network request in the ledger, by its target."""
    engine = create_engine(load(office.config).database_url())
    with engine.connect() as conn:
        found = {row.target: row.state for row in conn.execute(text(NETWORK))}
    engine.dispose()
    return found


def faults(office: Office) -> list[str]:
    """What must not be after a pass to the end, whatever came before it."""
    states, known = network(office), told(office)
    found = [f"{id_} was told {times} times" for id_, times in known.items() if times > 1]
    for target in ("router", "files"):
        reached = f"IP-1/configure/{target}/1" in known
        match states.get(target):
            case "confirmed" if not reached:
                found.append(f"{target} is confirmed, and was not told")
            case "confirmed" | "unknown":
                pass
            case state:
                found.append(f"{target} is {state}")
    return found


def test_a_bot_killed_at_any_moment_loses_no_command_and_doubles_none(
    plant: Callable[..., Office], forge: Forge, tmp_path: Path
) -> None:
    before = plant()
    undisturbed = Office(home=Path(shutil.copytree(before.home, tmp_path / "undisturbed")))
    assert forge.run(undisturbed, NOW)
    assert network(undisturbed) == {"router": "confirmed", "files": "confirmed"}
    assert sorted(told(undisturbed).values()) == [1, 1]
    wrong: dict[int, list[str]] = {}
    unknown = 0
    for moment in count(1):  # to the end of each life: how often it looks whether threads are done is never the same
        office = Office(home=Path(shutil.copytree(before.home, tmp_path / "again")))
        if forge.run(office, NOW, killed_at=moment) is not None:
            break
        forge.run(office, NOW + LATER)
        if found := faults(office):
            wrong[moment] = found
        unknown += "unknown" in network(office).values()
        shutil.rmtree(office.home)
    assert wrong == {}
    assert 0 < unknown < moment  # some kills came before it was sent, some amid it


def test_a_bot_killed_over_and_over_loses_no_command_and_doubles_none(
    plant: Callable[..., Office], forge: Forge
) -> None:
    kill_over_and_over(plant(), forge, lambda: None)


@pytest.mark.servers
def test_a_bot_killed_over_and_over_on_postgresql_loses_no_command_and_doubles_none(
    plant: Callable[..., Office], forge: Forge, postgres: Postgres
) -> None:
    url = postgres.database()
    kill_over_and_over(plant(database=url), forge, lambda: postgres.until_left(url))


def kill_over_and_over(office: Office, forge: Forge, bury: Callable[[], None]) -> None:
    """Each life of the bot is a moment longer than the one before, until one reaches the end of the pass."""
    for life in count(1):
        if forge.run(office, NOW + life * LATER, killed_at=life) is not None:
            break
        bury()
    assert faults(office) == []


def test_a_command_that_kills_its_bot_was_told_once_and_is_unknown(plant: Callable[..., Office]) -> None:
    office = plant()
    (office.home / "router-add").write_text(f"{ROUTER}kill -9 $PPID\n")
    bot = office.start("run", "--once")
    bot.communicate(timeout=60)
    assert bot.returncode == -9
    for _ in range(2):
        bot = office.start("run", "--once")
        _, words = bot.communicate(timeout=60)
        assert bot.returncode == 0, words
    assert network(office)["router"] == "unknown"
    assert told(office)["IP-1/configure/router/1"] == 1


@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.servers), "sqlite"], indirect=True)
def test_several_bots_drive_each_network_request_once(plant: Callable[..., Office], database: str) -> None:
    office = plant(database=database)
    office.deliver(*(mail(BOB, "delivery", f"Prefix length: 28\n\nNumber {number}\n") for number in range(8)))
    bots = [office.start("run", "--once") for _ in range(3)]
    for bot in bots:
        _, words = bot.communicate(timeout=120)
        assert bot.returncode == 0, words
    office.start("run", "--once").communicate(timeout=60)
    known = told(office)
    assert len(known) == 2 * 9
    assert set(known.values()) == {1}
