"""When a request will be over, by forecast, and since when that is too late: what jeopardy is judged by."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.process.definition import Process, StepRule
from mailbot.process.directory import ALWAYS, Directory
from mailbot.process.request import Request, State
from mailbot.process.way import Leg, UnderWay, Way
from mailbot.words import say

SECOND = timedelta(seconds=1)
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
_IN_MINUTES = 2 * _HOUR
"""What is shorter is told in minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """`why` says in words what makes it late; "" where it will be in time."""

    end: datetime
    why: str = ""


def forecast(request: Request, process: Process, directory: Directory, now: datetime) -> Forecast:
    """The end of the longest way through the steps that are left, and what makes it late, if it will be."""
    way = _way(request, process, directory)
    if way is None:
        return Forecast(end=request.closed or now)
    end = max((way.end(rule, now) for rule in process.steps), default=now)
    late = in_jeopardy(request, process, directory, now)
    return Forecast(end=end, why=_why(way, now) if late else "")


def jeopardy_since(request: Request, process: Process, directory: Directory) -> datetime | None:
    """The moment from which on it will be late, by forecast; None where it is not before it is."""
    way = _way(request, process, directory)
    found = [_since(one, way) for one in way.under_way] if way else []
    return min((at for at in found if at is not None), default=None)


def in_jeopardy(request: Request, process: Process, directory: Directory, now: datetime) -> bool:
    """Whether it will be late, by forecast; a request that is late already, held or over is not in jeopardy."""
    if request.due is None or request.due < now:
        return False
    since = jeopardy_since(request, process, directory)
    return since is not None and since <= now


def is_late(request: Request, now: datetime) -> bool:
    """By its own due time. While its clock stands, a request is as late as it was when it was stopped."""
    stands = request.allowance
    if request.state is State.HELD and stands is not None:
        return stands.spent > stands.lead + stands.granted
    return request.due is not None and (request.closed or now) > request.due


def _way(request: Request, process: Process, directory: Directory) -> Way | None:
    if request.state is not State.IN_PROGRESS or request.due is None:
        return None
    return Way(request=request, process=process, directory=directory, due=request.due)


def _since(one: UnderWay, way: Way) -> datetime | None:
    """From its beginning on, where it is expected too late; else when it is not over at the last moment."""
    if one.expected > one.limit:
        step = way.request.step(one.leg.rule.name)
        return step.opened or way.request.created
    return one.limit + SECOND if one.limit < way.due else None


# -- why ---------------------------------------------------------------------------------------------------------------


def _why(way: Way, now: datetime) -> str:
    """What is to be blamed: a department that usually needs longer than is left, else what must still come."""
    worst = max(way.under_way, key=lambda one: max(now, one.expected) - one.limit)
    if worst.usually and worst.expected > now:
        return _needs(way, worst.leg, now, worst.limit)
    start = max(now, worst.expected)
    legs, at = _still_to_come(way, worst), start
    for leg in legs:
        if leg.usually:
            return _needs(way, leg, at, way.latest_end(leg.rule))
        at = way.directory.calendar(leg.calendar).add(at, leg.length)
    return _may_take(way, worst, legs, start)


def _still_to_come(way: Way, one: UnderWay) -> list[Leg]:
    """What takes its time after an open step, or from a sleeping one on; each the one that must begin first."""
    rule: StepRule | None = one.leg.rule
    found = [] if way.is_open(one.leg.rule) else [one.leg]
    while rule and (rule := way.first_after(rule)):
        found.append(way.leg(rule))
    return [leg for leg in found if leg.length]


def _needs(way: Way, leg: Leg, start: datetime, limit: datetime) -> str:
    who = way.directory.title(leg.usually) or leg.usually
    left = way.directory.calendar(leg.calendar).between(start, limit)
    return say("forecast.usually_needs", who=who, time=_told(leg.length, leg), left=_left(left, leg.length))


def _may_take(way: Way, one: UnderWay, legs: list[Leg], start: datetime) -> str:
    """By their lead times."""
    title = one.leg.rule.title
    if not legs:
        return say("forecast.is_due_only_after", title=title)
    first, *others = legs
    what = say("forecast.what_comes_after", title=title) if others else first.rule.title
    length = sum((leg.length for leg in legs), timedelta())
    left = way.directory.calendar(first.calendar).between(start, way.due)
    return say("forecast.may_take", what=what, time=_told(length, first), left=_left(left, length))


def _told(length: timedelta, leg: Leg) -> str:
    """Rounded up: "9 working hours"."""
    unit = _unit(length)
    word = "hours" if unit is _HOUR else "minutes"
    return say(f"time.{word if leg.calendar == ALWAYS else f'working_{word}'}", count=-(-length // unit))


def _left(left: timedelta, of: timedelta) -> str:
    """Rounded down, in the unit in which the other is told: "4 are left"."""
    whole = left // _unit(of)
    if whole > 1:
        return say("forecast.are_left", whole=whole)
    return (
        say("forecast.one_is_left")
        if whole
        else say("forecast.less_than_1_is")
        if left
        else say("forecast.none_is_left")
    )


def _unit(length: timedelta) -> timedelta:
    return _HOUR if length >= _IN_MINUTES else _MINUTE
