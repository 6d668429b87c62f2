"""A date is read where it can mean one day only."""

from datetime import date

import pytest

from mailbot.mail.command.dates import Doubt, read_date

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-27", date(2026, 11, 27)),
        ("2026/11/27", date(2026, 11, 27)),
        ("27 Nov 2026", date(2026, 11, 27)),
        ("27 November 2026", date(2026, 11, 27)),
        ("27th of November 2026", date(2026, 11, 27)),
        ("27-Nov-2026", date(2026, 11, 27)),
        ("Nov 27, 2026", date(2026, 11, 27)),
        ("November 27th 2026", date(2026, 11, 27)),
        ("Fri, 27 Nov 2026", date(2026, 11, 27)),
        ("27.11.2026", date(2026, 11, 27)),
        ("27. 11. 2026", date(2026, 11, 27)),
        ("3.4.2026", date(2026, 4, 3)),
        ("27/11/2026", date(2026, 11, 27)),
        ("11/27/2026", date(2026, 11, 27)),
        ("3/3/2026", date(2026, 3, 3)),
        ("27 November", date(2026, 11, 27)),
        ("24 November", TODAY),
        ("23 November", date(2027, 11, 23)),
        ("27.11.", date(2026, 11, 27)),
    ],
)
def test_a_date_is_read(text: str, expected: date) -> None:
    assert read_date(text, TODAY) == (expected, "")


def test_what_follows_the_date_is_given_back() -> None:
    assert read_date("27 Nov 2026, the fibre is late", TODAY) == (date(2026, 11, 27), "the fibre is late")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3/4/2026", "two days"),
        ("31 Feb 2026", "no day"),
        ("0 Nov 2026", "two days"),
        ("2026-13-01", "no day"),
        ("0000-01-01", "no day"),
        ("Mon 27 Nov 2026", "is no Mon"),
        ("tomorrow", "not understood"),
        ("", "not understood"),
        ("2026-11-271", "not understood"),
        ("27", "not understood"),
    ],
)
def test_a_doubtful_date_is_told(text: str, reason: str) -> None:
    found = read_date(text, TODAY)
    assert isinstance(found, Doubt)
    assert reason in found.reason


def test_a_date_without_its_year_needs_to_know_today() -> None:
    found = read_date("27 November", None)
    assert isinstance(found, Doubt)
    assert "year" in found.reason
