"""Lengths of time as people write them: "8 working hours", "3 working days", "30 days"."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Self

from mailbot.errors import near_miss


class Unit(StrEnum):
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


LENGTHS = {
    Unit.SECOND: timedelta(seconds=1),
    Unit.MINUTE: timedelta(minutes=1),
    Unit.HOUR: timedelta(hours=1),
    Unit.DAY: timedelta(days=1),
    Unit.WEEK: timedelta(weeks=1),
}
LONGEST = timedelta(days=36_525)
"""A century: whatever is longer is a slip of the hand, and would leave the range of dates."""

_WRITTEN = re.compile(r"([0-9]+)\s+(working\s+)?([^\W\d_]+)", re.IGNORECASE)
_EXAMPLES = 'a number and a unit, like "8 working hours", "3 working days" or "30 days"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """An amount of a unit, kept as written: how long a working day is, only a calendar knows."""

    amount: int
    unit: Unit
    working: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one; ValueError, in words for its writer, when it is none."""
        written, shown = _WRITTEN.fullmatch(text.strip()), repr(text[:60])
        if written is None:
            raise ValueError(f"{shown} is no length of time: write {_EXAMPLES}")
        amount, unit = written[1].lstrip("0") or "0", _unit(written[3])
        # Digits are counted before int() sees them: it refuses to read thousands of them.
        if len(amount) > len("3155760000") or int(amount) > LONGEST // LENGTHS[unit]:
            raise ValueError(f"{shown} is more than a hundred years")
        return cls(amount=int(amount), unit=unit, working=bool(written[2]))

    @property
    def elapsed(self) -> timedelta:
        """As time by the clock on the wall, a day being 24 hours; ValueError for working time."""
        if self.working:
            raise ValueError(f"'{self}' depends on a calendar")
        return self.amount * LENGTHS[self.unit]

    def __str__(self) -> str:
        working = "working " if self.working else ""
        return f"{self.amount} {working}{self.unit}{'' if self.amount == 1 else 's'}"


def _unit(word: str) -> Unit:
    singular = word.lower().removesuffix("s")
    if singular in ("month", "year"):
        raise ValueError(f"a {singular} has no fixed length: write it in days or weeks")
    if singular not in list(Unit):
        known = near_miss(singular, list(Unit))
        meant = f'did you mean "{known}s"?' if known else f"write {_EXAMPLES}"
        raise ValueError(f"{word!r} is no unit of time: {meant}")
    return Unit(singular)
