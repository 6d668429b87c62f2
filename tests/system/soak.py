"""`make soak`: bots killed at random moments of random passes, over and over; counts in docs/robustness.md.

`python -m system.soak KILLS [SEED]`. The story is played once without a kill; then one of its passes is taken up from
where it began, killed at any moment up to twenty times on end, and run to its end: the world must be that of the
undisturbed run.
"""

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from system.forge import Forge
from system.office import Office
from system.story import STORY, Pass
from system.world import World, difference, sent_again, sent_once, world

PAGE = Path(__file__).parents[2] / "docs" / "robustness.md"
BEGIN, END = "<!-- make soak -->", "<!-- end of make soak -->"
MOST_LIVES = 20
"""Kills of one pass, at most: the first life that outlives its moment comes to the pass's end."""
SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A pass: the office as it is before it, and the world after an undisturbed run of so many moments."""

    part: Pass
    before: Path
    after: World
    moments: int


def acts(forge: Forge, folder: Path) -> list[Act]:
    """The whole story without a kill."""
    office = Office.build(folder / "office")
    played = []
    for part in STORY:
        office.deliver(*part.mails(sent_once(office)))
        before = folder / part.name
        shutil.copytree(office.home, before)
        moments = forge.run(office, part.now, deferred=part.deferred)
        assert moments
        played.append(Act(part=part, before=before, after=world(office), moments=moments))
    return played


def killed(forge: Forge, act: Act, home: Path, kills: Sequence[int | None]) -> tuple[int, int, list[str]]:
    """How many kills there were, how many letters left twice, and what is not as without them."""
    office = Office(home=shutil.copytree(act.before, home))
    for done, moment in enumerate(kills):
        now = act.part.now + timedelta(seconds=done)
        if forge.run(office, now, killed_at=moment, deferred=act.part.deferred) is not None:
            break
    again, faults = sent_again(office), difference(world(office), act.after)
    if again > done:
        faults.append(f"{again} letters left again after {done} kills")
    shutil.rmtree(home)
    return done, again, faults


def main() -> int:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    dice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    counts: Counter[str] = Counter()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mailbot-soak-", dir=_memory()) as name:
        folder = Path(name)
        forge = Forge(Office.build(folder / "forge"), folder / "words.log")
        story = acts(forge, folder / "story")
        with suppress(KeyboardInterrupt):  # then it tells how far it came
            while counts["kills"] < wanted:
                act = dice.choice(story)
                lives = dice.randint(1, MOST_LIVES)
                # Early moments oftener: a life that gets far leaves little for the next one to be killed in.
                kills = [*(dice.randint(1, dice.randint(1, act.moments)) for _ in range(lives)), None]
                done, again, faults = killed(forge, act, folder / "office", kills)
                counts += Counter(passes=1, kills=done, again=again, faulty=bool(faults))
                if faults and counts["faulty"] <= SHOWN:
                    print(f"{act.part.name} killed at {kills}:", *faults, sep="\n  ", flush=True)
        forge.close()
    hours = (time.monotonic() - began) / 3600
    _write(counts, hours)
    return 1 if counts["faulty"] else 0


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (a kill is no power cut: a disk adds nothing)


def _write(counts: Counter[str], hours: float) -> None:
    rows = [
        f"| kills, in {counts['passes']:,} passes and {hours:.1f} hours | {counts['kills']:,} |",
        f"| passes that came to another end than without a kill | {counts['faulty']:,} |",
        f"| letters that left twice, each as the same bytes with the same Message-ID | {counts['again']:,} |",
    ]
    table = "\n".join([BEGIN, "", "| what | count |", "|---|---|", *rows, "", END])
    print(table)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{table}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
