"""A form that changes while its request runs, and steps that cannot go on by themselves."""

from dataclasses import replace

import pytest
from play import (
    ANA,
    BILL,
    BOB,
    DIRECTORY,
    DONE,
    FIELDS,
    FORM,
    HEAD,
    LI,
    OPEN,
    ROOT,
    SKIPPED,
    WAITING,
    Play,
    Pool,
    allocate,
    approval,
    check,
    form,
    notify,
    reserve,
    to,
    told,
)

from mailbot.process.definition import Field, FieldType
from mailbot.process.request import Amend, Approve, Cancel, Done, EndNow, Hold, Reject, Resume, Retry, Skip, State

SMALLER = Amend(given={"size": "30"})
MANAGED = (*FIELDS, Field(name="boss", label="Boss", type=FieldType.TEXT))


# -- amending ----------------------------------------------------------------------------------------------------------


def test_trap_6_what_was_answered_about_changed_content_is_asked_anew():
    play = Play(approval(), form())
    play.say(ANA, Approve(), "technical")
    notices = play.say(BOB, SMALLER)
    assert told(notices) == [("action", ANA), ("action", BILL), ("action", LI), ("status", BOB)]
    action = to(notices, "action", LI)
    assert (action.facts["why"], list(action.facts["changes"])) == ("changed", ["Prefix length"])
    assert play.states == {"technical": OPEN, "billing": OPEN}
    assert play.step("technical").answered_by is None
    assert play.request.form["size"] == 30
    assert play.request.summary == "Acme: /30"


def test_trap_6_what_comes_after_an_answer_that_is_asked_anew_waits_for_it_again():
    play = Play(approval(), form(after=("technical",)))
    play.say(ANA, Approve(), "technical")
    notices = play.say(BOB, SMALLER)
    assert play.states == {"technical": OPEN, "billing": WAITING}
    assert to(notices, "settled").to == BILL
    play.say(ANA, Approve(), "technical")
    assert play.states["billing"] is OPEN


def test_an_account_that_was_given_stands_in_the_form_that_is_asked_anew():
    play = Play(form())
    play2 = Play(form(), approval())
    play2.say(BILL, Done(given={"account": "A-1"}), "billing")
    play2.say(BOB, SMALLER)
    play2.say(BILL, Done(), "billing")
    assert dict(play2.step("billing").fields) == {"account": "A-1"}
    assert play2.states["billing"] is DONE
    assert play.states["billing"] is OPEN


def test_conditions_are_looked_at_again():
    play = Play(approval(when="form.size <= 28"), form(when="form.size > 28"))
    assert play.states == {"technical": OPEN, "billing": SKIPPED}
    notices = play.say(BOB, SMALLER)
    assert play.states == {"technical": SKIPPED, "billing": OPEN}
    assert told(notices) == [("action", BILL), ("settled", ANA), ("settled", LI), ("status", BOB)]
    assert to(notices, "action").facts["why"] == "new"


def test_a_form_that_says_the_same_changes_nothing():
    play = Play(approval())
    before = play.request
    assert told(play.say(BOB, Amend(given=FORM))) == [("status", BOB)]
    assert play.request == before


def test_wrong_values_change_nothing_and_are_told():
    play = Play(approval())
    before = play.request
    notices = play.say(BOB, Amend(given={"size": "8"}))
    assert set(to(notices, "incomplete", BOB).facts["faults"]) == {"size"}
    assert play.request == before


def test_an_amendment_is_refused_once_addresses_are_allocated():
    play = Play(allocate(), approval(after=("allocate",)))
    before = play.request
    assert told(play.say(BOB, SMALLER)) == [("refused", BOB)]
    assert play.request == before


@pytest.mark.parametrize("who", [ANA, HEAD])
def test_only_the_requester_and_admins_amend(who):
    play = Play(approval())
    assert told(play.say(who, SMALLER, "technical")) == [("refused", who)]
    play.say(ROOT, SMALLER)
    assert play.request.form["size"] == 30


def test_an_amendment_on_hold_is_refused_in_words():
    play = Play(approval())
    play.say(ANA, Hold(), "technical")
    assert "on hold" in to(play.say(BOB, SMALLER), "refused").facts["why"]


