"""What the asked answer: whose answer counts, about what, and how many of them."""

from dataclasses import replace

import pytest
from play import (
    ACCOUNT,
    ALIAS,
    ANA,
    BILL,
    BOB,
    CANCELLED,
    DEPARTMENTS,
    DIRECTORY,
    DONE,
    EVE,
    FORM,
    HEAD,
    KIM,
    LI,
    LOU,
    OPEN,
    REFUSED,
    ROOT,
    SECURITY,
    SUPPORT,
    Play,
    Pool,
    allocate,
    approval,
    form,
    task,
    to,
    told,
)

from mailbot.process.directory import Department
from mailbot.process.request import Amend, Approve, Ask, Assign, Delay, Done, Reject, State, Unclear

ONE, TWO, THREE = SECURITY


# -- who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [ANA, LI, HEAD, ROOT, ALIAS], ids=["asked", "asked too", "lead", "admin", "alias"])
def test_the_asked_their_leads_admins_and_aliases_may_approve(who):
    play = Play(approval())
    play.say(who, Approve(), "technical")
    assert play.states["technical"] is DONE


def test_an_alias_answers_as_the_person_it_belongs_to():
    play = Play(approval())
    play.say(ALIAS, Approve(), "technical")
    assert play.step("technical").answered_by == ANA


@pytest.mark.parametrize("deed", [Approve(), Reject(reason="no"), Done()])
def test_trap_7_somebody_not_asked_is_refused_and_told_how_to_assign(deed):
    play = Play(approval())
    refused = to(play.say(EVE, deed, "technical"), "refused", EVE)
    assert refused.facts["assign"] is True
    assert play.states["technical"] is OPEN
    assert play.step("technical").voices == ()


def test_trap_8_the_requester_does_not_approve_his_own_request():
    play = Play(approval(), requester=ANA)
    assert play.step("technical").asked == (LI,)
    play.say(ANA, Approve(), "technical")
    assert play.states["technical"] is OPEN
    assert to(play.notices, "refused", ANA).facts["assign"] is False


def test_trap_8_a_requester_who_is_the_lead_or_an_admin_does_not_either():
    for who in (HEAD, ROOT):
        play = Play(approval(), requester=who)
        play.say(who, Approve(), "technical")
        assert play.states["technical"] is OPEN


@pytest.mark.parametrize(
    ("requester", "asks", "seats"),
    [
        (ANA, ("ana@example.net",), (ROOT,)),
        (BILL, ("billing",), (ROOT,)),
        (ALIAS, ("a.ruiz@example.net",), (ROOT,)),
        (HEAD, ("head@example.net", "noc"), (ANA, LI)),
    ],
    ids=["named himself", "alone in a group without a lead", "by his alias", "one of several"],
)
def test_trap_8_the_requesters_seat_is_taken_by_the_lead_else_admins(requester, asks, seats):
    play = Play(approval(asks=asks), requester=DIRECTORY.person(requester))
    assert play.step("technical").asked == seats
    assert {n.to for n in play.opening if n.kind == "action"} == set(seats)


def test_trap_8_where_too_few_others_are_left_the_lead_makes_up_the_number():
    play = Play(approval(needs=2), requester=ANA)
    assert play.step("technical").asked == (LI, HEAD)
    play.say(LI, Approve(), "technical")
    assert play.states["technical"] is OPEN
    play.say(HEAD, Approve(), "technical")
    assert play.states["technical"] is DONE


def test_trap_8_a_shared_mailbox_that_only_the_requester_reads_asks_nobody():
    alone = Department(name="alone", title="Alone", members=(BOB,), address="alone@example.net", lead=HEAD)
    directory = replace(DIRECTORY, departments={**DEPARTMENTS, "alone": alone})
    play = Play(approval(asks=("alone",)), directory=directory)
    assert HEAD in play.step("technical").asked


def test_an_admin_who_is_the_requester_and_the_only_one_leaves_the_step_in_trouble():
    directory = replace(DIRECTORY, admins=(BOB,))
    play = Play(approval(asks=(BOB,)), directory=directory)
    assert play.step("technical").asked == ()
    assert "not enough people" in play.step("technical").trouble


