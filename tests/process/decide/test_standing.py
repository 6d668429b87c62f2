"""Those who are away: who is asked in their place, when they are asked, and when they are reminded."""

from dataclasses import replace
from datetime import timedelta

import pytest
from play import ANA, BILL, BOB, CISO, DIRECTORY, EVE, HEAD, LI, MONDAY, ROOT, SECURITY, Play, approval, at, task

from mailbot.process.directory import Absence
from mailbot.process.request import Approve, Assign, Comment, Kind, Reject, StandIn, State

SEC1, SEC2, SEC3 = SECURITY


def away(**deputies):
    """A directory in which these are away: `ana=LI` reads that LI stands in for ANA."""
    people = {"ana": ANA, "li": LI, "bill": BILL, "head": HEAD, "eve": EVE, "sec1": SEC1, "sec2": SEC2, "bob": BOB}
    absences = {
        people[name]: Absence(person=people[name], since=MONDAY, until=MONDAY + timedelta(days=30), deputy=deputy)
        for name, deputy in deputies.items()
    }
    return replace(DIRECTORY, absences=absences)


def told(notices, kind):
    return [notice.to for notice in notices if notice.kind is kind]


def trace(play, action):
    return [(entry.actor, entry.detail) for entry in play.entries if entry.action == action]


# -- when a step opens -------------------------------------------------------------------------------------------------


def test_whoever_is_away_is_not_asked_and_his_deputy_is():
    play = Play(approval(), directory=away(ana=EVE))
    assert told(play.opening, Kind.ACTION) == [EVE, LI]
    assert play.step("technical").asked == (EVE, LI)
    assert play.step("technical").stand_ins == (StandIn(absent=ANA, deputy=EVE),)
    assert trace(play, "stands in") == [(EVE, f"for {ANA}")]


def test_a_deputy_who_is_asked_himself_is_asked_once():
    play = Play(approval(), directory=away(ana=LI))
    assert told(play.opening, Kind.ACTION) == [LI]
    assert play.step("technical").stand_ins == (StandIn(absent=ANA, deputy=LI, also=True),)


def test_where_all_must_agree_a_deputy_who_is_asked_himself_speaks_for_both_seats():
    play = Play(approval(needs=None), directory=away(ana=LI))
    play.say(LI, Approve(), "technical")
    assert play.state is not State.IN_PROGRESS or play.step("technical").state == "done"
    assert play.step("technical").answered_by == LI


def test_who_wants_four_eyes_writes_a_number_and_a_deputy_who_is_asked_himself_is_one_of_them():
    play = Play(approval(needs=2), directory=away(ana=LI))
    assert play.step("technical").asked == (LI, HEAD)
    play.say(LI, Approve(), "technical")
    assert play.step("technical").state == "open"
    play.say(HEAD, Approve(), "technical")
    assert play.step("technical").state == "done"


def test_where_all_must_agree_who_is_away_may_still_answer_and_then_both_must():
    play = Play(approval(needs=None), directory=away(ana=LI))
    play.say(ANA, Approve(), "technical")
    assert play.step("technical").state == "open"
    play.say(LI, Approve(), "technical")
    assert play.step("technical").state == "done"


@pytest.mark.parametrize(
    ("absent", "asked"),
    [
        ({"ana": LI, "li": BILL}, (BILL,)),  # a chain
        ({"ana": LI, "li": BILL, "bill": EVE}, (EVE,)),
        ({"ana": BILL, "bill": ANA}, (LI,)),  # a circle: li is there
        ({"ana": LI, "li": ANA}, (HEAD,)),  # nobody is: the lead
        ({"ana": LI, "li": BILL, "bill": LI}, (HEAD,)),
        ({"ana": LI, "li": ANA, "head": ANA}, (ROOT,)),  # nor is he: admins
        ({"ana": LI, "li": ANA, "head": EVE}, (EVE,)),  # the lead's own deputy
        ({"ana": BOB, "li": BILL}, (BILL,)),  # the requester never approves
        ({"ana": BOB, "li": BOB}, (HEAD,)),
        ({"ana": BOB, "bob": EVE}, (EVE, LI)),  # the next in the chain
    ],
)
def test_chains_are_followed_and_circles_are_not(absent, asked):
    assert Play(approval(), directory=away(**absent)).step("technical").asked == asked


