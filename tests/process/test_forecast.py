"""When a request will be over, by forecast, and since when that is too late: by lead times, and by what is usual."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from play import (
    ANA,
    BILL,
    BOB,
    DIRECTORY,
    MANAGER,
    MONDAY,
    SECURITY,
    Play,
    allocate,
    approval,
    at,
    form,
    notify,
    task,
    to,
    told,
    wait,
)

from mailbot.process.definition import Field, FieldType
from mailbot.process.duration import Duration
from mailbot.process.forecast import forecast, in_jeopardy, is_late, jeopardy_since
from mailbot.process.request import Amend, Approve, Delay, Done, Hold, Resume

SECOND = timedelta(seconds=1)


def knowing(**hours):
    """The directory, with what departments usually need."""
    return replace(DIRECTORY, usual={name: timedelta(hours=number) for name, number in hours.items()})


def threatened(play, moment=None):
    return in_jeopardy(play.request, play.process, play.directory, moment or play.now)


def since(play):
    return jeopardy_since(play.request, play.process, play.directory)


def seen(play):
    return forecast(play.request, play.process, play.directory, play.now)


# -- the end -----------------------------------------------------------------------------------------------------------


def test_an_open_step_ends_when_it_is_due_and_the_next_one_takes_its_lead_time():
    play = Play(approval(lead_time="1 working day"), task(after=("technical",), lead_time="2 working days"))
    assert seen(play).end == at(25, "17:00")
    play.now = at(24, "11:00")  # late: the forecast slides
    assert seen(play).end == at(26, "11:00")


def test_parallel_steps_count_the_longest_way():
    play = Play(approval(lead_time="2 working days"), form(lead_time="1 working day"), notify(after=("billing",)))
    assert seen(play).end == at(24, "17:00")


def test_what_is_over_takes_no_time_any_more():
    play = Play(approval(lead_time="2 working days"), task(after=("technical",), lead_time="1 working day"))
    play.now = at(23, "11:00")
    play.say(ANA, Approve(), "technical")
    assert seen(play).end == at(24, "11:00")


def test_a_step_whose_condition_will_not_hold_takes_none():
    steps = (
        approval(lead_time="1 working day"),
        task(after=("technical",), lead_time="5 working days", when="form.size > 28"),
    )
    assert seen(Play(*steps, given={"customer": "Acme", "size": "28"})).end == at(23, "17:00")
    assert seen(Play(*steps, given={"customer": "Acme", "size": "29"})).end == at(30, "17:00")


def test_a_step_whose_condition_hangs_on_an_answer_may_still_come():
    steps = (
        form(lead_time="1 working day"),
        task(after=("billing",), lead_time="1 working day", when="steps.billing.done and form.size == 28"),
    )
    assert seen(Play(*steps)).end == at(24, "17:00")
    assert seen(Play(*steps, given={"customer": "Acme", "size": "29"})).end == at(23, "17:00")


def test_dates_that_are_waited_for_are_kept():
    play = Play(
        approval(lead_time="1 working day"),
        wait(after=("technical",), until="2026-12-07"),
        task(after=("wait",), lead_time="1 working day"),
    )
    assert seen(play).end == at(23, "17:00") + timedelta(days=14)
    play = Play(task(lead_time="1 working day", not_before="2026-11-30"))
    assert seen(play).end == at(30, "17:00")
    play = Play(
        approval(lead_time="1 working day"), task(after=("technical",), lead_time="4 hours", not_before="2026-11-30")
    )
    assert seen(play).end == at(30, "13:00")
    play = Play(approval(lead_time="1 working day"), wait(after=("technical",), lasts="2 days"))
    assert seen(play).end == at(25, "17:00")


def test_a_date_that_hangs_on_an_answer_is_not_known_yet():
    play = Play(form(lead_time="1 working day"), wait(after=("billing",), until="{steps.billing.account}"))
    assert seen(play).end == at(23, "17:00")


# -- too late ----------------------------------------------------------------------------------------------------------


def test_jeopardy_adds_the_lead_times_of_what_must_still_come():
    play = Play(approval(lead_time="1 working day"), task(after=("technical",), lead_time="2 working days"))
    assert not threatened(play)
    play.say(ANA, Delay(duration="1 working hour"), "technical")
    assert threatened(play)


def test_it_begins_with_the_last_moment_at_which_all_that_comes_would_still_fit():
    play = Play(approval(lead_time="1 working day"), task(after=("technical",), lead_time="1 working day"))
    assert since(play) == at(25) + SECOND
    assert not threatened(play, at(25))
    assert threatened(play, at(25) + SECOND)


def test_the_last_step_is_late_when_the_request_is_and_never_in_jeopardy_before():
    play = Play(approval(lead_time="1 working day"), allocate(after=("technical",)))
    assert since(play) is None
    assert not threatened(play, at(25, "17:00"))
    assert is_late(play.request, at(25, "17:00") + SECOND)


def test_a_step_without_a_lead_time_of_its_own_may_be_over_at_any_moment():
    """It is due with the request: that what comes after it takes its time is no reason to warn from the beginning."""
    play = Play(form(), task(after=("billing",), lead_time="1 working day"))
    assert since(play) == at(25) + SECOND
    play.say(BILL, Delay(duration="1 working hour"), "billing")  # but now it says how long it takes
    assert threatened(play)


@pytest.mark.parametrize("moment", [at(26), at(30)])
def test_what_is_late_already_is_not_in_jeopardy(moment):
    play = Play(approval(lead_time="5 working days"))
    assert threatened(play, at(25))
    assert not threatened(play, moment)
    assert is_late(play.request, moment)


def test_what_is_on_hold_or_over_is_not_in_jeopardy():
    play = Play(approval(lead_time="5 working days"))
    play.say(ANA, Hold(), "technical")
    assert not threatened(play)
    play.say(ANA, Resume(), "technical")
    assert threatened(play)
    play.say(ANA, Approve(), "technical")
    assert not threatened(play)


def test_waiting_for_a_date_moves_the_due_time_and_threatens_nothing():
    play = Play(
        approval(lead_time="1 working day"),
        wait(after=("technical",), until="2026-12-07"),
        task(after=("wait",), lead_time="1 working day"),
    )
    assert since(play) == at(25) + SECOND
    play.say(ANA, Approve(), "technical")
    assert not threatened(play)
    assert since(play) is None or since(play) > at(30)


def test_a_request_that_was_closed_in_time_is_never_late():
    play = Play(approval())
    play.say(ANA, Approve(), "technical")
    assert not is_late(play.request, at(30))


@pytest.mark.parametrize(("held_at", "late"), [(at(24), False), (at(27), True)])
def test_while_its_clock_stands_a_request_is_as_late_as_it_was(held_at, late):
    play = Play(approval(), lead_time="2 working days")
    play.now = held_at
    play.say(ANA, Hold(), "technical")
    assert is_late(play.request, at(30)) is late


LEADS = st.sampled_from([None, "2 working hours", "1 working day", "30 hours"])


@settings(deadline=None)
@given(
    st.lists(st.tuples(LEADS, st.sets(st.integers(0, 4), max_size=2)), min_size=1, max_size=5),
    st.integers(0, 30 * 3600),
)
def test_what_is_reckoned_backwards_is_what_the_contract_says_forwards(plan, seconds):
    """The open steps' due times plus the lead times of what must still come after them, later than the due time."""
    names = [f"s{number}" for number in range(len(plan))]
    steps = [
        task(names[n], lead_time=lead, after=tuple(names[a] for a in sorted(after) if a < n))
        for n, (lead, after) in enumerate(plan)
    ]
    play = Play(*steps)
    now = MONDAY + timedelta(seconds=seconds)
    ends = {}
    for rule in steps:
        if not rule.after:
            ends[rule.name] = max(now, play.step(rule.name).due) if rule.lead_time else now
            continue
        start = max(ends[name] for name in rule.after)
        calendar = DIRECTORY.calendar("house")
        ends[rule.name] = calendar.after(start, rule.lead_time or Duration.parse("0 hours"))
    late = max(ends.values()) > play.request.due
    assert threatened(play, now) is (late and now <= play.request.due)
    if since(play) is not None:
        assert not threatened(play, since(play) - SECOND)
        assert threatened(play, since(play)) is (since(play) <= play.request.due)


