"""Working time, by a table worked out by hand and by a count of minutes that knows nothing of the code."""

import timeit
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.config.check import validate
from mailbot.config.document import Document
from mailbot.config.model import Config
from mailbot.errors import MailbotError
from mailbot.process.calendar import ALWAYS, Calendar, calendars
from mailbot.process.duration import Duration

PARIS, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
CALENDARS = {
    "office": Calendar.parse(hours="mon-fri 09:00-17:00"),
    "lunch": Calendar.parse(hours="mon-fri 09:00-12:00, 13:00-17:00"),
    "short friday": Calendar.parse(hours="mon-thu 09:00-17:00; fri 09:00-15:00"),
    "saturday": Calendar.parse(hours="sat 10:00-12:00"),
    "closed": Calendar.parse(hours="mon-fri 09:00-17:00", dates=[date(2026, 12, 24), date(2026, 12, 31)]),
    "paris": Calendar.parse(hours="mon-fri 09:00-12:00, 13:00-17:00", holidays="FR", zone=PARIS),
    "alsace": Calendar.parse(hours="mon-fri 09:00-17:00", holidays="FR-57", zone=PARIS),
    "new york": Calendar.parse(hours="mon-fri 09:00-17:00", holidays="US", zone=NEW_YORK),
    "night": Calendar.parse(hours="mon-fri 22:00-06:00", zone=PARIS),
    "night, holidays": Calendar.parse(hours="mon-fri 22:00-06:00", holidays="FR", zone=PARIS),
    "always in paris": Calendar.parse(hours="mon-sun 00:00-24:00", zone=PARIS),
    "02-03 in paris": Calendar.parse(hours="mon-sun 02:00-03:00", zone=PARIS),
    "02:30-03:30 in paris": Calendar.parse(hours="mon-sun 02:30-03:30", zone=PARIS),
    "01-02:30 in paris": Calendar.parse(hours="mon-sun 01:00-02:30", zone=PARIS),
    "02:30-04 in paris": Calendar.parse(hours="mon-sun 02:30-04:00", zone=PARIS),
    "01-03 in new york": Calendar.parse(hours="mon-sun 01:00-03:00", zone=NEW_YORK),
    "01:30-02 in new york": Calendar.parse(hours="mon-sun 01:30-02:00", zone=NEW_YORK),
    "kathmandu": Calendar.parse(hours="sun-fri 10:00-17:00", zone=ZoneInfo("Asia/Kathmandu")),
    "lord howe": Calendar.parse(hours="mon-sun 01:00-04:00", zone=ZoneInfo("Australia/Lord_Howe")),
    "always": ALWAYS,
}  # fmt: skip


