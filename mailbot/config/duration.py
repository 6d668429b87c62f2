"""Lengths of time as people write them: "8 working hours", "3 working days", "30 days"."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Self

from mailbot.errors import near_miss
from mailbot.words import Phrase, say


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
_EXAMPLES = say("mistaken_time.examples")


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
            raise ValueError(say("mistaken_time.is_no_length_of_time", text=shown, examples=_EXAMPLES))
        amount, unit = written[1].lstrip("0") or "0", _unit(written[3])
        # Digits are counted before int() sees them: it refuses to read thousands of them.
        if len(amount) > len("3155760000") or int(amount) > LONGEST // LENGTHS[unit]:
            raise ValueError(say("mistaken_time.is_more_than_a_hundred_years", text=shown))
        return cls(amount=int(amount), unit=unit, working=bool(written[2]))

    @property
    def elapsed(self) -> timedelta:
        """As time by the clock on the wall, a day being 24 hours; ValueError for working time."""
        if self.working:
            raise ValueError(f"'{self}' depends on a calendar")
        return self.amount * LENGTHS[self.unit]

    @property
    def phrase(self) -> Phrase:
        """ "8 working hours", for whoever reads it."""
        return say(f"time.{'working_' if self.working else ''}{self.unit.value}s", count=self.amount)

    def __str__(self) -> str:
        working = "working " if self.working else ""
        return f"{self.amount} {working}{self.unit}{'' if self.amount == 1 else 's'}"


def _unit(word: str) -> Unit:
    singular = word.lower().removesuffix("s")
    if singular in ("month", "year"):
        raise ValueError(say(f"mistaken_time.a_{singular}_has_no_fixed_length"))
    if singular not in list(Unit):
        known = near_miss(singular, list(Unit))
        if known:
            raise ValueError(say("mistaken_time.is_no_unit_but", word=repr(word), near=f'"{known}s"'))
        raise ValueError(say("mistaken_time.is_no_unit", word=repr(word), examples=_EXAMPLES))
    return Unit(singular)