BLOCKS = Field(name="blocks", label="Blocks", type=FieldType.PREFIX, many=True)
TWO = {"blocks": "10.0.0.0/28, 10.0.1.0/28"}


def test_of_several_items_the_last_one_counts():
    steps = (
        task("retire", each="form.blocks", lead_time="1 working day"),
        task(after=("retire",), lead_time="1 working day"),
    )
    play = Play(*steps, fields=(BLOCKS,), given=TWO)
    assert seen(play).end == at(24, "17:00")
    assert since(play) == at(25) + SECOND
    play.say(ANA, Delay(until="2026-11-25"), "retire.2")
    assert seen(play).end == at(26, "17:00")
    assert threatened(play)
    play.say(ANA, Done(), "retire.2")
    assert not threatened(play)
    play = Play(*steps, fields=(BLOCKS,), given=TWO, directory=knowing(noc=12))
    assert seen(play).end == at(25, "17:00")


# -- by what is usual --------------------------------------------------------------------------------------------------


def test_what_a_department_usually_needs_counts_instead_of_the_lead_time():
    steps = (
        approval(lead_time="4 working hours"),
        approval("security", asks=("security",), after=("technical",), lead_time="1 working hour"),
    )
    assert not threatened(Play(*steps, lead_time="1 working day"))
    play = Play(*steps, lead_time="1 working day", directory=knowing(security=9))
    assert threatened(play)
    assert seen(play).end == at(24, "14:00")
    assert seen(play).why == "Security usually needs 9 working hours; 4 are left"


