"""What is said about a request beside its answers: questions, comments, hand-overs, delays, and how it is ended."""

import pytest
from play import (
    ANA,
    BILL,
    BOB,
    BOT,
    DONE,
    EVE,
    HEAD,
    KIM,
    LI,
    ROOT,
    SECURITY,
    Play,
    Pool,
    allocate,
    approval,
    at,
    form,
    to,
    told,
)

from mailbot.process.request import (
    Approve,
    Ask,
    Assign,
    Cancel,
    Comment,
    Delay,
    Hold,
    Reject,
    Reply,
    Resume,
    Skip,
    State,
    Status,
    Unclear,
    Watch,
)

ONE, TWO, THREE = SECURITY


# -- questions ---------------------------------------------------------------------------------------------------------


def test_a_question_goes_to_the_requester_and_its_answer_comes_as_a_fresh_action_to_who_asked():
    play = Play(approval(), form())
    asked = play.say(ANA, Ask(question="Which office?"), "technical")
    assert told(asked) == [("question", BOB)]
    assert to(asked, "question").facts["question"] == "Which office?"
    answered = play.say(BOB, Reply(text="Lyon"), "technical")
    action = to(answered, "action", ANA)
    assert told(answered) == [("action", ANA)]
    assert (action.step, action.facts["question"], action.facts["answer"]) == ("technical", "Which office?", "Lyon")
    play.say(ANA, Approve(), "technical")
    assert play.states["technical"] is DONE


@pytest.mark.parametrize("who", [HEAD, ROOT, KIM], ids=["a lead", "an admin", "a member behind a shared mailbox"])
def test_the_answer_goes_to_who_asked_whoever_that_is(who):
    play = Play(approval(asks=("noc", "support")))
    play.say(who, Ask(question="Which office?"), "technical")
    assert told(play.say(BOB, Reply(text="Lyon"), "technical")) == [("action", who)]


def test_of_two_questions_each_answer_goes_to_its_own():
    play = Play(approval(), form())
    play.say(ANA, Ask(question="Which office?"), "technical")
    play.say(BILL, Ask(question="Which account?"), "billing")
    first = play.say(BOB, Reply(text="Lyon"), "technical")
    assert (to(first, "action").to, to(first, "action").facts["answer"]) == (ANA, "Lyon")
    second = play.say(BOB, Reply(text="A-77"), "billing")
    assert (to(second, "action").to, to(second, "action").facts["question"]) == (BILL, "Which account?")


def test_an_answer_that_comes_when_its_step_is_over_is_a_comment_to_who_asked():
    play = Play(approval(), form())
    play.say(ANA, Ask(question="Which office?"), "technical")
    play.say(LI, Approve(), "technical")
    assert told(play.say(BOB, Reply(text="Lyon"), "technical")) == [("comment", ANA)]


def test_the_requester_asks_all_whom_his_request_waits_for_and_hears_their_answer():
    play = Play(approval(), form())
    asked = play.say(BOB, Ask(question="How long will it take?"))
    assert told(asked) == [("question", ANA), ("question", BILL), ("question", LI)]
    assert told(play.say(BILL, Reply(text="a day"), "billing")) == [("comment", BOB)]


def test_words_of_one_asked_person_never_pass_for_the_requesters_answer_to_another():
    play = Play(approval(), form())
    play.say(BOB, Ask(question="How long?"))
    play.say(LI, Ask(question="Which office?"), "technical")
    play.say(BILL, Reply(text="a day"), "billing")
    assert [(q.text, q.answer) for q in play.request.questions] == [("How long?", "a day"), ("Which office?", None)]


def test_a_reply_to_no_question_is_a_comment():
    play = Play(approval())
    assert told(play.say(BOB, Reply(text="by the way"))) == [("comment", ANA), ("comment", LI)]


# -- comments, watching, status ----------------------------------------------------------------------------------------


def test_a_comment_reaches_all_who_are_concerned_now_and_nobody_twice():
    play = Play(approval(), form())
    play.say(HEAD, Watch())
    comment = play.say(ANA, Comment(text="I am on it"), "technical")
    assert told(comment) == [("comment", BILL), ("comment", BOB), ("comment", HEAD), ("comment", LI)]


def test_a_watcher_hears_how_it_ends_until_he_unwatches():
    play = Play(approval(), form())
    play.say(ANA, Watch())
    play.say(LI, Watch())
    play.say(LI, Watch(on=False))
    assert ("rejected", ANA) in told(play.say(BILL, Reject(reason="no"), "billing"))
    assert ("rejected", LI) not in told(play.notices)


@pytest.mark.parametrize("deed", [Comment(text="hello"), Status()])
def test_without_a_token_the_requester_may_comment_and_ask_for_the_status(deed):
    play = Play(approval())
    assert ("refused", BOB) not in told(play.say(BOB, deed, token=False))


@pytest.mark.parametrize(
    "deed", [Cancel(), Hold(), Resume(), Ask(question="?"), Watch(), Approve(), Skip(reason="x"), Reply(text="x")]
)
def test_trap_5_without_a_token_nothing_else_is_done(deed):
    play = Play(approval())
    before = play.request
    assert told(play.say(ROOT, deed, token=False)) == [("refused", ROOT)]
    assert play.request == before


def test_a_status_is_told_to_who_asks_and_changes_nothing():
    play = Play(approval())
    before = play.request
    assert told(play.say(ANA, Status(), "technical")) == [("status", ANA)]
    assert play.request == before


@pytest.mark.parametrize("deed", [Comment(text="hi"), Status(), Unclear(wrote="what is this?"), Watch(), Hold()])
def test_whoever_it_does_not_concern_changes_nothing_and_is_told_nothing_about_it(deed):
    play = Play(approval())
    before = play.request
    assert told(play.say(EVE, deed, "technical")) == [("refused", EVE)]
    assert play.request == before


