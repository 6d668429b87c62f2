"""What is for a time: reservations that lapse, allocations and activations that end by themselves."""

from datetime import timedelta

import pytest
from play import (
    ANA,
    BILL,
    BOB,
    CANCELLED,
    DONE,
    LI,
    MONDAY,
    OPEN,
    ROOT,
    SKIPPED,
    Play,
    Pool,
    activate,
    allocate,
    approval,
    at,
    form,
    notify,
    reserve,
    task,
    to,
    told,
    verify,
)

from mailbot.process.marks import END, WARNING
from mailbot.process.request import (
    Amend,
    Approve,
    Cancel,
    Done,
    Driven,
    EndNow,
    Extend,
    Hold,
    NetworkState,
    NotProlonged,
    Reject,
    Resume,
    Retry,
    Skip,
    State,
)

LAPSE = MONDAY + timedelta(days=14)
HELD_FOR_BILLING = (reserve(), approval(after=("reserve",)), allocate(after=("technical",)))


def addresses(play):
    return [(a.prefix, a.state) for a in play.request.addresses]


def ring_at(play, name):
    return next((mark.at for mark in play.marks if mark.name == name), None)


# -- reservations ------------------------------------------------------------------------------------------------------


def test_a_request_that_waits_holds_its_space_already():
    play = Play(*HELD_FOR_BILLING)
    assert addresses(play) == [("10.0.1.0/28", "reserved")]
    assert play.step("reserve").until == LAPSE
    assert ring_at(play, END) == LAPSE


def test_what_was_reserved_is_taken_up_and_does_not_lapse_any_more():
    play = Play(*HELD_FOR_BILLING)
    play.say(ANA, Approve(), "technical")
    assert addresses(play) == [("10.0.1.0/28", "allocated")]
    assert play.state is State.COMPLETED
    assert play.marks == ()
    assert play.pool.reserved == set()


def test_another_length_takes_up_nothing():
    play = Play(reserve(length="26"), allocate(after=("reserve",)))
    assert addresses(play) == [("10.0.1.0/26", "reserved"), ("10.0.2.0/28", "allocated")]


def test_two_steps_never_take_up_the_same_reservation():
    play = Play(
        reserve("first"), reserve("second"), *(allocate(name, after=("first", "second")) for name in ("one", "two"))
    )
    assert sorted(addresses(play)) == [("10.0.1.0/28", "allocated"), ("10.0.2.0/28", "allocated")]
    assert play.state is State.COMPLETED


def test_a_lapse_is_told_beforehand_to_the_requester():
    play = Play(*HELD_FOR_BILLING)
    assert ring_at(play, WARNING) == LAPSE - timedelta(days=3)
    notices = play.until(LAPSE - timedelta(days=3))
    reminder = to(notices, "reminder", BOB)
    assert (reminder.step, reminder.facts["ends"]) == ("reserve", LAPSE)


def test_a_reservation_that_lapses_ends_its_request_and_gives_its_space_back():
    play = Play(*HELD_FOR_BILLING)
    notices = play.until(LAPSE)
    assert to(notices, "expired").to == BOB
    assert not [n for n in notices if n.kind == "ended"]
    assert ("settled", ANA) in told(notices)
    assert play.state is State.CANCELLED
    assert play.states == {"reserve": DONE, "technical": CANCELLED, "allocate": CANCELLED, "reserve.undo": DONE}
    assert addresses(play) == [("10.0.1.0/28", "released")]
    assert play.marks == ()


def test_an_approval_after_the_lapse_is_told_that_it_comes_too_late():
    play = Play(*HELD_FOR_BILLING)
    play.until(LAPSE)
    assert to(play.say(ANA, Approve(), "technical"), "settled").facts["outcome"] == "the request was cancelled"
    assert not play.pool.held


def test_trap_38_a_bot_that_slept_over_a_lapse_does_not_announce_it_any_more():
    play = Play(*HELD_FOR_BILLING)
    assert "reminder" not in {n.kind for n in play.until(LAPSE + timedelta(days=90))}


