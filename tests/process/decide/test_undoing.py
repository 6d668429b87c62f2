"""Compensation: what a request did is undone when it ends before its time, in reverse order, each as a step."""

from dataclasses import replace

import pytest
from play import (
    ANA,
    BILL,
    BOB,
    CANCELLED,
    DONE,
    FAILED,
    FORM,
    MONDAY,
    OPEN,
    ROOT,
    SKIPPED,
    WAITING,
    A,
    Play,
    Pool,
    activate,
    allocate,
    approval,
    at,
    change,
    closing,
    form,
    notify,
    reserve,
    to,
    told,
    verify,
)

from mailbot.process.definition import Action, OnFailure
from mailbot.process.request import (
    Amend,
    Approve,
    Cancel,
    Drive,
    Driven,
    Fail,
    GiveBack,
    Hold,
    NetworkState,
    Reject,
    Resume,
    Retry,
    Skip,
    State,
    Withdraw,
)

CONFIRMED, WRONG, UNKNOWN, SENT = (
    NetworkState.CONFIRMED,
    NetworkState.FAILED,
    NetworkState.UNKNOWN,
    NetworkState.SENT,
)
DELIVERY = (
    allocate(),
    activate(after=("allocate",)),
    change("inventory", after=("configure",), targets=("netbox",)),
    approval(after=("inventory",)),
)


def undone(play):
    return [(s.name, s.state) for s in play.request.steps if s.undoes]


def driven(play):
    return [(wish.id, wish.action) for wish in play.pool.driven]


def answer(play, step, state, target="router", attempt=1, **more):
    return play.happen(Driven(id=f"IP-1/{step}/{target}/{attempt}", step=step, state=state, **more))


def quiet(play):
    """From here on targets answer only when a test says so."""
    play.pool.target = None
    return play


def silent(*steps):
    """A request whose targets have answered nothing yet."""
    return Play(*steps, pool=Pool(target=None))


# -- what, and in which order ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "deed", "state"),
    [
        (ANA, Reject(reason="no"), State.REJECTED),
        (BOB, Cancel(), State.CANCELLED),
        (ROOT, Fail(reason="it burns"), State.FAILED),
    ],
)
def test_whatever_ends_a_request_before_its_time_undoes_what_it_did_last_thing_first(who, deed, state):
    play = Play(*DELIVERY)
    play.say(who, deed, "technical")
    assert play.state is state
    assert undone(play) == [("inventory.undo", DONE), ("configure.undo", DONE), ("allocate.undo", DONE)]
    assert driven(play)[2:] == [
        ("IP-1/inventory.undo/netbox/1", Action.CHANGE),
        ("IP-1/configure.undo/router/1", Action.REMOVE),
    ]
    assert [a.state for a in play.request.addresses] == ["quarantined"]


def test_one_thing_after_the_other():
    play = quiet(Play(*DELIVERY))
    play.say(BOB, Cancel())
    assert undone(play) == [("inventory.undo", OPEN), ("configure.undo", WAITING), ("allocate.undo", WAITING)]
    answer(play, "inventory.undo", CONFIRMED, "netbox")
    assert undone(play) == [("inventory.undo", DONE), ("configure.undo", OPEN), ("allocate.undo", WAITING)]
    assert play.pool.held
    answer(play, "configure.undo", CONFIRMED)
    assert not play.pool.held


def test_each_undoing_is_a_step_with_a_due_time_and_marks_of_its_own():
    play = quiet(Play(*DELIVERY))
    play.say(BOB, Cancel())
    step = play.step("inventory.undo")
    assert (step.undoes, step.opened, step.due) == ("inventory", MONDAY, at(23, "17:00"))
    assert [(m.step, m.name) for m in play.marks] == [("inventory.undo", "late")]
    late = play.until(at(24))
    assert told(late) == [("escalation", ROOT)]  # the requester has gone on his way
    assert play.marks == ()


def test_a_step_that_did_nothing_is_not_undone():
    play = Play(allocate(when="form.size > 28"), verify(), notify(), approval())
    play.say(BOB, Cancel())
    assert undone(play) == []


def test_what_was_activated_by_removing_is_added_again():
    play = Play(activate(action=Action.REMOVE), approval(after=("configure",)))
    play.say(BOB, Cancel())
    assert driven(play)[-1] == ("IP-1/configure.undo/router/1", Action.ADD)


def test_a_change_is_changed_back_to_what_the_allocation_carried():
    play = closing(
        change(each="form.prefixes", prefix="item", set={"device": "paris-1"}),
        approval(after=("change",)),
        prefixes=(A,),
    )
    play.say(BOB, Cancel())
    first, last = play.pool.driven
    assert (first.body["set"], last.body["set"]) == ({"device": "paris-1"}, {"device": "lyon-1"})
    assert (last.action, last.body["undoes"], last.body["item"]) == (Action.CHANGE, "change.1", A)


