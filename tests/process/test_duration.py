"""Lengths of time as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.process.duration import Duration, Unit


@pytest.mark.parametrize(
    ("text", "amount", "unit", "working"),
    [
        ("8 working hours", 8, Unit.HOUR, True),
        ("3 working days", 3, Unit.DAY, True),
        ("1 working day", 1, Unit.DAY, True),
        ("2 working weeks", 2, Unit.WEEK, True),
        ("30 working minutes", 30, Unit.MINUTE, True),
        ("1 hour", 1, Unit.HOUR, False),
        ("30 days", 30, Unit.DAY, False),
        ("2 weeks", 2, Unit.WEEK, False),
        ("90 minutes", 90, Unit.MINUTE, False),
        ("60 seconds", 60, Unit.SECOND, False),
        ("0 days", 0, Unit.DAY, False),
        ("  1   Working   DAYS ", 1, Unit.DAY, True),
        ("1 days", 1, Unit.DAY, False),
        ("007 days", 7, Unit.DAY, False),
        ("36525 days", 36525, Unit.DAY, False),
    ],
)
def test_a_duration_is_read(text, amount, unit, working):
    assert Duration.parse(text) == Duration(amount=amount, unit=unit, working=working)


EXAMPLES = 'a number and a unit, like "8 working hours", "3 working days" or "30 days"'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", f"'' is no length of time: write {EXAMPLES}"),
        ("8h", f"'8h' is no length of time: write {EXAMPLES}"),
        ("days", f"'days' is no length of time: write {EXAMPLES}"),
        ("-1 days", f"'-1 days' is no length of time: write {EXAMPLES}"),
        ("1.5 hours", f"'1.5 hours' is no length of time: write {EXAMPLES}"),
        ("a day", f"'a day' is no length of time: write {EXAMPLES}"),
        ("1 day and 2 hours", f"'1 day and 2 hours' is no length of time: write {EXAMPLES}"),
        ("8 business hours", f"'8 business hours' is no length of time: write {EXAMPLES}"),
        ("8 workin hours", f"'8 workin hours' is no length of time: write {EXAMPLES}"),
        ("8 hors", "'hors' is no unit of time: did you mean \"hours\"?"),
        ("8 fortnights", f"'fortnights' is no unit of time: write {EXAMPLES}"),
        ("2 months", "a month has no fixed length: write it in days or weeks"),
        ("1 working year", "a year has no fixed length: write it in days or weeks"),
        ("36526 days", "'36526 days' is more than a hundred years"),
        (f"{'9' * 5000} minutes", f"'{'9' * 60}' is more than a hundred years"),
    ],
)
def test_what_is_no_duration_is_told_in_words(text, words):
    with pytest.raises(ValueError) as error:  # noqa: PT011 (its whole text is held against the table)
        Duration.parse(text)
    assert str(error.value) == words


@pytest.mark.parametrize("text", ["8 working hours", "1 working day", "1 hour", "30 days", "0 minutes"])
def test_a_duration_reads_well(text):
    assert str(Duration.parse(text)) == text


@given(st.builds(Duration, amount=st.integers(0, 5000), unit=st.sampled_from(Unit), working=st.booleans()))
def test_a_duration_is_read_as_it_is_written(duration):
    assert Duration.parse(str(duration)) == duration


def test_only_time_by_the_clock_has_a_length_without_a_calendar():
    assert Duration.parse("2 weeks").elapsed == timedelta(days=14)
    with pytest.raises(ValueError, match="'2 working weeks' depends on a calendar"):
        _ = Duration.parse("2 working weeks").elapsed
