"""Working time, by a table worked out by hand (calendar_cases.txt) and by a count of minutes that knows nothing of the
code (minutes.py).
"""

import timeit
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from minutes import Minutes, dates

from mailbot.config.check import validate
from mailbot.config.document import Document
from mailbot.config.model import Config
from mailbot.errors import MailbotError
from mailbot.process.calendar import ALWAYS, Calendar, calendars
from mailbot.process.duration import Duration

PARIS = ZoneInfo("Europe/Paris")
NEW_YEAR = date(2027, 1, 1)


def sections() -> dict[str, list[list[str]]]:
    """The rows of calendar_cases.txt, by the first word of their heading."""
    found: dict[str, list[list[str]]] = {}
    text = (Path(__file__).parent / "calendar_cases.txt").read_text(encoding="utf-8")
    for section in text.split("\n== ")[1:]:
        heading, *lines = section.splitlines()
        rows = (line.partition("#")[0].strip() for line in lines)
        found[heading.partition(":")[0]] = [[cell.strip() for cell in row.split("|")] for row in rows if row]
    return found


CASES = sections()
FREE = {place: dates(days) for place, days in CASES["free days"]}


def written(hours: str, zone: str = "UTC", place: str = "", days: str = "") -> tuple[str, ZoneInfo, str, list[date]]:
    """A calendar as the table has it; "" for no country."""
    return hours, ZoneInfo(zone), place, dates(days)


WRITTEN = {name: written(*rest) for name, *rest in CASES["calendars"]}
CALENDARS = {
    name: Calendar.parse(hours=hours, zone=zone, holidays=place or None, dates=days)
    for name, (hours, zone, place, days) in WRITTEN.items()
}


def counted(calendar: str, *moments: datetime) -> Minutes:
    """The same calendar, to be counted by minutes between these moments."""
    hours, zone, place, days = WRITTEN[calendar]
    free = [*FREE[place], NEW_YEAR] if place else []
    return Minutes(hours, zone, [*free, *days], min(moments), max(moments))


