"""Past requests that waited, held space for a time, drove targets and ran once an item, held against rules."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from time import process_time

import pytest
from play import (
    ANA,
    BILL,
    BOB,
    DIRECTORY,
    MONDAY,
    Play,
    Pool,
    activate,
    allocate,
    approval,
    at,
    form,
    notify,
    process_of,
    release,
    reserve,
    wait,
)

from mailbot.process.definition import Action, Field, FieldType, OnFailure, Verdict
from mailbot.process.expression import Expression
from mailbot.process.rehearse.replay import replay
from mailbot.process.request import Approve, Cancel, Done, NetworkState, Reject, Skip

POOLS = {"lan": ("10.0.0.0/8",)}
ACCOUNT = Done(given={"account": "A-1"})
PREFIXES = Field(name="prefixes", label="Prefixes", type=FieldType.ALLOCATION, many=True, carries=("device",))
TWO = {"10.0.0.0/28": {"device": "pe1"}, "10.0.1.0/28": {"device": "pe2"}}


def chain(*steps):
    """One after the other."""
    return (steps[0], *(replace(step, after=(before.name,)) for before, step in pairwise(steps)))


RESERVED = chain(reserve(), approval(), allocate())
NIGHT = chain(approval(), allocate(), wait(until="2026-11-28 03:00"), activate(lasts="6 hours"), notify())
CLOSING = chain(
    approval(each="form.prefixes"),
    activate("remove", each="steps.technical.items", action=Action.REMOVE, when="item.device == 'pe1'"),
    release(each="steps.technical.items", prefix="item"),
)


def again(played, *steps, **keys):
    return replay(played.request, process_of(*steps, **keys), DIRECTORY, POOLS)


def past(*steps, **keys):
    return Play(*steps, **keys)


def service(until=None):
    played = past(*NIGHT)
    played.say(ANA, Approve(), "technical")
    if until is not None:
        played.until(until)
    return played


def closing(*said):
    """Of two prefixes, as it came out."""
    pool = Pool()
    pool.held = set(TWO)
    played = past(*CLOSING, fields=(PREFIXES,), given={"prefixes": ", ".join(TWO)}, held=TWO, pool=pool)
    for who, deed, step in said:
        played.say(who, deed, step)
    return played


BOTH = ((ANA, Approve(), "technical.1"), (ANA, Approve(), "technical.2"))


def test_what_was_held_and_taken_up_is_so_again():
    played = past(*RESERVED)
    assert again(played, *RESERVED) is None
    played.say(ANA, Approve(), "technical")
    assert (played.state, again(played, *RESERVED)) == ("completed", None)


def test_a_reservation_that_lapsed_did_not_take_another_way():
    played = past(*RESERVED)
    played.until(MONDAY + timedelta(days=15))
    assert (played.state, again(played, *RESERVED)) == ("cancelled", None)


@pytest.mark.parametrize("until", [None, at(28, "03:00"), at(30)])
def test_a_date_comes_where_it_had_come(until):
    played = service(until)
    assert played.state == ("inProgress" if until is None else "completed")
    assert again(played, *NIGHT) is None


def test_what_was_undone_when_its_time_was_up_is_no_way_of_its_own():
    played = service(at(28, "03:00"))
    played.until(at(30))
    assert "configure.undo" in played.states
    assert again(played, *NIGHT) is None


def test_a_date_that_is_waited_for_now_is_named():
    played = past(approval())
    later = chain(approval(), wait(until="2027-01-01"))
    assert again(played, *later) is None  # nobody has answered yet
    played.say(ANA, Approve(), "technical")
    found = again(played, *later)
    assert (found.now.state, found.path, found.why) == ("completed", ("step", 1, "name"), "step wait is new")


@pytest.mark.parametrize("target", [NetworkState.FAILED, NetworkState.UNKNOWN, None])
@pytest.mark.parametrize("on_failure", list(OnFailure))
def test_targets_answer_as_they_did(target, on_failure):
    steps = chain(approval(), activate(on_failure=on_failure), notify())
    played = past(*steps, pool=Pool(target=target))
    played.say(ANA, Approve(), "technical")
    assert again(played, *steps) is None
    played.say(BOB, Cancel(reason="no more"))
    assert again(played, *steps) is None


def test_a_failure_that_is_no_longer_lived_with_is_named():
    steps = chain(activate(on_failure=OnFailure.CONTINUE), notify())
    played = past(*steps, pool=Pool(target=NetworkState.FAILED))
    found = again(played, *chain(activate(), notify()))
    assert (played.state, found.now.state, found.path) == ("completed", "inProgress", ("step", 0, "name"))
    assert found.why == "step tell is not reached: configure router failed"


def test_what_an_admin_skipped_is_skipped_again():
    steps = chain(activate(), notify())
    played = past(*steps, pool=Pool(target=NetworkState.FAILED))
    played.shell(Skip(reason="set by hand"))
    assert (played.state, again(played, *steps)) == ("completed", None)


@pytest.mark.parametrize("then", list(Verdict))
def test_silence_is_answered_as_it_was(then):
    steps = chain(approval(unanswered=("2 working days", then)), notify())
    played = past(*steps)
    played.until(at(30))
    assert again(played, *steps) is None


@pytest.mark.parametrize(
    "said",
    [
        (),
        BOTH[:1],
        BOTH,
        ((ANA, Reject(reason="in use"), "technical.1"), BOTH[1]),
        ((ANA, Reject(reason="in use"), "technical.1"), (ANA, Reject(reason="in use"), "technical.2")),
        (BOTH[0], (BOB, Cancel(reason="no more"), None)),
    ],
)
def test_items_are_answered_as_they_were(said):
    assert again(closing(*said), *CLOSING, fields=(PREFIXES,)) is None


def test_an_item_that_is_treated_otherwise_is_named():
    remove = replace(CLOSING[1], when=Expression("item.device == 'pe2'"))
    found = again(closing(*BOTH), CLOSING[0], remove, CLOSING[2], fields=(PREFIXES,))
    assert (found.path, found.why) == (("step", 1, "when"), "step remove for 10.0.0.0/28 does not run any more")
    everywhere = again(closing(*BOTH), CLOSING[0], replace(remove, when=None), CLOSING[2], fields=(PREFIXES,))
    assert (everywhere.path, everywhere.why) == (("step", 1, "each"), "step remove for 10.0.1.0/28 runs now")


def test_what_an_approver_changed_in_the_form_is_changed():
    steps = chain(approval(may_change=("size",)), allocate(when="form.size > 28"))
    played = past(*steps)
    played.say(ANA, Approve(given={"size": "29"}), "technical")
    assert played.step("allocate").state == "done"
    assert again(played, *steps) is None


def test_a_thousand_requests_that_have_something_of_everything_replay_in_seconds():
    """Of the processor's time, and with room for a machine that others use: `make bench` measures it."""
    steps = chain(reserve(), approval(), form(), allocate(), wait(until="2026-11-28 03:00"), activate(), notify())
    played = past(*steps)
    played.say(ANA, Approve(), "technical")
    played.say(BILL, ACCOUNT, "billing")
    played.until(at(28, "03:00"))
    assert (played.state, again(played, *steps)) == ("completed", None)
    begin = process_time()
    for _ in range(1000):
        again(played, *steps, notify("again", after=("tell",)))
    assert process_time() - begin < 20
