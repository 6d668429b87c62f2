"""Customers as values: what a configuration says of them, and what quotas leave."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from mailbot.config.customers import Amount
from mailbot.process.customers import Period, Quota, begun, left

NOW = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quota", "amount", "words"),
    [
        (Quota(pool="lan", most=4096), 4096, "4,096"),
        (Quota(pool="six", most=2 << 80, length=48, host_bits=80), 2 << 80, "2 /48"),
        (Quota(pool="six", most=2 << 80, length=48, host_bits=80), (2 << 80) - (1 << 72), "511 /56"),
        (Quota(pool="six", most=2 << 80, length=48, host_bits=80), (2 << 80) - 1, "~16,383 /61"),
        (Quota(pool="six", most=2 << 80, length=48, host_bits=80), 1, "1 /128"),
        (Quota(pool="six", most=2 << 80, length=48, host_bits=80), 0, "0"),
        (Quota(pool="six", most=50000 << 80, length=48, host_bits=80), 50000 << 80, "50,000 /48"),
        (Quota(pool="lan", most=64, length=28, host_bits=4), 52, "13 /30"),
    ],
)  # fmt: skip
def test_an_amount_is_told_as_its_quota_was_said(quota, amount, words):
    assert quota.told(amount) == words


@pytest.mark.parametrize(
    ("every", "since"),
    [
        (Period.DAY, "2026-11-30T23:00"),
        (Period.WEEK, "2026-11-29T23:00"),
        (Period.MONTH, "2026-11-30T23:00"),
        (Period.YEAR, "2025-12-31T23:00"),
    ],
)
def test_a_period_begins_on_the_clocks_of_the_house(every, since):
    """In Paris it is the first of December, half past midnight, a Tuesday."""
    assert begun(every, NOW, ZoneInfo("Europe/Paris")) == datetime.fromisoformat(since).replace(tzinfo=UTC)


def test_of_several_quotas_of_a_pool_the_one_that_leaves_least_counts():
    month = Quota(pool="lan", most=16, every=Period.MONTH)
    assert left({Quota(pool="lan", most=64): 48, month: 8, Quota(pool="wan", most=1): 0}) == {"lan": 8, "wan": 0}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("256", Amount(count=256)),
        ("64 a month", Amount(count=64, every=Period.MONTH)),
        ("4 /48", Amount(count=4, length=48)),
        ("4 x /48 a year", Amount(count=4, length=48, every=Period.YEAR)),
    ],
)
def test_quotas_are_written_as_people_say_them(text, amount):
    assert Amount.parse(text) == amount


@pytest.mark.parametrize("text", ["", "many", "-3", "4/", "64 a fortnight", "64 per month", "1.5"])
def test_what_is_no_quota_is_told_with_how_it_is_written(text):
    with pytest.raises(ValueError, match='write it like "256", "64 a month"'):
        Amount.parse(text)
