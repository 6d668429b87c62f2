"""Moments as rule files and forms write them: a day, a day and a time, or an exact instant."""

import re
from datetime import UTC, datetime, time, timedelta

from mailbot.process.calendar import Calendar

_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<clock>\d{1,2}:\d\d)(?::\d\d)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_EXAMPLES = 'like "2026-12-24", "2026-12-24 03:00" or "2026-12-24T03:00Z"'


def begins(text: str, calendar: Calendar) -> datetime:
    """When what is written begins; of a mere day, its work (of a free day: the next work there is).

    ValueError, in words for its writer, where it is none.
    """
    day, at = _read(text, calendar)
    return at or calendar.next_working(_midnight(day, calendar))


def ends(text: str, calendar: Calendar) -> datetime:
    """When what is written is over: of a mere day, the midnight after it. ValueError as `begins`."""
    day, at = _read(text, calendar)
    return at or _midnight(day + timedelta(days=1), calendar)


def _read(text: str, calendar: Calendar) -> tuple[datetime, datetime | None]:
    """The day, and the instant where a time is written."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:60]!r} is no moment: write one {_EXAMPLES}")
    try:
        day = datetime.fromisoformat(found["day"])
        clock = time.fromisoformat(found["clock"].zfill(5)) if found["clock"] else None
        if clock is None:
            return day, None
        if found["zone"]:
            at = datetime.fromisoformat(f"{found['day']}T{clock:%H:%M}{found['zone']}")
        else:
            at = datetime.combine(day, clock, calendar.zone)
        return day, at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:60]!r} is no moment: write one {_EXAMPLES}") from error


def _midnight(day: datetime, calendar: Calendar) -> datetime:
    return day.replace(tzinfo=calendar.zone).astimezone(UTC)
