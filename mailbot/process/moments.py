"""Moments as rule files and forms write them: a day, a day and a time, or an exact instant."""

import re
from datetime import UTC, datetime, timedelta

from mailbot.process.calendar import Calendar
from mailbot.words import say

_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<clock>\d{1,2}:\d\d)(?::\d\d)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
LONGEST = timedelta(days=10 * 365)
"""A date further off is a slip of the hand, and would have calendars count the days for seconds."""

_EXAMPLES = 'like "2026-12-24", "2026-12-24 03:00" or "2026-12-24T03:00Z"'


def begins(text: str, calendar: Calendar, latest: datetime | None = None) -> datetime:
    """When what is written begins; of a mere day, its work (of a free day: the next work there is).

    ValueError, in words for its writer, where it is none, or later than `latest`.
    """
    begin, is_day = _read(text, calendar, days=0)
    at = near(begin, latest)
    return calendar.next_working(at) if is_day else at


def ends(text: str, calendar: Calendar, latest: datetime | None = None) -> datetime:
    """When what is written is over: of a mere day, the midnight after it. ValueError as `begins`."""
    end, _ = _read(text, calendar, days=1)
    return near(end, latest)


def near(at: datetime, latest: datetime | None) -> datetime:
    """The moment itself; ValueError where it is later than anybody means."""
    if latest is not None and at > latest:
        raise ValueError(say("moments.is_too_far_away", at=f"{at:%Y-%m-%d}", latest=f"{latest:%Y-%m-%d}"))
    return at


def _read(text: str, calendar: Calendar, *, days: int) -> tuple[datetime, bool]:
    """The instant that is written; of a mere day, the midnight `days` later, and that it is a mere day."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(say("moments.is_no_moment_write", text=f"{text[:60]!r}", examples=_EXAMPLES))
    try:
        day = datetime.fromisoformat(found["day"])
        if not found["clock"]:
            return (day + timedelta(days=days)).replace(tzinfo=calendar.zone).astimezone(UTC), True
        at = datetime.fromisoformat(f"{found['day']}T{found['clock'].zfill(5)}{found['zone'] or ''}")
        return (at if at.tzinfo else at.replace(tzinfo=calendar.zone)).astimezone(UTC), False
    except (ValueError, OverflowError) as error:
        raise ValueError(say("moments.is_no_moment_write", text=f"{text[:60]!r}", examples=_EXAMPLES)) from error
