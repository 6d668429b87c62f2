"""Who is there for whom, and when what somebody must do is told in one list."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from play import ANA, DEPARTMENTS, DIRECTORY, EVE, LI, MONDAY, SUPPORT, at

from mailbot.process.calendar import ALWAYS, Calendar
from mailbot.process.directory import Absence, Department

PEOPLE = [f"p{n}@example.net" for n in range(6)]


def with_absences(deputies):
    until = MONDAY + timedelta(days=1)
    absences = {p: Absence(person=p, since=MONDAY, until=until, deputy=d) for p, d in deputies.items()}
    return replace(DIRECTORY, absences=absences)


# -- deputies ----------------------------------------------------------------------------------------------------------


def test_whoever_is_there_has_no_deputies():
    directory = with_absences({ANA: LI})
    assert (directory.deputies(LI), directory.stand_in(LI)) == ((), LI)
    assert (directory.deputies(ANA), directory.stand_in(ANA)) == ((LI,), LI)
    assert directory.stand_in(ANA, but=[LI]) is None


@given(st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), st.sampled_from(PEOPLE))
def test_chains_end_whatever_people_say(deputies, person):
    directory = with_absences(deputies)
    chain = directory.deputies(person)
    assert len({person, *chain}) == 1 + len(chain)
    there = directory.stand_in(person)
    assert there is None or there not in directory.absences
    assert (there is None) == all(who in directory.absences for who in (person, *chain))


def test_a_deputys_answer_counts_for_the_seat_while_he_stands_in_and_no_longer():
    assert with_absences({ANA: EVE}).may_sit(EVE, ANA)
    assert not DIRECTORY.may_sit(EVE, ANA)
    assert not with_absences({ANA: EVE}).may_sit(ANA, EVE)


# -- lists -------------------------------------------------------------------------------------------------------------

NOON = ("09:00", "13:00")


def gathering(*hours, calendars=None, **keys):
    """The noc gathers at these hours."""
    noc = replace(DEPARTMENTS["noc"], batch=tuple(map(time.fromisoformat, hours)), **keys)
    calendars = {**DIRECTORY.calendars, **(calendars or {})}
    return replace(DIRECTORY, departments={**DEPARTMENTS, "noc": noc}, calendars=calendars)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(23, "08:59"), at(23, "09:00")),
        (at(23, "09:00"), at(23, "13:00")),  # the list of nine has left
        (at(23, "12:59"), at(23, "13:00")),
        (at(23, "13:00"), at(24, "09:00")),
        (at(27, "14:00"), at(30, "09:00")),  # over a weekend
        (at(28, "10:00"), at(30, "09:00")),
    ],
)
def test_the_next_hour_of_a_working_day(now, until):
    assert gathering(*NOON).gathers_until(ANA, ["noc"], now) == until


def test_the_order_of_the_hours_does_not_matter():
    assert gathering("13:00", "09:00").gathers_until(ANA, ["noc"], at(23, "08:00")) == at(23, "09:00")


def test_free_days_and_zones_are_those_of_the_groups_calendar():
    paris = Calendar.parse(hours="mon-sat 09:00-17:00", dates=[date(2026, 11, 24)], zone=ZoneInfo("Europe/Paris"))
    directory = gathering("09:00", calendars={"paris": paris}, calendar="paris")
    assert directory.gathers_until(ANA, ["noc"], at(23, "09:00")) == at(25, "08:00")
    assert directory.gathers_until(ANA, ["noc"], at(27, "09:00")) == at(28, "08:00")
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert directory.gathers_until(ANA, ["noc"], summer) == datetime(2026, 7, 2, 7, tzinfo=UTC)


def test_only_who_is_asked_by_a_group_that_gathers_waits_for_its_list():
    directory = gathering(*NOON)
    assert directory.gathers_until(LI, ["noc", "billing"], MONDAY) is not None
    assert directory.gathers_until(EVE, ["noc"], MONDAY) is None  # in somebody's place, or a lead
    assert directory.gathers_until(ANA, [], MONDAY) is None  # by his own address
    assert directory.gathers_until(ANA, ["billing"], MONDAY) is None
    assert DIRECTORY.gathers_until(ANA, ["noc"], MONDAY) is None


def test_who_is_asked_by_another_group_too_does_not_wait():
    both = Department(name="both", title="Both", members=(ANA,))
    directory = gathering(*NOON)
    directory = replace(directory, departments={**directory.departments, "both": both})
    assert directory.gathers_until(ANA, ["noc", "both"], MONDAY) is None
    sooner = replace(both, batch=(time(10),))
    directory = replace(directory, departments={**directory.departments, "both": sooner})
    assert directory.gathers_until(ANA, ["noc", "both"], MONDAY) == at(23, "10:00")


def test_a_shared_mailbox_gets_a_list_too():
    support = replace(DEPARTMENTS["support"], batch=(time(9),))
    directory = replace(DIRECTORY, departments={**DEPARTMENTS, "support": support})
    assert directory.gathers_until(SUPPORT, ["support"], MONDAY) == at(24)


@given(
    st.integers(0, 2 * 365 * 24 * 3600).map(lambda seconds: MONDAY + timedelta(seconds=seconds)),
    st.lists(st.times().map(lambda t: t.replace(second=0, microsecond=0)), min_size=1, max_size=4),
    st.sampled_from(["Europe/Paris", "America/St_Johns", "Pacific/Chatham", "UTC"]),
)
def test_the_next_hour_is_later_and_one_of_the_hours(now, hours, zone):
    calendars = {"there": replace(ALWAYS, zone=ZoneInfo(zone))}
    directory = gathering(*(f"{hour:%H:%M}" for hour in hours), calendars=calendars, calendar="there")
    until = directory.gathers_until(ANA, ["noc"], now)
    assert now < until <= now + timedelta(hours=26)
    local = until.astimezone(ZoneInfo(zone))
    assert local.time() in hours or local.utcoffset() != (local - timedelta(hours=2)).utcoffset()