def at(calendar: str, text: str) -> datetime:
    """A moment in the calendar's own zone; with an offset where the clock's time alone would be ambiguous."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=CALENDARS[calendar].zone)


def length(text: str) -> timedelta:
    hours, _, rest = text.partition(":")
    minutes, _, seconds = rest.partition(":")
    return timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))


def test_the_table_is_a_long_one():
    assert sum(len(rows) for name, rows in CASES.items() if name not in {"free days", "calendars"}) > 300


@pytest.mark.parametrize(("calendar", "start", "work", "end"), CASES["add"])
def test_trap_30_work_is_spent_at_the_earliest_instant(calendar, start, work, end):
    start, end = at(calendar, start), at(calendar, end)
    assert CALENDARS[calendar].add(start, length(work)) == end
    assert counted(calendar, start, end).add(start.astimezone(UTC), length(work)) == end


@pytest.mark.parametrize(("calendar", "end", "work", "start"), CASES["last_start"])
def test_the_latest_instant_from_which_work_is_spent_in_time(calendar, end, work, start):
    start, end = at(calendar, start), at(calendar, end)
    assert CALENDARS[calendar].last_start(end, length(work)) == start
    assert counted(calendar, start, end).last_start(end.astimezone(UTC), length(work)) == start


@pytest.mark.parametrize(("calendar", "start", "end", "work"), CASES["between"])
def test_trap_30_the_work_between_two_moments_is_half_open(calendar, start, end, work):
    start, end = at(calendar, start), at(calendar, end)
    assert CALENDARS[calendar].between(start, end) == length(work)
    assert counted(calendar, start, end).between(start, end) == length(work)


@pytest.mark.parametrize(("calendar", "instant", "expected"), CASES["next_working"])
def test_trap_30_the_next_working_moment(calendar, instant, expected):
    instant, expected = at(calendar, instant), at(calendar, expected)
    assert CALENDARS[calendar].next_working(instant) == expected
    assert counted(calendar, instant, expected).next_working(instant.astimezone(UTC)) == expected


@pytest.mark.parametrize(("calendar", "day", "end"), CASES["end_of_work"])
def test_the_end_of_work_on_a_day_or_before_it(calendar, day, end):
    day, end = date.fromisoformat(day), at(calendar, end)
    assert CALENDARS[calendar].end_of_work(day) == end
    window = counted(calendar, end - timedelta(days=2), datetime.combine(day, datetime.max.time(), UTC))
    assert window.end_of_work(day) == end


@pytest.mark.parametrize(("calendar", "day", "expected"), CASES["is_worked"])
def test_a_day_on_which_work_begins(calendar, day, expected):
    day = date.fromisoformat(day)
    assert CALENDARS[calendar].is_worked(day) is (expected == "yes")
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
    assert counted(calendar, noon).is_worked(day) is (expected == "yes")


@pytest.mark.parametrize(("calendar", "start", "duration", "end"), CASES["after"])
def test_a_duration_is_over_by_work_or_by_the_clock(calendar, start, duration, end):
    assert CALENDARS[calendar].after(at(calendar, start), Duration.parse(duration)) == at(calendar, end)


@pytest.mark.parametrize(("calendar", "duration", "expected"), CASES["length"])
def test_how_long_a_duration_is_only_a_calendar_knows(calendar, duration, expected):
    hours, _, working = expected.partition(" ")
    assert CALENDARS[calendar].length(Duration.parse(duration)) == (length(hours), working == "working")


@pytest.mark.parametrize(
    ("hours", "day"),
    [
        ("mon-fri 09:00-17:00", "8"),
        ("mon-fri 09:00-12:00, 13:00-17:00", "7"),
        ("mon-thu 09:00-17:00; fri 09:00-15:00", "8"),
        ("mon, tue 09:00-15:00; wed, thu 09:00-17:00", "8"),
        ("mon-fri 22:00-06:00", "8"),
        ("mon-sun 00:00-24:00", "24"),
    ],
)
def test_a_working_day_is_the_hours_of_most_days_and_of_equals_the_longer(hours, day):
    assert Calendar.parse(hours=hours).regular_day == length(day)


def test_moments_come_out_in_utc_and_whole_seconds():
    start = datetime(2026, 11, 23, 9, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    office = CALENDARS["office"]
    for moment in (
        office.add(start, timedelta(seconds=1.9)),
        office.add(start, timedelta()),
        office.next_working(start),
        office.after(start, Duration.parse("1 hour")),
    ):
        assert (moment.tzinfo, moment.microsecond) == (UTC, 0)
    assert office.add(start, timedelta(seconds=1.9)) == datetime(2026, 11, 23, 9, 0, 1, tzinfo=UTC)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a time zone"):
        ALWAYS.add(datetime(2026, 11, 23, 9), timedelta(hours=1))  # noqa: DTZ001 (that is the test)


def test_work_is_not_counted_backwards():
    with pytest.raises(ValueError, match="backwards"):
        ALWAYS.add(datetime(2026, 11, 23, tzinfo=UTC), timedelta(seconds=-1))


def test_hours_that_holidays_take_away_are_refused():
    with pytest.raises(ValueError, match="no working time within 400 days"):
        Calendar.parse(hours="thu 09:00-17:00", dates=[date(2026, 1, 1) + timedelta(7 * n) for n in range(99)])


@pytest.mark.parametrize("place", ["XX", "fr", "", "FR-XX", "DE-"])
def test_unknown_places_have_no_holidays(place):
    with pytest.raises(ValueError, match=r"no holidays are known|knows no region"):
        Calendar.parse(hours="mon 09:00-17:00", holidays=place)


CONFIG = """
[bot]
address = "bot@example.net"
admins = ["root@example.net"]
secrets = ["env:SECRET"]
timezone = "Europe/Paris"
[mailbox]
url = "maildir:in"
[relay]
url = "maildir:out"
[calendar]
hours = "mon-fri 08:00-16:00"
holidays = "FR"
[calendars.lyon]
hours = "mon-fri 10:00-18:00"
[calendars.nepal]
hours = "sun-fri 10:00-17:00"
timezone = "Asia/Kathmandu"
"""


def test_a_config_gives_its_calendars_by_name(tmp_path):
    config = validate(Document.parse(tmp_path / "config.toml", CONFIG), Config)
    start = datetime(2026, 12, 25, 0, tzinfo=PARIS)
    begins = {name: each.next_working(start).isoformat() for name, each in calendars(config).items()}
    assert begins == {
        "house": "2026-12-28T07:00:00+00:00",
        "always": "2026-12-24T23:00:00+00:00",
        "lyon": "2026-12-25T09:00:00+00:00",
        "nepal": "2026-12-25T04:15:00+00:00",
    }


def test_a_config_whose_calendar_leaves_no_work_says_which(tmp_path):
    dates = ", ".join(f'"{date(2026, 1, 1) + timedelta(7 * n)}"' for n in range(99))
    text = f'{CONFIG}\n[calendars.never]\nhours = "thu 09:00-17:00"\ndates = [{dates}]\n'
    config = validate(Document.parse(tmp_path / "config.toml", text), Config)
    with pytest.raises(MailbotError, match='the calendar "never" has no working time'):
        calendars(config)


names = st.sampled_from(sorted(CALENDARS))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001 (hypothesis wants them so)
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
works = st.integers(0, 200 * 3600).map(lambda seconds: timedelta(seconds=seconds))


@given(names, moments, works)
def test_between_a_moment_and_the_spending_of_work_lies_that_work(name, start, work):
    calendar = CALENDARS[name]
    end = calendar.add(start, work)
    assert calendar.between(start, end) == work
    assert not work or calendar.between(start, end - timedelta(seconds=1)) == work - timedelta(seconds=1)


@given(names, moments, moments, works, works)
def test_more_work_and_a_later_start_end_later(name, start, other, work, more):
    calendar = CALENDARS[name]
    assert calendar.add(start, work) <= calendar.add(start, work + more)
    first, last = sorted((start, other))
    assert calendar.add(first, work) <= calendar.add(last, work) or not work


@given(names, st.lists(moments, min_size=3, max_size=3).map(sorted))
def test_the_parts_of_a_time_make_up_the_whole(name, three):
    calendar = CALENDARS[name]
    first, middle, last = three
    parts = calendar.between(first, middle) + calendar.between(middle, last)
    assert parts == calendar.between(first, last)


@given(names, moments, works, works)
def test_work_may_be_spent_in_two_goes(name, start, work, more):
    calendar = CALENDARS[name]
    assert calendar.add(calendar.add(start, work), more) == calendar.add(start, work + more) or not more


@given(names, moments)
def test_the_next_working_moment_is_worked_and_nothing_before_it_is(name, start):
    calendar = CALENDARS[name]
    found = calendar.next_working(start)
    assert calendar.between(start, found) == timedelta()
    assert calendar.between(found, found + timedelta(seconds=1)) == timedelta(seconds=1)


@given(names, moments, works)
def test_the_latest_start_turns_the_spending_of_work_round(name, end, work):
    calendar = CALENDARS[name]
    start = calendar.last_start(end, work)
    assert calendar.add(start, work) <= end
    assert not work or calendar.add(start + timedelta(seconds=1), work) > end


# Where clocks change, and how: by an hour, by half an hour, by two, at midnight, forwards and backwards.
CHANGES = [
    ("Europe/Paris", "2026-03-29"),
    ("Europe/Paris", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("America/Havana", "2026-03-08"),
    ("America/Havana", "2026-11-01"),
    ("America/Santiago", "2026-04-04"),
    ("America/Santiago", "2026-09-06"),
    ("Antarctica/Troll", "2026-03-29"),
    ("Antarctica/Troll", "2026-10-25"),
    ("Pacific/Chatham", "2026-04-05"),
    ("Asia/Kathmandu", "2026-06-21"),
]
QUARTERS = st.lists(st.integers(0, 24 * 4 - 1), min_size=2, max_size=6, unique=True).map(sorted)


@st.composite
def weeks(draw):
    """Hours of a week, by the quarter of an hour; past midnight on the last of the days, or all day."""
    if draw(st.integers(0, 9)) == 0:
        return "mon-sun 00:00-24:00"
    marks = [f"{n // 4:02}:{n % 4 * 15:02}" for n in draw(QUARTERS)]
    spans = [f"{a}-{b}" for a, b in zip(marks[::2], marks[1::2], strict=False)]
    if draw(st.booleans()):
        spans.append(f"{marks[-1]}-{marks[0]}" if len(marks) % 2 else f"{marks[-1]}-24:00")
    days = draw(st.sampled_from(["mon-sun", "mon-fri", "mon, wed, sat-sun"]))
    return f"{days} {', '.join(spans)}"


@settings(max_examples=100, deadline=None)
@given(
    weeks(),
    st.sampled_from(CHANGES),
    st.integers(-4 * 24 * 3600, 4 * 24 * 3600),
    st.integers(0, 3 * 24 * 3600),
    st.sets(st.integers(-6, 6), max_size=3),
)
def test_trap_30_what_is_worked_around_a_change_of_clocks_is_what_a_count_of_minutes_finds(
    hours, change, offset, seconds, free
):
    zone, day = ZoneInfo(change[0]), date.fromisoformat(change[1])
    free = [day + timedelta(days=n) for n in free]
    calendar = Calendar.parse(hours=hours, zone=zone, dates=free)
    midnight = datetime.combine(day, datetime.min.time(), UTC)
    start = midnight + timedelta(seconds=offset)
    end = start + timedelta(seconds=seconds)
    # Room for what must be waited for: days without work, and short ones.
    window = Minutes(hours, zone, free, midnight - timedelta(days=18), midnight + timedelta(days=18))
    assert calendar.between(start, end) == window.between(start, end)
    assert calendar.next_working(start) == window.next_working(start)
    assert calendar.end_of_work(day) == window.end_of_work(day)
    done = window.between(start, end)
    assert calendar.add(start, done) == window.add(start, done)
    assert calendar.last_start(end, done) == window.last_start(end, done)
    assert all(calendar.is_worked(day + timedelta(n)) == window.is_worked(day + timedelta(n)) for n in range(-3, 4))


def test_ten_working_days_are_counted_in_well_under_a_millisecond():
    calendar, start = CALENDARS["paris"], datetime(2026, 5, 4, tzinfo=UTC)
    duration = Duration.parse("10 working days")
    calendar.after(start, duration)
    fastest = min(timeit.repeat(lambda: calendar.after(start, duration), number=10, repeat=10)) / 10
    assert fastest < 0.0005