def test_the_requester_may_do_a_task_that_is_his_own():
    play = Play(task(asks=(BOB,)))
    play.say(BOB, Done(), "registry")
    assert play.state is State.COMPLETED


# -- how many ----------------------------------------------------------------------------------------------------------


def test_the_first_valid_answer_counts_and_the_others_are_told():
    play = Play(approval(asks=("security",)))
    notices = play.say(TWO, Approve(), "technical")
    assert ("settled", ONE) in told(notices)
    assert ("settled", THREE) in told(notices)
    assert ("settled", TWO) not in told(notices)
    assert to(notices, "settled", ONE).facts["by"] == TWO


def test_a_number_of_voices_is_awaited():
    play = Play(approval(asks=("security",), needs=2))
    assert play.say(ONE, Approve(), "technical") == []
    assert play.states["technical"] is OPEN
    play.say(THREE, Approve(), "technical")
    assert play.states["technical"] is DONE


def test_all_must_agree_where_all_are_needed():
    play = Play(approval(asks=("security",), needs=None))
    for who in (ONE, TWO):
        play.say(who, Approve(), "technical")
        assert play.states["technical"] is OPEN
    play.say(THREE, Approve(), "technical")
    assert play.states["technical"] is DONE


def test_one_no_refuses_where_all_are_needed():
    play = Play(approval(asks=("security",), needs=None))
    play.say(ONE, Reject(reason="too large"), "technical")
    assert play.states["technical"] is REFUSED
    assert play.state is State.REJECTED


def test_a_number_is_refused_as_soon_as_it_cannot_be_reached_any_more():
    play = Play(approval(asks=("security",), needs=2))
    play.say(ONE, Reject(reason="no"), "technical")
    assert play.states["technical"] is OPEN
    notices = play.say(TWO, Reject(reason="too large"), "technical")
    assert play.states["technical"] is REFUSED
    assert to(notices, "rejected", BOB).facts["reason"] == "too large"
    assert ("settled", THREE) in told(notices)


def test_trap_6_one_person_has_one_voice_and_a_second_answer_is_settled_while_others_are_waited_for():
    play = Play(approval(asks=("security",), needs=2))
    play.say(ONE, Approve(), "technical")
    for deed in (Approve(), Reject(reason="oh no")):
        again = to(play.say(ONE, deed, "technical"), "settled", ONE)
        assert "counts already" in again.facts["outcome"]
    assert play.states["technical"] is OPEN
    assert [voice.approves for voice in play.step("technical").voices] == [True]
    play.say(TWO, Approve(), "technical")
    assert play.states["technical"] is DONE


def test_an_alias_and_its_person_are_one_voice():
    play = Play(approval(needs=2))
    play.say(ANA, Approve(), "technical")
    play.say(ALIAS, Approve(), "technical")
    assert play.states["technical"] is OPEN


def test_more_voices_than_people_is_a_trouble_told_to_admins():
    play = Play(approval(needs=3))
    assert play.step("technical").trouble
    assert told(play.opening) == [("acknowledged", BOB), ("alert", ROOT)]


# -- shared mailboxes --------------------------------------------------------------------------------------------------


def test_a_group_with_an_address_gets_one_letter_there():
    play = Play(approval(asks=("support",)))
    assert [n.to for n in play.opening if n.kind == "action"] == [SUPPORT]


@pytest.mark.parametrize("who", [KIM, LOU, SUPPORT])
def test_any_members_own_from_answers_for_the_group_address(who):
    play = Play(approval(asks=("support",)))
    assert play.say(who, Approve(), "technical", seat=SUPPORT) == [to(play.notices, "completed")]
    assert play.step("technical").answered_by == who


def test_distinct_members_of_a_shared_mailbox_are_distinct_voices():
    play = Play(approval(asks=("support",), needs=2))
    play.say(KIM, Approve(), "technical", seat=SUPPORT)
    assert play.states["technical"] is OPEN
    play.say(LOU, Approve(), "technical", seat=SUPPORT)
    assert play.states["technical"] is DONE


