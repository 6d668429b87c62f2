"""Hours as people write them."""

from datetime import time

import pytest

from mailbot.config.hours import DAY, Week, Weekly, time_of_day

H = 3600
EIGHT = (9 * H, 17 * H)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri 09:00-17:00", [[EIGHT]] * 5 + [[], []]),
        ("Monday - Friday 9:00 - 17:00", [[EIGHT]] * 5 + [[], []]),
        ("mon–fri 09:00–17:00", [[EIGHT]] * 5 + [[], []]),  # noqa: RUF001 (en dashes, as word processors write)
        ("mon 13:00-17:00, 09:00-12:00", [[(9 * H, 12 * H), (13 * H, 17 * H)], [], [], [], [], [], []]),
        ("mon 09:00-12:00; mon 13:00-17:00", [[(9 * H, 12 * H), (13 * H, 17 * H)], [], [], [], [], [], []]),
        ("mon 09:00-12:00, 12:00-17:00", [[(9 * H, 12 * H), (12 * H, 17 * H)], [], [], [], [], [], []]),
        ("mon, wed-thu 09:00-17:00", [[EIGHT], [], [EIGHT], [EIGHT], [], [], []]),
        ("fri-mon 09:00-17:00", [[EIGHT], [], [], [], [EIGHT], [EIGHT], [EIGHT]]),
        ("mon-sun 00:00-24:00", [[(0, DAY)]] * 7),
        ("sun 22:00-06:00", [[], [], [], [], [], [], [(22 * H, 30 * H)]]),
        ("sat 22:00-06:00; sun 06:00-08:00", [[], [], [], [], [], [(22 * H, 30 * H)], [(6 * H, 8 * H)]]),
    ],
)
def test_a_week_is_read(text, days):
    assert [list(spans) for spans in Week.parse(text).days] == days
    assert str(Week.parse(text)) == text


NO_HOURS = (
    'are no working hours: write days, then times, like "mon-fri 09:00-17:00" or "mon-fri 09:00-12:00, 13:00-17:00"'
)
NO_TIME = 'is no time of day: write hours and minutes, like "09:00"'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", f"'' {NO_HOURS}"),
        ("mon-fri", f"'mon-fri' {NO_HOURS}"),
        ("09:00-17:00", f"'09:00-17:00' {NO_HOURS}"),
        ("09:00-17:00 mon", f"'09:00-17:00 mon' {NO_HOURS}"),
        ("mon 09:00-17:00;", f"'' {NO_HOURS}"),
        ("mon-fry 09:00-17:00", "'fry' is no day of the week: did you mean 'fri'?"),
        ("holidays 09:00-17:00", "'holidays' is no day of the week: days are mon, tue, wed, thu, fri, sat, sun"),
        ("mon 09:00", "'09:00' is no span of time: write from and to, like \"09:00-17:00\""),
        ("mon 9-17", f"'9' {NO_TIME}"),
        ("mon 09:00-17h", f"'17h' {NO_TIME}"),
        ("mon 09:00-25:00", "'25:00' is no time of day: the last is 23:59 (or 24:00 as an end)"),
        ("mon 09:00-24:01", "'24:01' is no time of day: the last is 23:59 (or 24:00 as an end)"),
        ("mon 09:60-17:00", "'09:60' is no time of day: the last is 23:59 (or 24:00 as an end)"),
        ("mon 09:00-09:00", "'09:00-09:00' is no span of time: a whole day is \"00:00-24:00\""),
        ("mon 24:00-08:00", "'24:00-08:00' is no span of time: a whole day is \"00:00-24:00\""),
        ("mon 09:00-12:00, 11:59-17:00", "two spans overlap on mon at 11:59"),
        ("mon-fri 09:00-17:00; wed 16:00-18:00", "two spans overlap on wed at 16:00"),
        ("mon, mon 09:00-17:00", "two spans overlap on mon at 09:00"),
        ("mon-sun 22:00-06:00; tue 05:00-07:00", "two spans overlap on tue at 05:00"),
        ("sun 22:00-06:00; mon 05:00-07:00", "two spans overlap on mon at 05:00"),
    ],
)
def test_what_are_no_hours_is_told_in_words(text, words):
    with pytest.raises(ValueError) as error:  # noqa: PT011 (its whole text is held against the table)
        Week.parse(text)
    assert str(error.value) == words


@pytest.mark.parametrize("text", ["mon 08:00", "Monday 8:00", " MON  08:00 "])
def test_a_moment_of_the_week_is_read(text):
    assert Weekly.parse(text) == Weekly(weekday=0, time=time(8))
    assert str(Weekly.parse(text)) == "mon 08:00"


@pytest.mark.parametrize("text", ["", "mon", "08:00", "mon 08:00 09:00", "mon 8", "mon 24:00", "moon 08:00"])
def test_what_is_no_moment_of_the_week_is_refused(text):
    with pytest.raises(ValueError, match=r"is no moment|is no time|is no day|ends a day"):
        Weekly.parse(text)


def test_a_time_of_day_is_read():
    assert [time_of_day(text) for text in ("09:00", "9:05", "00:00", "23:59")] == [
        time(9),
        time(9, 5),
        time(0),
        time(23, 59),
    ]