def test_a_check_is_made_again():
    play = Play(check(), approval(after=("check",)))
    play.pool.room = 0
    play.say(BOB, SMALLER)
    assert play.state is State.REJECTED


def test_what_was_told_is_not_told_again():
    play = Play(notify(), approval())
    assert [n for n in play.say(BOB, SMALLER) if n.step == "tell"] == []


def test_trap_6_an_allocation_that_waits_for_room_waits_for_the_approval_of_what_is_now_asked():
    pool = Pool(room=0)
    play = Play(approval(), allocate(after=("technical",)), pool=pool)
    play.say(ANA, Approve(), "technical")
    play.say(BOB, Amend(given={"size": "20"}))
    pool.room = 1
    play.room()
    assert not pool.held
    assert play.states == {"technical": OPEN, "allocate": WAITING}
    play.say(ANA, Approve(), "technical")
    assert [a.prefix for a in play.request.addresses] == ["10.0.1.0/20"]


# -- trouble -----------------------------------------------------------------------------------------------------------


def test_a_full_pool_holds_the_step_and_tells_owner_and_admins_once():
    play = Play(allocate(), pool=Pool(room=0))
    assert told(n for n in play.opening if n.kind == "alert") == [("alert", ANA), ("alert", LI), ("alert", ROOT)]
    assert play.states["allocate"] is OPEN
    assert play.state is State.IN_PROGRESS
    assert play.step("allocate").waits_for == "lan"
    assert play.step("allocate").wanted_length == 28
    assert play.step("allocate").due is not None
    assert told(play.room()) == []
    assert play.step("allocate").trouble


def test_a_step_that_waited_for_room_goes_on_by_itself():
    play = Play(allocate(), pool=Pool(room=0))
    play.pool.room = 1
    assert told(play.room()) == [("completed", BOB)]
    assert (play.step("allocate").trouble, play.step("allocate").waits_for) == (None, "")


def test_trap_34_room_that_is_told_of_twice_is_taken_once():
    play = Play(allocate(), approval(after=("allocate",)), pool=Pool(room=0))
    play.pool.room = 2
    play.room()
    assert play.room() == []  # another bot was faster
    assert len(play.pool.held) == 1
    assert play.states == {"allocate": DONE, "technical": OPEN}


@pytest.mark.parametrize("end", [Cancel(), Hold(), Skip(reason="by hand")])
def test_room_is_not_taken_by_a_request_that_is_over_or_on_hold(end):
    play = Play(allocate(), approval(after=("allocate",)), pool=Pool(room=0))
    play.shell(end)
    play.pool.room = 1
    assert play.room() == []
    assert not play.pool.held


def test_a_step_that_waited_for_room_on_hold_is_tried_when_it_goes_on():
    play = Play(allocate(), pool=Pool(room=0))
    play.shell(Hold())
    play.pool.room = 1
    play.shell(Resume())
    play.room()
    assert play.state is State.COMPLETED


def test_an_error_while_evaluating_holds_the_step_and_is_never_false():
    play = Play(approval(when="form.boss == 'x'"), fields=MANAGED)
    assert play.states["technical"] is OPEN
    assert "form.boss has no value" in play.step("technical").trouble
    assert to(play.opening, "alert").to == ROOT
    assert play.step("technical").due is not None


def test_a_step_in_trouble_is_asked_when_it_is_retried_and_its_cause_is_mended():
    play = Play(approval(asks=("nobody-here",)))
    assert "nobody-here" in play.step("technical").trouble
    department = replace(DIRECTORY.departments["noc"], name="nobody-here")
    play.directory = replace(DIRECTORY, departments={**DIRECTORY.departments, "nobody-here": department})
    assert told(play.shell(Retry())) == [("action", ANA), ("action", LI)]
    assert play.step("technical").trouble is None


@pytest.mark.parametrize("boss", ["the boss", "bob", ""])
def test_a_field_that_names_nobody_holds_the_step_that_asks_it(boss):
    play = Play(approval(asks=("{form.boss}",)), fields=MANAGED, given={**FORM, "boss": boss})
    assert play.step("technical").trouble
    assert to(play.opening, "alert").to == ROOT


