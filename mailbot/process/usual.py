"""How long departments take to answer: measured whenever one does, and what is usual once there is enough of it.

It is working time of the step's calendar; while the request was on hold no time was spent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.process.definition import Process, StepRule
from mailbot.process.directory import HOUSE, Directory
from mailbot.process.request import Request, Step, StepState, Voice

ENOUGH = 10
"""Answers from which on there is something usual."""

LAST = 50
"""Answers that count: how a department worked a year ago says little about next week."""

MOST = 4, 5
"""The share of the answers that came within what is called usual. The median would be exceeded every other time: a
warning by it comes when it is too late as often as not. Nearly all would be the length of somebody's holidays.
"""

_ANSWERED = frozenset({StepState.DONE, StepState.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """Of the last answers, half took no longer than `median`, and those that are `MOST` no longer than `most`."""

    answers: int
    median: timedelta
    most: timedelta


def usual(times: Iterable[timedelta]) -> Usual | None:
    """None while there are too few; `times` are the last ones."""
    ordered = sorted(times)
    if len(ordered) < ENOUGH:
        return None
    return Usual(answers=len(ordered), median=_at_most(ordered, 1, 2), most=_at_most(ordered, *MOST))


def _at_most(ordered: Sequence[timedelta], part: int, whole: int) -> timedelta:
    """The shortest of them that so many are no longer than."""
    return ordered[-(-len(ordered) * part // whole) - 1]


def calendar_of(rule: StepRule, process: Process, directory: Directory) -> str:
    """The name of the calendar that a step's time is told by: of a step that asks suppliers alone, theirs."""
    parties = [directory.parties.get(text.plain or "") for text in rule.asks]
    theirs = next((party.calendar for party in parties if party), None) if all(parties) else None
    return rule.calendar or theirs or process.calendar or HOUSE


def measured(
    before: Request, after: Request, process: Process, directory: Directory, now: datetime
) -> Mapping[str, timedelta]:
    """By department, how long it took to answer what it has answered between the two; the longest, of several items."""
    found: dict[str, timedelta] = {}
    was = {step.name: step for step in before.steps if step.state is StepState.OPEN}
    for step in after.steps:
        asked = was.get(step.name)
        if asked is None or step.state not in _ANSWERED or step.voices == asked.voices:
            continue
        for department, taken in _taken(asked, step, process, directory, now):
            found[department] = max(taken, found.get(department, taken))
    return found


def _taken(
    asked: Step, answered: Step, process: Process, directory: Directory, now: datetime
) -> Iterable[tuple[str, timedelta]]:
    calendar = calendar_of(process.step(asked.name), process, directory)
    for department in answered.departments:
        theirs = [voice for voice in answered.voices if _speaks_for(voice, department, answered, directory)]
        taken = _worked(asked, calendar, directory, theirs[-1].at, now) if theirs else None
        if taken is not None:
            yield department, taken


def _speaks_for(voice: Voice, department: str, step: Step, directory: Directory) -> bool:
    """Where only one was asked, whoever answers does so for it; else its people, and those who stand in for them."""
    if len(step.departments) == 1:
        return True
    seats = {voice.seat, *(one.absent for one in step.stand_ins if one.deputy == voice.seat)}
    return not seats.isdisjoint(directory.addressees(department))


def _worked(step: Step, calendar: str, directory: Directory, at: datetime, now: datetime) -> timedelta | None:
    """The working time from when it was asked until then; None where a hold makes that unknown."""
    spent = step.allowance
    if spent is None or not (spent.spent or spent.since is None):
        since = step.opened if spent is None else spent.since
        return None if since is None else directory.calendar(calendar).between(since, at)
    if spent.calendar != calendar or at < now:
        return None
    running = directory.calendar(calendar).between(spent.since, at) if spent.since else timedelta()
    return spent.spent + running