def at(calendar: str, text: str) -> datetime:
    """A moment in the calendar's own zone; with an offset where the clock's time alone would be ambiguous."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=CALENDARS[calendar].zone)


def length(text: str) -> timedelta:
    hours, _, rest = text.partition(":")
    minutes, _, seconds = rest.partition(":")
    return timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))


# 2026-11-23 is a Monday. Clocks: Paris 29 March 02:00 → 03:00, 25 October 03:00 → 02:00;
# New York 8 March 02:00 → 03:00, 1 November 02:00 → 01:00.
ADD = [
    # the earliest instant at which the time is spent
    ("office", "2026-11-23 09:00", "8", "2026-11-23 17:00"),
    ("office", "2026-11-23 08:00", "8", "2026-11-23 17:00"),
    ("office", "2026-11-23 10:00", "8", "2026-11-24 10:00"),
    ("office", "2026-11-23 17:00", "8", "2026-11-24 17:00"),
    ("office", "2026-11-23 16:59:59", "0:00:01", "2026-11-23 17:00"),
    ("office", "2026-11-23 16:59:59", "0:00:02", "2026-11-24 09:00:01"),
    ("office", "2026-11-23 23:00", "0:00:01", "2026-11-24 09:00:01"),
    # none moves nothing, not even out of the night
    ("office", "2026-11-23 17:00", "0", "2026-11-23 17:00"),
    ("office", "2026-11-22 03:00", "0", "2026-11-22 03:00"),
    # weekends
    ("office", "2026-11-27 16:00", "2", "2026-11-30 10:00"),
    ("office", "2026-11-28 12:00", "8", "2026-11-30 17:00"),
    ("office", "2026-11-29 12:00", "8:00:01", "2026-12-01 09:00:01"),
    ("office", "2026-11-27 09:00", "24", "2026-12-01 17:00"),
    ("office", "2026-11-23 09:00", "400", "2027-01-29 17:00"),
    # several spans a day
    ("lunch", "2026-11-23 09:00", "3", "2026-11-23 12:00"),
    ("lunch", "2026-11-23 09:00", "3:00:01", "2026-11-23 13:00:01"),
    ("lunch", "2026-11-23 12:00", "1", "2026-11-23 14:00"),
    ("lunch", "2026-11-23 12:30", "4", "2026-11-23 17:00"),
    ("lunch", "2026-11-27 11:00", "6", "2026-11-30 10:00"),
    # days that differ
    ("short friday", "2026-11-26 16:00", "7", "2026-11-27 15:00"),
    ("short friday", "2026-11-26 16:00", "8", "2026-11-30 10:00"),
    ("saturday", "2026-11-23 00:00", "5", "2026-12-12 11:00"),
    # single dates, and the turn of the year
    ("closed", "2026-12-23 16:00", "2", "2026-12-25 10:00"),
    ("closed", "2026-12-30 12:00", "8", "2027-01-01 12:00"),
    # holidays: Easter Monday, 1 and 8 May, Ascension, 14 July, 11 November, Christmas and New Year
    ("paris", "2026-04-03 16:00", "2", "2026-04-07 10:00"),
    ("alsace", "2026-04-02 16:00", "2", "2026-04-07 10:00"),
    ("paris", "2026-04-30 16:00", "2", "2026-05-04 10:00"),
    ("paris", "2026-05-13 09:00", "14", "2026-05-15 17:00"),
    ("paris", "2026-07-13 17:00", "1", "2026-07-15 10:00"),
    ("paris", "2026-11-10 13:00", "5", "2026-11-12 10:00"),
    ("paris", "2026-12-24 17:00", "0:00:01", "2026-12-28 09:00:01"),
    ("paris", "2026-12-31 16:00", "2", "2027-01-04 10:00"),
    ("new york", "2026-11-25 16:00", "2", "2026-11-27 10:00"),
    ("new york", "2026-07-02 16:00", "2", "2026-07-06 10:00"),  # 4 July is a Saturday: observed on Friday
    # over a change of clocks, by day: the hours of work are what they were
    ("paris", "2026-03-27 16:00", "2", "2026-03-30 10:00"),
    ("paris", "2026-10-23 16:00", "2", "2026-10-26 10:00"),
    ("new york", "2026-03-06 16:00", "2", "2026-03-09 10:00"),
    ("new york", "2026-10-30 16:00", "2", "2026-11-02 10:00"),
    # through one, by night: real hours count
    ("always in paris", "2026-03-29 00:00", "24", "2026-03-30 01:00"),
    ("always in paris", "2026-10-25 00:00", "24", "2026-10-25 23:00"),
    ("always in paris", "2026-10-25 02:30+02:00", "1", "2026-10-25 02:30+01:00"),
    ("01-03 in new york", "2026-03-08 00:00", "1", "2026-03-08 03:00"),
    ("01-03 in new york", "2026-03-08 00:00", "1:00:01", "2026-03-09 01:00:01"),
    ("01-03 in new york", "2026-11-01 00:00", "3", "2026-11-01 03:00"),
    # past midnight
    ("night", "2026-11-23 09:00", "8", "2026-11-24 06:00"),
    ("night", "2026-11-24 05:00", "2", "2026-11-24 23:00"),
    ("night", "2026-11-28 05:00", "2", "2026-11-30 23:00"),
    ("night", "2026-03-27 22:00", "8", "2026-03-28 06:00"),
    ("night, holidays", "2026-11-10 22:00", "8", "2026-11-11 06:00"),
    ("night, holidays", "2026-11-10 22:00", "9", "2026-11-12 23:00"),
    # other zones
    ("kathmandu", "2026-11-22 03:00+00:00", "7", "2026-11-22 11:15+00:00"),
    ("office", "2026-11-23 10:00+01:00", "8", "2026-11-23 18:00+01:00"),
    ("always", "2026-11-23 09:00", "30", "2026-11-24 15:00"),
]


@pytest.mark.parametrize(("calendar", "start", "work", "end"), ADD)
def test_trap_30_work_is_spent_at_the_earliest_instant(calendar, start, work, end):
    assert CALENDARS[calendar].add(at(calendar, start), length(work)) == at(calendar, end)


BETWEEN = [
    ("office", "2026-11-23 09:00", "2026-11-23 17:00", "8"),
    ("office", "2026-11-23 00:00", "2026-11-24 00:00", "8"),
    ("office", "2026-11-23 17:00", "2026-11-24 09:00", "0"),
    ("office", "2026-11-23 16:59:59", "2026-11-24 09:00:01", "0:00:02"),
    ("office", "2026-11-27 17:00", "2026-11-30 09:00", "0"),
    ("office", "2026-11-24 09:00", "2026-11-23 09:00", "0"),
    ("office", "2026-11-23 09:00", "2026-11-23 09:00", "0"),
    ("lunch", "2026-11-23 11:30", "2026-11-23 13:30", "1"),
    ("lunch", "2026-11-23 12:00", "2026-11-23 13:00", "0"),
    ("short friday", "2026-11-23 00:00", "2026-11-30 00:00", "38"),
    ("paris", "2026-05-04 00:00", "2026-05-18 00:00", "56"),
    ("new york", "2026-11-23 00:00", "2026-11-30 00:00", "32"),
    ("always in paris", "2026-03-29 00:00", "2026-03-30 00:00", "23"),
    ("always in paris", "2026-10-25 00:00", "2026-10-26 00:00", "25"),
    # 02:00 is not there in spring: it is 03:00 at once
    ("02-03 in paris", "2026-03-29 00:00", "2026-03-30 00:00", "0"),
    ("02:30-03:30 in paris", "2026-03-29 00:00", "2026-03-30 00:00", "0:30"),
    ("01-02:30 in paris", "2026-03-29 00:00", "2026-03-30 00:00", "1"),
    ("02:30-04 in paris", "2026-03-29 00:00", "2026-03-30 00:00", "1"),
    # and comes twice in autumn: the first counts, so that spans side by side stay so
    ("02-03 in paris", "2026-10-25 00:00", "2026-10-26 00:00", "2"),
    ("02:30-03:30 in paris", "2026-10-25 00:00", "2026-10-26 00:00", "2"),
    ("01-02:30 in paris", "2026-10-25 00:00", "2026-10-26 00:00", "1:30"),
    ("02:30-04 in paris", "2026-10-25 00:00", "2026-10-26 00:00", "2:30"),
    ("01-03 in new york", "2026-03-08 00:00", "2026-03-09 00:00", "1"),
    ("01-03 in new york", "2026-11-01 00:00", "2026-11-02 00:00", "3"),
    ("01:30-02 in new york", "2026-11-01 00:00", "2026-11-02 00:00", "1:30"),
    ("lord howe", "2026-10-04 00:00", "2026-10-05 00:00", "2:30"),  # half an hour forward
    ("lord howe", "2026-04-05 00:00", "2026-04-06 00:00", "3:30"),
    ("night", "2026-11-23 00:00", "2026-11-24 00:00", "2"),
    ("night", "2026-11-28 00:00", "2026-11-29 00:00", "6"),
]  # fmt: skip


@pytest.mark.parametrize(("calendar", "start", "end", "work"), BETWEEN)
def test_trap_30_the_work_between_two_moments_is_half_open(calendar, start, end, work):
    assert CALENDARS[calendar].between(at(calendar, start), at(calendar, end)) == length(work)


NEXT = [
    ("office", "2026-11-23 08:59:59", "2026-11-23 09:00"),
    ("office", "2026-11-23 09:00", "2026-11-23 09:00"),
    ("office", "2026-11-23 16:59:59", "2026-11-23 16:59:59"),
    ("office", "2026-11-23 17:00", "2026-11-24 09:00"),
    ("office", "2026-11-27 17:00", "2026-11-30 09:00"),
    ("lunch", "2026-11-23 12:00", "2026-11-23 13:00"),
    ("paris", "2026-12-24 17:00", "2026-12-28 09:00"),
    ("night", "2026-11-24 06:00", "2026-11-24 22:00"),
    ("night", "2026-11-28 03:00", "2026-11-28 03:00"),
    ("02-03 in paris", "2026-03-28 03:00", "2026-03-30 02:00"),
    ("02:30-03:30 in paris", "2026-03-29 00:00", "2026-03-29 03:00"),
    ("kathmandu", "2026-11-27 17:00", "2026-11-29 10:00"),
    ("always", "2026-11-22 03:00", "2026-11-22 03:00"),
]


@pytest.mark.parametrize(("calendar", "instant", "expected"), NEXT)
def test_trap_30_the_next_working_moment(calendar, instant, expected):
    assert CALENDARS[calendar].next_working(at(calendar, instant)) == at(calendar, expected)


END_OF_WORK = [
    ("office", "2026-11-27", "2026-11-27 17:00"),
    ("office", "2026-11-28", "2026-11-27 17:00"),
    ("office", "2026-11-29", "2026-11-27 17:00"),
    ("lunch", "2026-11-23", "2026-11-23 17:00"),
    ("short friday", "2026-11-28", "2026-11-27 15:00"),
    ("paris", "2026-12-25", "2026-12-24 17:00"),
    ("paris", "2026-05-10", "2026-05-07 17:00"),
    ("new york", "2026-03-09", "2026-03-09 17:00"),
    ("night", "2026-11-23", "2026-11-24 06:00"),
    ("02-03 in paris", "2026-03-29", "2026-03-28 03:00"),
    ("always", "2026-11-23", "2026-11-24 00:00"),
    ("always in paris", "2026-10-25", "2026-10-26 00:00"),
]


@pytest.mark.parametrize(("calendar", "day", "end"), END_OF_WORK)
def test_the_end_of_work_on_a_day_or_before_it(calendar, day, end):
    assert CALENDARS[calendar].end_of_work(date.fromisoformat(day)) == at(calendar, end)


AFTER = [
    ("office", "2026-11-23 09:00", "8 working hours", "2026-11-23 17:00"),
    ("office", "2026-11-23 09:00", "3 working days", "2026-11-25 17:00"),
    ("office", "2026-11-23 12:00", "1 working week", "2026-11-30 12:00"),
    ("office", "2026-11-23 16:45", "30 working minutes", "2026-11-24 09:15"),
    ("lunch", "2026-11-23 13:00", "1 working day", "2026-11-24 12:00"),
    ("short friday", "2026-11-26 09:00", "2 working days", "2026-11-30 11:00"),
    ("office", "2026-11-23 09:00", "3 days", "2026-11-26 09:00"),
    ("office", "2026-11-27 16:00", "2 hours", "2026-11-27 18:00"),
    ("paris", "2026-03-28 12:00", "1 day", "2026-03-29 13:00"),
    ("always", "2026-11-23 09:00", "2 working days", "2026-11-25 09:00"),
]


@pytest.mark.parametrize(("calendar", "start", "duration", "end"), AFTER)
def test_a_duration_is_over_by_work_or_by_the_clock(calendar, start, duration, end):
    assert CALENDARS[calendar].after(at(calendar, start), Duration.parse(duration)) == at(calendar, end)


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


def shown_at(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first minute at which the zone's clocks show a time or a later one, found by looking at each."""
    minute = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    while minute.astimezone(zone).replace(tzinfo=None) < wall:
        minute += timedelta(minutes=1)
    return minute


