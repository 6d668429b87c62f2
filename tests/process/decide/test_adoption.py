"""A running request that goes on by repaired rules: what has happened stays, what is open is asked anew."""

from dataclasses import replace

from play import (
    ANA,
    BILL,
    BOB,
    DONE,
    FORM,
    LI,
    OPEN,
    SKIPPED,
    WAITING,
    Play,
    allocate,
    approval,
    at,
    form,
    notify,
    process_of,
    task,
    to,
    told,
    wait,
)

from mailbot.process.decide.adoption import fitted
from mailbot.process.definition import Field, FieldType
from mailbot.process.request import Adopt, Approve, Cancel, Done, Hold, Resume

ACCOUNT = Done(given={"account": "A-1"})
STEPS = (approval(), form(after=()), allocate(after=("technical", "billing")))


def digested(rule, **changes):
    return replace(rule, digest=f"{rule.digest} again", **changes)


def adopt(played, *steps, reason="mended", **keys):
    """As the desk does it."""
    was = played.request.rules
    played.process = replace(process_of(*steps, **keys), version="sha256:new")
    played.request = fitted(played.request, played.process)
    return played.happen(Adopt(actor="operator (root)", was=was, reason=reason))


def test_who_did_it_why_and_which_versions_stand_in_the_trace():
    played = Play(*STEPS)
    notices = adopt(played, *STEPS)
    entry = next(entry for entry in played.entries if entry.action == "adopted")
    assert (entry.actor, entry.detail) == ("operator (root)", "sha256:play → sha256:new\nmended")
    assert played.request.rules == "sha256:new"
    assert told(notices) == [("status", BOB)]
    assert to(notices, "status").facts["news"] == "it goes on by repaired rules: mended"


def test_only_what_is_asked_otherwise_is_asked_anew():
    played = Play(*STEPS)
    notices = adopt(played, digested(STEPS[0]), STEPS[1], STEPS[2])
    assert told(notices) == [("action", ANA), ("action", LI), ("status", BOB)]
    action = to(notices, "action", ANA)
    assert (action.facts["why"], action.facts["changes"]) == ("changed", ("the rules that it goes by",))
    assert played.states == {"technical": OPEN, "billing": OPEN, "allocate": WAITING}


def test_what_was_answered_stays_answered():
    played = Play(*STEPS)
    played.say(ANA, Approve(), "technical")
    notices = adopt(played, digested(STEPS[0]), digested(STEPS[1]), STEPS[2])
    assert told(notices) == [("action", BILL), ("status", BOB)]
    assert played.step("technical").answered_by == ANA
    played.say(BILL, ACCOUNT, "billing")
    assert played.state == "completed"


def test_an_answer_to_the_older_letter_does_not_count():
    played = Play(*STEPS)
    before = played.step("technical").content
    adopt(played, digested(STEPS[0]), *STEPS[1:])
    notices = played.say(ANA, Approve(), "technical", content=before)
    assert to(notices, "action").facts["why"] == "changed"
    assert played.step("technical").state is OPEN


def test_a_step_that_was_skipped_by_mistake_is_asked_now_and_what_waits_for_it_waits():
    skipped = (approval(when="form.size < 20"), *STEPS[1:])
    played = Play(*skipped)
    assert played.step("technical").state is SKIPPED
    adopt(played, *STEPS)
    assert played.states == {"technical": OPEN, "billing": OPEN, "allocate": WAITING}


def test_a_step_that_is_not_wanted_any_more_is_told_to_those_who_were_asked():
    played = Play(*STEPS)
    notices = adopt(played, digested(approval(when="form.size < 20")), *STEPS[1:])
    assert played.step("technical").state is SKIPPED
    assert to(notices, "settled", ANA).facts["outcome"] == "the rules have changed, and this is not needed any more"


def test_new_steps_stand_where_the_rules_have_them_and_old_ones_are_gone():
    played = Play(*STEPS, notify("tell", after=("allocate",)))
    adopt(played, STEPS[0], task("enter", after=()), STEPS[1], STEPS[2])
    assert [step.name for step in played.request.steps] == ["technical", "enter", "billing", "allocate"]
    assert played.step("enter").state is OPEN


