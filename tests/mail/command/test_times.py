"""Times of the past in a query: what each means, and what is doubtful."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.desk.context import shown
from mailbot.mail.command.dates import Doubt
from mailbot.mail.command.times import SECOND, Span, read_span

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)  # 10:30 in Paris


def read(text, zone=PARIS):
    return read_span(text, NOW, zone)


def at(text, minutes=0):
    begin = datetime.fromisoformat(text)
    return Span(begin=begin, end=begin + timedelta(minutes=minutes) + SECOND)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026-11-23", "2026-11-22T23:00Z", "2026-11-23T23:00Z"),
        ("23 Nov", "2026-11-22T23:00Z", "2026-11-23T23:00Z"),
        ("Mon 23 Nov", "2026-11-22T23:00Z", "2026-11-23T23:00Z"),
        ("November 23rd, 2026", "2026-11-22T23:00Z", "2026-11-23T23:00Z"),
        ("23.11.2026", "2026-11-22T23:00Z", "2026-11-23T23:00Z"),
        ("24 Dec", "2025-12-23T23:00Z", "2025-12-24T23:00Z"),
        ("today", "2026-11-24T23:00Z", "2026-11-25T23:00Z"),
        ("Yesterday.", "2026-11-23T23:00Z", "2026-11-24T23:00Z"),
        ("2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),  # 23 hours
        ("2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),  # 25 hours
    ],
)
def test_a_day_is_meant_whole_by_the_clocks_of_the_zone(text, begin, end):
    assert read(text) == Span(begin=datetime.fromisoformat(begin), end=datetime.fromisoformat(end))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23 10:00", "2026-11-23T09:00Z"),
        ("2026-11-23T10:00", "2026-11-23T09:00Z"),
        ("2026-11-23T10:00:07Z", "2026-11-23T10:00:07Z"),
        ("2026-11-23T10:00:00.5Z", "2026-11-23T10:00Z"),
        ("2026-11-23 10:00 UTC", "2026-11-23T10:00Z"),
        ("2026-11-23T10:00+01:00", "2026-11-23T09:00Z"),
        ("2026-11-23 10:00 -0430", "2026-11-23T14:30Z"),
        ("2026-11-23 10:00 UTC-03", "2026-11-23T13:00Z"),
        ("Mon 23 Nov 2026, 10:00 CET", "2026-11-23T09:00Z"),
        ("23 Nov at 3pm", "2026-11-23T14:00Z"),
        ("23 Nov 2026, 12:05 am", "2026-11-22T23:05Z"),
        ("yesterday, 10:00", "2026-11-24T09:00Z"),
        ("10:00", "2026-11-25T09:00Z"),
        ("now", "2026-11-25T09:30Z"),
    ],
)
def test_a_time_is_one_second(text, moment):
    assert read(text) == at(moment)
    assert read(text).is_moment


def test_what_the_clocks_showed_twice_means_both_unless_the_zone_is_named():
    assert read("25 Oct 2026 02:30") == at("2026-10-25T00:30Z", minutes=60)
    assert read("25 Oct 2026, 02:30 CEST") == at("2026-10-25T00:30Z")
    assert read("25 Oct 2026, 02:30 CET") == at("2026-10-25T01:30Z")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tomorrow", "not understood"),
        ("2026-11-26", "still to come"),
        ("10:31", "still to come"),
        ("2026-03-29 02:30", "went forward"),
        ("2026-11-23 10:00 PST", "PST is not the time here"),
        ("2026-11-23 10", "no such time"),
        ("2026-11-23 25:00", "no such time"),
        ("2026-11-23 13pm", "no such time"),
        ("2026-11-23 noonish", "is no time of a day"),
        ("2026-02-30", "no day"),
        ("1/2/2026", "two days"),
        ("Tue 23 Nov 2026", "no Tue"),
        ("99999-01-01", "not understood"),
        ("9999-12-31", "no such time"),
        ("7", "not understood"),
        ("", "not understood"),
    ],
)
def test_what_may_mean_anything_is_doubtful_and_says_what_to_write(text, why):
    found = read(text)
    assert isinstance(found, Doubt)
    assert why in found.reason


@given(st.integers(0, 27 * 365 * 24 * 60), st.sampled_from(["Europe/Paris", "America/Sao_Paulo", "UTC"]))
def test_a_time_is_read_back_as_letters_show_it(minutes, zone):
    moment = NOW.replace(year=1999, second=0) + timedelta(minutes=minutes)
    assert read(shown(moment, ZoneInfo(zone)), ZoneInfo(zone)) == Span(begin=moment, end=moment + SECOND)


@given(st.text(max_size=60))
def test_whatever_is_written_gets_an_answer(text):
    assert isinstance(read(text), Span | Doubt)
