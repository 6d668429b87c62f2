"""What the rules do where people are silent: for a step that nobody answers, and a form that is not completed."""

from play import (
    ANA,
    BILL,
    BOB,
    DIRECTORY,
    DONE,
    FORM,
    HEAD,
    LI,
    MONDAY,
    OPEN,
    REFUSED,
    ROOT,
    Play,
    approval,
    at,
    form,
    task,
    to,
    told,
)

from mailbot.process.duration import Duration
from mailbot.process.request import Amend, Approve, Assign, Cancel, Delay, Hold, Resume, State

THREE = "3 working days"


def rings(play, name="unanswered"):
    return [mark.at for mark in play.marks if mark.name == name]


# -- a step ------------------------------------------------------------------------------------------------------------


def test_reject():
    play = Play(approval(unanswered=(THREE, "reject"), lead_time="8 working hours"))
    notices = play.until(at(26))
    assert (play.state, play.states["technical"]) == (State.REJECTED, REFUSED)
    assert play.request.reason == "nobody answered within 3 working days"
    assert {("rejected", BOB), ("settled", ANA), ("settled", LI)} <= set(told(notices))


def test_approve():
    play = Play(approval(unanswered=(THREE, "approve")), form(after=("technical",)))
    notices = play.until(at(26))
    assert play.states == {"technical": DONE, "billing": OPEN}
    assert play.step("technical").answered_by == DIRECTORY.bot
    assert {("action", BILL), ("settled", ANA), ("settled", LI)} <= set(told(notices))


def test_escalate_asks_the_lead_too_and_once():
    play = Play(approval(unanswered=(THREE, "escalate"), lead_time="30 days"))
    notices = play.until(at(26))
    assert to(notices, "action").facts["why"] == "unanswered"
    assert to(notices, "action").to == HEAD
    assert play.step("technical").asked == (ANA, LI, HEAD)
    assert rings(play) == []
    play.say(HEAD, Approve(), "technical")
    assert play.state is State.COMPLETED


def test_where_nobody_leads_the_admins_are_asked():
    play = Play(form(unanswered=(THREE, "escalate")))
    assert ("action", ROOT) in told(play.until(at(26)))


def test_where_all_must_agree_the_lead_makes_it_no_harder():
    play = Play(approval(unanswered=(THREE, "escalate"), needs=None))
    assert ("action", HEAD) in told(play.until(at(26)))
    assert play.step("technical").asked == (ANA, LI)
    play.say(HEAD, Approve(), "technical")
    play.say(ANA, Approve(), "technical")
    assert play.state is State.COMPLETED


def test_an_answer_in_time_leaves_nothing_to_the_rules():
    play = Play(approval(unanswered=(THREE, "reject")), task(after=("technical",)))
    play.say(ANA, Approve(), "technical")
    play.until(at(30))
    assert play.states["technical"] is DONE


def test_a_delay_moves_it_along():
    play = Play(approval(unanswered=(THREE, "reject"), lead_time="8 working hours"))
    assert rings(play) == [at(26)]  # told when work goes on, as all that time brings
    play.say(ANA, Delay(duration="1 working day"), "technical")
    assert rings(play) == [at(27)]


def test_a_hold_moves_it_along():
    play = Play(approval(unanswered=(THREE, "reject"), lead_time="8 working hours"))
    play.now = at(24)
    play.shell(Hold())
    assert rings(play) == []
    play.now = at(26)
    play.shell(Resume())
    assert rings(play) == [at(30)]


def test_time_by_the_clock_is_moved_too():
    play = Play(approval(unanswered=("3 days", "reject"), lead_time="8 working hours"))
    assert rings(play) == [at(26)]
    play.now = at(24)
    play.shell(Hold())
    play.now = at(25)
    play.shell(Resume())
    assert rings(play) == [at(27)]
    play.say(ANA, Delay(until="2026-11-26"), "technical")
    assert rings(play) == [at(30)]  # by the day from Wednesday to Thursday: into Saturday


def test_working_time_is_counted_in_working_time_whatever_the_lead_time_is():
    play = Play(approval(unanswered=(THREE, "reject"), lead_time="30 days"))
    assert rings(play) == [at(26)]


def test_whoever_it_was_handed_to_has_no_more_time_than_was_left():
    play = Play(approval(unanswered=(THREE, "reject")))
    play.now = at(25)
    play.say(ANA, Assign(to=HEAD), "technical")
    assert rings(play) == [at(26)]


def test_asked_anew_its_time_begins_anew():
    play = Play(approval(unanswered=(THREE, "reject")))
    play.now = at(25)
    play.say(BOB, Amend(given={"size": "30"}))
    assert rings(play) == [at(30)]


def test_what_nobody_could_be_asked_is_not_answered_by_the_rules():
    play = Play(approval(asks=("nobody-here",), unanswered=(THREE, "approve")))
    play.until(at(30))
    assert play.states["technical"] is OPEN
    assert play.step("technical").trouble


def test_the_rules_say_nothing_more_once_it_has_ended():
    play = Play(approval(unanswered=(THREE, "reject")), form(unanswered=(THREE, "approve")))
    play.until(at(26))
    assert play.state is State.REJECTED
    assert play.marks == ()


# -- a form ------------------------------------------------------------------------------------------------------------


def pending(**keys):
    return Play(approval(), given={"customer": "Acme"}, pending_expires=Duration.parse("4 working days"), **keys)


def test_a_requester_who_is_silent_is_reminded_at_half_time_and_his_request_lapses():
    play = pending()
    assert told(play.opening) == [("incomplete", BOB)]
    reminder = to(play.until(at(25)), "incomplete", BOB)
    assert reminder.facts["reminds"] is True
    assert reminder.facts["ends"] == at(26, "17:00")
    assert play.until(at(26, "16:59")) == []
    notices = play.until(at(26, "17:00"))
    assert told(notices) == [("expired", BOB)]
    assert (play.state, play.marks) == (State.CANCELLED, ())
    assert "4 working days" in play.request.reason


def test_every_answer_gives_him_all_his_time_again():
    play = pending()
    play.until(at(25))
    play.say(BOB, Amend(given={"size": "8"}))
    assert play.until(at(26, "17:00")) == []
    assert rings(play, "expiry-warning")
    play.say(BOB, Amend(given={"size": "28"}))
    assert play.state is State.IN_PROGRESS
    assert rings(play, "expiry") == []


def test_a_bot_that_slept_over_it_tells_the_end_alone():
    assert told(pending().until(MONDAY.replace(month=12))) == [("expired", BOB)]


def test_without_the_key_a_pending_request_waits_for_ever():
    play = Play(approval(), given={})
    assert play.marks == ()


def test_a_pending_request_that_is_cancelled_has_no_moments_left():
    play = pending()
    play.say(BOB, Cancel())
    assert (play.state, play.marks) == (State.CANCELLED, ())


def test_a_complete_form_never_lapses():
    play = Play(approval(), given=FORM, pending_expires=Duration.parse("4 working days"))
    assert not rings(play, "expiry")
