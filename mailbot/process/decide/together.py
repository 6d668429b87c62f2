"""What one step takes for several items is taken all together, or none of it."""

from collections.abc import Iterable
from dataclasses import replace

from mailbot.process.decide.draft import base
from mailbot.process.request import NotTaken, Take, Taken, Wish
from mailbot.words import first_of, in_turn, say

MOST_NAMED = 10
"""Items that cannot be had as they were asked for, which their requester is told by name."""


def taken_together(wishes: Iterable[Wish]) -> list[list[Take]]:
    """The takings of each step that takes for several items in the same moment."""
    by_step: dict[str, list[Take]] = {}
    for wish in wishes:
        if isinstance(wish, Take) and base(wish.step) != wish.step:
            by_step.setdefault(base(wish.step), []).append(wish)
    return [together for together in by_step.values() if len(together) > 1]


def none_of(wishes: Iterable[Take], came: Iterable[Taken | NotTaken]) -> list[Taken | NotTaken]:
    """What each is told where some of them were not taken: none is, as all wait for the same thing."""
    failed = {event.step: event for event in came if isinstance(event, NotTaken)}
    asked, worst = list(wishes), max(failed.values(), key=lambda event: (event.refused, not event.full))
    unfit = in_turn(first_of(list(dict.fromkeys(filter(None, (one.unfit for one in failed.values())))), MOST_NAMED))
    not_all = say("taking.not_all_can_be_had", count=len(asked), why=worst.reason)
    # Each owner hears once of each pool, however many items it has no room for.
    owners = {(one.owner, one.pool): step for step, one in reversed(failed.items())} if worst.full else {}
    tells = {step: owner for (owner, _), step in owners.items()}
    return [
        replace(
            worst,
            reason=worst.reason if worst.refused else not_all,
            unfit=unfit,
            step=wish.step,
            pool=wish.pool,
            length=wish.length,
            owner=tells.get(wish.step),
        )
        for wish in asked
    ]