def test_a_task_may_be_done_by_the_requester_in_somebodys_place():
    assert Play(task(), directory=away(ana=BOB)).step("registry").asked == (BOB, LI)


def test_where_several_must_agree_those_who_are_missing_are_made_up_for():
    play = Play(approval(asks=("security",), needs=3), directory=away(sec1=SEC2))
    assert play.step("technical").asked == (SEC2, SEC3, CISO)
    play = Play(approval(asks=("security",), needs=None), directory=away(sec1=SEC2))
    assert play.step("technical").asked == (SEC2, SEC3)


# -- answers -----------------------------------------------------------------------------------------------------------


def test_a_deputys_answer_is_his_own_and_the_trace_says_for_whom():
    play = Play(approval(), directory=away(ana=EVE))
    notices = play.say(EVE, Approve(), "technical", seat=EVE)
    assert (play.state, play.step("technical").answered_by) == (State.COMPLETED, EVE)
    assert trace(play, "approved") == [(EVE, f"approved (for {ANA})")]
    assert told(notices, Kind.SETTLED) == [LI]


def test_whoever_is_away_may_answer_himself_and_his_deputy_hears_of_it():
    play = Play(approval(), directory=away(ana=EVE))
    notices = play.say(ANA, Reject(reason="no"), "technical")
    assert play.state is State.REJECTED
    assert sorted((n.to, n.facts["by"], n.facts["outcome"]) for n in notices if n.kind is Kind.SETTLED) == [
        (EVE, ANA, "rejected"),
        (LI, ANA, "rejected"),
    ]


def test_a_seat_has_one_voice_whoever_of_both_speaks_first():
    play = Play(approval(needs=2), directory=away(ana=EVE))
    play.say(EVE, Approve(), "technical", seat=EVE)
    [counted] = play.say(ANA, Approve(), "technical")
    assert (counted.kind, play.step("technical").voices[0].actor) == (Kind.SETTLED, EVE)
    assert f"the answer of {EVE} counts already" in counted.facts["outcome"]
    play.say(LI, Approve(), "technical")
    assert play.state is State.COMPLETED

    play = Play(approval(needs=2), directory=away(ana=EVE))
    notices = play.say(ANA, Approve(), "technical")
    assert told(notices, Kind.SETTLED) == [EVE]
    assert play.step("technical").asked == (ANA, LI)
    assert told(play.say(EVE, Approve(), "technical", seat=EVE), Kind.SETTLED) == [EVE]
    assert play.step("technical").state == "open"


def test_one_who_sits_for_two_keeps_his_seat_when_one_of_them_answers_himself():
    play = Play(approval(asks=("security",), needs=2), directory=away(sec1=EVE, sec2=EVE))
    assert play.step("technical").asked == (EVE, SEC3)
    play.say(SEC1, Approve(), "technical")
    assert play.step("technical").asked == (SEC1, EVE, SEC3)
    play.say(SEC2, Approve(), "technical")
    assert play.state is State.COMPLETED


def test_a_requester_who_stands_in_does_not_approve_his_own_request():
    play = Play(approval())
    play.directory = away(ana=BOB)
    [refused] = play.say(BOB, Approve(), "technical", seat=ANA)
    assert (refused.kind, play.step("technical").voices) == (Kind.REFUSED, ())


def test_a_stranger_stands_in_for_nobody():
    play = Play(approval(), directory=away(ana=EVE))
    assert told(play.say(BILL, Approve(), "technical"), Kind.REFUSED) == [BILL]


# -- when somebody goes away later -------------------------------------------------------------------------------------


@pytest.fixture
def later():
    """Ana was asked, and went away then."""
    play = Play(approval(lead_time="8 working hours", remind=["1/2", 1]))
    play.directory = away(ana=EVE)
    return play


def test_the_seat_passes_to_the_deputy_with_the_reminder(later):
    notices = later.until(at(23, "13:00"))
    assert told(notices, Kind.REMINDER) == [EVE, LI]
    assert later.step("technical").stand_ins == (StandIn(absent=ANA, deputy=EVE, asked=True),)
    assert trace(later, "stands in") == [(EVE, f"for {ANA}")]
    notices = later.say(EVE, Approve(), "technical", seat=EVE)
    assert sorted(told(notices, Kind.SETTLED)) == [ANA, LI]