def test_a_notice_to_nobody_holds_its_step_too():
    play = Play(notify(to=("{form.boss}",)), fields=MANAGED, given={**FORM, "boss": "the boss"})
    assert play.step("tell").trouble


def test_a_field_may_name_who_is_asked():
    play = Play(approval(asks=("{form.boss}",)), fields=MANAGED, given={**FORM, "boss": "eve@example.net"})
    assert play.step("technical").asked == ("eve@example.net",)


def test_trap_8_a_requester_who_names_himself_is_not_asked():
    play = Play(approval(asks=("{form.boss}",)), fields=MANAGED, given={**FORM, "boss": BOB})
    assert play.step("technical").asked == (ROOT,)


# -- what somebody is not shown ----------------------------------------------------------------------------------------


def test_an_amendment_of_what_is_not_shown_asks_nobody_again():
    play = Play(approval(shows=("customer",)), form())
    play.say(ANA, Approve(), "technical")
    notices = play.say(BOB, SMALLER)
    assert told(notices) == [("action", BILL), ("status", BOB)]
    assert play.states == {"technical": DONE, "billing": OPEN}


def test_an_amendment_of_what_is_not_shown_leaves_the_letters_that_are_out_there_good():
    play = Play(approval(shows=("customer",)))
    content = play.step("technical").content
    play.say(BOB, SMALLER)
    play.say(ANA, Approve(), "technical", content=content)
    assert play.state is State.COMPLETED


def test_a_condition_on_what_is_not_shown_is_looked_at_again():
    play = Play(approval(shows=("customer",), when="form.size <= 28"), form())
    notices = play.say(BOB, SMALLER)
    assert play.states == {"technical": SKIPPED, "billing": OPEN}
    assert ("settled", ANA) in told(notices)
    play.say(BOB, Amend(given={"size": "28"}))
    assert play.states["technical"] is OPEN


def test_whoever_is_asked_instead_is_asked_though_he_is_shown_nothing_new():
    play = Play(approval(shows=("customer",), asks=("{form.boss}",)), fields=MANAGED, given={**FORM, "boss": ANA})
    notices = play.say(BOB, Amend(given={"boss": LI}))
    assert play.step("technical").asked == (LI,)
    assert ("action", LI) in told(notices)


def test_trap_6_what_comes_later_waits_for_all_that_is_asked_anew_before_it():
    """Not only for the step right before it, which was asked about something else."""
    play = Play(approval(), form(after=("technical",), shows=("customer",)), allocate(after=("billing",), length="28"))
    play.say(ANA, Approve(), "technical")
    play.say(BOB, SMALLER)
    play.say(BILL, Done(given={"account": "A-1"}), "billing")
    assert play.states == {"technical": OPEN, "billing": DONE, "allocate": WAITING}
    play.say(ANA, Approve(), "technical")
    assert play.state is State.COMPLETED


def test_a_skip_by_an_admin_outlives_a_change_of_what_it_does_not_show():
    play = Play(approval(shows=("customer",)), form())
    play.say(ROOT, Skip(reason="by phone"), "technical")
    play.say(BOB, SMALLER)
    assert play.states["technical"] is SKIPPED


# -- what an approver may change ---------------------------------------------------------------------------------------

CUT = Approve(given={"size": "29"})


def test_an_approver_changes_the_form_where_he_may_and_agrees_to_that():
    play = Play(approval(may_change=("size",)), allocate(after=("technical",)))
    notices = play.say(ANA, CUT, "technical")
    assert play.request.form["size"] == 29
    assert [a.prefix for a in play.request.addresses] == ["10.0.1.0/29"]
    assert "Prefix length" in to(notices, "status", BOB).facts["news"]
    assert "changed form" in play.actions()
    assert play.state is State.COMPLETED


