"""Hours as people write them: a working week, a moment of the week, a time of day.

A working week is one or more entries, separated by ";". An entry names days, then spans:

    mon-fri 09:00-17:00
    mon-fri 09:00-12:00, 13:00-17:00
    mon-thu 09:00-17:00; fri 09:00-15:00
    mon, wed, fri 22:00-06:00               (a span past midnight belongs to the day on which it begins)
    mon-sun 00:00-24:00
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from itertools import pairwise
from typing import Self

from mailbot.errors import near_miss

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = 24 * 60 * 60
"""Seconds of a day by the clock on the wall."""

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_EXAMPLE = '"mon-fri 09:00-17:00" or "mon-fri 09:00-12:00, 13:00-17:00"'

Span = tuple[int, int]
"""From and to, in seconds of wall-clock time since the midnight on which the span's day begins; half-open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The working hours of a regular week: seven days from Monday, each with its spans in order."""

    text: str
    days: tuple[tuple[Span, ...], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the hours of a week; ValueError, in words for their writer, when they do not hold."""
        days: list[list[Span]] = [[] for _ in DAYS]
        for entry in text.split(";"):
            weekdays, spans = _entry(entry)
            for weekday in weekdays:
                days[weekday] += spans
        week = cls(text=text, days=tuple(tuple(sorted(spans)) for spans in days))
        week._refuse_overlap()
        return week

    @property
    def regular_day(self) -> timedelta:
        """What "a working day" is: the hours of most of the days that have any; of equals, the longer."""
        sums = Counter(length for spans in self.days if (length := _length(spans)))
        return timedelta(seconds=max(sums, key=lambda length: (sums[length], length)))

    @property
    def total(self) -> timedelta:
        """What "a working week" is."""
        return timedelta(seconds=sum(map(_length, self.days)))

    def _refuse_overlap(self) -> None:
        spans = [(n * DAY + a, n * DAY + b) for n, day in enumerate(self.days) for a, b in day]
        around = (spans[0][0] + 7 * DAY, spans[0][1] + 7 * DAY)
        for (_, end), (begin, _) in pairwise([*spans, around]):
            if begin < end:
                raise ValueError(f"two spans overlap on {DAYS[begin // DAY % 7]} at {_shown(begin)}")

    def __str__(self) -> str:
        return self.text


ALL_WEEK = Week(text="mon-sun 00:00-24:00", days=(((0, DAY),),) * 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A moment that comes once a week, by the clock on the wall: "mon 08:00"; weekday 0 is Monday."""

    weekday: int
    time: time

    @classmethod
    def parse(cls, text: str) -> Self:
        match text.lower().split():
            case [day, clock]:
                return cls(weekday=_weekday(day), time=time_of_day(clock))
        raise ValueError(f'{text!r} is no moment of the week: write a day and a time, like "mon 08:00"')

    def __str__(self) -> str:
        return f"{DAYS[self.weekday]} {self.time:%H:%M}"


def time_of_day(text: str) -> time:
    """Read "09:00"; ValueError, in words, when it is no time of day."""
    seconds = _seconds(text)
    if seconds == DAY:
        raise ValueError('"24:00" ends a day: write "00:00"')
    return time(seconds // 3600, seconds // 60 % 60)


def _entry(text: str) -> tuple[list[int], list[Span]]:
    words = re.sub(r"\s*[-–]\s*", "-", text.lower()).replace(",", " ").split()  # noqa: RUF001 (an en dash: word processors make one of "-")
    weekdays = [day for word in words if not word[0].isdigit() for day in _weekdays(word)]
    spans = [_span(word) for word in words if word[0].isdigit()]
    names = [word[0].isdigit() for word in words]
    if not weekdays or not spans or names != sorted(names):
        raise ValueError(f"{text.strip()!r} are no working hours: write days, then times, like {_EXAMPLE}")
    return weekdays, spans


def _weekdays(word: str) -> Iterator[int]:
    first, _, last = word.partition("-")
    begin = _weekday(first)
    end = _weekday(last) if last else begin
    return ((begin + n) % 7 for n in range((end - begin) % 7 + 1))


def _weekday(word: str) -> int:
    for names in (DAYS, _FULL):
        if word in names:
            return names.index(word)
    known = near_miss(word, DAYS) or near_miss(word, _FULL)
    meant = f"did you mean {known!r}?" if known else f"days are {', '.join(DAYS)}"
    raise ValueError(f"{word!r} is no day of the week: {meant}")


def _span(word: str) -> Span:
    first, dash, last = word.partition("-")
    if not dash:
        raise ValueError(f'{word!r} is no span of time: write from and to, like "09:00-17:00"')
    begin, end = _seconds(first), _seconds(last)
    if begin in (end, DAY):
        raise ValueError(f'{word!r} is no span of time: a whole day is "00:00-24:00"')
    return (begin, end) if begin < end else (begin, end + DAY)


def _seconds(text: str) -> int:
    if (clock := _CLOCK.fullmatch(text)) is None:
        raise ValueError(f'{text!r} is no time of day: write hours and minutes, like "09:00"')
    hours, minutes = int(clock[1]), int(clock[2])
    if minutes > 59 or (hours, minutes) > (24, 0):  # noqa: PLR2004 (a clock's own numbers)
        raise ValueError(f"{text!r} is no time of day: the last is 23:59 (or 24:00 as an end)")
    return hours * 3600 + minutes * 60


def _length(spans: tuple[Span, ...]) -> int:
    return sum(end - begin for begin, end in spans)


def _shown(seconds: int) -> str:
    minutes = seconds // 60 % (24 * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"