def test_a_deputy_may_answer_before_by_the_letter_that_was_passed_on_to_him(later):
    notices = later.say(EVE, Approve(), "technical", seat=ANA)
    assert later.step("technical").answered_by == EVE
    assert trace(later, "approved") == [(EVE, f"approved (for {ANA})")]
    assert sorted(told(notices, Kind.SETTLED)) == [ANA, LI]


def test_a_deputy_hands_on_only_the_seat_in_which_he_sits(later):
    later.say(EVE, Assign(to=BILL), "technical", seat=ANA)
    assert later.step("technical").asked == (LI, BILL)
    later.until(at(23, "13:00"))
    assert later.step("technical").asked == (LI, BILL)


def test_whoever_is_away_hands_on_the_seat_that_his_deputy_has(later):
    later.until(at(23, "13:00"))
    later.say(ANA, Assign(to=BILL), "technical", seat=ANA)
    assert later.step("technical").asked == (LI, BILL)


def test_nothing_is_handed_to_somebody_who_is_away():
    play = Play(approval(), directory=away(eve=BILL))
    [refused] = play.say(LI, Assign(to=EVE), "technical", seat=LI)
    assert refused.facts["why"] == f"{EVE}: who is away, and {BILL} stands in: assign it there"


def test_a_seat_passes_on_when_the_deputy_goes_away_too(later):
    later.until(at(23, "13:00"))
    later.directory = away(ana=EVE, eve=BILL)
    assert told(later.until(at(24, "09:00")), Kind.REMINDER) == [BILL, LI]
    assert {one.absent for one in later.step("technical").stand_ins} == {ANA, EVE}
    later.say(ANA, Approve(), "technical")
    assert later.state is State.COMPLETED


def test_who_is_back_answers_though_his_deputy_keeps_the_seat(later):
    later.until(at(23, "13:00"))
    later.directory = DIRECTORY
    assert told(later.until(at(24, "09:00")), Kind.REMINDER) == [EVE, LI]
    later.say(ANA, Approve(), "technical")
    assert later.state is State.COMPLETED


def test_a_seat_that_has_spoken_stays():
    play = Play(approval(needs=2, lead_time="8 working hours", remind=["1/2"]))
    play.say(ANA, Approve(), "technical", seat=ANA)
    play.directory = away(ana=EVE)
    assert told(play.until(at(23, "13:00")), Kind.REMINDER) == [LI]
    assert play.step("technical").asked == (ANA, LI)


def test_a_merged_seat_never_leaves_too_few():
    """Where two must agree, and the deputy is the other one, the lead is asked beside him."""
    play = Play(approval(needs=2, lead_time="8 working hours", remind=["1/2"]))
    play.directory = away(ana=LI)
    assert told(play.until(at(23, "13:00")), Kind.REMINDER) == [LI, HEAD]
    assert play.step("technical").asked == (LI, HEAD)


def test_where_nobody_is_there_any_more_the_lead_is_reminded_in_their_place():
    play = Play(approval(lead_time="8 working hours", remind=["1/2"]))
    play.directory = away(ana=LI, li=ANA)
    assert told(play.until(at(23, "13:00")), Kind.REMINDER) == [HEAD]
    assert {one.absent for one in play.step("technical").stand_ins} == {ANA, LI}
    notices = play.say(LI, Approve(), "technical")
    assert (play.state, told(notices, Kind.SETTLED)) == (State.COMPLETED, [HEAD, ANA])


def test_an_escalation_goes_to_whoever_stands_in_for_the_lead():
    play = Play(approval(lead_time="8 working hours", escalate=[("1 working day", "lead")]), directory=away(head=EVE))
    assert told(play.until(at(25)), Kind.ESCALATION) == [EVE]
    play.say(EVE, Approve(), "technical", seat=EVE)
    assert play.state is State.COMPLETED


def test_a_deputy_may_comment_while_he_stands_in(later):
    assert told(later.say(EVE, Comment(text="hm"), token=False), Kind.COMMENT)
    later.directory = DIRECTORY
    assert told(later.say(EVE, Comment(text="hm"), token=False), Kind.REFUSED) == [EVE]