def test_parallel_branches_are_undone_by_when_they_were_done():
    play = silent(allocate("one"), activate("left"), activate("right"), approval())
    answer(play, "right", CONFIRMED)
    play.now = at(23, "10:00")
    answer(play, "left", CONFIRMED)
    play.say(BOB, Cancel())
    assert [name for name, _ in undone(play)] == ["left.undo", "right.undo", "one.undo"]


@pytest.mark.parametrize("order", [1, -1])
def test_what_was_done_in_one_moment_is_undone_against_the_order_of_the_steps_wherever_they_stand_in_the_file(order):
    steps = [allocate(), activate(after=("allocate",)), approval(after=("configure",))]
    play = Play(*steps[::order])
    play.say(BOB, Cancel())
    assert [name for name, _ in undone(play)] == ["configure.undo", "allocate.undo"]


def test_what_was_reserved_is_let_go_and_what_was_taken_up_goes_back_once():
    play = Play(reserve(), allocate(after=("reserve",)), approval(after=("allocate",)))
    play.say(BOB, Cancel())
    assert undone(play) == [("allocate.undo", DONE)]
    assert not play.pool.held


# -- what is still under way -------------------------------------------------------------------------------------------


def test_what_has_not_left_yet_is_withdrawn_and_nothing_is_told_to_its_target():
    play = silent(allocate(), activate(after=("allocate",)))
    play.say(BOB, Cancel())
    assert play.pool.withdrawn == ["IP-1/configure/router/1"]
    assert undone(play) == [("configure.undo", DONE), ("allocate.undo", DONE)]
    assert len(play.pool.driven) == 1
    assert not play.pool.held


def test_what_has_left_is_waited_for_and_then_undone():
    """Cancelled while its network request is under way, and confirmed later."""
    play = silent(allocate(), activate(after=("allocate",)))
    answer(play, "configure", SENT)
    play.say(BOB, Cancel())
    assert (play.states["configure"], undone(play)) == (
        CANCELLED,
        [("configure.undo", OPEN), ("allocate.undo", WAITING)],
    )
    assert (len(play.pool.driven), play.pool.withdrawn) == (1, [])
    answer(play, "configure", CONFIRMED)
    assert driven(play)[-1] == ("IP-1/configure.undo/router/1", Action.REMOVE)
    assert play.pool.held
    answer(play, "configure.undo", CONFIRMED)
    assert not play.pool.held
    assert play.states["configure"] is CANCELLED


@pytest.mark.parametrize(("state", "removals"), [(WRONG, 0), (UNKNOWN, 1)])
def test_what_fails_after_all_need_not_be_undone_and_what_is_unknown_must(state, removals):
    play = silent(allocate(), activate(after=("allocate",)))
    answer(play, "configure", SENT)
    play.say(BOB, Cancel())
    answer(play, "configure", state)
    assert len(play.pool.driven) == 1 + removals
    assert bool(play.pool.held) is bool(removals)


def test_of_several_targets_only_those_are_told_that_may_have_done_it():
    play = silent(activate(targets=("router", "firewall", "switch")))
    answer(play, "configure", CONFIRMED, "router")
    answer(play, "configure", WRONG, "firewall")
    answer(play, "configure", UNKNOWN, "switch")
    play.say(BOB, Cancel())
    assert [wish.target for wish in play.pool.driven[3:]] == ["router", "switch"]


def test_skipped_though_it_was_under_way_it_is_undone_when_the_request_ends():
    play = silent(activate(), approval(after=("configure",)))
    answer(play, "configure", SENT)
    play.say(ROOT, Skip(reason="the router is slow"), "configure")
    answer(play, "configure", CONFIRMED)
    play.say(ANA, Reject(reason="no"), "technical")
    assert driven(play)[-1] == ("IP-1/configure.undo/router/1", Action.REMOVE)


def test_a_request_that_fails_with_a_target_takes_back_what_the_others_did():
    play = silent(allocate(), activate(targets=("router", "firewall"), on_failure=OnFailure.FAIL))
    answer(play, "configure", CONFIRMED, "router")
    answer(play, "configure", WRONG, "firewall")
    assert play.state is State.FAILED
    assert play.states["configure"] is FAILED
    assert [wish.target for wish in play.pool.driven[2:]] == ["router"]


# -- what goes wrong while it is undone --------------------------------------------------------------------------------


def stuck_while_undone(state=WRONG):
    play = quiet(Play(*DELIVERY))
    play.say(BOB, Cancel())
    answer(play, "inventory.undo", state, "netbox", detail="locked", owner="noc")
    return play


