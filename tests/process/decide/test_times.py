"""What time brings: due times, reminders, lateness, escalation; hold and pending stop the clock."""

from dataclasses import replace

import pytest
from play import (
    ANA,
    BILL,
    BOB,
    DEPARTMENTS,
    DIRECTORY,
    HEAD,
    KIM,
    LI,
    LOU,
    MANAGER,
    MONDAY,
    ROOT,
    SECURITY,
    SUPPORT,
    Play,
    approval,
    at,
    form,
    notify,
    task,
    to,
    told,
)

from mailbot.process.forecast import expected_end, in_jeopardy, is_late
from mailbot.process.request import Amend, Approve, Delay, Hold, Resume, TimePassed

LADDER = [("1 working day", "lead"), ("3 working days", "root@example.net")]


def reminded(**keys):
    return approval(lead_time="8 working hours", remind=("1/2", "1"), escalate=LADDER, **keys)


def test_a_due_time_is_the_first_instant_at_which_the_working_time_is_spent():
    assert Play(approval(lead_time="8 working hours")).step("technical").due == at(23, "17:00")
    assert Play(approval(lead_time="9 working hours")).step("technical").due == at(24, "10:00")
    assert Play(approval(lead_time="2 days")).step("technical").due == at(25, "09:00")


def test_a_step_without_a_lead_time_is_due_with_the_request():
    play = Play(approval(), lead_time="3 working days")
    assert play.step("technical").due == play.request.due == at(25, "17:00")


def test_reminders_go_to_those_who_have_not_answered():
    play = Play(approval(asks=("security",), needs=2, lead_time="8 working hours", remind=("1/2",)))
    play.say(SECURITY[0], Approve(), "technical")
    assert told(play.until(at(23, "12:59"))) == []
    assert told(play.until(at(23, "13:00"))) == [("reminder", SECURITY[1]), ("reminder", SECURITY[2])]


def test_a_shared_mailbox_is_reminded_until_all_its_members_have_answered():
    play = Play(approval(asks=("support",), needs=None, lead_time="8 working hours", remind=("1/2", "3/4")))
    play.say(KIM, Approve(), "technical")
    assert told(play.until(at(23, "13:00"))) == [("reminder", SUPPORT)]
    play.say(LOU, Approve(), "technical")
    assert [n for n in play.until(at(23, "16:00")) if n.kind == "reminder"] == []


def test_each_mark_is_told_once():
    play = Play(reminded())
    everything = play.until(at(30))
    assert told(play.until(at(30, "09:01"))) == []
    assert len({(n.kind, n.to, n.step, n.facts.get("level")) for n in everything}) == len(everything)


def test_trap_30_what_falls_into_the_night_is_told_when_work_goes_on():
    play = Play(reminded())
    assert told(play.until(at(23, "23:00"))) == [("reminder", ANA), ("reminder", LI)]  # of 13:00
    morning = told(play.until(at(24, "09:00")))
    assert morning == [("delayed", BOB), ("reminder", ANA), ("reminder", LI)]


def test_several_missed_reminders_give_one_letter():
    play = Play(reminded())
    week = told(play.until(at(30)))
    assert week.count(("reminder", ANA)) == 1
    assert to([n for n in play.notices if n.to == ANA], "reminder").facts["share"] == 1


def test_the_ladder_counts_from_the_due_time_and_climbs():
    play = Play(reminded())
    play.until(at(24, "17:00"))
    assert ("escalation", HEAD) not in told(play.notices)
    first = play.until(at(25, "09:00"))
    assert to(first, "escalation").to == HEAD
    assert to(first, "escalation").facts["waiting_for"] == [ANA, LI]
    second = play.until(at(27, "09:00"))
    assert to(second, "escalation", ROOT).facts["level"] == 2


def test_where_nobody_leads_the_admins_are_told():
    play = Play(form(lead_time="1 working hour", escalate=LADDER[:1]))
    assert to(play.until(at(25)), "escalation").to == ROOT


def test_no_escalation_goes_to_the_requester():
    play = Play(reminded(), requester=HEAD)
    assert to(play.until(at(25)), "escalation").to == ROOT


def test_nobody_is_reminded_after_answering():
    play = Play(reminded(), form())
    play.say(ANA, Approve(), "technical")
    assert [n for n in play.until(at(25)) if n.kind == "reminder"] == []


def test_without_the_key_nobody_is_reminded():
    play = Play(approval(lead_time="8 working hours"))
    assert told(play.until(at(24))) == [("delayed", BOB)]


def test_a_late_step_is_told_to_the_requester_and_a_late_request_to_its_managers():
    play = Play(approval(), lead_time="8 working hours")
    late = told(play.until(at(24)))
    assert late == [("delayed", BOB), ("escalation", MANAGER)]
    assert is_late(play.request, play.now)


