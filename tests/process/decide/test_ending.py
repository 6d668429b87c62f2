"""Hold and resume, cancel, fail, skip and retry; and letters that did not arrive."""

import pytest
from play import (
    ANA,
    BILL,
    BOB,
    CANCELLED,
    DONE,
    EVE,
    FAILED,
    HEAD,
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
    Resume,
    Retry,
    Skip,
    State,
)

ONE, TWO, THREE = SECURITY


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
    assert play.states == {"allocate": DONE, "technical": CANCELLED, "allocate.undo": DONE}
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
    assert told(notices) == [("alert", ROOT), ("escalation", HEAD)]
    assert "5.1.1" in to(notices, "alert", ROOT).facts["text"]
    assert to(notices, "escalation", HEAD).facts["unreached"] == ANA
    assert play.request == before


def test_trap_13_nobody_is_told_of_his_own_unreachability_by_mail():
    play = Play(approval())
    bounced = Bounced(person=HEAD, kind="escalation", step="technical", status=None)
    assert told(play.happen(bounced)) == [("alert", ROOT)]


def test_a_shared_mailbox_is_told_once():
    play = Play(approval(asks=("support",)))
    assert told(play.say(BOB, Comment(text="hi"))) == [("comment", SUPPORT)]


def test_a_task_is_answered_while_somebody_asks():
    play = Play(task())
    play.say(ANA, Ask(question="?"), "registry")
    play.say(LI, Done(), "registry")
    assert play.state is State.COMPLETED