def test_who_agreed_to_something_else_is_asked_anew_and_what_comes_next_waits_for_him():
    play = Play(
        approval("manager", asks=("billing",)), approval(after=("manager",), may_change=("size",)),
        allocate(after=("technical",)),
    )  # fmt: skip
    play.say(BILL, Approve(), "manager")
    notices = play.say(ANA, CUT, "technical")
    action = to(notices, "action", BILL)
    assert (action.facts["why"], list(action.facts["changes"])) == ("changed", ["Prefix length"])
    assert play.states == {"manager": OPEN, "technical": DONE, "allocate": WAITING}
    play.say(BILL, Approve(), "manager")
    assert [a.prefix for a in play.request.addresses] == ["10.0.1.0/29"]


def test_others_who_must_agree_too_are_asked_about_what_it_is_now():
    play = Play(approval(may_change=("size",), needs=2))
    play.say(LI, Approve(), "technical")
    notices = play.say(ANA, CUT, "technical")
    assert [(n.to, n.facts["changes"]) for n in notices if n.kind == "action"] == [(LI, ["Prefix length"])]
    assert [v.actor for v in play.step("technical").voices] == [ANA]
    play.say(LI, Approve(), "technical")
    assert play.state is State.COMPLETED


def test_wrong_values_are_answered_all_at_once_and_change_nothing():
    boss = Field(name="account", label="Account", type=FieldType.TEXT, required=True)
    play = Play(approval(may_change=("size",), fields=(boss,)))
    before = play.request
    answer = to(play.say(ANA, Approve(given={"size": "8"}), "technical"), "incomplete", ANA)
    assert set(answer.facts["faults"]) == {"size", "account"}
    assert (play.request.form, play.states) == (before.form, {"technical": OPEN})
    play.say(ANA, Approve(given={"size": "29", "account": "A-1"}), "technical")
    assert (play.state, play.request.form["size"]) == (State.COMPLETED, 29)


def test_what_an_approver_may_not_change_he_does_not():
    play = Play(approval())
    play.say(ANA, CUT, "technical")
    assert play.request.form["size"] == 28


def test_a_rejection_changes_nothing():
    play = Play(approval(may_change=("size",)))
    play.say(ANA, Reject(reason="too large"), "technical")
    assert (play.state, play.request.form["size"]) == (State.REJECTED, 28)


def test_what_is_reserved_is_reserved_anew_and_what_is_allocated_cannot_be_changed():
    play = Play(reserve(), approval(after=("reserve",), may_change=("size",)))
    play.say(ANA, CUT, "technical")
    assert play.pool.reserved == {"10.0.2.0/29"}
    play = Play(allocate(), approval(after=("allocate",), may_change=("size",)))
    refusal = to(play.say(ANA, CUT, "technical"), "refused", ANA)
    assert "allocated already" in refusal.facts["why"]
    assert play.request.form["size"] == 28


def test_a_value_that_stays_as_it_was_asks_nobody_again():
    play = Play(approval("manager", asks=("billing",)), approval(may_change=("size",)))
    play.say(BILL, Approve(), "manager")
    notices = play.say(ANA, Approve(given={"size": "28"}), "technical")
    assert told(notices) == [("completed", BOB), ("settled", LI)]


# -- watchers ----------------------------------------------------------------------------------------------------------


def test_those_in_cc_hear_how_it_begins_to_wait_and_how_it_ends():
    play = Play(approval(), watchers=("eve@example.net", BOB, "eve@example.net", DIRECTORY.bot))
    assert play.request.watchers == ("eve@example.net",)
    assert ("completed", "eve@example.net") in told(play.say(ANA, Approve(), "technical"))


def test_a_step_with_too_few_people_stays_stuck_when_one_of_them_has_answered():
    play = Play(form(needs=2))
    assert play.step("billing").trouble
    play.say(BILL, Done(given={"account": "A-1"}), "billing")
    assert play.states["billing"] is OPEN
    assert play.step("billing").trouble


def test_what_had_its_time_is_not_begun_again_by_a_change_of_the_form():
    play = Play(allocate(lasts="6 hours"), approval(after=("allocate",)))
    play.say(BOB, EndNow())
    assert not play.pool.held
    refusal = to(play.say(BOB, SMALLER), "refused", BOB)
    assert "allocated already" in refusal.facts["why"]
    assert not play.pool.held
