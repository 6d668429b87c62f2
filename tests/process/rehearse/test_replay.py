"""Past requests, held against rules: the same rules change nothing, and what others change is told with its place."""

from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from play import ANA, BILL, BOB, DIRECTORY, LI, Play, Pool, allocate, approval, check, form, notify, process_of, task

from mailbot.process.definition import Field, FieldType
from mailbot.process.rehearse.replay import replay
from mailbot.process.request import Approve, Cancel, Done, Fail, Hold, Reject, Skip

POOLS = {"lan": ("10.0.0.0/8",)}
STEPS = (approval(when="form.size <= 28"), form(after=()), allocate(after=("technical", "billing")))
ACCOUNT = Done(given={"account": "A-1"})


def past(*said, steps=STEPS, **keys):
    """A request as it came out, by (who, deed, step)."""
    played = Play(*steps, **keys)
    for who, deed, step in said:
        if who == "operator":
            played.shell(deed)
        else:
            played.say(who, deed, step)
    return played.request


COMPLETED = past((ANA, Approve(), "technical"), (BILL, ACCOUNT, "billing"))
REJECTED = past((BILL, ACCOUNT, "billing"), (LI, Reject(reason="too large"), "technical"))


def again(request, *steps, **keys):
    return replay(request, process_of(*(steps or STEPS), **keys), DIRECTORY, POOLS)


@pytest.mark.parametrize(
    "request_",
    [
        COMPLETED,
        REJECTED,
        past(),
        past((BILL, ACCOUNT, "billing")),
        past((BOB, Cancel(reason="no more"), None)),
        past(("operator", Hold(reason="a freeze"), None)),
        past(("operator", Skip(reason="known"), None), (BILL, ACCOUNT, "billing")),
        past(("operator", Fail(reason="broken"), None)),
        past(given={"customer": "Acme", "size": "99"}),
        past(given={"customer": "Acme", "size": "29"}),
        past((ANA, Approve(), "technical"), (BILL, ACCOUNT, "billing"), pool=Pool(room=0)),
        past(steps=(check(),), pool=Pool(room=0)),
        past((ANA, Approve(), "technical"), (LI, Approve(), "technical"), steps=(approval(needs=2), notify())),
    ],
)
def test_the_same_rules_lead_the_same_way(request_):
    steps = {3: STEPS, 1: (check(),), 2: (approval(needs=2), notify())}[len(request_.steps)]
    assert again(request_, *steps) is None


DEEDS = st.sampled_from(
    [(ANA, Approve(), "technical"), (LI, Reject(reason="no"), "technical"), (BILL, ACCOUNT, "billing"),
     (BOB, Cancel(reason="x"), None), ("operator", Skip(reason="x"), None)]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(DEEDS, max_size=5), st.integers(22, 30))
def test_whatever_was_said_the_same_rules_lead_the_same_way(said, size):
    assert again(past(*said, given={"customer": "Acme", "size": str(size)})) is None


def test_a_condition_that_no_longer_holds_is_named():
    found = again(COMPLETED, approval(when="form.size <= 24"), *STEPS[1:])
    assert (found.path, found.now.steps) == (("step", 0, "when"), ("billing", "allocate"))
    assert found.why == "step technical is skipped, for this does not hold: form.size <= 24, where form.size is 28"


def test_a_condition_that_holds_now_is_named():
    found = again(past((BILL, ACCOUNT, "billing"), given={"customer": "A", "size": "29"}), approval(), *STEPS[1:])
    assert (found.path, found.now.steps) == (("step", 0, "name"), ("technical", "billing", "allocate"))
    assert found.why == "step technical runs without a condition"


def test_a_new_step_is_named_and_agreed_to_so_that_the_way_behind_it_is_seen():
    found = again(COMPLETED, *STEPS, task(after=("allocate",)))
    assert (found.path, found.why) == (("step", 3, "name"), "step registry is new")
    assert found.now.state == "completed"


def test_a_step_that_is_gone_is_named():
    found = again(COMPLETED, STEPS[0], allocate(after=("technical",)))
    assert (found.path, found.why) == ((), "there is no step billing any more")


def test_a_form_that_is_faulty_now_is_named_with_its_field():
    fields = (Field(name="size", label="Size", type=FieldType.PREFIX_LENGTH, required=True, min=29),)
    found = again(COMPLETED, *STEPS, fields=fields)
    assert found.path == ("field", 0, "name")
    assert found.why.startswith("the form is faulty: size 28 is below 29")
    assert found.now.state == "pending"


def test_a_new_field_of_a_step_leaves_it_waiting():
    more = Field(name="vlan", label="VLAN", type=FieldType.INTEGER, required=True)
    account = form(after=(), fields=(*STEPS[1].fields, more))
    found = again(COMPLETED, STEPS[0], account, STEPS[2])
    assert (found.path, found.now.state) == (("step", 1, "name"), "inProgress")
    assert found.why == "step allocate is not reached: billing waits for bill@example.net"


def test_a_higher_quorum_leaves_a_request_that_one_refused_as_it_was():
    assert again(COMPLETED, replace(STEPS[0], needs=2), *STEPS[1:]) is None  # the other agrees as well


def test_a_thousand_past_requests_replay_in_seconds():
    """Of the processor's time, and with room for a machine that others use: `make bench` measures it."""
    again(COMPLETED)  # imports and compiles what it needs
    begin = process_time()
    for _ in range(1000):
        again(COMPLETED, approval(when="form.size <= 24"), *STEPS[1:])
    assert process_time() - begin < 10


def test_answers_come_in_the_order_of_then():
    """Billing answered before the rejection: its step must have run, whatever stands first in the file."""
    chain = (approval(), form(after=()), notify(after=("billing",)))
    request = past((BILL, ACCOUNT, "billing"), (ANA, Reject(reason="no"), "technical"), steps=chain)
    assert again(request, *chain) is None
