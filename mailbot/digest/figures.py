"""The arithmetic of digest and `stats`: what became of requests, how long they took. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median

from mailbot.process.calendar import Calendar
from mailbot.process.request import Request, State

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