def test_trap_8_a_shared_mailbox_counts_as_one_voice_and_not_beside_its_members():
    play = Play(approval(asks=("support",), needs=2))
    play.say(SUPPORT, Approve(), "technical", seat=SUPPORT)
    assert play.states["technical"] is OPEN
    play.say(KIM, Approve(), "technical", seat=SUPPORT)  # it may have been kim who wrote from the mailbox
    assert play.states["technical"] is OPEN
    play.say(LOU, Approve(), "technical", seat=SUPPORT)
    assert play.states["technical"] is DONE


def test_nobody_is_told_settled_at_a_mailbox_whose_member_has_answered():
    play = Play(approval(asks=("support",)))
    assert told(play.say(KIM, Approve(), "technical")) == [("completed", BOB)]


# -- about what --------------------------------------------------------------------------------------------------------


def test_trap_6_a_token_used_again_is_answered_settled_and_changes_nothing():
    play = Play(approval(), form())
    content = play.step("technical").content
    play.say(ANA, Approve(), "technical", content=content)
    before = play.request
    again = play.say(ANA, Reject(reason="oh no"), "technical", content=content)
    assert told(again) == [("settled", ANA)]
    assert to(again, "settled").facts["by"] == ANA
    assert play.request == before


def test_trap_6_an_answer_after_the_end_is_answered_settled():
    play = Play(approval())
    play.say(ANA, Reject(reason="no"), "technical")
    before = play.request
    assert told(play.say(LI, Approve(), "technical")) == [("settled", LI)]
    assert play.request == before


def test_trap_6_an_answer_to_a_content_that_has_changed_decides_nothing_and_is_asked_anew():
    play = Play(approval(), form())
    old = play.step("technical").content
    play.say(BOB, Amend(given={"size": "24"}))
    notices = play.say(ANA, Approve(), "technical", content=old)
    assert told(notices) == [("action", ANA)]
    assert to(notices, "action").facts["why"] == "changed"
    assert play.states["technical"] is OPEN


def test_what_others_answer_and_comment_is_no_part_of_the_content():
    play = Play(approval(), form(), allocate(after=("technical", "billing")))
    content = play.step("technical").content
    play.say(BILL, Done(given={"account": "A-1"}), "billing")
    assert play.step("technical").content == content


@pytest.mark.parametrize(
    ("step", "deed", "words"),
    [
        (approval("x"), Reject(reason=""), "a rejection needs a reason"),
        (task("x"), Reject(reason=""), "a rejection needs a reason"),
        (approval("x"), Done(), "approve"),
        (approval("x"), Done(given={"account": "A-1"}, bare=True), "approve"),
        (form("x", asks=("noc",)), Approve(), "fill in the fields"),
        (form("x", asks=("noc",)), Done(), "fill them in"),
        (task("x"), Approve(), "done"),
    ],
)
def test_an_answer_of_the_wrong_kind_is_misunderstood_and_decides_nothing(step, deed, words):
    play = Play(step)
    notices = play.say(ANA, deed, "x")
    assert words in to(notices, "misunderstood", ANA).facts["why"]
    assert play.states["x"] is OPEN


def test_trap_21_unclear_words_change_nothing_and_are_answered():
    play = Play(approval())
    before = play.request
    notices = play.say(ANA, Unclear(wrote="ok, but make it a /27"), "technical")
    assert to(notices, "misunderstood", ANA).facts["wrote"] == "ok, but make it a /27"
    assert play.request == before


def test_an_answer_without_a_token_is_refused():
    play = Play(approval())
    assert told(play.say(ANA, Approve(), "technical", token=False)) == [("refused", ANA)]
    assert play.states["technical"] is OPEN


