"""kill -9 between any two changes of the world outside, and a second run: the same end as with no kill."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from servers.postgres import Postgres
from system.forge import Forge
from system.office import Office
from system.story import STORY, Pass
from system.world import World, difference, sent_again, sent_once, world

pytestmark = pytest.mark.slow

LATER = timedelta(seconds=1)
"""Between a kill and the next run: what was fixed before it must not be made anew with another time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A pass of the story: the office as it is before the bot runs, and the world after an undisturbed run."""

    part: Pass
    before: Path
    after: World
    moments: int


@pytest.fixture(scope="session")
def acts(forge: Forge, memory: Path) -> dict[str, Act]:
    """The whole story without a kill."""
    folder = memory / "story"
    office = Office.build(folder / "office")
    played = {}
    for part in STORY:
        office.deliver(*part.mails(sent_once(office)))
        before = folder / part.name
        shutil.copytree(office.home, before)
        moments = forge.run(office, part.now, deferred=part.deferred)
        assert moments
        played[part.name] = Act(part=part, before=before, after=world(office), moments=moments)
    return played


def test_the_story_without_a_kill_is_a_whole_one(acts: dict[str, Act]) -> None:
    end = acts[STORY[-1].name].after
    assert end["faults"] == end["mail in the inbox"] == end["allocation"] == []
    kinds = {letter.partition(" ")[0] for letter in end["letters"]}
    assert kinds == {
        "acknowledged", "action", "alert", "completed", "delayed", "escalation", "forms", "incomplete",
        "misunderstood", "question", "refused", "rejected", "reminder", "settled",
    }  # fmt: skip


@pytest.mark.parametrize("name", [part.name for part in STORY])
def test_a_bot_killed_at_any_moment_and_run_again_comes_to_the_same_end(
    acts: dict[str, Act], forge: Forge, memory: Path, name: str
) -> None:
    act = acts[name]
    part = act.part
    wrong: dict[int, list[str]] = {}
    for moment in range(1, act.moments + 1):
        office = Office(home=shutil.copytree(act.before, memory / f"office-{name}"))
        assert forge.run(office, part.now, killed_at=moment, deferred=part.deferred) is None
        forge.run(office, part.now + LATER, deferred=part.deferred)
        faults = difference(world(office), act.after)
        if sent_again(office) > 1:
            faults.append(f"{sent_again(office)} letters left twice")
        if faults:
            wrong[moment] = faults
        shutil.rmtree(office.home)
    assert wrong == {}


def test_a_bot_killed_over_and_over_comes_to_the_same_end(
    acts: dict[str, Act], forge: Forge, build: Callable[..., Office]
) -> None:
    kill_over_and_over(acts, forge, build(), lambda: None)


@pytest.mark.servers
def test_a_bot_killed_over_and_over_on_postgresql_comes_to_the_same_end_as_on_sqlite(
    acts: dict[str, Act], forge: Forge, build: Callable[..., Office], postgres: Postgres
) -> None:
    url = postgres.database()
    kill_over_and_over(acts, forge, build(database=url), lambda: postgres.until_left(url))


def kill_over_and_over(acts: dict[str, Act], forge: Forge, office: Office, bury: Callable[[], None]) -> None:
    """Each life of the bot is a few moments longer than the one before, until one reaches the end of the pass."""
    for part in STORY:
        office.deliver(*part.mails(sent_once(office)))
        for life in count(1):
            now = part.now + life * LATER
            if forge.run(office, now, killed_at=3 * life, deferred=part.deferred) is not None:
                break
            bury()
        assert difference(world(office), acts[part.name].after) == []