def test_a_department_that_is_quicker_than_its_lead_time_threatens_nothing():
    steps = (
        approval(lead_time="1 working day"),
        task(after=("technical",), asks=("billing",), lead_time="5 working days"),
    )
    assert threatened(Play(*steps))
    assert not threatened(Play(*steps, directory=knowing(billing=2)))


def test_an_open_step_ends_when_it_usually_does_where_that_is_later_than_its_due_time():
    play = Play(approval(lead_time="1 working day"), lead_time="2 working days", directory=knowing(noc=20))
    assert seen(play).end == at(25, "13:00")
    assert seen(play).why == "Network operations usually needs 20 working hours; 16 are left"
    play = Play(approval(lead_time="1 working day"), lead_time="2 working days", directory=knowing(noc=2))
    assert seen(play).end == at(23, "17:00")


def test_what_was_spent_of_it_before_a_hold_is_spent():
    play = Play(approval(lead_time="1 working day"), directory=knowing(noc=12))
    play.now = at(23, "15:00")
    play.say(ANA, Hold(), "technical")
    play.now = at(26)
    play.say(ANA, Resume(), "technical")
    assert seen(play).end == at(26, "15:00")


def test_of_several_departments_the_quickest_counts_where_one_is_enough_and_else_the_slowest():
    both = {"asks": ("noc", "security"), "after": ("billing",), "lead_time": "3 working hours"}
    first = form(lead_time="1 working hour")
    assert seen(Play(first, approval(**both), directory=knowing(noc=2, security=5))).end == at(23, "12:00")
    assert seen(Play(first, approval(**both, needs=None), directory=knowing(noc=2, security=5))).end == at(23, "15:00")
    # of one of them nothing is known: it takes the lead time
    assert seen(Play(first, approval(**both, needs=None), directory=knowing(security=5))).end == at(23, "13:00")
    assert seen(Play(first, approval(**both), directory=knowing(security=2))).end == at(23, "12:00")


@pytest.mark.parametrize(
    ("hours", "why"),
    [
        (3, ""),
        (4.5, "Security usually needs 5 working hours; 4 are left"),
        (12, "Security usually needs 12 working hours; 4 are left"),
    ],
)
def test_the_reason_is_rounded_so_that_nothing_looks_better_than_it_is(hours, why):
    second = approval("security", asks=("security",), after=("technical",))
    play = Play(
        approval(lead_time="4 working hours"), second, lead_time="1 working day", directory=knowing(security=hours)
    )
    assert seen(play).why == why


@pytest.mark.parametrize(
    ("clock", "left"),
    [("15:30", "1 is left"), ("16:30", "less than 1 is left"), ("17:00", "none is left")],
)
def test_the_reason_counts_what_is_left_when_it_can_begin(clock, left):
    second = approval("security", asks=("security",), after=("technical",))
    steps = (approval(lead_time="2 working hours"), second)
    play = Play(*steps, lead_time="1 working day", directory=knowing(security=2))
    play.now = at(23, clock)
    assert seen(play).why == f"Security usually needs 2 working hours; {left}"