def test_an_admin_who_replies_ok_to_a_letter_about_no_step_decides_none():
    play = Play(approval(), allocate())
    for deed in (Approve(), Done(), Reject(reason="no")):
        assert told(play.say(ROOT, deed)) == [("misunderstood", ROOT)]
    assert play.states["technical"] is OPEN


def test_who_is_asked_and_replies_to_a_letter_about_no_step_hears_which_to_reply_to():
    play = Play(approval(), allocate())
    for deed in (Approve(), Delay(duration="2 days"), Ask(question="why?")):
        assert "the letter that asked you" in to(play.say(ANA, deed), "misunderstood", ANA).facts["why"]
    assert play.states["technical"] is OPEN


def test_approve_by_the_requester_in_reply_to_his_own_letter_is_refused():
    play = Play(approval())
    assert "his own request" in to(play.say(BOB, Approve()), "refused", BOB).facts["why"]
    assert told(play.say(BOB, Reject(reason="no"))) == [("refused", BOB)]


def test_who_was_not_asked_hears_how_a_step_is_handed_to_him():
    play = Play(approval())
    for deed in (Approve(), Delay(duration="2 days"), Assign(to=BILL)):
        assert to(play.say(BILL, deed, "technical"), "refused", BILL).facts["assign"]


def test_nobody_approves_an_allocation_that_waits_for_room():
    play = Play(allocate(), pool=Pool(room=0))
    play.say(ROOT, Approve(), "allocate")
    play.say(ROOT, Done(), "allocate")
    assert play.states["allocate"] is OPEN
    assert told(play.notices[-2:]) == [("misunderstood", ROOT)] * 2


# -- forms of steps ----------------------------------------------------------------------------------------------------


def test_a_form_step_needs_only_its_fields():
    play = Play(form())
    play.say(BILL, Done(given={"account": "A-77"}, bare=True), "billing")
    assert dict(play.step("billing").fields) == {"account": "A-77"}
    assert play.step("billing").answer == "Account: A-77"


def test_wrong_fields_of_a_step_are_told_to_who_wrote_them_and_the_step_stays_open():
    size = replace(FORM_SIZE, name="speed", label="Speed")
    play = Play(form(fields=(ACCOUNT, size)))
    notices = play.say(BILL, Done(given={"speed": "9"}), "billing")
    assert set(to(notices, "incomplete", BILL).facts["faults"]) == {"account", "speed"}
    assert play.states["billing"] is OPEN


def test_fields_may_follow_ok_in_a_form_step():
    play = Play(form())
    play.say(BILL, Approve(given={"account": "A-77"}), "billing")
    assert play.states["billing"] is DONE
    assert play.step("billing").answer == "Account: A-77"


def test_what_was_right_in_an_incomplete_answer_need_not_be_sent_again():
    play = Play(form(fields=(ACCOUNT, replace(FORM_SIZE, name="speed", label="Speed"))))
    play.say(BILL, Done(given={"account": "A-77"}, bare=True), "billing")
    assert play.states["billing"] is OPEN
    play.say(BILL, Done(given={"speed": "25"}, bare=True), "billing")
    assert dict(play.step("billing").fields) == {"account": "A-77", "speed": 25}
    assert play.states["billing"] is DONE


def test_fields_may_follow_approve_where_the_step_has_such():
    play = Play(approval(fields=(ACCOUNT,)))
    play.say(ANA, Approve(given={"account": "A-1"}), "technical")
    assert dict(play.step("technical").fields) == {"account": "A-1"}
    assert "A-1" in play.step("technical").answer


def test_a_rejection_ends_the_request_and_the_other_steps():
    play = Play(approval(), form(), allocate(after=("technical", "billing")))
    notices = play.say(LI, Reject(reason="The Lyon office has unused space already."), "technical")
    assert told(notices) == [("rejected", BOB), ("settled", ANA), ("settled", BILL)]
    assert play.states == {"technical": REFUSED, "billing": CANCELLED, "allocate": CANCELLED}
    assert play.request.reason == "The Lyon office has unused space already."
    assert play.step("technical").answered_by == LI


FORM_SIZE = Play(approval(), given=FORM).process.fields[1]
