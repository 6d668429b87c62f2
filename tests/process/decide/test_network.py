"""What becomes of a step by the answers of its targets."""

import pytest
from play import ANA, DONE, FAILED, LI, OPEN, ROOT, WAITING, Play, Pool, activate, allocate, approval, to, told, verify

from mailbot.process.definition import OnFailure
from mailbot.process.request import Approve, Cancel, Driven, Hold, NetworkState, Resume, Retry, State

CONFIRMED, WRONG, UNKNOWN, SENT, PUT_OFF = (
    NetworkState.CONFIRMED,
    NetworkState.FAILED,
    NetworkState.UNKNOWN,
    NetworkState.SENT,
    NetworkState.UNPROCESSED,
)


def silent(*steps):
    """A request whose targets answer only when a test says so."""
    return Play(*steps, pool=Pool(target=None))


def answer(play, target, state, detail="", *, step="configure", attempt=1, owner="noc"):
    id_ = f"IP-1/{step}/{target}/{attempt}"
    return play.happen(Driven(id=id_, step=step, state=state, detail=detail, owner=owner))


def asked(play):
    return [wish.id for wish in play.pool.driven]


TWO = activate(targets=("router", "firewall"))


@pytest.mark.parametrize("order", [("router", "firewall"), ("firewall", "router")])
def test_the_owner_of_what_fails_is_told_whichever_target_answers_last(order):
    play = silent(TWO)
    notices = []
    for target in order:
        state, detail, owner = (
            (WRONG, "no such vlan", "noc") if target == "router" else (CONFIRMED, "rule 17", "billing")
        )
        notices += answer(play, target, state, detail, owner=owner)
    assert told(notices) == [("alert", ANA), ("alert", LI), ("alert", ROOT)]
    assert "router has failed (no such vlan)" in to(notices, "alert", ANA).facts["text"]
    assert play.step("configure").trouble == "router failed (no such vlan)"
    assert play.states == {"configure": OPEN}


@pytest.mark.parametrize("order", [("router", "firewall"), ("firewall", "router")])
def test_a_request_that_fails_with_a_target_says_what_that_target_said(order):
    play = silent(activate(targets=("router", "firewall"), on_failure=OnFailure.FAIL))
    for target in order:
        answer(play, target, *((WRONG, "no such vlan") if target == "router" else (CONFIRMED, "rule 17")))
    assert play.state is State.FAILED
    assert "no such vlan" in play.request.reason
    assert "rule 17" not in play.request.reason


def test_a_failure_that_is_lived_with_stands_in_the_step_and_nobody_is_woken():
    play = silent(
        activate(targets=("router", "firewall"), on_failure=OnFailure.CONTINUE), activate("open", after=("configure",))
    )
    notices = answer(play, "router", WRONG, "no such vlan") + answer(play, "firewall", CONFIRMED)
    assert told(notices) == []
    assert play.states == {"configure": FAILED, "open": OPEN}
    assert play.step("configure").answer == "router failed (no such vlan)"


@pytest.mark.parametrize("state", [SENT, PUT_OFF])
def test_what_is_under_way_or_put_off_moves_nothing(state):
    play = silent(activate(), activate("open", after=("configure",)))
    assert answer(play, "router", state, "it is down") == []
    assert play.states == {"configure": OPEN, "open": WAITING}
    assert play.step("configure").network[0].state is state


def test_a_retry_tells_only_those_again_that_failed_or_are_unknown():
    play = silent(activate(targets=("router", "firewall", "switch")))
    answer(play, "router", CONFIRMED)
    answer(play, "firewall", WRONG)
    answer(play, "switch", UNKNOWN)
    play.shell(Retry())
    assert asked(play)[3:] == ["IP-1/configure/firewall/2", "IP-1/configure/switch/2"]
    for target in ("firewall", "switch"):
        answer(play, target, CONFIRMED, attempt=2)
    assert play.states == {"configure": DONE}


def test_what_is_under_way_is_never_told_twice_by_a_retry():
    play = silent(TWO)
    answer(play, "router", WRONG)
    play.shell(Retry())
    assert len([id_ for id_ in asked(play) if "firewall" in id_]) == 1