@pytest.mark.parametrize("state", [WRONG, UNKNOWN])
def test_what_cannot_be_undone_stays_stuck_and_people_are_told(state):
    play = stuck_while_undone(state)
    assert "locked" in play.step("inventory.undo").trouble
    alerts = [n for n in play.notices if n.kind == "alert"]
    assert ("alert", ROOT) in told(alerts)
    assert "Undoing: Inventory" in to(alerts, "alert", ROOT).facts["headline"]
    assert undone(play)[1:] == [("configure.undo", WAITING), ("allocate.undo", WAITING)]
    assert play.pool.held


@pytest.mark.parametrize("rule", list(OnFailure))
def test_no_rule_lets_a_failure_to_undo_pass(rule):
    play = silent(activate(on_failure=rule), approval())
    answer(play, "configure", CONFIRMED)
    play.say(BOB, Cancel())
    answer(play, "configure.undo", WRONG)
    assert play.step("configure.undo").trouble


def test_a_retry_undoes_it_and_never_does_it_again():
    play = stuck_while_undone()
    play.pool.target = CONFIRMED
    play.shell(Retry())
    assert driven(play)[3] == ("IP-1/inventory.undo/netbox/2", Action.CHANGE)
    assert [state for _, state in undone(play)] == [DONE, DONE, DONE]
    assert not play.pool.held


def test_a_skip_goes_on_without_it():
    play = stuck_while_undone()
    play.pool.target = CONFIRMED
    play.say(ROOT, Skip(reason="corrected by hand"))
    assert [state for _, state in undone(play)] == [SKIPPED, DONE, DONE]
    assert not play.pool.held


def test_what_is_undone_cannot_fail_the_request_once_more():
    play = stuck_while_undone()
    assert told(play.say(ROOT, Fail(reason="x"), "inventory.undo")) == [("settled", ROOT)]
    assert play.state is State.CANCELLED


def test_what_a_target_is_to_be_told_must_be_known_before_it_is_told():
    play = Play(
        form("port"),
        activate(after=("port",), set={"port": "{steps.port.account}"}),
        approval(after=("configure",)),
    )
    play.say(BILL, Approve(given={"account": "7"}), "port")
    lost = replace(play.step("port"), fields={})
    play.request = replace(play.request, steps=(lost, *play.request.steps[1:]))
    play.say(BOB, Cancel())
    assert play.step("configure.undo").trouble
    assert len(play.pool.driven) == 1
    play.shell(Retry())
    assert {action for _, action in driven(play)} == {Action.ADD}  # nothing was told wrongly


def test_space_that_somebody_else_gave_back_is_let_be():
    play = Play(*DELIVERY)
    play.pool.held.clear()
    play.say(BOB, Cancel())
    assert undone(play)[-1] == ("allocate.undo", DONE)
    assert [a.state for a in play.request.addresses] == ["released"]


# -- once --------------------------------------------------------------------------------------------------------------


def test_what_is_undone_is_not_undone_again():
    play = Play(allocate(lasts="6 hours"), activate(after=("allocate",)), approval(after=("configure",)))
    play.until(at(23, "15:00"))
    play.say(BOB, Cancel())
    assert [name for name, _ in undone(play)] == ["configure.undo", "allocate.undo"]


def test_a_completed_request_is_not_undone_by_a_cancel():
    play = Play(allocate(), activate(after=("allocate",)))
    assert told(play.say(BOB, Cancel())) == [("settled", BOB)]
    assert undone(play) == []
    assert play.pool.held


def test_while_a_request_is_held_nothing_is_undone_and_what_is_being_undone_goes_on():
    play = silent(allocate(lasts="6 hours"), activate(after=("allocate",)), approval(after=("configure",)))
    answer(play, "configure", CONFIRMED)
    play.shell(Hold())
    play.until(at(23, "15:00"))
    answer(play, "configure.undo", CONFIRMED)
    assert [state for _, state in undone(play)] == [DONE, DONE]
    play.shell(Resume())
    assert play.state is State.IN_PROGRESS


def test_a_step_of_an_undone_allocation_is_not_amended_away():
    play = Play(reserve(), approval(after=("reserve",)))
    play.say(BOB, Amend(given={**FORM, "size": "29"}))
    play.say(BOB, Cancel())
    assert undone(play) == [("reserve.undo", DONE)]
    assert not play.pool.held


def test_every_wish_of_an_undoing_names_its_step():
    play = Play(*DELIVERY)
    play.wishes.clear()
    play.say(BOB, Cancel())
    assert [type(wish) for wish in play.wishes] == [Drive, Drive, GiveBack]
    assert [wish.step for wish in play.wishes] == ["inventory.undo", "configure.undo", "allocate.undo"]
    assert not [wish for wish in play.wishes if isinstance(wish, Withdraw)]
