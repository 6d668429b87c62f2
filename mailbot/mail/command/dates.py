"""Dates as people write them in a command: only those that can mean one day."""

import re
from dataclasses import dataclass
from datetime import date

from mailbot.words import say

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?:the )?(?P<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,? )?(?:the )?"
_END = r"(?![\w/-])"
_FORMS = tuple(
    re.compile(f"(?i){_WEEKDAY}{form}{_END}")
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        rf"{_DAY}(?: of)?[ -]{_MONTH}(?:,?[ -](?P<year>\d{{4}}))?",
        rf"{_MONTH} {_DAY}(?:,? (?P<year>\d{{4}}))?",
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})?",
        r"(?P<either>\d{1,2})[/-](?P<other>\d{1,2})[/-](?P<year>\d{4})",
    )
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a date is not one day; in words for its writer."""

    reason: str


def read_date(text: str, today: date | None) -> tuple[date, str] | Doubt:
    """The date at the beginning of a text, and what follows it.

    A date without its year is the next such day, counted from `today`; without `today` it is doubtful.
    """
    match = next((one for form in _FORMS if (one := form.match(text))), None)
    if match is None:
        return Doubt(reason=say("commands.the_date_is_not"))
    parts = match.groupdict()
    day, month = _day_and_month(parts)
    if day == 0:
        return Doubt(reason=say("commands.can_mean_two_days", written=match[0]))
    try:
        found = _in_year(parts.get("year"), month, day, today)
    except ValueError:
        return Doubt(reason=say("commands.there_is_no_day", written=match[0]))
    if found is None:
        return Doubt(reason=say("commands.lacks_its_year_write", written=match[0]))
    named = parts["weekday"]
    if named and _WEEKDAYS[found.weekday()] != named.lower():
        return Doubt(reason=say("commands.is_no_such_weekday", date=found, weekday=match[0].split()[0].strip(",")))
    return found, text[match.end() :].strip(" ,;:-")


def _day_and_month(parts: dict[str, str | None]) -> tuple[int, int]:
    """(day, month); (0, 0) where day and month may be exchanged."""
    if either := parts.get("either"):
        one, other = int(either), int(parts["other"] or 0)
        if one > 12 or one == other:  # noqa: PLR2004  no month
            return one, other
        return (other, one) if other > 12 else (0, 0)  # noqa: PLR2004
    name = parts.get("name")
    month = _MONTHS.index(name[:3].lower()) + 1 if name else int(parts["month"] or 0)
    return int(parts["day"] or 0), month


def _in_year(year: str | None, month: int, day: int, today: date | None) -> date | None:
    if year:
        return date(int(year), month, day)
    if today is None:
        return None
    found = date(today.year, month, day)
    return found if found >= today else date(today.year + 1, month, day)