def test_what_is_short_is_told_in_minutes_and_what_runs_by_the_clock_in_plain_hours():
    steps = (approval(lead_time="8 working hours"), task(after=("technical",), lead_time="90 working minutes"))
    assert seen(Play(*steps, lead_time="9 working hours")).why == "Registry may take 90 working minutes; 60 are left"
    steps = (approval(lead_time="8 working hours"), task(after=("technical",), lead_time="20 hours"))
    assert seen(Play(*steps, lead_time="9 working hours")).why == "Registry may take 20 hours; 17 are left"


def test_without_anything_usual_the_reason_is_what_the_lead_times_say():
    later = (
        task("wiring", after=("technical",), lead_time="1 working day"),
        task("tests", after=("wiring",), lead_time="1 working day"),
    )
    play = Play(approval(lead_time="1 working day"), *later)
    assert seen(play).why == ""
    play.now = at(24, "11:00")
    assert seen(play).why == "what comes after Technical may take 16 working hours; 14 are left"
    play = Play(approval(lead_time="5 working days"))
    assert seen(play).why == "Technical is due only after the request is"


# -- told --------------------------------------------------------------------------------------------------------------


def slow():
    """In jeopardy from Wednesday on."""
    return Play(approval(lead_time="1 working day"), task(after=("technical",), lead_time="1 working day"))


def test_managers_are_told_once_before_it_is_late_with_the_reason_and_who_it_waits_for():
    play = slow()
    assert "jeopardy" not in {n.kind for n in play.until(at(25))}
    letter = to(play.until(at(25, "10:00")), "jeopardy")
    assert letter.to == MANAGER
    assert letter.facts["why"] == "Registry may take 8 working hours; 7 are left"
    assert letter.facts["at"] == at(26, "10:00")
    assert letter.facts["waiting_for"] == [*play.step("technical").asked]
    assert play.actions().count("jeopardy") == 1
    assert "jeopardy" not in {n.kind for n in play.until(at(30))}


def test_a_delay_that_makes_it_late_is_told_at_once():
    play = slow()
    play.say(ANA, Delay(until="2026-11-25"), "technical")
    assert ("jeopardy", MANAGER) in told(play.until(MONDAY))


@pytest.mark.parametrize("again", ["delay", "hold", "amend"])
def test_it_is_told_again_when_a_due_time_was_moved(again):
    play = slow()
    play.until(at(25, "10:00"))
    match again:
        case "delay":
            play.say(ANA, Delay(duration="4 working days"), "technical")
        case "hold":
            play.say(ANA, Hold(), "technical")
            play.now = at(25, "12:00")
            play.say(ANA, Resume(), "technical")
        case "amend":
            play.say(BOB, Amend(given={"size": "29"}))
    assert ("jeopardy", MANAGER) in told(play.until(at(25, "15:00")))
    assert ("jeopardy", MANAGER) not in told(play.until(at(25, "16:00")))


def test_comments_and_answers_are_no_reason_to_tell_it_again():
    play = Play(
        approval(lead_time="1 working day"),
        form(),
        task(after=("technical",), lead_time="1 working day", asks=("noc",)),
    )
    play.until(at(25, "10:00"))
    play.say(BILL, Done(given={"account": "A-1"}), "billing")
    assert ("jeopardy", MANAGER) not in told(play.until(at(25, "12:00")))


def test_after_a_long_sleep_managers_hear_that_it_is_late_and_no_more():
    play = slow()
    assert [n.kind.value for n in play.until(at(30)) if n.to == MANAGER] == ["escalation"]


def test_without_managers_there_is_nobody_to_tell_and_still_it_shows():
    play = Play(approval(lead_time="5 working days"), managers=())
    assert threatened(play)
    assert "jeopardy" not in {mark.name for mark in play.marks}


def test_a_forecast_that_gets_better_before_it_is_told_is_not_told():
    play = slow()
    play.now = at(24, "12:00")
    play.say(ANA, Approve(), "technical")
    assert ("jeopardy", MANAGER) not in told(play.until(at(25, "16:00")))


def test_what_is_learnt_meanwhile_counts_with_the_next_look():
    play = Play(approval(lead_time="1 working day"), approval("security", asks=("security",), after=("technical",)))
    assert since(play) is None
    play.directory = knowing(security=30)
    assert ("jeopardy", MANAGER) in told(play.until(MONDAY))
    assert SECURITY[0] not in to(play.notices, "jeopardy").facts["waiting_for"]
