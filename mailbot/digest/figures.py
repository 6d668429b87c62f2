"""The arithmetic of digest and `stats`: what became of requests, how long they took, when a pool will be full. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from statistics import median

from mailbot.process.calendar import Calendar
from mailbot.process.request import Request, State

HORIZON = timedelta(days=90)
"""How far back the use of a pool is looked at, to see when it will be full."""
POINTS = 14
"""Days on which its use must have changed: fewer say nothing about the days to come."""
CENTURY = 100 * 365

ANSWERED = frozenset({State.COMPLETED, State.REJECTED})
"""Ends that were the house's doing: what its speed is judged by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span of time, half-open; without `since` all that was before `until`."""

    since: datetime | None
    until: datetime

    def __contains__(self, at: datetime | None) -> bool:
        return at is not None and (self.since is None or self.since <= at) and at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What came and what ended in a span of time."""

    came: int
    granted: int
    refused: int
    cancelled: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`count` answers, and in working time how long they took; `met` of the `due` ones that had a due time kept it.

    None where there was nothing to measure. `ninety`: nine of ten took no longer.
    """

    count: int
    due: int
    met: int
    median: timedelta | None
    ninety: timedelta | None

    @property
    def per_cent(self) -> int | None:
        return per_cent(self.met, self.due)


def tally(requests: Iterable[Request], span: Span) -> Tally:
    found = list(requests)
    ended = [request.state for request in found if request.closed in span]
    return Tally(
        came=sum(request.created in span for request in found),
        granted=ended.count(State.COMPLETED),
        refused=ended.count(State.REJECTED),
        cancelled=ended.count(State.CANCELLED),
        failed=ended.count(State.FAILED),
    )


def pace(answers: Iterable[tuple[datetime, datetime, datetime | None]], calendar: Calendar) -> Pace:
    """`answers` are (begun, answered, due)."""
    found = list(answers)
    took = sorted(calendar.between(begun, answered) for begun, answered, _ in found)
    had_due = [(answered, due) for _, answered, due in found if due is not None]
    return Pace(
        count=len(found),
        due=len(had_due),
        met=sum(answered <= due for answered, due in had_due),
        median=timedelta(seconds=median(one.total_seconds() for one in took)) if took else None,
        ninety=took[ceil(0.9 * len(took)) - 1] if took else None,
    )


def answered(requests: Iterable[Request], span: Span) -> list[tuple[datetime, datetime, datetime | None]]:
    """The requests that the house answered in that time, as `pace` takes them."""
    return [
        (request.created, request.closed, request.due)
        for request in requests
        if request.closed is not None and request.closed in span and request.state in ANSWERED
    ]


def per_cent(part: int, whole: int) -> int | None:
    """In whole per cent, rounded down: 100 only where it is all of it. None of nothing."""
    return 100 * part // whole if whole else None


def days_left(growth: Mapping[date, int], used: int, size: int) -> int | None:
    """In how many days a pool is full, if it goes on as the days did on which its use changed.

    A straight line is laid through them (least squares). None where there are fewer than POINTS of them; CENTURY
    where it does not grow, or that slowly.
    """
    if len(growth) < POINTS:
        return None
    days = sorted(growth)
    # Backwards from what is known to be used now: what a pool held before its history began does not matter.
    level, levels = used, []
    for day in reversed(days):
        levels.append(level)
        level -= growth[day]
    slope = _slope([day.toordinal() for day in days], levels[::-1])
    if slope <= 0:
        return CENTURY
    return min(CENTURY, int((size - used) / slope))


def _slope(xs: Sequence[int], ys: Sequence[int]) -> float:
    """Of the line through these points that misses them least. Exact until the last division: IPv6 is large."""
    n = len(xs)
    rise = n * sum(x * y for x, y in zip(xs, ys, strict=True)) - sum(xs) * sum(ys)
    run = n * sum(x * x for x in xs) - sum(xs) ** 2
    return rise / run
