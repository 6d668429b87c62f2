"""The arithmetic of digest and stats."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.addresses import Block, Family
from mailbot.config.hours import Weekly
from mailbot.desk.outlook import CENTURY, POINTS, days_left, lasts
from mailbot.digest import words
from mailbot.digest.door import last_hour
from mailbot.digest.figures import Pace, pace
from mailbot.process.calendar import Calendar

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOUSE = Calendar.parse(hours="mon-fri 09:00-17:00")
FIRST = date(2026, 9, 1)


def test_pace_is_told_in_working_time():
    friday = MONDAY + timedelta(days=4, hours=7)  # 16:00
    found = pace([(friday, friday + timedelta(days=3), None)], HOUSE)
    assert (found.median, found.ninety) == (8 * HOUR, 8 * HOUR)  # an hour on Friday, seven on Monday


def test_nine_of_ten_took_no_longer_than_that():
    answers = [(MONDAY, MONDAY + n * timedelta(minutes=10), None) for n in range(1, 21)]
    found = pace(answers, HOUSE)
    assert found.ninety == timedelta(minutes=180)
    assert found.median == timedelta(minutes=105)
    assert sum(answered - begun <= found.ninety for begun, answered, _ in answers) == 18


def test_lead_times_are_met_by_answers_up_to_the_due_time_itself():
    answers = [(MONDAY, MONDAY + HOUR, MONDAY + due) for due in (HOUR, 2 * HOUR, HOUR / 2)]
    found = pace([*answers, (MONDAY, MONDAY + HOUR, None)], HOUSE)
    assert (found.count, found.due, found.met, found.per_cent) == (4, 3, 2, 66)


def test_of_nothing_there_is_no_pace():
    assert pace([], HOUSE) == Pace(count=0, due=0, met=0, median=None, ninety=None)
    assert pace([], HOUSE).per_cent is None


def grown(*steps, every=1):
    return {FIRST + timedelta(days=every * n): step for n, step in enumerate(steps)}


@given(step=st.integers(1, 2**96), every=st.integers(1, 6), points=st.integers(POINTS, 40), room=st.integers(0, 500))
def test_a_pool_that_grows_evenly_lasts_as_long_as_its_room_divided_by_its_growth(step, every, points, room):
    growth = grown(*[step] * points, every=every)
    used = step * points
    assert abs(days_left(growth, used, used + room * step) - room * every) <= 1


@pytest.mark.parametrize(
    ("growth", "days"),
    [
        (grown(*[16] * (POINTS - 1)), None),
        (grown(*[-16] * POINTS), CENTURY),
        (grown(*[16, -16] * 10), CENTURY),
        ({}, None),
    ],
)
def test_a_pool_without_growth_or_without_a_past_has_no_end(growth, days):
    assert days_left(growth, 1000, 65536) == days


@pytest.mark.parametrize(
    ("now", "hour"),
    [
        ("2026-11-23 08:00:00", "2026-11-23 08:00"),
        ("2026-11-23 07:59:59", "2026-11-16 08:00"),
        ("2026-11-22 23:00:00", "2026-11-16 08:00"),
        ("2026-11-29 12:00:00", "2026-11-23 08:00"),
        ("2026-03-30 08:00:00", "2026-03-30 08:00"),  # the day after the clocks went forward
        ("2026-03-30 07:59:59", "2026-03-23 08:00"),
    ],
)
def test_the_hour_of_the_digest_is_told_by_the_clock_on_the_wall(now, hour):
    paris = ZoneInfo("Europe/Paris")
    found = last_hour(Weekly.parse("mon 08:00"), datetime.fromisoformat(now).replace(tzinfo=paris), paris)
    assert f"{found.astimezone(paris):%Y-%m-%d %H:%M}" == hour


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (MONDAY, 47),  # a Monday's digest is about the week that has ended
        (MONDAY + timedelta(days=4), 48),
        (datetime(2026, 1, 5, 8, tzinfo=UTC), 1),
        (datetime(2027, 1, 4, 8, tzinfo=UTC), 53),
    ],
)
def test_a_digest_is_named_after_the_week_that_it_is_about(moment, week):
    assert words.week_of(moment, UTC) == week


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (None, "n/a"),
        (timedelta(minutes=40), "40 min"),
        (8 * HOUR, "8 h"),
        (6.5 * HOUR, "6.5 h"),
    ],
)
def test_working_time_is_told_in_hours(time, text):
    assert words.hours(time) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 256, "0 %"),
        (1, 256, "under 1 %"),
        (255, 256, "99 %"),
        (256, 256, "100 %"),
        (0, 0, "n/a"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(part, whole, text):
    assert words.share(part, whole) == text


@pytest.mark.parametrize(
    ("addresses", "family", "text"),
    [
        (1, Family.V4, "1 address"),
        (65536, Family.V4, "65,536 addresses"),
        (2**96 - 2**72, Family.V6, "65,535 x /48"),
        (2**72, Family.V6, "256 x /64"),
        (16, Family.V6, "16 addresses"),
    ],
)
def test_space_is_told_in_what_people_know_it_by(addresses, family, text):
    assert words.amount(addresses, family) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (None, "n/a"),
        (0, "full today"),
        (1, "full in about 1 day"),
        (13, "full in about 13 days"),
        (70, "full in about 10 weeks"),
        (365, "full in about 12 months"),
        (3 * 365, "full in about 3 years"),
        (CENTURY, "no end in sight"),
    ],
)
def test_how_long_a_pool_lasts_is_told_roughly(days, text):
    assert lasts(days) == text


@pytest.mark.parametrize(
    ("summary", "text"),
    [
        ("x" * 10, "x" * 10),
        ("x" * 11, "x" * 9 + "…"),
    ],
)
def test_a_summary_that_is_too_long_is_cut(summary, text):
    assert words.short(summary, 10) == text


def test_of_many_lengths_the_most_frequent_are_told():
    found = [Block(family=Family.V4, network=0, host_bits=bits) for bits in (0, 1, 2, 2, 3, 3, 4, 4, 5, 5)]
    assert words.prefixes(found) == "10 prefixes (2 x /27, 2 x /28, 2 x /29, 2 x /30, and others)"
    assert words.prefixes(found[:1]) == "1 prefix (1 x /32)"
    assert words.prefixes([]) == "nothing"


def test_numbers_are_counted_beside_prefixes():
    numbers = [Block(family=Family.NUMBER, network=at, host_bits=0) for at in (200, 201)]
    prefix = Block(family=Family.V4, network=0, host_bits=4)
    assert words.prefixes([numbers[0], prefix, numbers[1]]) == "1 prefix (1 x /28), 2 numbers"
    assert words.prefixes(numbers[:1]) == "1 number"
    assert words.amount(3800, Family.NUMBER) == "3,800 numbers"