def test_a_step_that_was_stuck_goes_on_where_its_rule_was_mended():
    played = Play(approval(asks=("{form.customer}",)), *STEPS[1:])
    assert played.step("technical").trouble
    adopt(played, digested(approval()), *STEPS[1:])
    assert (played.step("technical").trouble, played.step("technical").asked) == (None, (ANA, LI))


def test_lead_times_are_those_of_the_repaired_rules_from_when_it_came():
    played = Play(*STEPS)
    assert played.request.due == at(25, "17:00")
    played.now = at(24)
    adopt(played, *STEPS, lead_time="5 working days")
    assert played.request.due == at(27, "17:00")
    assert {mark.at for mark in played.marks if mark.step is None and mark.name == "late"} == {at(30)}
    adopt(played, digested(STEPS[0], remind=(1,), lead_time=played.process.lead_time), *STEPS[1:])
    assert any(mark.name == "reminder-0" for mark in played.marks)


def test_a_date_is_looked_at_again():
    played = Play(wait(until="2026-12-24"))
    adopt(played, wait(until="2026-11-26 03:00"))
    assert played.step("wait").wakes == at(26, "03:00")
    adopt(played, wait(until="2026-11-20"))
    assert played.state == "completed"


def test_what_is_held_is_asked_anew_when_it_goes_on():
    played = Play(*STEPS)
    played.shell(Hold(reason="the rules are being mended"))
    notices = adopt(played, digested(STEPS[0]), *STEPS[1:])
    assert to(notices, "settled", ANA).facts["outcome"].endswith("you are asked again when it goes on")
    assert played.step("technical").state is WAITING
    assert ("action", ANA) in told(played.shell(Resume()))


def test_a_form_that_was_incomplete_may_be_complete_now():
    narrow = (Field(name="size", label="Prefix length", type=FieldType.PREFIX_LENGTH, required=True, min=29),)
    played = Play(*STEPS, fields=narrow, given={"size": "28"})
    assert played.state == "pending"
    notices = adopt(played, *STEPS, fields=(replace(narrow[0], min=20),))
    assert ("acknowledged", BOB) in told(notices)
    assert played.state == "inProgress"


def test_a_form_with_another_fault_is_told_and_with_the_same_one_is_not():
    narrow = (Field(name="size", label="Prefix length", type=FieldType.PREFIX_LENGTH, required=True, min=29),)
    played = Play(*STEPS, fields=narrow, given={"size": "28"})
    assert told(adopt(played, *STEPS, fields=narrow)) == []
    assert told(adopt(played, *STEPS, fields=(replace(narrow[0], min=30),))) == [("incomplete", BOB)]
    assert played.request.faults["size"].startswith("28 is below 30")


def test_a_new_field_has_its_default():
    family = Field(name="family", label="Family", type=FieldType.TEXT, default="IPv4")
    played = Play(*STEPS)
    adopt(played, *STEPS, fields=(*played.process.fields, family))
    assert played.request.form == {"customer": "Acme", "size": 28, "family": "IPv4"}


def test_items_that_stay_stay_as_they_are():
    many = (Field(name="hosts", label="Hosts", type=FieldType.TEXT, many=True),)
    each = approval(each="form.hosts")
    played = Play(each, fields=many, given={"hosts": "a, b"})
    played.say(ANA, Approve(), "technical.1")
    adopt(played, digested(each), fields=many)
    assert (played.step("technical.1").state, played.step("technical.2").state) == (DONE, OPEN)
    played.say(LI, Approve(), "technical.2")
    assert played.state == "completed"


def test_what_has_ended_stays_as_it_ended():
    played = Play(*STEPS, given=FORM)
    played.say(BOB, Cancel(reason="no more"))
    assert adopt(played, *STEPS) == []
    assert played.state == "cancelled"
