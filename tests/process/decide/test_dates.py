"""Steps that wait for a date, and steps that must not begin before one."""

from datetime import timedelta

import pytest
from play import (
    ANA,
    BILL,
    BOB,
    DONE,
    FIELDS,
    FORM,
    LI,
    MONDAY,
    OPEN,
    ROOT,
    WAITING,
    Play,
    allocate,
    approval,
    at,
    form,
    to,
    told,
    wait,
)

from mailbot.process.definition import Field, FieldType
from mailbot.process.request import Amend, Approve, Cancel, Delay, Done, Hold, Resume, Retry, Skip, State

DAY = Field(name="day", label="Day", type=FieldType.TEXT)
NEXT_MONDAY = at(30)


def on(day, *steps, **keys):
    """A request whose form names a day."""
    return Play(*steps, fields=(*FIELDS, DAY), given={**FORM, "day": day}, **keys)


def rings(play):
    return sorted((mark.name, mark.at) for mark in play.marks if mark.name == "wake")


# -- wait --------------------------------------------------------------------------------------------------------------


def test_a_wait_is_open_until_its_date_and_nobody_is_asked_meanwhile():
    play = Play(wait(until="2026-11-30"), approval(after=("wait",)))
    assert play.states == {"wait": OPEN, "technical": WAITING}
    assert (play.step("wait").wakes, play.step("wait").due) == (NEXT_MONDAY, NEXT_MONDAY)
    assert told(play.opening) == [("acknowledged", BOB)]
    notices = play.until(NEXT_MONDAY)
    assert play.states == {"wait": DONE, "technical": OPEN}
    assert told(notices) == [("action", ANA), ("action", LI)]


def test_a_wait_for_a_time_ends_when_it_is_over():
    play = Play(wait(lasts="2 hours"))
    assert play.until(MONDAY + timedelta(minutes=119)) == []
    assert told(play.until(MONDAY + timedelta(hours=2))) == [("completed", BOB)]


def test_a_wait_for_a_date_that_is_past_is_over_at_once():
    assert Play(wait(until="2026-11-20")).state is State.COMPLETED


def test_a_free_day_begins_with_the_next_work():
    assert Play(wait(until="2026-11-28")).step("wait").wakes == NEXT_MONDAY


def test_a_time_of_the_day_is_kept_to_the_minute_whatever_the_calendar():
    assert Play(wait(until="2026-11-28 03:00")).step("wait").wakes == at(28, "03:00")


@pytest.mark.parametrize("day", ["tomorrow", "2026-11-31", "0001-01-01 00:00+23:00", "9999-12-31", ""])
def test_a_date_that_is_none_or_much_too_far_holds_the_step_and_admins_are_told(day):
    play = on(day, wait(until="{form.day}"))
    assert play.step("wait").trouble
    assert to(play.opening, "alert").to == ROOT
    assert play.step("wait").due is not None


def test_a_date_that_was_mended_is_waited_for():
    play = on("tomorrow", wait(until="{form.day}"), approval(after=("wait",)))
    play.say(BOB, Amend(given={"day": "2026-11-30"}))
    assert (play.step("wait").trouble, play.step("wait").wakes) == (None, NEXT_MONDAY)


def test_the_request_is_due_later_by_as_long_as_it_waits():
    plain = Play(approval()).request.due
    play = Play(wait(until="2026-11-30"), approval(after=("wait",)))
    assert (plain, play.request.due) == (at(25, "17:00"), at(30, "09:00") + timedelta(days=2, hours=8))


def test_waits_beside_each_other_move_it_once_by_the_longest():
    play = Play(wait("one", until="2026-11-30"), wait("two", until="2026-11-27"))
    assert play.request.due == Play(wait("one", until="2026-11-30")).request.due


def test_waits_behind_each_other_move_it_by_both():
    play = Play(wait("one", until="2026-11-24"), wait("two", lasts="24 hours", after=("one",)))
    play.until(at(24))
    assert play.step("two").wakes == at(25)
    assert play.request.due == at(27, "17:00")


def test_while_it_is_held_a_wait_moves_nothing_and_its_date_stays():
    """Held for two of the five working days that it waits: it is due as if it had not been held."""
    play = Play(wait(until="2026-11-30"), approval(after=("wait",)))
    due = play.request.due
    play.now = at(25)
    play.shell(Hold())
    play.now = at(27)
    play.shell(Resume())
    assert play.step("wait").wakes == NEXT_MONDAY
    assert play.request.due == due


def test_a_date_that_came_while_it_was_held_is_looked_at_when_it_goes_on():
    play = Play(wait(until="2026-11-24"), approval(after=("wait",)))
    play.shell(Hold())
    assert play.until(at(27)) == []
    play.shell(Resume())
    play.until(at(27))
    assert play.states == {"wait": DONE, "technical": OPEN}
    assert play.request.due == at(27) + timedelta(days=4, hours=8)  # three working days are left


def test_an_amendment_moves_the_date_and_what_is_due_with_it():
    play = on("2026-12-07", wait(until="{form.day}"), approval(after=("wait",)))
    later = play.request.due
    play.say(BOB, Amend(given={"day": "2026-11-30"}))
    assert rings(play) == [("wake", NEXT_MONDAY)]
    assert play.request.due == on("2026-11-30", wait(until="{form.day}")).request.due < later