@pytest.mark.parametrize("who", [BOB, ROOT])
def test_extend_moves_the_lapse_and_its_announcement(who):
    play = Play(*HELD_FOR_BILLING)
    play.until(LAPSE - timedelta(days=1))
    notices = play.say(who, Extend(duration="7 days"))
    assert ("status", who) in told(notices)
    later = LAPSE + timedelta(days=7)
    assert play.pool.ends == {"10.0.1.0/28": later}
    assert [a.until for a in play.request.addresses] == [later]
    assert (ring_at(play, WARNING), ring_at(play, END)) == (later - timedelta(days=3), later)
    assert play.until(LAPSE) == []


@pytest.mark.parametrize(
    ("duration", "words"),
    [("0 days", "no later"), ("99999 days", "100 years"), ("36525 days", "10 years"), ("a while", "no length of time")],
)
def test_an_extension_that_is_none_is_answered_in_words_and_changes_nothing(duration, words):
    play = Play(*HELD_FOR_BILLING)
    before = play.request
    answer = to(play.say(BOB, Extend(duration=duration)), "misunderstood", BOB)
    assert words.replace("100", "a hundred") in answer.facts["why"]
    assert play.request == before


@pytest.mark.parametrize("deed", [Extend(duration="7 days"), EndNow()])
def test_the_asked_neither_prolong_nor_end_what_is_the_requesters(deed):
    play = Play(*HELD_FOR_BILLING)
    assert told(play.say(ANA, deed, "technical")) == [("refused", ANA)]


def test_a_reservation_is_not_ended_while_its_request_goes_on():
    play = Play(*HELD_FOR_BILLING)
    assert "cancel the request" in to(play.say(BOB, EndNow()), "refused").facts["why"]
    assert play.pool.reserved


def test_nothing_to_prolong_is_said_in_words():
    play = Play(approval())
    assert "nothing of this request ends" in to(play.say(BOB, Extend(duration="7 days")), "refused").facts["why"]


def test_hold_stops_the_clock_of_a_reservation_and_resume_moves_its_end():
    play = Play(*HELD_FOR_BILLING)
    play.until(MONDAY + timedelta(days=4))
    play.shell(Hold())
    assert ring_at(play, END) is None
    assert play.until(MONDAY + timedelta(days=60)) == []
    play.shell(Resume())
    end = MONDAY + timedelta(days=60 + 10)
    assert play.step("reserve").until == ring_at(play, END) == end
    assert play.pool.ends == {"10.0.1.0/28": end}


def test_an_extension_on_hold_is_kept_for_when_it_goes_on():
    play = Play(*HELD_FOR_BILLING)
    play.shell(Hold())
    play.now = MONDAY + timedelta(days=60)  # past its end, which stands
    assert ("status", BOB) in told(play.say(BOB, Extend(duration="7 days")))
    play.shell(Resume())
    assert play.step("reserve").until == MONDAY + timedelta(days=60 + 14 + 7)


def test_a_reservation_that_nobody_took_up_lapses_after_the_end_of_its_request_too():
    play = Play(reserve(), approval())
    play.say(ANA, Approve(), "technical")
    assert (play.state, play.pool.reserved) == (State.COMPLETED, {"10.0.1.0/28"})
    notices = play.until(LAPSE)
    assert to(notices, "ended", BOB).step == "reserve"
    assert (play.state, play.pool.reserved) == (State.COMPLETED, set())


@pytest.mark.parametrize("lasts", ["0 days", "ever", "{form.customer}", "4000 days"])
def test_a_time_that_is_none_holds_its_step(lasts):
    play = Play(reserve(lasts=lasts))
    assert play.step("reserve").trouble
    assert not play.pool.held
    assert to(play.opening, "alert").to == ROOT


def test_an_amendment_that_changes_its_length_reserves_anew_and_lets_the_old_one_go():
    play = Play(reserve(), approval(after=("reserve",)))
    play.say(BOB, Amend(given={"size": "30"}))
    assert play.pool.reserved == {"10.0.2.0/30"}
    assert play.step("reserve").until == LAPSE
    play.say(BOB, Amend(given={"customer": "Beta"}))
    assert play.pool.reserved == {"10.0.2.0/30"}  # what it would reserve again, it keeps


# -- temporary allocations ---------------------------------------------------------------------------------------------

NIGHT = (allocate(lasts="6 hours"), activate(after=("allocate",)))
SIX_HOURS = MONDAY + timedelta(hours=6)