CLOCK_CHANGES = [
    (PARIS, date(2026, 3, 29)),
    (PARIS, date(2026, 10, 25)),
    (NEW_YORK, date(2026, 3, 8)),
    (NEW_YORK, date(2026, 11, 1)),
    (ZoneInfo("Australia/Lord_Howe"), date(2026, 4, 5)),
    (ZoneInfo("Australia/Lord_Howe"), date(2026, 10, 4)),
]


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(CLOCK_CHANGES),
    st.lists(st.integers(0, 24 * 4), min_size=2, max_size=6, unique=True).map(sorted),
)
def test_trap_30_spans_begin_and_end_as_the_clock_on_the_wall_first_shows_it(change, quarters):
    zone, day = change
    midnight = datetime.combine(day, datetime.min.time())
    spans = list(zip(quarters[::2], quarters[1::2], strict=False))
    written = ", ".join(f"{a // 4:02}:{a % 4 * 15:02}-{b // 4:02}:{b % 4 * 15:02}" for a, b in spans)
    calendar = Calendar.parse(hours=f"mon-sun {written}", zone=zone)
    expected = sum(
        (
            shown_at(midnight + timedelta(minutes=15 * b), zone) - shown_at(midnight + timedelta(minutes=15 * a), zone)
            for a, b in spans
        ),
        timedelta(),
    )
    begin, end = (shown_at(midnight + timedelta(days=n), zone) for n in (0, 1))
    assert calendar.between(begin, end) == expected


def test_ten_working_days_are_counted_in_well_under_a_millisecond():
    calendar, start = CALENDARS["paris"], datetime(2026, 5, 4, tzinfo=UTC)
    duration = Duration.parse("10 working days")
    calendar.after(start, duration)
    fastest = min(timeit.repeat(lambda: calendar.after(start, duration), number=10, repeat=10)) / 10
    assert fastest < 0.0005