def test_a_late_request_whose_steps_are_in_time_is_told_to_the_requester_too():
    play = Play(approval(lead_time="5 working days"), lead_time="1 working day")
    late = play.until(at(24))
    assert told(late) == [("delayed", BOB), ("escalation", MANAGER)]
    assert to(late, "delayed").step is None


def test_a_timer_that_rings_too_early_tells_nothing_and_forgets_nothing():
    play = Play(reminded())
    before = (play.request, play.marks)
    assert play.happen(TimePassed(mark="reminder-0", step="technical")) == []
    assert play.happen(TimePassed(mark="late", step=None)) == []
    assert play.happen(TimePassed(mark="no such mark", step="technical")) == []
    assert (play.request, play.marks) == before


# -- clocks that stand -------------------------------------------------------------------------------------------------


def test_hold_stops_every_clock_and_resume_shifts_what_is_due_by_working_time():
    play = Play(reminded(), lead_time="2 working days")
    play.now = at(23, "11:00")  # two hours spent
    play.say(ANA, Hold(), "technical")
    assert play.marks == ()
    assert told(play.until(at(30))) == []
    play.now = at(26, "20:00")  # after work: the clock goes on on Friday morning
    play.say(ANA, Resume(), "technical")
    assert play.step("technical").due == at(27, "15:00")
    assert play.request.due == at(30, "15:00")
    assert {m.name: m.at for m in play.marks if m.step}["reminder-0"] == at(27, "11:00")


def test_hold_and_resume_in_the_same_moment_change_no_due_time():
    play = Play(reminded())
    due, marks = play.step("technical").due, set(play.marks)
    play.say(ANA, Hold(), "technical")
    play.say(ANA, Resume(), "technical")
    assert play.step("technical").due == due
    assert set(play.marks) == marks


def test_delays_add_up_and_outlive_a_hold():
    play = Play(reminded())
    play.say(ANA, Delay(duration="1 working day"), "technical")
    play.say(ANA, Delay(duration="1 working day"), "technical")
    assert play.step("technical").due == at(25, "17:00")
    play.say(ANA, Hold(), "technical")
    play.now = at(25)  # two working days later
    play.say(ANA, Resume(), "technical")
    assert play.step("technical").due == at(27, "17:00")


def test_pending_stops_the_clock():
    play = Play(reminded(), given={"customer": "Acme"})
    assert told(play.until(at(30))) == []
    play.say(BOB, Amend(given={"size": "28"}))
    assert play.request.due == at(30, "17:00").replace(month=12, day=2)


def test_time_by_the_clock_goes_on_at_night_and_is_stopped_by_hold_too():
    play = Play(approval(lead_time="24 hours"))
    assert play.step("technical").due == at(24)
    play.now = at(23, "21:00")
    play.say(ANA, Hold(), "technical")
    play.now = at(28)
    play.say(ANA, Resume(), "technical")
    assert play.step("technical").due == at(28, "21:00")


# -- forecast ----------------------------------------------------------------------------------------------------------


def test_jeopardy_adds_the_lead_times_of_what_must_still_come():
    play = Play(approval(lead_time="1 working day"), task(after=("technical",), lead_time="2 working days"))
    assert expected_end(play.request, play.process, play.directory, MONDAY) == at(25, "17:00")
    assert not in_jeopardy(play.request, play.process, play.directory, MONDAY)
    play.say(ANA, Delay(duration="1 working hour"), "technical")
    assert in_jeopardy(play.request, play.process, play.directory, MONDAY)


def test_parallel_steps_count_the_longest_way():
    play = Play(approval(lead_time="2 working days"), form(lead_time="1 working day"), notify(after=("billing",)))
    assert expected_end(play.request, play.process, play.directory, MONDAY) == at(24, "17:00")


@pytest.mark.parametrize("moment", [at(26), at(30)])
def test_what_is_late_already_is_not_in_jeopardy(moment):
    play = Play(approval())
    assert not in_jeopardy(play.request, play.process, play.directory, moment)
    assert is_late(play.request, moment)


def test_a_request_that_was_closed_in_time_is_never_late():
    play = Play(approval())
    play.say(ANA, Approve(), "technical")
    assert not is_late(play.request, at(30))


# -- leads that change -------------------------------------------------------------------------------------------------


def test_the_lead_of_the_day_is_told():
    play = Play(reminded())
    play.directory = replace(DIRECTORY, departments={**DEPARTMENTS, "noc": replace(DEPARTMENTS["noc"], lead=BILL)})
    assert to(play.until(at(25)), "escalation").to == BILL


@pytest.mark.parametrize(("held_at", "late"), [(at(24), False), (at(27), True)])
def test_while_its_clock_stands_a_request_is_as_late_as_it_was(held_at, late):
    play = Play(approval(), lead_time="2 working days")
    play.now = held_at
    play.say(ANA, Hold(), "technical")
    assert is_late(play.request, at(30)) is late
