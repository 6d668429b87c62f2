"""Which steps begin when, what each kind does, and when all is over."""

import pytest
from play import (
    ANA,
    BILL,
    BOB,
    DONE,
    FORM,
    LI,
    MANAGER,
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
    release,
    task,
    to,
    told,
)

from mailbot.process.definition import Field, FieldType
from mailbot.process.request import (
    CLOSED,
    TRANSITIONS,
    Amend,
    Approve,
    Done,
    GaveBack,
    NoSuchTransition,
    Outcome,
    Skip,
    State,
    Take,
    Taken,
    after,
)


def test_each_asked_person_gets_an_action_and_the_requester_one_acknowledgement():
    play = Play(approval(), form(), allocate(after=("technical", "billing")))
    assert told(play.opening) == [("acknowledged", BOB), ("action", ANA), ("action", BILL), ("action", LI)]
    assert play.states == {"technical": OPEN, "billing": OPEN, "allocate": WAITING}
    assert play.state is State.IN_PROGRESS
    assert play.request.summary == "Acme: /28"


def test_a_step_begins_when_all_before_it_are_over_and_the_last_completes_the_request():
    play = Play(approval(), form(), allocate(after=("technical", "billing")))
    assert play.say(ANA, Approve(), "technical") == [to(play.notices, "settled", LI)]
    assert play.states["allocate"] is WAITING
    last = play.say(BILL, Done(given={"account": "A-77"}), "billing")
    assert told(last) == [("completed", BOB)]
    assert play.state is State.COMPLETED
    assert [(a.prefix, a.pool, a.state) for a in play.request.addresses] == [("10.0.1.0/28", "lan", "allocated")]
    assert play.request.closed == play.now


@pytest.mark.parametrize(
    ("size", "state"), [("28", OPEN), ("29", SKIPPED)], ids=["holds", "does not hold"]
)  # fmt: skip
def test_a_step_whose_condition_does_not_hold_is_skipped(size, state):
    play = Play(approval(when="form.size <= 28"), form(after=("technical",)), given={**FORM, "size": size})
    assert play.states["technical"] is state
    assert play.states["billing"] is (WAITING if state is OPEN else OPEN)


def test_a_condition_reads_what_an_earlier_step_answered():
    play = Play(form(), approval(when="steps.billing.account == 'A-1'", after=("billing",)))
    play.say(BILL, Done(given={"account": "A-1"}), "billing")
    assert play.states["technical"] is OPEN


def test_steps_may_stand_in_any_order_in_the_file():
    play = Play(approval("second", after=("first",)), approval("first"))
    assert play.states == {"second": WAITING, "first": OPEN}
    play.say(ANA, Approve(), "first")
    assert play.states == {"second": OPEN, "first": DONE}


def test_a_request_whose_every_step_is_skipped_is_completed():
    play = Play(approval(when="form.size <= 20"))
    assert play.state is State.COMPLETED
    assert ("completed", BOB) in told(play.opening)


def test_a_check_that_fits_lets_the_request_go_on_and_takes_nothing():
    play = Play(check(), approval(after=("check",)))
    assert play.states == {"check": DONE, "technical": OPEN}
    assert not play.pool.held


def test_a_check_that_does_not_fit_rejects_the_request():
    play = Play(check(), approval(after=("check",)), pool=Pool(room=0))
    assert play.state is State.REJECTED
    assert to(play.opening, "rejected").facts["reason"] == "there is no room"


def test_a_check_and_an_allocation_at_once_leave_nothing_taken_when_the_check_fails():
    pool = Pool(room=1)
    play = Play(allocate(), check(), pool=pool)  # the allocation takes the last room, and then the check fails
    assert play.state is State.REJECTED
    assert pool.held == set()
    assert [a.state for a in play.request.addresses] == ["quarantined"]


def test_a_check_before_a_parallel_allocation_leaves_nothing_taken_either():
    pool = Pool(room=1)
    play = Play(check(pool="full"), allocate(), pool=pool)
    pool.room = 0
    assert play.state in CLOSED
    assert len(pool.held) == sum(a.state == "allocated" for a in play.request.addresses)


def test_two_checks_that_fail_at_once_reject_once():
    play = Play(check("one"), check("two"), pool=Pool(room=0))
    assert play.state is State.REJECTED
    assert told(play.opening).count(("rejected", BOB)) == 1