def test_a_temporary_allocation_ends_by_itself_first_on_the_network():
    play = Play(*NIGHT)
    assert play.state is State.COMPLETED
    assert ring_at(play, END) == SIX_HOURS
    play.until(SIX_HOURS)
    assert [(wish.step, wish.action.value) for wish in play.pool.driven] == [
        ("configure", "add"),
        ("configure.undo", "remove"),
    ]
    assert [s.name for s in play.request.steps if s.undoes] == ["configure.undo", "allocate.undo"]
    assert addresses(play) == [("10.0.1.0/28", "quarantined")]
    assert (play.state, play.marks) == (State.COMPLETED, ())


def test_all_concerned_hear_of_both_ends():
    night = (allocate(lasts="6 hours", after=("technical",)), activate(after=("allocate",)))
    play = Play(approval(), *night, notify(after=("configure",)))
    begun = play.say(ANA, Approve(), "technical")
    assert {n.to for n in begun if n.kind == "status" and n.step == "allocate"} == {ANA, BOB, "manager@example.net"}
    ended = play.until(SIX_HOURS)
    assert told(ended) == [("ended", ANA), ("ended", BOB), ("ended", "manager@example.net")]
    assert to(ended, "ended", BOB).facts["began"] == MONDAY


def test_it_has_begun_only_when_it_is_activated_and_ended_only_when_it_is_undone():
    play = Play(*NIGHT, pool=Pool(target=None))
    assert "status" not in {n.kind for n in play.opening}
    begun = play.happen(Driven(id="IP-1/configure/router/1", step="configure", state=NetworkState.CONFIRMED))
    assert told(begun) == [("completed", BOB), ("status", BOB)]
    assert play.until(SIX_HOURS) == []
    assert play.pool.held
    ended = play.happen(Driven(id="IP-1/configure.undo/router/1", step="configure.undo", state=NetworkState.CONFIRMED))
    assert told(ended) == [("ended", BOB)]
    assert not play.pool.held


def test_ended_now_by_its_requester():
    play = Play(*NIGHT)
    notices = play.say(BOB, EndNow())
    assert told(notices) == [("ended", BOB), ("status", BOB)]
    assert not play.pool.held
    assert play.marks == ()
    assert told(play.say(BOB, EndNow())) == [("settled", BOB)]


def test_a_temporary_allocation_is_prolonged_after_the_end_of_its_request():
    play = Play(*NIGHT)
    play.say(BOB, Extend(duration="2 hours"))
    assert play.until(SIX_HOURS) == []
    assert play.pool.held
    play.until(SIX_HOURS + timedelta(hours=2))
    assert not play.pool.held


def test_the_end_comes_while_the_request_is_on_hold():
    """Only what is reserved waits with its request: a promised end comes for sure."""
    play = Play(*NIGHT, approval(after=("configure",)))
    play.shell(Hold())
    ended = play.until(SIX_HOURS)
    assert ("ended", BOB) in told(ended)
    assert (play.state, play.pool.held) == (State.HELD, set())
    play.shell(Resume())
    play.say(ANA, Approve(), "technical")
    assert play.state is State.COMPLETED


def test_people_are_still_asked_when_the_time_is_up_but_nothing_is_activated_any_more():
    play = Play(
        allocate(lasts="6 hours"),
        approval(after=("allocate",)),
        activate(after=("technical",)),
        verify(after=("configure",)),
        task("report", after=("test",)),
    )
    play.until(SIX_HOURS)
    assert play.states["technical"] is OPEN
    assert (play.states["configure"], play.states["test"]) == (SKIPPED, SKIPPED)
    assert not play.pool.held
    play.say(ANA, Approve(), "technical")
    assert play.states["report"] is OPEN
    play.say(LI, Done(), "report")
    assert play.state is State.COMPLETED
    assert play.pool.driven == []


def test_an_activation_that_is_stuck_when_its_time_is_up_is_given_up_and_undone():
    play = Play(*NIGHT, pool=Pool(target=NetworkState.UNKNOWN))
    assert play.step("configure").trouble
    play.pool.target = NetworkState.CONFIRMED
    notices = play.until(SIX_HOURS)
    assert play.states == {"allocate": DONE, "configure": SKIPPED, "configure.undo": DONE, "allocate.undo": DONE}
    assert {("completed", BOB), ("ended", BOB)} <= set(told(notices))
    assert not play.pool.held