def test_an_amendment_that_leaves_the_date_begins_no_wait_anew():
    play = on("", wait(lasts="3 days"), approval())
    play.until(at(24))
    play.say(BOB, Amend(given={"size": "30"}))
    assert rings(play) == [("wake", at(26))]


def test_an_admin_ends_a_wait_before_its_date_and_the_request_is_due_sooner():
    play = Play(wait(until="2026-11-30"), approval(after=("wait",)))
    play.shell(Skip(reason="we need not wait"))
    assert play.states["technical"] is OPEN
    assert play.request.due == at(25, "17:00")
    assert play.marks == tuple(mark for mark in play.marks if mark.name != "wake")


def test_a_wait_that_is_begun_anew_ends_once():
    play = Play(wait(lasts="3 days"), approval(after=("wait",)))
    play.until(at(24))
    play.shell(Retry())
    assert rings(play) == [("wake", at(27))]
    play.until(at(27))
    assert play.states == {"wait": DONE, "technical": OPEN}


def test_a_wait_has_no_due_time_to_delay():
    play = Play(wait(until="2026-11-30"))
    answer = to(play.say(ROOT, Delay(duration="1 day"), "wait"), "misunderstood")
    assert "waits for a date" in answer.facts["why"]


def test_a_request_that_waits_is_cancelled_like_any_other():
    play = Play(wait(until="2026-11-30"))
    play.say(BOB, Cancel())
    assert play.marks == ()


# -- not before --------------------------------------------------------------------------------------------------------


def test_a_step_sleeps_until_it_may_begin():
    play = Play(approval(), allocate(after=("technical",), not_before="2026-11-30 03:00"))
    play.say(ANA, Approve(), "technical")
    assert play.states["allocate"] is WAITING
    assert play.step("allocate").wakes == play.step("allocate").due == at(30, "03:00")
    assert play.until(at(30, "02:59")) == []
    assert not play.pool.held
    assert told(play.until(at(30, "03:00"))) == [("completed", BOB)]
    assert play.pool.held


def test_it_is_seen_once_when_it_will_begin_and_once_that_it_has():
    play = Play(approval(not_before="2026-11-30"))
    play.until(NEXT_MONDAY)
    assert [a for a in play.actions() if a in {"sleeps", "woke", "asked"}] == ["sleeps", "woke", "asked"]


def test_the_lead_time_of_a_step_that_slept_begins_when_it_does():
    play = Play(approval(not_before="2026-11-30", lead_time="8 working hours"))
    play.until(NEXT_MONDAY)
    assert play.step("technical").due == at(30, "17:00")


def test_what_comes_first_is_waited_for_before_the_date_is_looked_at():
    play = Play(approval(), form(after=("technical",), not_before="2026-11-24"))
    assert play.step("billing").wakes is None
    play.until(at(26))
    play.say(ANA, Approve(), "technical")
    assert play.states["billing"] is OPEN


def test_a_condition_is_looked_at_again_when_it_wakes():
    play = Play(
        approval(), form(after=(), not_before="2026-11-30", when="form.size <= 28"), fields=FIELDS, lead_time="30 days"
    )
    play.say(BOB, Amend(given={"size": "30"}))
    assert "billing" not in {m.step for m in play.marks}
    assert play.states["billing"] == "skipped"


def test_a_sleeping_step_is_moved_by_an_amendment():
    play = on("2026-11-30", approval(not_before="{form.day}"))
    play.say(BOB, Amend(given={"day": "2026-12-07"}))
    assert [mark.at.day for mark in play.marks if mark.name == "wake"] == [7]
    play.say(BOB, Amend(given={"day": "2026-11-20"}))
    assert play.states["technical"] is OPEN
    assert play.request.due == at(25, "17:00")


def test_a_sleeping_step_wakes_after_a_hold():
    play = Play(approval(not_before="2026-11-24"))
    play.shell(Hold())
    play.until(at(26))
    assert play.states["technical"] is WAITING
    assert ("action", ANA) in told(play.shell(Resume()))
    assert play.until(at(26)) == []


def test_waking_answers_nothing_for_those_who_are_asked_then():
    play = Play(approval(not_before="2026-11-24"))
    play.until(at(25))
    assert (play.states, play.state) == ({"technical": OPEN}, State.IN_PROGRESS)


def test_a_late_request_that_must_wait_can_be_late_again():
    play = Play(form(), wait(after=("billing",), until="2026-12-07"), approval(after=("wait",)))
    play.until(at(27))
    assert play.request.told
    play.say(BILL, Done(given={"account": "A"}), "billing")
    assert "late" not in play.request.told


def test_a_wait_may_sleep_before_it_waits():
    play = Play(wait(not_before="2026-11-24", lasts="6 hours"))
    assert play.until(at(24)) == []
    assert rings(play) == [("wake", at(24, "15:00"))]
    assert told(play.until(at(24, "15:00"))) == [("completed", BOB)]