# -- assigning ---------------------------------------------------------------------------------------------------------


def test_an_assigned_step_is_asked_of_another_and_leaves_the_seat_of_who_assigned_it():
    play = Play(approval())
    notices = play.say(ANA, Assign(to=EVE), "technical")
    assert told(notices) == [("action", EVE), ("status", ANA)]
    assert play.step("technical").asked == (LI, EVE)
    play.say(EVE, Approve(), "technical")
    assert play.states["technical"] is DONE


def test_a_lead_assigns_the_whole_step():
    play = Play(approval())
    play.say(HEAD, Assign(to=EVE), "technical")
    assert play.step("technical").asked == (EVE,)


@pytest.mark.parametrize("whom", [BOB, BOT, "mallory@evil.example"], ids=["the requester", "the bot", "a stranger"])
def test_assign_names_people_of_our_domains_or_groups_and_never_the_requester(whom):
    play = Play(approval())
    before = play.request
    assert told(play.say(ANA, Assign(to=whom), "technical")) == [("refused", ANA)]
    assert play.request == before


def test_trap_8_a_requesters_alias_is_the_requester():
    play = Play(approval(asks=("security",)), requester=ANA)
    assert told(play.say(ONE, Assign(to="a.ruiz@example.net"), "technical")) == [("refused", ONE)]


def test_an_assignment_that_leaves_too_few_voices_is_refused():
    play = Play(approval(needs=2))
    assert told(play.say(ANA, Assign(to=LI), "technical")) == [("refused", ANA)]
    assert play.step("technical").asked == (ANA, LI)
    play.say(ANA, Assign(to=EVE), "technical")
    play.say(LI, Approve(), "technical")
    play.say(EVE, Approve(), "technical")
    assert play.states["technical"] is DONE


def test_the_voice_of_a_seat_that_was_handed_over_counts_no_more():
    play = Play(approval(needs=None))
    play.say(ANA, Approve(), "technical")
    play.say(HEAD, Assign(to=EVE), "technical")
    play.say(EVE, Reject(reason="no"), "technical")
    assert play.state is State.REJECTED


def test_an_allocation_is_assigned_to_nobody():
    play = Play(allocate(), pool=Pool(room=0))
    assert told(play.say(ROOT, Assign(to=EVE), "allocate")) == [("refused", ROOT)]


def test_only_the_asked_their_leads_and_admins_assign():
    play = Play(approval())
    assert told(play.say(BOB, Assign(to=EVE), "technical")) == [("refused", BOB)]


# -- delaying ----------------------------------------------------------------------------------------------------------


def test_delay_until_a_date_means_the_end_of_work_on_that_day_and_is_told_to_the_requester():
    play = Play(approval(lead_time="8 working hours"))
    notices = play.say(ANA, Delay(until="2026-11-27", reason="the router arrives on Thursday"), "technical")
    assert told(notices) == [("delayed", BOB)]
    assert to(notices, "delayed").facts["reason"] == "the router arrives on Thursday"
    assert play.step("technical").due == at(27, "17:00")


def test_delay_for_a_time_counts_from_the_due_time():
    play = Play(approval(lead_time="8 working hours"))
    play.say(ANA, Delay(duration="2 working days"), "technical")
    assert play.step("technical").due == at(25, "17:00")


def test_a_delay_moves_the_reminders_with_it():
    play = Play(approval(lead_time="8 working hours", remind=("1/2", "1")))
    play.say(ANA, Delay(duration="1 working day"), "technical")
    moments = {mark.name: mark.at for mark in play.marks if mark.step}
    assert moments["reminder-0"] == at(24, "13:00")
    assert moments["late"] == moments["reminder-1"] == at(25, "09:00")  # 17:00 is no working time any more


def test_a_step_that_is_late_and_delayed_is_looked_at_again_at_its_new_due_time():
    play = Play(approval(lead_time="4 working hours", remind=("1/2", "1"), escalate=[("1 working day", "lead")]))
    first = play.until(at(24, "14:00"))
    assert ("escalation", HEAD) in told(first)
    play.say(ANA, Delay(until="2026-11-25"), "technical")
    again = play.until(at(27, "09:00"))
    assert told(again).count(("reminder", ANA)) == 1
    assert ("delayed", BOB) in told(again)
    assert ("escalation", HEAD) in told(again)


@pytest.mark.parametrize(
    "deed",
    [
        Delay(until="2026-11-23"),
        Delay(until="2026-11-20"),
        Delay(duration="0 days"),
        Delay(),
        Delay(until="9999-12-31"),
        Delay(until="0001-01-01"),
        Delay(duration="100 years"),
        Delay(duration="5000 weeks"),
        Delay(duration="soon"),
    ],
    ids=str,
)
def test_a_delay_that_is_none_is_misunderstood_and_changes_nothing(deed):
    play = Play(approval(lead_time="8 working hours"))
    before = play.request
    assert told(play.say(ANA, deed, "technical")) == [("misunderstood", ANA)]
    assert play.request == before


def test_a_delay_on_hold_is_misunderstood():
    play = Play(approval(lead_time="8 working hours"))
    play.say(ANA, Hold(), "technical")
    assert told(play.say(ANA, Delay(until="2026-11-27"), "technical")) == [("misunderstood", ANA)]


def test_a_comment_that_nobody_would_hear_is_answered():
    play = Play(approval())
    play.say(BOB, Cancel())
    assert "nobody is asked" in to(play.say(BOB, Comment(text="a pity")), "status", BOB).facts["news"]
