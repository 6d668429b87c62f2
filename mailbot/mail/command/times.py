"""Times of the past as people write them in a query: a day or a moment, in the bot's own zone unless they say another.

What the clocks of that zone showed twice means both; what they never showed is doubtful.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from mailbot.mail.command.dates import Doubt, read_date
from mailbot.words import say

SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)
_SHAPE = say("commands.write_a_day_2026")
_RELATIVE = re.compile(r"(?i)(today|yesterday)\b,?\s*")
_ISO = re.compile(r"(?i)(\d)T(?=\d)")
_CLOCK = re.compile(
    r"(?i)(?:at |t)?(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,6})?)?)? ?(?P<half>am|pm)?"
    r"(?: ?(?P<zone>(?:utc|gmt)?[+-]\d{2}(?::?\d{2})?|[a-z]{1,5}))?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `begin` to `end` (exclusive): a whole day, or the second that is meant."""

    begin: datetime
    end: datetime

    @property
    def is_moment(self) -> bool:
        return self.end - self.begin == SECOND


def read_span(text: str, now: datetime, zone: tzinfo) -> Span | Doubt:
    """What a time means; a day without its year is the last such day."""
    text = text.strip(" .,;!")
    if text.lower() == "now":
        return Span(begin=now, end=now + SECOND)
    found = _read(text, now.astimezone(zone).date(), zone)
    if isinstance(found, Span) and found.begin > now:
        return Doubt(reason=say("commands.is_still_to_come", text=text))
    return found


def _read(text: str, today: date, zone: tzinfo) -> Span | Doubt:
    try:
        found = _day(text, today)
        if isinstance(found, Doubt):
            return found
        day, rest = found
        return _clock(day, rest, zone) if rest else _whole(day, zone)
    except (OverflowError, ValueError):  # no such hour; or a year in which no clock can be set
        return Doubt(reason=say("commands.there_is_no_such", text=text[:40], shape=_SHAPE))


def _day(text: str, today: date) -> tuple[date, str] | Doubt:
    """The day that a text begins with, and what follows it. An hour by itself is of today."""
    if match := _RELATIVE.match(text):
        return today - (_DAY if match[1].lower() == "yesterday" else timedelta()), text[match.end() :]
    found = read_date(_ISO.sub(r"\1 ", text, count=1), today - _YEAR + _DAY)
    if isinstance(found, Doubt) and _CLOCK.match(text) and not text.isdigit():
        return today, text
    return found


def _whole(day: date, zone: tzinfo) -> Span:
    begin, end = (datetime.combine(at, time(), zone).astimezone(UTC) for at in (day, day + _DAY))
    return Span(begin=begin, end=end)


def _clock(day: date, text: str, zone: tzinfo) -> Span | Doubt:
    match = _CLOCK.match(text)
    if match is None:
        return Doubt(reason=say("commands.is_no_time_of", text=f"{text[:40]!r}", shape=_SHAPE))
    at = datetime.combine(day, _time(match))
    offset = _offset(match["zone"])
    if offset is not None:
        begin = at.replace(tzinfo=offset).astimezone(UTC)
        return Span(begin=begin, end=begin + SECOND)
    return _local(at, match["zone"], zone)


def _time(match: re.Match[str]) -> time:
    """Of the day; ValueError where there is none."""
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if match["minute"] is None and not half:
        raise ValueError("a mere number is no time")
    if half and not 1 <= hour <= 12:  # noqa: PLR2004 (that is what am and pm are)
        raise ValueError("no such hour")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(match["minute"] or 0), int(match["second"] or 0))


def _offset(written: str | None) -> tzinfo | None:
    """The offset that is written; None for none, and for the name of a zone."""
    name = (written or "").lower()
    offset = name.removeprefix("utc").removeprefix("gmt")
    if not offset.startswith(("+", "-")):
        return UTC if name in {"z", "utc", "gmt"} else None
    minutes = int(offset[1:3]) * 60 + int(offset[3:].strip(":") or 0)
    return timezone(timedelta(minutes=minutes if offset[0] == "+" else -minutes))


def _local(at: datetime, name: str | None, zone: tzinfo) -> Span | Doubt:
    """By the clocks of the zone; with its `name`, as letters show it, one moment even where they went back."""
    shown = [at.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    moments = [one.astimezone(UTC) for one in shown]
    if moments[0].astimezone(zone).replace(tzinfo=None) != at:
        return Doubt(reason=say("commands.the_clocks_never_showed", at=f"{at:%H:%M}", date=at.date()))
    if name is not None:
        moments = [moment for moment, one in zip(moments, shown, strict=True) if one.tzname() == name.upper()]
        if not moments:
            return Doubt(reason=say("commands.is_not_the_time", name=name, date=at.date()))
    return Span(begin=min(moments), end=max(moments) + SECOND)
