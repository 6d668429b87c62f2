"""What is said about a request without deciding it: questions, comments, hand-overs, delays, and how it ends by word."""

import pytest
from play import (
    ANA,
    BILL,
    BOB,
    BOT,
    CANCELLED,
    DONE,
    EVE,
    FAILED,
    HEAD,
    KIM,
    LI,
    OPEN,
    ROOT,
    SECURITY,
    SKIPPED,
    SUPPORT,
    WAITING,
    Play,
    Pool,
    allocate,
    approval,
    at,
    form,
    task,
    to,
    told,
)

from mailbot.process.request import (
    Approve,
    Ask,
    Assign,
    Bounced,
    Cancel,
    Comment,
    Delay,
    Done,
    Fail,
    Hold,
    Reject,
    Reply,
    Resume,
    Retry,
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
    play.say(LI, Ask(question="Which office?"), "technical")
    play.say(BOB, Ask(question="How long?"))
    play.say(BILL, Reply(text="a day"), "billing")
    assert [(q.text, q.answer) for q in play.request.questions] == [("Which office?", None), ("How long?", "a day")]


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


@pytest.mark.parametrize(
    "whom", [BOB, BOT, "mallory@evil.example"], ids=["the requester", "the bot", "a stranger"]
)
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


# -- hold, resume, cancel, fail, skip, retry ---------------------------------------------------------------------------


@pytest.mark.parametrize("who", [ANA, HEAD, ROOT])
def test_the_asked_their_leads_and_admins_hold_and_resume_and_all_concerned_are_told(who):
    play = Play(approval(), form())
    held = play.say(who, Hold(reason="the contract is missing"), "technical")
    everybody = {ANA, BILL, BOB, LI, who}
    assert told(held) == sorted(("status", person) for person in everybody)
    assert play.state is State.HELD
    assert play.request.reason == "the contract is missing"
    assert told(play.say(who, Resume(), "technical")) == sorted(("status", person) for person in everybody)
    assert play.state is State.IN_PROGRESS


def test_the_requester_holds_nothing():
    play = Play(approval())
    assert told(play.say(BOB, Hold())) == [("refused", BOB)]
    assert play.state is State.IN_PROGRESS


def test_answers_are_taken_on_hold_but_nothing_new_begins_before_it_goes_on():
    play = Play(approval(), form(after=("technical",)))
    play.say(LI, Hold(), "technical")
    play.say(ANA, Approve(), "technical")
    assert play.states == {"technical": DONE, "billing": WAITING}
    assert ("action", BILL) in told(play.say(LI, Resume(), "technical"))


def test_a_request_whose_last_answer_came_on_hold_completes_when_it_goes_on():
    play = Play(approval())
    play.say(LI, Hold(), "technical")
    play.say(ANA, Approve(), "technical")
    assert play.state is State.HELD
    assert ("completed", BOB) in told(play.say(LI, Resume(), "technical"))


def test_a_rejection_on_hold_rejects():
    play = Play(approval())
    play.say(LI, Hold(), "technical")
    play.say(ANA, Reject(reason="no"), "technical")
    assert play.state is State.REJECTED


@pytest.mark.parametrize("deed", [Hold(), Resume()])
def test_what_cannot_be_now_is_refused_and_changes_nothing(deed):
    play = Play(approval())
    if isinstance(deed, Hold):
        play.say(ANA, Hold(), "technical")
    before = play.request
    assert told(play.say(ANA, deed, "technical")) == [("refused", ANA)]
    assert play.request == before


@pytest.mark.parametrize("who", [BOB, ROOT])
def test_the_requester_and_admins_cancel_and_what_was_taken_is_given_back(who):
    play = Play(allocate(), approval(after=("allocate",)))
    notices = play.say(who, Cancel(reason="not needed"))
    assert play.state is State.CANCELLED
    assert play.states == {"allocate": DONE, "technical": CANCELLED}
    assert told(notices) == [("cancelled", BOB), ("settled", ANA), ("settled", LI)]
    assert not play.pool.held
    assert [a.state for a in play.request.addresses] == ["quarantined"]


def test_the_asked_do_not_cancel():
    play = Play(approval())
    assert told(play.say(ANA, Cancel(), "technical")) == [("refused", ANA)]


def test_a_pending_and_a_held_request_can_be_cancelled():
    pending = Play(approval(), given={})
    pending.say(BOB, Cancel())
    held = Play(approval())
    held.say(ANA, Hold(), "technical")
    held.say(BOB, Cancel())
    assert pending.state is held.state is State.CANCELLED


def test_a_closed_request_never_changes_its_outcome():
    play = Play(approval())
    play.say(BOB, Cancel())
    before = play.request
    for deed in (Cancel(), Hold(), Resume(), Delay(until="2026-11-27"), Assign(to=EVE), Retry(), Fail(reason="x")):
        assert told(play.say(ROOT, deed, "technical")) == [("settled", ROOT)]
    assert play.request == before


def test_an_admin_fails_a_step_and_with_it_the_request_and_its_addresses_go_back():
    play = Play(allocate(), approval(after=("allocate",)))
    notices = play.say(ROOT, Fail(reason="the site is closed"), "technical")
    assert ("failed", BOB) in told(notices)
    assert play.state is State.FAILED
    assert play.states["technical"] is FAILED
    assert not play.pool.held


def test_an_admin_skips_a_step_and_it_counts_as_done():
    play = Play(approval(), form(after=("technical",)))
    notices = play.say(ROOT, Skip(reason="agreed by phone"), "technical")
    assert play.states == {"technical": SKIPPED, "billing": OPEN}
    assert ("settled", ANA) in told(notices)
    assert play.step("technical").answer == "agreed by phone"


@pytest.mark.parametrize("deed", [Retry(), Skip(reason="x"), Fail(reason="x")])
def test_only_admins_retry_skip_and_fail(deed):
    play = Play(approval())
    assert told(play.say(ANA, deed, "technical")) == [("refused", ANA)]
    assert play.states["technical"] is OPEN


def test_the_shell_may_do_what_an_admin_may_and_gets_no_letter():
    play = Play(approval(), task(after=("technical",)))
    assert told(play.shell(Hold(reason="maintenance"))) == [("status", ANA), ("status", BOB), ("status", LI)]
    play.shell(Resume())
    play.shell(Skip(reason="by phone"))
    assert play.states == {"technical": SKIPPED, "registry": OPEN}
    play.shell(Cancel(reason="no more"))
    assert play.state is State.CANCELLED


def test_the_shell_retries_the_step_that_is_stuck_rather_than_one_that_waits_for_people():
    pool = Pool(room=0)
    play = Play(approval(), allocate(), pool=pool)
    pool.room = 1
    play.shell(Retry())
    assert play.states == {"technical": OPEN, "allocate": DONE}


def test_a_retry_on_hold_begins_nothing_before_it_goes_on():
    pool = Pool(room=0)
    play = Play(allocate(), approval(), pool=pool)
    play.shell(Hold())
    pool.room = 1
    play.shell(Retry())
    assert not pool.held
    play.shell(Resume())
    assert play.states["allocate"] is DONE


# -- letters that did not arrive ---------------------------------------------------------------------------------------


def test_trap_13_a_bounce_is_told_to_the_steps_lead_and_to_admins_and_decides_nothing():
    play = Play(approval())
    before = play.request
    notices = play.happen(Bounced(person=ANA, kind="action", step="technical", status="5.1.1"))
    assert told(notices) == [("alert", HEAD), ("alert", ROOT)]
    assert "5.1.1" in to(notices, "alert", HEAD).facts["text"]
    assert play.request == before


def test_trap_13_nobody_is_told_of_his_own_unreachability_by_mail():
    play = Play(approval())
    assert told(play.happen(Bounced(person=HEAD, kind="escalation", step="technical", status=None))) == [("alert", ROOT)]


def test_a_shared_mailbox_is_told_once():
    play = Play(approval(asks=("support",)))
    assert told(play.say(BOB, Comment(text="hi"))) == [("comment", SUPPORT)]


def test_a_task_is_answered_while_somebody_asks():
    play = Play(task())
    play.say(ANA, Ask(question="?"), "registry")
    play.say(LI, Done(), "registry")
    assert play.state is State.COMPLETED
