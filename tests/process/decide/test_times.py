"""What time brings: due times, reminders, lateness, escalation; hold and pending stop the clock."""

from dataclasses import replace
from datetime import datetime, timedelta

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
    ROOT,
    SECURITY,
    SUPPORT,
    Play,
    approval,
    at,
    form,
    to,
    told,
)

from mailbot.process.forecast import is_late
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


# -- a ladder of three rungs -------------------------------------------------------------------------------------------

RUNGS = [("4 working hours", "lead"), ("1 working day", "managers"), ("3 working days", "root@example.net")]
THURSDAY = at(26)


def december(day, clock="09:00"):
    return datetime.fromisoformat(f"2026-12-{day:02} {clock}+00:00")


def ladder(now=THURSDAY, **keys):
    return Play(approval(lead_time="8 working hours", escalate=RUNGS, **keys), now=now, lead_time="10 working days")


def climbed(play, *moments):
    """When each rung was reached, as one looks at these moments: (moment, level, who was told)."""
    found = []
    for moment in moments:
        escalations = [n for n in play.until(moment) if n.kind == "escalation" and n.step]
        found += [(moment, n.facts["level"], n.to) for n in escalations]
    return found


def around(*moments):
    """Each of them, and the second before it, when nothing must be told yet."""
    return [m for moment in moments for m in (moment - timedelta(seconds=1), moment)]


def test_each_rung_is_reached_at_its_business_time_over_a_weekend():
    """Due on Thursday at 17:00: half a day on, a day on (Friday's end is told on Monday), three days on."""
    rungs = [at(27, "13:00"), at(30), december(2)]
    assert climbed(ladder(), *around(*rungs)) == [
        (rungs[0], 1, HEAD),
        (rungs[1], 2, MANAGER),
        (rungs[2], 3, ROOT),
    ]


def test_a_hold_before_the_due_time_moves_the_whole_ladder():
    """Half of the lead time is spent on Thursday; from Monday 11:00 on the rest, and then the rungs."""
    play = ladder()
    play.now = at(26, "13:00")
    play.say(ANA, Hold(), "technical")
    assert climbed(play, at(30, "11:00")) == []
    play.say(ANA, Resume(), "technical")
    assert play.step("technical").due == at(30, "15:00")
    rungs = [december(1, "11:00"), december(1, "15:00"), december(3, "15:00")]
    assert climbed(play, *around(*rungs)) == [(rungs[0], 1, HEAD), (rungs[1], 2, MANAGER), (rungs[2], 3, ROOT)]


def test_a_hold_on_the_ladder_begins_it_anew():
    """The first rung was told before; going on, a late step is due at once, and the ladder counts from there."""
    play = ladder()
    assert climbed(play, at(27, "13:00")) == [(at(27, "13:00"), 1, HEAD)]
    play.say(ANA, Hold(), "technical")
    assert climbed(play, december(1)) == []
    play.say(ANA, Resume(), "technical")
    assert told(play.until(december(1))) == []  # that it is late was told before
    rungs = [december(1, "13:00"), december(2), december(4)]
    assert climbed(play, *around(*rungs)) == [(rungs[0], 1, HEAD), (rungs[1], 2, MANAGER), (rungs[2], 3, ROOT)]


def test_an_answer_ends_the_ladder():
    play = ladder(needs=1)
    climbed(play, at(27, "13:00"))
    play.say(ANA, Approve(), "technical")
    assert climbed(play, december(10)) == []


def test_a_ladder_on_the_steps_own_calendar_climbs_at_night():
    play = ladder(calendar="always")
    assert play.step("technical").due == at(26, "17:00")
    rungs = [at(26, "21:00"), at(27, "17:00"), at(29, "17:00")]
    assert climbed(play, *around(*rungs)) == [(rungs[0], 1, HEAD), (rungs[1], 2, MANAGER), (rungs[2], 3, ROOT)]


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


# -- leads that change -------------------------------------------------------------------------------------------------


def test_the_lead_of_the_day_is_told():
    play = Play(reminded())
    play.directory = replace(DIRECTORY, departments={**DEPARTMENTS, "noc": replace(DEPARTMENTS["noc"], lead=BILL)})
    assert to(play.until(at(25)), "escalation").to == BILL