def test_a_prefix_that_comes_after_the_end_is_given_back():
    play = Play(approval(), allocate(after=("technical",)))
    play.say(BOB, Amend(given={}), "technical")
    play.say(ROOT, Skip(reason="no need"), "technical")
    assert play.state is State.COMPLETED
    play.pool.held.add("10.9.0.0/28")
    play.happen(Taken(step="allocate", prefix="10.9.0.0/28", pool="lan"))
    assert "10.9.0.0/28" not in play.pool.held
    assert play.state is State.COMPLETED


def test_a_release_gives_back_what_the_form_names():
    pool = Pool()
    pool.held.add("10.0.9.0/28")
    play = Play(approval(), release(after=("technical",)), given={**FORM, "customer": "10.0.9.0/28"}, pool=pool)
    done = play.say(ANA, Approve(), "technical")
    assert play.state is State.COMPLETED
    assert to(done, "completed").facts["given_back"] == ["10.0.9.0/28"]
    assert not pool.held


def test_a_release_of_what_nobody_holds_rejects_the_request():
    play = Play(release(), given={**FORM, "customer": "10.0.9.0/28"})
    assert play.state is State.REJECTED
    assert "nobody holds it" in to(play.opening, "rejected").facts["reason"]


def test_a_notice_tells_groups_and_addresses_and_waits_for_nobody():
    play = Play(notify(to=("managers", "eve@example.net")), approval(after=("tell",)))
    assert play.states["tell"] is DONE
    assert {n.to for n in play.opening if n.step == "tell"} == {MANAGER, "eve@example.net"}


# -- the form ----------------------------------------------------------------------------------------------------------


def test_wrong_and_missing_fields_are_told_at_once_and_nobody_is_asked():
    play = Play(approval(), given={"size": "8"})
    assert told(play.opening) == [("incomplete", BOB)]
    assert set(play.request.faults) == {"customer", "size"}
    assert play.state is State.PENDING
    assert play.request.due is None
    assert play.marks == ()


def test_the_requester_sends_just_the_missing_fields_and_is_acknowledged_once():
    play = Play(approval(), given={"customer": "Acme", "size": "8"})
    notices = play.say(BOB, Amend(given={"size": "28"}))
    assert told(notices) == [("acknowledged", BOB), ("action", ANA), ("action", LI)]
    assert dict(play.request.form) == {"customer": "Acme", "size": 28}
    assert play.state is State.IN_PROGRESS


def test_a_form_that_is_still_wrong_stays_pending():
    play = Play(approval(), given={"customer": "Acme"})
    assert told(play.say(BOB, Amend(given={"size": "31"}))) == [("incomplete", BOB)]
    assert play.state is State.PENDING


def test_the_lead_time_begins_when_the_form_is_complete():
    play = Play(approval(), given={"customer": "Acme"}, lead_time="8 working hours")
    play.now = play.now.replace(day=25)
    play.say(BOB, Amend(given={"size": "28"}))
    assert play.request.due == play.now.replace(hour=17)


def test_a_held_prefix_alone_may_be_named_in_an_allocation_field():
    fields = (Field(name="prefix", label="Prefix", type=FieldType.ALLOCATION, required=True),)
    play = Play(approval(), fields=fields, given={"prefix": "10.0.9.0/28"})
    assert play.state is State.PENDING


# -- states ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("outcome", Outcome)
def test_what_is_not_in_the_table_of_states_is_refused(state, outcome):
    if outcome in TRANSITIONS[state]:
        assert after(state, outcome) in State
    else:
        with pytest.raises(NoSuchTransition, match=f"{state} cannot {outcome}"):
            after(state, outcome)


def test_the_closed_states_lead_nowhere():
    assert {State.COMPLETED, State.REJECTED, State.CANCELLED, State.FAILED} == CLOSED


def test_what_another_request_gave_back_changes_no_state():
    play = Play(approval())
    play.happen(GaveBack(prefix="10.0.1.0/28", pool="lan"))
    assert play.state is State.IN_PROGRESS


def test_an_allocation_wishes_for_one_prefix_of_the_pool_and_length_that_its_rule_says():
    play = Play(allocate(pool="lan-{form.customer}", length="form.size + 1"))
    assert play.wishes == [Take(step="allocate", pool="lan-Acme", length=29)]


def test_a_task_is_done_by_a_member_of_the_asked_group():
    play = Play(task())
    play.say(LI, Done(), "registry")
    assert play.step("registry").answered_by == LI
    assert play.state is State.COMPLETED
