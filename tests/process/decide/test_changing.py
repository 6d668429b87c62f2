"""A change of space and its targets: which comes first, what goes back when, and how it is undone."""

from dataclasses import replace

import pytest
from play import ANA, BOB, DONE, OPEN, REFUSED, Play, Pool, approval, change, told

from mailbot.process.definition import Part
from mailbot.process.expression import Expression
from mailbot.process.request import Approve, Cancel, Driven, GiveBack, NetworkState, Reject, Retry, State

OLD, NEW = "10.9.9.0/28", "10.0.1.0/28"
RENUMBER = change("move", prefix="form.customer", pool="lan", length="form.size")
SPLIT = change("split", prefix="form.customer", parts=tuple(Part(length=Expression("29")) for _ in range(2)))
HALVES = ("10.0.0.0/29", "10.0.1.0/29")
AGREE = approval("agree", after=("move",))


def begun(*steps, target=None):
    pool = Pool(target=target)
    pool.held.add(OLD)
    return Play(*steps, pool=pool, given={"customer": OLD, "size": "28"})


def confirm(play, step="move", state=NetworkState.CONFIRMED, attempt=1):
    return play.happen(Driven(id=f"IP-1/{step}/router/{attempt}", step=step, state=state, detail=""))


def test_the_old_prefix_goes_back_when_the_targets_have_confirmed_and_no_sooner():
    play = begun(RENUMBER)
    assert play.pool.held == {OLD, NEW}
    assert play.states == {"move": OPEN}
    [told_target] = play.pool.driven
    assert (told_target.body["prefix"], told_target.body["becomes"]) == (OLD, [NEW])
    confirm(play)
    assert play.pool.held == {NEW}
    assert (play.states, play.state) == ({"move": DONE}, State.COMPLETED)
    assert play.step("move").prefix == NEW


def test_a_target_that_fails_keeps_both_until_it_is_tried_again_and_nothing_is_taken_twice():
    play = begun(RENUMBER)
    confirm(play, state=NetworkState.FAILED)
    assert play.pool.held == {OLD, NEW}
    play.shell(Retry())
    assert play.pool.held == {OLD, NEW}
    confirm(play, attempt=2)
    assert play.pool.held == {NEW}
    assert play.step("move").prefix == NEW


def test_what_is_cancelled_before_targets_have_confirmed_gives_back_the_new_one_alone():
    play = begun(RENUMBER)
    play.say(BOB, Cancel())
    confirm(play, state=NetworkState.FAILED)
    assert play.pool.held == {OLD}
    assert not [wish for wish in play.wishes if isinstance(wish, GiveBack) and wish.prefix == OLD]


def test_undone_it_is_had_back_once_targets_have_gone_back_and_then_the_new_one_goes():
    play = begun(RENUMBER, AGREE)
    confirm(play)
    assert play.pool.held == {NEW}
    play.say(ANA, Reject(reason="no"), "agree")
    assert play.pool.held == {NEW}
    assert play.pool.driven[-1].body["becomes"] == [OLD]
    confirm(play, "move.undo")
    assert play.pool.held == {OLD}
    assert play.states == {"move": DONE, "agree": REFUSED, "move.undo": DONE}


def test_what_was_split_is_told_to_targets_and_brought_back_after_them():
    play = begun(SPLIT, approval("agree", after=("split",)))
    assert play.pool.held == set(HALVES)
    assert play.pool.driven[0].body["becomes"] == list(HALVES)
    confirm(play, "split")
    play.say(ANA, Reject(reason="no"), "agree")
    assert play.pool.held == set(HALVES)
    confirm(play, "split.undo")
    assert play.pool.held == {OLD}
    assert [address.state for address in play.request.addresses] == ["released", "released"]


def test_what_others_have_changed_since_stays_and_the_undoing_is_over():
    play = begun(SPLIT, approval("agree", after=("split",)), target=NetworkState.CONFIRMED)
    play.pool.held.discard(HALVES[1])
    play.say(ANA, Reject(reason="no"), "agree")
    assert play.pool.held == {HALVES[0]}
    assert play.states["split.undo"] == DONE
    assert play.step("split.undo").answer == "others have it"


def test_a_full_pool_holds_it_and_there_is_nothing_to_undo():
    play = begun(RENUMBER)
    empty = Play(RENUMBER, pool=Pool(room=0), given={"customer": OLD, "size": "28"})
    assert empty.step("move").waits_for == "lan"
    assert {kind for kind, _ in told(empty.opening)} == {"alert", "acknowledged"}
    empty.pool.room = 1
    empty.room("move")
    assert empty.step("move").trouble is None
    assert play.step("move").waits_for == ""


@pytest.mark.parametrize("step", [RENUMBER, SPLIT], ids=["renumber", "split"])
def test_without_targets_it_is_done_at_once(step):
    play = begun(replace(step, targets=()), approval("agree", after=(step.name,)))
    assert play.states[step.name] == DONE
    assert OLD not in play.pool.held
    play.say(ANA, Approve(), "agree")
    assert play.state is State.COMPLETED


def test_what_the_request_has_taken_itself_is_split_and_brought_back_before_it_goes_back():
    split = change("split", (), prefix="steps.move.prefix", parts=SPLIT.parts, after=("move",))
    play = begun(replace(RENUMBER, targets=()), split, approval("agree", after=("split",)))
    in_force = [a.prefix for a in play.request.addresses if a.state == "allocated"]
    assert in_force == list(HALVES)
    play.say(ANA, Reject(reason="no"), "agree")
    assert play.pool.held == {OLD}
    assert {a.state for a in play.request.addresses} <= {"released", "quarantined"}
