"""Why a request went its way: each step with the rule that decided it, its people, its due date and its pool."""

from play import ANA, BILL, BOB, FIELDS, FORM, ROOT, Play, activate, allocate, approval, at, form

from mailbot.process import why
from mailbot.process.definition import Field, FieldType
from mailbot.process.reader import ADMIN, Reader
from mailbot.process.request import Approve, Assign, Delay, Done, Skip

STEPS = (
    approval(when="form.size <= 28", lead_time="8 working hours"),
    form(after=()),
    allocate(after=("technical", "billing")),
)


def reasons(played):
    found = why.of_steps(played.request, played.process, played.directory)
    return {one.step.name: [(r.about, r.words, r.path) for r in one.reasons] for one in found}


def about(played, step, name):
    (found,) = [(words, path) for what, words, path in reasons(played)[step] if what == name]
    return found


def test_a_condition_is_told_with_the_values_that_it_had():
    played = Play(*STEPS)
    words = "holds: form.size <= 28, where form.size is 28"
    assert about(played, "technical", "ran") == (words, ("step", 0, "when"))
    small = Play(*STEPS, given={"customer": "Acme", "size": "30"})
    words = "does not hold: form.size <= 28, where form.size is 30"
    assert reasons(small)["technical"] == [("skipped", words, ("step", 0, "when"))]


def test_a_step_that_has_not_begun_says_what_it_waits_for():
    played = Play(*STEPS)
    assert reasons(played)["allocate"] == [("not begun", "comes after technical, billing", ("step", 2, "after"))]
    played.say(BILL, Done(given={"account": "A-1"}), "billing")
    assert about(played, "allocate", "not begun")[0] == "comes after technical"


def test_who_is_asked_is_told_by_the_rule_that_asks():
    played = Play(*STEPS)
    assert about(played, "technical", "asked") == ("ana@example.net, li@example.net, for noc", ("step", 0, "asks", 0))


def test_a_requester_who_is_left_out_and_whoever_stands_in_for_him_are_told():
    played = Play(approval(asks=(BOB,)))
    told = [(words, path) for what, words, path in reasons(played)["technical"] if what == "asked"]
    assert told[0][0].endswith("not the requester, who approves nothing of his own")
    assert told[1] == (f"{ROOT}, an admin", ())
    alone = Play(approval(asks=("noc",), needs=2), requester=ANA)
    assert ("asked", "head@example.net, who leads noc", ()) in reasons(alone)["technical"]


def test_whom_it_was_assigned_to_is_told():
    played = Play(*STEPS)
    played.say(ANA, Assign(to="eve@example.net"), "technical")
    assert ("asked", "eve@example.net, to whom it was assigned", ()) in reasons(played)["technical"]


def test_a_due_time_is_told_with_its_lead_time_and_what_a_delay_added():
    played = Play(*STEPS)
    assert about(played, "technical", "due") == (
        "2026-11-23 17:00: 8 working hours from 2026-11-23 09:00",
        ("step", 0, "lead_time"),
    )
    assert about(played, "billing", "due") == ("2026-11-25 17:00: with the request", ("lead_time",))
    played.now = at(23, "10:00")
    played.say(ANA, Delay(duration="1 working day"), "technical")
    assert about(played, "technical", "due")[0].endswith("; 8:00:00 more by delay")


def test_pool_and_length_are_told_with_what_they_came_to():
    played = Play(*STEPS)
    played.say(ANA, Approve(), "technical")
    played.say(BILL, Done(given={"account": "A-1"}), "billing")
    assert about(played, "allocate", "pool") == ("lan", ("step", 2, "pool"))
    assert about(played, "allocate", "length") == ("28: form.size", ("step", 2, "length"))
    assert about(played, "allocate", "answer")[0] == "ip-requests@example.net: 10.0.1.0/28"


def test_a_step_that_was_skipped_by_hand_names_who_did_it():
    played = Play(*STEPS)
    played.shell(Skip(reason="known already"))
    told = reasons(played)["technical"]
    assert told[0] == ("skipped", "by operator: known already", ())
    assert "answer" not in [what for what, _, _ in told]


def test_the_request_says_who_may_ask_and_what_is_wrong_with_its_form():
    played = Play(*STEPS, given={"customer": "Acme", "size": "99"})
    found = why.of_request(played.request, played.process, played.directory)
    assert [(r.about, r.path) for r in found] == [("requester", ("who", 0)), ("form", ("field", 1, "name"))]
    assert found[0].words == "bob@example.net may ask: *@example.net"
    running = Play(*STEPS)
    due = why.of_request(running.request, running.process, running.directory)[-1]
    assert (due.path, due.words) == (("lead_time",), "2026-11-25 17:00: 3 working days from 2026-11-23 09:00")


def test_each_item_is_told_with_what_made_it_one():
    fields = (*FIELDS, Field(name="blocks", label="Blocks", type=FieldType.TEXT, many=True, required=True))
    given = {**FORM, "blocks": "one, two"}
    played = Play(approval("retire", each="form.blocks"), given=given, fields=fields)
    assert list(reasons(played)) == ["retire", "retire.1", "retire.2"]
    assert about(played, "retire.2", "ran") == ("for two, one of form.blocks", ("step", 0, "each"))
    assert "asked" not in [what for what, _, _ in reasons(played)["retire"]]
    assert about(played, "retire.1", "asked")[1] == ("step", 0, "asks", 0)


def test_what_ends_by_itself_says_when_and_what_undoes_it_says_what():
    played = Play(allocate(lasts="6 hours"), activate(after=("allocate",)))
    assert about(played, "allocate", "ends") == ("2026-11-23 15:00: for 6 hours", ("step", 0, "for"))
    assert about(played, "configure", "targets") == ("add at router", ("step", 1, "target"))
    played.until(at(23, "15:00"))
    assert about(played, "configure.undo", "undoes") == ("what configure had done", ())
    assert "ends" not in [what for what, _, _ in reasons(played)["allocate.undo"]]


def test_a_step_that_sleeps_says_until_when():
    played = Play(approval(not_before="2026-12-01"))
    words, path = about(played, "technical", "not begun")
    assert (words, path) == ("not before 2026-12-01 09:00", ("step", 0, "not_before"))


def test_how_many_must_agree_and_what_becomes_of_silence_are_told():
    unanswered = ("5 working days", "reject")
    played = Play(approval(asks=("security",), needs=2, unanswered=unanswered))
    assert about(played, "technical", "needs") == ("2 of them must agree", ("step", 0, "needs"))
    assert about(played, "technical", "unanswered") == ("after 5 working days: reject", ("step", 0, "unanswered"))


def test_of_values_and_words_each_reader_hears_what_is_his():
    steps = (form(), approval(after=("billing",), when="steps.billing.account != 'none' and form.size == 28"))
    played = Play(*steps)
    played.say(BILL, Done(given={"account": "A-77"}), "billing")

    def told(reader):
        found = why.of_steps(played.request, played.process, played.directory, reader)
        return {one.step.name: " ".join(reason.words for reason in one.reasons) for one in found}

    assert "steps.billing.account is A-77, form.size is 28" in told(ADMIN)["technical"]
    own = told(Reader(words=False))
    assert "where form.size is 28" in own["technical"]
    assert "A-77" not in " ".join(own.values())
    assert "A-77" not in " ".join(told(Reader(words=False, fields=frozenset({"customer"}))).values())
    supplier = Reader(words=False, fields=frozenset(), steps=frozenset({"billing"}))
    assert list(told(supplier)) == ["billing"]
    assert why.of_request(played.request, played.process, played.directory, supplier) == ()
