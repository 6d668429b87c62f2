"""Whether a request may go on by other rules: where they would have led to what has happened."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from play import (
    ANA,
    BILL,
    DIRECTORY,
    LI,
    Play,
    Pool,
    activate,
    allocate,
    approval,
    at,
    form,
    notify,
    process_of,
    reserve,
    task,
    wait,
)

from mailbot.process.decide.adoption import fitted
from mailbot.process.definition import Field, FieldType
from mailbot.process.rehearse.adoption import obstacles
from mailbot.process.request import Adopt, Approve, Done, NetworkState, Reject, Skip

POOLS = {"lan": ("10.0.0.0/8",), "wan": ("11.0.0.0/8",)}
ACCOUNT = Done(given={"account": "A-1"})
SIZE = Field(name="size", label="Size", type=FieldType.PREFIX_LENGTH, required=True, min=20, max=30)


def chain(*steps):
    return (steps[0], *(replace(step, after=(before.name,)) for before, step in pairwise(steps)))


STEPS = chain(approval(), allocate(), form(), notify())


def running(*steps, upto=2, **keys):
    """Approved, and then as far as it goes by itself."""
    played = Play(*(steps or STEPS), **keys)
    played.say(ANA, Approve(), "technical") if upto else None
    return played


def in_the_way(played, *steps, **keys):
    found = obstacles(played.request, played.process, process_of(*steps, **keys), DIRECTORY, POOLS)
    return [(one.path, one.why) for one in found]


@pytest.mark.parametrize(
    "steps",
    [
        STEPS,
        chain(*STEPS, task()),  # behind what has happened
        chain(*STEPS[:2], task(), *STEPS[2:]),
        STEPS[:3],
        chain(*STEPS[:2], form(asks=("noc",)), notify()),  # what is open is asked anew
        chain(*STEPS[:2], form(when="form.size < 20"), notify()),
        chain(approval(title="Another title"), *STEPS[1:]),
        chain(approval(asks=("noc", "billing")), *STEPS[1:]),
        chain(approval(), allocate(length="form.size + 0"), *STEPS[2:]),
    ],
)
def test_what_leaves_the_past_as_it_is_may_be_adopted(steps):
    assert in_the_way(running(), *steps) == []


@pytest.mark.parametrize(
    ("steps", "path", "why"),
    [
        (chain(approval(when="form.size < 20"), *STEPS[1:]), ("step", 0, "when"),
         "step technical is skipped, for this does not hold: form.size < 20, where form.size is 28; but it is done"),
        (chain(approval(), task(), *STEPS[1:]), ("step", 1, "name"),
         "step allocate is not reached: registry waits for ana@example.net, li@example.net; but it is done"),
        (chain(approval(), *STEPS[2:]), (), "step allocate is done, and there is no such step any more"),
        (chain(approval(), reserve("allocate"), *STEPS[2:]), ("step", 1, "kind"),
         "step allocate is done as allocate, and would be reserve"),
        (chain(approval(), allocate(pool="wan"), *STEPS[2:]), ("step", 1, "pool"),
         "step allocate is done with pool lan, and would be with wan"),
        (chain(approval(), allocate(length="form.size + 1"), *STEPS[2:]), ("step", 1, "length"),
         "step allocate is done with length 28, and would be with 29"),
        (chain(approval(needs=2), *STEPS[1:]), ("step", 0, "needs"),
         "1 agreed in step technical, and 2 would be needed"),
        (chain(approval(asks=("billing",)), *STEPS[1:]), ("step", 0, "asks"),
         "step technical was answered by ana@example.net, and bill@example.net would be asked"),
        (chain(approval(each="form.hosts"), *STEPS[1:]), ("step", 0, "each"), "step technical runs once already"),
    ],
)  # fmt: skip
def test_what_would_have_led_elsewhere_is_named_with_its_line(steps, path, why):
    assert (path, why) in in_the_way(running(), *steps)


def test_a_form_that_would_be_faulty_is_named_with_its_field():
    found = in_the_way(running(), *STEPS, fields=(replace(SIZE, min=29),))
    assert found == [(("field", 0, "name"), "the form is faulty: size 28 is below 29; write a number from 29 to 30")]


def test_while_the_form_is_incomplete_nothing_is_in_the_way():
    played = Play(*STEPS, given={"customer": "Acme", "size": "99"})
    assert in_the_way(played, task(), fields=(SIZE,)) == []


def test_a_step_that_was_skipped_may_run_now():
    played = Play(*chain(approval(when="form.size < 20"), form()))
    assert in_the_way(played, *chain(approval(), form())) == []
    played.say(BILL, ACCOUNT, "billing")
    done = Play(*chain(approval(when="form.size < 20"), form(), task()))
    done.say(BILL, ACCOUNT, "billing")
    words = "step billing is not reached: technical waits for ana@example.net, li@example.net; but it is done"
    assert in_the_way(done, *chain(approval(), form(), task())) == [(("step", 0, "name"), words)]


def test_what_somebody_skipped_by_hand_is_skipped():
    played = Play(*STEPS)
    played.shell(Skip(reason="known"))
    assert played.step("allocate").state == "done"
    assert in_the_way(played, *STEPS) == []


def test_a_step_that_was_asked_about_cannot_be_gone():
    """Whoever was asked may still answer by his letter."""
    played = Play(*STEPS)
    played.shell(Skip(reason="known"))
    words = "step technical has been asked, and there is no such step any more"
    assert in_the_way(played, *chain(*STEPS[1:])) == [((), words)]


def test_what_targets_were_told_stays_told():
    steps = chain(approval(), activate(targets=("router",)), notify())
    for target in (None, NetworkState.FAILED, NetworkState.CONFIRMED):
        played = running(*steps, task("last", after=("tell",)), pool=Pool(target=target))
        assert in_the_way(played, *steps, task("last", after=("tell",))) == []
        found = in_the_way(played, *chain(approval(), activate(targets=("dns",)), notify(), task("last")))
        assert [path for path, _ in found] == [("step", 1, "targets")]


def test_a_date_that_has_come_has_come():
    steps = chain(approval(), wait(until="2026-11-26 03:00"), task())
    played = running(*steps)
    played.until(at(26, "03:00"))
    assert played.step("registry").state == "open"
    assert in_the_way(played, *steps) == []
    assert in_the_way(played, *chain(approval(), wait(until="2026-12-24"), task("other"))) == [
        ((), "step registry is open, and there is no such step any more")
    ]


MANY = Field(name="hosts", label="Hosts", type=FieldType.TEXT, many=True)


def test_items_that_were_answered_stay_answered():
    each = approval(each="form.hosts", needs=1)
    played = Play(*chain(each, task()), fields=(MANY,), given={"hosts": "a, b, c"})
    played.say(ANA, Approve(), "technical.1")
    played.say(ANA, Reject(reason="no"), "technical.2")
    assert in_the_way(played, *chain(each, task()), fields=(MANY,)) == []
    without = replace(each, when=approval(when="item != 'a'").when)
    assert in_the_way(played, *chain(without, task()), fields=(MANY,)) == [
        (("step", 0, "each"), "step technical would be skipped for a; but it is done")
    ]


DEEDS = st.sampled_from(
    [
        (ANA, Approve(), "technical"),
        (LI, Approve(), "technical"),
        (BILL, ACCOUNT, "billing"),
        (None, Skip(reason="x"), None),
    ]
)


@given(st.lists(DEEDS, max_size=4), st.integers(22, 30))
def test_the_same_rules_are_never_in_the_way(said, size):
    steps = (
        approval(when="form.size <= 28", needs=2),
        form(after=()),
        allocate(after=("technical", "billing")),
        task(),
    )
    played = Play(*steps, given={"customer": "Acme", "size": str(size)})
    for who, deed, step in said:
        played.say(who, deed, step) if who else played.shell(deed)
    assert in_the_way(played, *steps) == []


VARIANTS = st.sampled_from(
    [
        STEPS,
        chain(*STEPS, task()),
        chain(task(), *STEPS),
        chain(approval(needs=2, title="Review"), *STEPS[1:]),
        chain(approval(when="form.size < 25"), *STEPS[1:]),
        chain(approval(), allocate(length="form.size + 1"), notify()),
        chain(approval(), form(asks=("noc",)), allocate()),
        (approval(after=("registry",)), task(), allocate(after=("technical",)), form(after=())),
    ]
)


@given(st.lists(DEEDS, max_size=3), st.integers(22, 30), VARIANTS)
def test_whoever_may_adopt_rules_comes_to_an_end_by_them(said, size, steps):
    played = Play(*STEPS, given={"customer": "Acme", "size": str(size)})
    for who, deed, step in said:
        played.say(who, deed, step) if who else played.shell(deed)
    before = played.request
    steps = tuple(replace(step, digest=repr(step)) for step in steps)
    if before.is_closed or in_the_way(played, *steps):
        return
    played.process = replace(process_of(*steps), version="sha256:new")
    played.request = fitted(before, played.process)
    played.happen(Adopt(actor="operator (root)", was=before.rules))
    done = {step.name: step.answered_by for step in before.steps if step.state == "done"}
    assert done.items() <= {step.name: step.answered_by for step in played.request.steps}.items()
    for _ in range(20):
        waiting = [step for step in played.request.steps if step.state == "open"]
        assert all(step.due is not None and step.asked for step in waiting)
        for step in waiting[:1]:
            who = next(seat for seat in step.asked if seat not in {voice.actor for voice in step.voices})
            deed = {"technical": Approve(), "billing": ACCOUNT}.get(step.name, Done())
            played.say(who, deed, step.name)
    assert played.state == "completed"