def test_a_permanent_allocation_after_a_temporary_one_outlives_it():
    play = Play(
        allocate("night", lasts="6 hours"),
        allocate("day", after=("night",)),
        activate("divert", after=("day",), prefix="steps.night.prefix"),
        activate("route", after=("divert",), prefix="steps.day.prefix"),
    )
    play.until(SIX_HOURS)
    assert [s.name for s in play.request.steps if s.undoes] == ["divert.undo", "night.undo"]
    assert play.pool.held == {"10.0.2.0/28"}


def test_a_temporary_activation_ends_alone():
    play = Play(allocate(), activate("boost", lasts="2 hours", after=("allocate",)), activate(after=("boost",)))
    notices = play.until(MONDAY + timedelta(hours=2))
    assert [s.name for s in play.request.steps if s.undoes] == ["boost.undo"]
    assert told(notices) == [("ended", BOB)]
    assert play.pool.held


def test_without_a_device_a_temporary_activation_begins_and_ends_too():
    play = Play(activate(targets=(), lasts="2 hours"))
    assert ("status", BOB) in told(play.opening)
    assert ("ended", BOB) in told(play.until(MONDAY + timedelta(hours=2)))


def test_until_a_day_is_to_its_end():
    play = Play(allocate(until="2026-11-25"))
    assert play.step("allocate").until == at(26, "00:00")


def test_an_end_in_the_past_holds_its_step():
    play = Play(allocate(until="2026-11-20"))
    assert "that is past" in play.step("allocate").trouble
    assert not play.pool.held


def test_what_lasts_a_day_is_announced_and_what_lasts_hours_is_not():
    assert [m.name for m in Play(*NIGHT).marks] == [END]
    long = Play(allocate(lasts="40 days"))
    assert sorted(m.name for m in long.marks) == [END, WARNING]


def test_the_beginning_of_a_retry_does_not_move_a_promised_end():
    play = Play(activate(lasts="6 hours"), pool=Pool(target=NetworkState.FAILED))
    play.until(MONDAY + timedelta(hours=2))
    play.pool.target = NetworkState.CONFIRMED
    play.shell(Retry())
    assert play.state is State.COMPLETED
    assert ring_at(play, END) == SIX_HOURS


def test_cancelled_before_its_time_its_end_is_told_to_all_who_heard_of_its_beginning():
    play = Play(approval(), *NIGHT, form(after=("configure",)))
    play.say(ANA, Approve(), "technical")
    notices = play.say(BOB, Cancel())
    assert {("cancelled", BOB), ("ended", ANA), ("settled", BILL)} <= set(told(notices))


def test_a_bot_that_slept_for_months_ends_all_at_once_and_once():
    play = Play(*NIGHT, reserve("spare"))
    play.until(MONDAY + timedelta(days=300))
    assert not play.pool.held
    assert play.marks == ()
    names = [s.name for s in play.request.steps if s.undoes]
    assert len(names) == len(set(names)) == 3


@pytest.mark.parametrize("deed", [Skip(reason="by hand"), Reject(reason="no")])
def test_what_was_for_a_time_ends_once_whatever_else_happened(deed):
    play = Play(*NIGHT, approval(after=("configure",)))
    play.say(ROOT, deed, "technical")
    play.until(SIX_HOURS)
    assert [s.name for s in play.request.steps if s.undoes] == ["configure.undo", "allocate.undo"]
    assert play.actions().count("ended") == 1


# -- given back meanwhile ----------------------------------------------------------------------------------------------


def test_what_was_given_back_meanwhile_does_not_end_later_and_all_who_are_concerned_hear_so():
    play = Play(*HELD_FOR_BILLING)
    [prefix] = list(play.pool.held)
    play.happen(NotProlonged(prefix=prefix, pool="lan", reason=f"{prefix} of lan is not held by IP-1, or not any more"))
    assert addresses(play) == [(prefix, "released")]
    assert ("not prolonged", f"{prefix}: {prefix} of lan is not held by IP-1, or not any more") in [
        (entry.action, entry.detail) for entry in play.entries
    ]


def test_the_letter_of_an_extension_that_came_to_nothing_says_how_it_is():
    play = Play(*HELD_FOR_BILLING)
    [prefix] = list(play.pool.held)
    notices = play.happen(NotProlonged(prefix=prefix, pool="lan", reason="gone"))
    assert to(notices, "status", BOB).facts["news"] == f"{prefix} has been given back meanwhile, and does not end later"
