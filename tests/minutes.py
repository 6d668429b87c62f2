"""Working time counted minute by minute: slow, and so plain that one can see that it is right.

It knows nothing of `mailbot.process.calendar`: it reads hours by itself, has its holidays from a list, and finds the
moment at which a clock shows a time by looking at the clock again and again.
"""

import re
from bisect import bisect_left
from datetime import UTC, date, timedelta
from functools import lru_cache
from itertools import accumulate

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MINUTE = timedelta(minutes=1)
DAY = 24 * 60


class Minutes:
    """A calendar within a window of time. Spans begin and end on whole minutes, clocks change on whole quarters."""

    def __init__(self, hours, zone, free, first, last):
        """`hours` as in a configuration, `free` the dates without work; the window is [first, last], with some room."""
        self.hours, self.free = week_of(hours), frozenset(free)
        self.begin = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
        self.shown = shown(zone, self.begin, (last - self.begin) // MINUTE + 2 * DAY)
        self.spans = {}
        self.worked = bytearray(len(self.shown))
        for number in range(self.shown[0] // DAY, self.shown[-1] // DAY):
            day = date.fromordinal(number)
            self.spans[day] = [(a, b) for a, b in self._found(day) if a < b]
            for a, b in self.spans[day]:
                self.worked[a:b] = b"\1" * (b - a)

    def add(self, start, work):
        at = start
        while work:
            step = min(work, self._rest(at)) if self._works(at) else self._rest(at)
            work -= step if self._works(at) else timedelta()
            at += step
        return at

    def last_start(self, end, work):
        at = end
        while work:
            before = at - timedelta(microseconds=1)
            step = timedelta(seconds=at.second) or MINUTE
            step = min(work, step) if self._works(before) else step
            work -= step if self._works(before) else timedelta()
            at -= step
        return at

    def between(self, start, end):
        return max(self._worked_before(end) - self._worked_before(start), timedelta())

    def _worked_before(self, at):
        """Within the window: each minute that has passed, and of the last one what has."""
        passed, rest = divmod(at - self.begin, MINUTE)
        return sum(self.worked[:passed]) * MINUTE + self.worked[passed] * rest

    def next_working(self, at):
        while not self._works(at):
            at += self._rest(at)
        return at

    def end_of_work(self, day):
        while not self.spans[day]:
            day -= timedelta(days=1)
        return self.begin + self.spans[day][-1][1] * MINUTE

    def is_worked(self, day):
        return bool(self.spans[day])

    def _works(self, at):
        return bool(self.worked[(at - self.begin) // MINUTE])

    def _rest(self, at):
        """Up to the next whole minute."""
        return MINUTE - timedelta(seconds=at.second)

    def _found(self, day):
        """The minutes at which the wall clock first shows that a span of this day begins, and ends."""
        midnight = day.toordinal() * DAY
        for span in self.hours[day.weekday()] if day not in self.free else ():
            yield tuple(bisect_left(self.shown, midnight + time) for time in span)


@lru_cache(maxsize=32)
def shown(zone, begin, count):
    """For each of so many minutes, the latest time that was on the wall clock so far, in minutes of all its days."""
    clocks = []
    for quarter in range(0, count, 15):
        now = (begin + quarter * MINUTE).astimezone(zone)
        clock = now.toordinal() * DAY + now.hour * 60 + now.minute
        clocks += range(clock, clock + 15)
    return list(accumulate(clocks, max))


def week_of(hours):
    """The spans of each weekday, in minutes since its midnight."""
    week = [[] for _ in DAYS]
    for entry in hours.split(";"):
        days, *spans = re.split(r"(?:,\s*|\s+)(?=\d)", entry.strip())
        for day in days.split(","):
            first, _, last = day.strip().partition("-")
            begin, end = DAYS.index(first), DAYS.index(last or first)
            for number in range(begin, end + 1 if begin <= end else end + 8):
                week[number % 7] += map(span_of, spans)
    return [sorted(day) for day in week]


def span_of(text):
    begin, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in text.split("-"))
    return begin, end if begin < end else end + DAY


def dates(text, year=2026):
    """Days as "12-25" or "2026-12-25"."""
    return [date.fromisoformat(day if len(day) > len("12-25") else f"{year}-{day}") for day in text.split()]
