"""How long departments take: measured in working time when they answer, and usual once there is enough of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from play import (
    ANA,
    DIRECTORY,
    LI,
    MONDAY,
    ROOT,
    SECURITY,
    SUPPORT,
    Play,
    approval,
    at,
    form,
    task,
)

from mailbot.process.definition import Field, FieldType
from mailbot.process.directory import Absence
from mailbot.process.request import Approve, Assign, Delay, Done, Hold, Reject, Resume, Skip
from mailbot.process.usual import ENOUGH, LAST, measured, usual


def hours(number):
    return timedelta(hours=number)


# -- what is usual -----------------------------------------------------------------------------------------------------


def test_nothing_is_usual_before_there_are_ten_answers():
    assert usual([hours(1)] * (ENOUGH - 1)) is None
    assert usual([hours(1)] * ENOUGH).most == hours(1)


def test_half_of_the_answers_take_no_longer_than_the_median_and_four_of_five_no_longer_than_what_is_usual():
    known = usual(hours(n) for n in range(10, 0, -1))
    assert (known.answers, known.median, known.most) == (10, hours(5), hours(8))


def test_one_long_holiday_makes_nothing_usual():
    assert usual([hours(2)] * 9 + [hours(400)]).most == hours(2)


@given(st.lists(st.integers(0, 10**6), min_size=ENOUGH, max_size=LAST))
def test_what_is_usual_is_the_shortest_time_that_so_many_answers_kept_to(seconds):
    known = usual(timedelta(seconds=n) for n in seconds)
    for time, share in ((known.median, 0.5), (known.most, 0.8)):
        kept = sum(timedelta(seconds=n) <= time for n in seconds)
        less = sum(timedelta(seconds=n) < time for n in seconds)
        assert kept >= share * len(seconds) > less


# -- what is measured --------------------------------------------------------------------------------------------------


def answered(play, moment, who, deed, step="technical", **more):
    """What was measured by an answer that was given then."""
    play.now, before = moment, play.request
    play.say(who, deed, step, **more)
    return measured(before, play.request, play.process, play.directory, play.now)


@pytest.mark.parametrize("lead_time", ["8 working hours", "2 days", None])
@pytest.mark.parametrize("deed", [Approve(), Reject(reason="no")])
def test_an_answer_took_the_working_time_since_it_was_asked(lead_time, deed):
    play = Play(approval(lead_time=lead_time))
    assert answered(play, at(24, "10:30"), ANA, deed) == {"noc": hours(9.5)}


def test_nights_and_weekends_are_no_time():
    play = Play(approval(), now=at(27, "16:00"))
    assert answered(play, at(29, "23:00"), ANA, Approve()) == {"noc": hours(1)}


def test_the_steps_own_calendar_is_what_counts():
    play = Play(approval(calendar="always"))
    assert answered(play, at(24), ANA, Approve()) == {"noc": hours(24)}


def test_while_it_was_on_hold_no_time_was_spent():
    play = Play(approval(lead_time="8 working hours"))
    play.now = at(23, "11:00")
    play.say(ANA, Hold(), "technical")
    play.now = at(26)
    play.say(ANA, Resume(), "technical")
    assert answered(play, at(26, "12:00"), ANA, Approve()) == {"noc": hours(5)}


def test_an_answer_while_it_is_on_hold_took_what_was_spent_before():
    play = Play(approval(lead_time="8 working hours"))
    play.now = at(23, "11:00")
    play.say(ANA, Hold(), "technical")
    assert answered(play, at(27), ANA, Approve()) == {"noc": hours(2)}


def test_a_delay_does_not_make_it_shorter():
    play = Play(approval(lead_time="8 working hours"))
    play.say(ANA, Delay(duration="2 working days"), "technical")
    assert answered(play, at(25), ANA, Approve()) == {"noc": hours(16)}


def test_where_a_hold_hides_how_long_it_took_nothing_is_measured():
    """A lead time by the clock: what was spent before the hold is no working time."""
    play = Play(approval(lead_time="5 days"))
    play.say(ANA, Hold(), "technical")
    play.now = at(24)
    play.say(ANA, Resume(), "technical")
    assert answered(play, at(25), ANA, Approve()) == {"noc": hours(8)}  # held in the moment in which it was asked
    play = Play(approval(lead_time="5 days"))
    play.now = at(23, "10:00")
    play.say(ANA, Hold(), "technical")
    play.now = at(24)
    play.say(ANA, Resume(), "technical")
    assert answered(play, at(25), ANA, Approve()) == {}


def test_only_the_answer_that_ends_the_step_is_measured():
    play = Play(approval(asks=("security",), needs=2))
    assert answered(play, at(23, "10:00"), SECURITY[0], Approve()) == {}
    assert answered(play, at(23, "12:00"), SECURITY[1], Approve()) == {"security": hours(3)}


def test_of_several_departments_each_took_as_long_as_its_own_last_answer():
    play = Play(approval(asks=("noc", "security"), needs=3))
    answered(play, at(23, "10:00"), ANA, Approve())
    answered(play, at(23, "11:00"), SECURITY[0], Approve())
    assert answered(play, at(23, "13:00"), SECURITY[1], Approve()) == {"noc": hours(1), "security": hours(4)}


def test_a_department_that_was_asked_too_and_said_nothing_is_not_measured():
    play = Play(approval(asks=("noc", "security")))
    assert answered(play, at(23, "10:00"), ANA, Approve()) == {"noc": hours(1)}


def test_a_shared_mailbox_and_a_deputy_answer_for_their_departments():
    play = Play(task(asks=("support", "noc")))
    assert answered(play, at(23, "10:00"), SUPPORT, Done(), "registry", seat=SUPPORT) == {"support": hours(1)}
    away = Absence(person=ANA, since=MONDAY, until=at(30), deputy=SECURITY[0])
    play = Play(task(asks=("support", "noc")), directory=replace(DIRECTORY, absences={ANA: away}))
    assert answered(play, at(23, "11:00"), SECURITY[0], Done(), "registry") == {"noc": hours(2)}


def test_of_several_items_the_longest_is_measured_and_once():
    blocks = Field(name="blocks", label="Blocks", type=FieldType.PREFIX, many=True)
    play = Play(task(each="form.blocks"), fields=(blocks,), given={"blocks": "10.0.0.0/28, 10.0.1.0/28"})
    assert answered(play, at(23, "10:00"), ANA, Done(), "registry.1") == {"noc": hours(1)}
    before, play.now = play.request, at(23, "12:00")
    play.say(ANA, Done(), "registry.2")
    assert measured(before, play.request, play.process, play.directory, play.now) == {"noc": hours(3)}


def test_what_nobody_answered_is_not_measured():
    play = Play(approval(), form())
    assert answered(play, at(24), ROOT, Skip(reason="no need")) == {}


def test_handing_over_is_no_answer():
    play = Play(approval())
    assert answered(play, at(23, "10:00"), ANA, Assign(to=LI)) == {}
    assert answered(play, at(23, "12:00"), LI, Approve()) == {"noc": hours(3)}
