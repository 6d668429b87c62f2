"""Lead times being spent: when they are due, how their clock stops, goes on, and is given more."""

from dataclasses import replace
from datetime import datetime, timedelta

from mailbot.process.directory import ALWAYS, Directory
from mailbot.process.duration import Duration
from mailbot.process.request import Allowance, Request, State, StepState


def allow(duration: Duration, calendar: str, directory: Directory) -> Allowance:
    """The allowance that a lead time gives; its clock does not run yet. Time by the clock runs on `always`."""
    lead, working = directory.calendar(calendar).length(duration)
    return Allowance(calendar=calendar if working else ALWAYS, lead=lead)


def moment(allowance: Allowance, offset: timedelta, directory: Directory) -> datetime | None:
    """When `offset` of the lead time will have been spent; None while the clock stands."""
    if allowance.since is None:
        return None
    left = offset + allowance.granted - allowance.spent
    return directory.calendar(allowance.calendar).add(allowance.since, max(left, timedelta()))


def due(allowance: Allowance | None, directory: Directory) -> datetime | None:
    return None if allowance is None else moment(allowance, allowance.lead, directory)


def started(allowance: Allowance, now: datetime) -> Allowance:
    return replace(allowance, since=now)


def stopped(allowance: Allowance, now: datetime, directory: Directory) -> Allowance:
    """The clock stands from `now` on; what was spent so far is kept."""
    if allowance.since is None:
        return allowance
    spent = directory.calendar(allowance.calendar).between(allowance.since, now)
    return replace(allowance, since=None, spent=allowance.spent + spent)


def waits_until(request: Request, now: datetime) -> datetime:
    """The last of the dates that its steps wait for; `now` where it waits for none, or where its clock stands."""
    if request.state is not State.IN_PROGRESS:
        return now
    waiting = (step for step in request.steps if step.state in {StepState.WAITING, StepState.OPEN})
    return max([now, *(step.wakes for step in waiting if step.wakes is not None)])


def extended(allowance: Allowance, until: datetime, directory: Directory) -> Allowance:
    """Due at `until` instead, which is later than it was."""
    was = due(allowance, directory)
    if was is None:
        return allowance
    more = directory.calendar(allowance.calendar).between(was, until)
    return replace(allowance, granted=allowance.granted + more)