def test_what_may_have_been_done_once_is_undone_though_a_later_attempt_failed():
    play = silent(allocate(), activate())
    answer(play, "router", UNKNOWN)
    play.shell(Retry())
    answer(play, "router", WRONG, attempt=2)
    play.shell(Cancel())
    assert asked(play)[-1] == "IP-1/configure.undo/router/1"


def test_what_plainly_failed_is_not_undone():
    play = silent(allocate(), activate())
    answer(play, "router", WRONG)
    play.shell(Cancel())
    assert asked(play) == ["IP-1/configure/router/1"]


# -- on hold -----------------------------------------------------------------------------------------------------------


def test_a_retry_on_hold_tells_nothing_to_a_target_before_it_goes_on():
    play = silent(activate(targets=("router", "firewall")))
    answer(play, "router", CONFIRMED)
    answer(play, "firewall", WRONG)
    play.shell(Hold())
    play.shell(Retry())
    assert len(asked(play)) == 2
    play.shell(Resume())
    assert asked(play)[2:] == ["IP-1/configure/firewall/2"]
    answer(play, "firewall", CONFIRMED, attempt=2)
    assert play.state is State.COMPLETED


def test_what_was_confirmed_while_a_retry_waited_for_the_end_of_a_hold_is_not_told_again():
    play = silent(TWO)
    answer(play, "router", WRONG)
    answer(play, "firewall", UNKNOWN)
    play.shell(Hold())
    play.shell(Retry())
    for target in ("router", "firewall"):
        answer(play, target, CONFIRMED)
    play.shell(Resume())
    assert len(asked(play)) == 2
    assert play.state is State.COMPLETED


def test_what_is_under_way_is_answered_on_hold_too():
    play = silent(activate(), activate("open", after=("configure",)))
    play.shell(Hold())
    answer(play, "router", CONFIRMED)
    assert play.states == {"configure": DONE, "open": WAITING}
    play.shell(Resume())
    assert play.states["open"] is OPEN


def test_trouble_on_hold_keeps_the_due_time_that_the_step_had():
    play = silent(activate(lead_time="8 working hours"))
    due = play.step("configure").due
    play.shell(Hold())
    answer(play, "router", WRONG)
    assert play.step("configure").due == due is not None


# -- tests of what was activated ---------------------------------------------------------------------------------------


def test_a_test_that_fails_keeps_the_request_open_and_alerts():
    play = silent(activate(), verify(after=("configure",)), approval(after=("test",)))
    answer(play, "router", CONFIRMED)
    notices = answer(play, "probe", WRONG, "100% packet loss", step="test")
    assert told(notices) == [("alert", ANA), ("alert", LI), ("alert", ROOT)]
    assert play.states == {"configure": DONE, "test": OPEN, "technical": WAITING}
    assert play.state is State.IN_PROGRESS
    play.shell(Retry())
    answer(play, "probe", CONFIRMED, "20 ms", step="test", attempt=2)
    assert play.step("test").answer == "20 ms"
    assert play.states["technical"] is OPEN


def test_a_failed_test_that_fails_the_request_takes_back_what_was_activated():
    play = silent(activate(), verify(after=("configure",), on_failure=OnFailure.FAIL))
    answer(play, "router", CONFIRMED)
    answer(play, "probe", WRONG, step="test")
    assert play.state is State.FAILED
    assert asked(play)[-1] == "IP-1/configure.undo/router/1"


def test_without_a_device_it_is_done_at_once():
    play = silent(activate(targets=()))
    assert (play.state, play.pool.driven) == (State.COMPLETED, [])


def test_what_cannot_be_worked_out_is_told_to_no_target():
    play = silent(activate(targets=("router", "firewall"), set={"port": "{form.port}"}))
    assert play.step("configure").trouble
    assert (play.pool.driven, play.step("configure").network) == ([], ())


def test_an_approver_cannot_change_the_form_once_targets_were_told():
    play = silent(activate(), approval(may_change=("size",)))
    refusal = to(play.say(ANA, Approve(given={"size": "29"}), "technical"), "refused", ANA)
    assert "configured already" in refusal.facts["why"]
    assert (play.states["technical"], play.request.form["size"]) == (OPEN, 28)
