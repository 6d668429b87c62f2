"""Somebody outside the house: what he may do, what he hears, and what his machines are worth."""

from dataclasses import replace

import pytest
from play import (
    ANA,
    BOB,
    DIRECTORY,
    DONE,
    MANAGER,
    OPEN,
    ROOT,
    Play,
    allocate,
    approval,
    form,
    notify,
    reserve,
    to,
    told,
)

from mailbot.process.definition import Field, FieldType
from mailbot.process.directory import Supplier
from mailbot.process.naming import other_names
from mailbot.process.request import (
    Amend,
    Approve,
    Ask,
    Assign,
    Cancel,
    Comment,
    Done,
    Hold,
    Noted,
    Reject,
    Resume,
    State,
    Status,
    Watch,
)

ORDERS, DESK, ROBOT = (f"{name}@scrubber.example" for name in ("orders", "desk", "noreply"))
SCRUBBER = Supplier(name="scrubber", title="The scrubbing centre", address=ORDERS, accepts=("*@scrubber.example",))
WITH_SUPPLIER = replace(DIRECTORY, parties={"party:scrubber": SCRUBBER})
NUMBER = Field(name="number", label="Order number", type=FieldType.TEXT, required=True, reference=True)


def order(**keys):
    return form("order", asks=("party:scrubber",), fields=(NUMBER,), shows=("size",), **keys)


def ordered(*more):
    return Play(order(), *more, directory=WITH_SUPPLIER)


def test_whoever_writes_from_there_answers_for_the_supplier():
    play = ordered(notify())
    assert play.step("order").asked == (ORDERS,)
    play.say(DESK, Done(given={"number": "SO-4711"}, bare=True), "order")
    assert play.step("order").state is DONE
    assert play.step("order").answered_by == DESK


def test_a_stranger_and_one_of_us_do_not():
    play = ordered()
    for who in ("desk@scrubber.example.evil.example", ANA):
        [notice] = play.say(who, Done(given={"number": "SO-1"}, bare=True), "order")
        assert notice.kind == "refused"
    assert play.step("order").state is OPEN


@pytest.mark.parametrize("deed", [Hold(), Resume(), Cancel(), Assign(to=ANA), Watch(), Amend(given={"size": "24"})])
def test_a_supplier_does_nothing_beyond_his_step(deed):
    play = ordered()
    before = play.request
    [notice] = play.say(DESK, deed, "order")
    assert (notice.kind, notice.to) == ("refused", DESK)
    assert play.request == before


def test_a_supplier_may_ask_and_reject_and_hear_how_it_stands():
    play = ordered()
    assert told(play.say(DESK, Status(), "order")) == [("status", DESK)]
    assert told(play.say(DESK, Ask(question="From which hour?"), "order")) == [("question", BOB)]
    play.say(DESK, Reject(reason="we are full"), "order")
    assert (play.state, play.request.reason) == (State.REJECTED, "we are full")


def test_what_the_house_says_to_itself_does_not_reach_the_supplier():
    play = ordered(approval("technical", after=()))
    comment = play.say(BOB, Comment(text="Acme has not paid"))
    assert ORDERS not in {notice.to for notice in comment}
    held = play.say(ROOT, Hold(reason="Acme has not paid"))
    assert to(held, "status", ORDERS).facts["news"] == "on hold"
    assert to(held, "status", ANA).facts["news"] == "on hold: Acme has not paid"


def test_the_requesters_question_goes_to_whoever_cares_for_the_order():
    play = ordered()
    assert told(play.say(BOB, Ask(question="When does it begin?"))) == [("question", MANAGER)]


def test_both_ends_are_told_where_the_supplier_reads_and_not_to_whoever_answered():
    play = ordered(allocate(lasts="6 hours", after=("order",)))
    begun = play.say(DESK, Done(given={"number": "SO-4711"}, bare=True), "order")
    assert ("status", ORDERS) in told(begun)
    ended = play.until(play.step("allocate").until)
    assert ("ended", ORDERS) in told(ended)
    assert DESK not in {notice.to for notice in (*begun, *ended)}


def test_a_machine_is_noted_and_nobody_hears_of_it():
    play = ordered()
    before = play.request
    event = Noted(actor=ROBOT, subject="[#8812] Received", step="order", names=("8812",))
    assert play.happen(event) == []
    assert play.request == replace(before, other_names=("8812",))
    entry = play.entries[-1]
    assert (entry.actor, entry.action, entry.step, entry.detail) == (ROBOT, "noted", "order", "[#8812] Received (8812)")
    play.happen(event)
    assert play.request.other_names == ("8812",)


def test_a_machine_is_noted_after_the_end_too():
    play = ordered()
    play.say(BOB, Cancel())
    assert play.happen(Noted(actor=ROBOT, subject="Closed")) == []
    assert play.entries[-1].action == "noted"


def test_a_request_is_known_by_its_fields_of_reference_and_by_what_machines_say():
    customers = Field(name="contract", label="Contract", type=FieldType.TEXT, reference=True)
    size = Field(name="size", label="Size", type=FieldType.INTEGER)
    play = Play(
        order(), notify(), directory=WITH_SUPPLIER, fields=(customers, size), given={"contract": "C-7", "size": "28"}
    )
    assert other_names(play.process, play.request) == {"C-7"}
    play.happen(Noted(actor=ROBOT, subject="x", names=("8812",)))
    play.say(DESK, Done(given={"number": "SO-4711"}, bare=True), "order")
    assert other_names(play.process, play.request) == {"C-7", "8812", "SO-4711"}


def test_what_the_step_shows_of_another_is_part_of_what_is_asked():
    shown = form("order", asks=("party:scrubber",), fields=(NUMBER,), shows=("reserve",), after=("reserve",))
    play = Play(reserve(), shown, directory=WITH_SUPPLIER)
    before = play.step("order").content
    anew = play.say(BOB, Amend(given={"size": "29"}))
    assert play.step("order").content != before
    assert to(anew, "action", ORDERS).facts["why"] == "changed"


def test_our_own_people_are_no_suppliers_whatever_the_pattern_says():
    everybody = replace(SCRUBBER, accepts=("*@example.net", "*@scrubber.example"))
    directory = replace(DIRECTORY, parties={"party:scrubber": everybody})
    assert directory.party_of(BOB) is None
    assert directory.party_of(DESK) == everybody
    assert directory.party_of(ORDERS) == everybody
    assert Play(approval(), directory=directory).say(ANA, Approve(), "technical")
