"""S0: provisioning workflow management for IP addresses, as its users see it."""

from collections.abc import Callable

import pytest
from capabilities.conftest import House
from system.office import ANA, BILL, BOB, FORM, HEAD, LI, LIBERATION, kinds, mail, only, reply

from mailbot.delivered import asset

TRANSFER = LIBERATION.replace('"liberation"', '"transfer"').replace("Address space given back", "Space handed over")


@pytest.mark.parametrize("type_", ["attribution", "liberation", "update"])
def test_no_request_proceeds_without_a_justification(build: Callable[..., House], type_: str) -> None:
    """S0.2, S0.14: as the delivered rule files have it, for each type."""
    delivered = {path.stem: path.read_text() for path in asset("rules").glob("*.toml")}
    pool = '[pools.customers-v6]\nprefixes = ["2001:db8::/40"]\n'
    house = build(rules=delivered, config=lambda text: text + pool)
    letters = house.say(
        mail(BOB, type_, "Customer: Acme GmbH\n" if type_ != "liberation" else "Prefix: 10.20.0.0/28\n")
    )
    assert kinds(letters) == [("incomplete", BOB)]
    assert "Justification" in letters[0].text or "Reason" in letters[0].text
    assert [r["state"] for r in house.requests()] == ["pending"]


def test_the_record_is_the_same_whatever_the_channel(house: House) -> None:
    """S0.4: by mail and from the shell."""
    house.ask()
    form = ["customer=Acme GmbH", "size=28", "justification=Two firewalls and a router in the new Lyon office."]
    house.office.run("requests", "new", "attribution", *form, "--as", BOB)
    by_mail, by_shell = house.requests()
    passing = {"reference", "channel", "created", "due", "jeopardy", "late", "steps"}
    assert {k: v for k, v in by_mail.items() if k not in passing} == {
        k: v for k, v in by_shell.items() if k not in passing
    }
    assert [(s["name"], s["state"], s["asked"]) for s in by_mail["steps"]] == [
        (s["name"], s["state"], s["asked"]) for s in by_shell["steps"]
    ]
    assert (by_mail["channel"], by_shell["channel"]) == ("mail", "cli")


def test_what_is_given_out_comes_back_and_rests(house: House) -> None:
    """S0.6, S2.9, S2.10: attribution, then liberation of the same prefix; nobody gets it before its quarantine ends."""
    prefix = house.granted()
    letters = house.ask(f"Prefix: {prefix}\n", subject="liberation")
    assert kinds(house.say(reply(only(letters, "action", ANA), "ok"))) == [("completed", BOB), ("settled", LI)]
    assert [a["state"] for a in house.request("IP-1")["addresses"]] == ["quarantined"]
    assert house.granted() != prefix
    house.run("2026-12-24 09:00:00")
    assert house.granted() == prefix


def test_each_department_of_the_rule_gets_one_form_with_the_clients_data(house: House) -> None:
    """S0.7"""
    asked = [letter for letter in house.ask() if letter.kind == "action"]
    assert sorted((x.to, x.step) for x in asked) == [(ANA, "technical"), (BILL, "billing"), (LI, "technical")]
    assert all("Acme GmbH" in x.text and "Lyon office" in x.text for x in asked)


def test_a_new_type_is_a_rule_file(build: Callable[..., House]) -> None:
    """S0.8"""
    house = build(rules={"transfer": TRANSFER})
    prefix = house.granted()
    letters = house.ask(f"Prefix: {prefix}\n", subject="transfer")
    assert only(letters, "acknowledged", BOB).reference == "IP-2"
    house.say(reply(only(letters, "action", LI), "approve"))
    assert house.request("IP-2")["state"] == "completed"


def test_the_next_step_begins_when_the_answers_are_complete(house: House) -> None:
    """S0.9, S0.26: the state is right after each mail."""
    letters = house.ask()
    assert house.states("IP-1") == {"technical": "open", "billing": "open", "allocate": "waiting"}
    house.say(reply(only(letters, "action", BILL), "Account: A-77"))
    assert house.states("IP-1") == {"technical": "open", "billing": "done", "allocate": "waiting"}
    house.say(reply(only(letters, "action", ANA), "approve"))
    assert house.states("IP-1") == {"technical": "done", "billing": "done", "allocate": "done"}


def test_the_trace_has_the_justification_and_who_decided_when_by_which_mail(house: House) -> None:
    """S0.10"""
    letters = house.ask()
    answer = reply(only(letters, "action", ANA), "approve")
    house.say(answer)
    history = house.history("IP-1")
    assert any(actor == BOB and action == "received" and "Lyon office" in detail for actor, action, detail in history)
    assert any(actor == ANA and action == "approved" for actor, action, _ in history)
    technical = house.request("IP-1")["steps"][0]
    assert (technical["answered_by"], technical["answered_at"]) == (ANA, "2026-11-23T09:02:00Z")


def test_nothing_is_allocated_past_the_steps(house: House) -> None:
    """S0.12: an approval alone, a stranger's approval, and an admin without a reason allocate nothing."""
    letters = house.ask()
    house.say(reply(only(letters, "action", ANA), "approve"))
    house.say(reply(only(letters, "action", BILL), "Account: A-77", sender="eve@example.net"))
    assert house.request("IP-1")["addresses"] == []
    assert house.states("IP-1")["allocate"] == "waiting"


def test_a_request_has_one_thread_with_each_person_and_one_timeline(house: House) -> None:
    """S0.13"""
    letters = house.ask()
    action = only(letters, "action", BILL)
    to_bob = house.say(reply(action, "ask Which contract?"))[0]
    again = house.say(reply(to_bob, "The one of 2025."))[0]
    assert again.to == BILL
    assert action.header("Message-ID") in again.header("References")
    first = only(letters, "acknowledged", BOB)
    assert first.header("References").split()[0] == to_bob.header("References").split()[0]
    told = [action_ for _, action_, _ in house.history("IP-1")]
    assert told.index("received") < told.index("question") < told.index("answer")


def test_the_first_answer_of_a_group_settles_it_for_the_others(house: House) -> None:
    """S0.15: and a later one is refused politely."""
    letters = house.ask()
    after = house.say(reply(only(letters, "action", ANA), "approve"))
    assert kinds(after) == [("settled", LI)]
    late = house.say(reply(only(letters, "action", LI), "reject too large"))
    assert kinds(late) == [("settled", LI)]
    assert ANA in late[0].text
    assert house.states("IP-1")["technical"] == "done"


def test_the_houses_defaults_hold_for_every_type_that_does_not_say_otherwise(build: Callable[..., House]) -> None:
    """S0.16"""
    rules = {
        "_house": '[defaults]\nlead_time = "4 working hours"\n',
        "transfer": TRANSFER.replace('lead_time = "8 working hours"', ""),
    }
    house = build(rules=rules)
    prefix = house.granted()
    house.now = house.now.replace(day=24, hour=9, minute=0)
    house.ask(f"Prefix: {prefix}\n", subject="transfer")
    assert house.request("IP-2")["steps"][0]["due"] == "2026-11-24T13:01:00Z"


def test_a_shared_field_changes_in_every_process_that_uses_it(build: Callable[..., House]) -> None:
    """S0.17: with a new version of both; what runs keeps its own."""
    shared = '[fields.reason]\nlabel = "Reason"\ntype = "text"\nrequired = true\nhelp = "WORDS"\n'
    uses = TRANSFER.replace(
        '[[step]]\nname      = "unused"', '[[field]]\nuse = "reason"\n\n[[step]]\nname      = "unused"'
    )
    house = build(rules={"_house": shared.replace("WORDS", "Why?"), "transfer": uses})
    assert "Why?" in house.ask("", subject="transfer")[0].text
    before = house.bot.rules.current.processes["transfer"].version
    (house.office.home / "rules" / "_house.toml").write_text(shared.replace("WORDS", "What for?"))
    house.bot.reload_rules()
    assert (
        "What for?"
        in house.say(
            mail(BOB, "transfer", "", Date="Mon, 23 Nov 2026 10:00:00 +0000", X_Other="1").replace(b"<", b"<2", 1)
        )[0].text
    )
    assert house.bot.rules.current.processes["transfer"].version != before


@pytest.mark.parametrize(
    ("type_", "labels"),
    [("attribution", ["Customer:", "Prefix length:", "Justification:"]), ("liberation", ["Prefix:"])],
)
def test_a_form_has_precisely_the_fields_of_its_type(house: House, type_: str, labels: list[str]) -> None:
    """S0.18"""
    form = only(house.ask("", subject=type_), "form", BOB).text
    between = form.split("form begins")[1].split("form ends")[0].splitlines()
    assert [line for line in between if line.endswith(":") and not line.startswith("#")] == labels


def test_whoever_is_concerned_hears_of_each_change_and_nobody_else(house: House) -> None:
    """S0.22: asked, delayed, settled, done; the whole set of letters of a request."""
    letters = house.ask()
    assert kinds(letters) == [("acknowledged", BOB), ("action", ANA), ("action", BILL), ("action", LI)]
    delayed = house.say(reply(only(letters, "action", ANA), "delay until 2026-11-27 the router comes on Thursday"))
    assert kinds(delayed) == [("delayed", BOB), ("jeopardy", "manager@example.net")]
    assert kinds(house.say(reply(only(letters, "action", LI), "approve"))) == [("settled", ANA)]
    assert kinds(house.say(reply(only(letters, "action", BILL), "Account: A-77"))) == [("completed", BOB)]


def test_one_letter_tells_of_a_delay_and_none_before_it(house: House) -> None:
    """S0.23: the requester hears that it is late, the asked are reminded, then their lead hears."""
    house.ask()
    assert house.run("2026-11-23 12:59:00") == []
    assert kinds(house.run("2026-11-23 13:02:00")) == [("reminder", ANA), ("reminder", LI)]
    assert house.run("2026-11-23 20:00:00") == []
    late = house.run("2026-11-24 09:01:30")
    assert [x for x in kinds(late) if x[0] == "delayed"] == [("delayed", BOB)]
    assert ("escalation", HEAD) in kinds(house.run("2026-11-25 09:02:30"))


def test_a_reply_decides_and_a_mail_without_its_token_does_not(house: House) -> None:
    """S0.24"""
    action = only(house.ask(), "action", ANA)
    house.say(mail(ANA, "Re: [IP-1] Technical review", "approve"))
    assert house.states("IP-1")["technical"] == "open"
    house.say(reply(action, "approve"))
    assert house.states("IP-1")["technical"] == "done"


def test_the_requester_hears_of_the_end_in_the_same_pass(house: House) -> None:
    """S0.25"""
    letters = house.ask(FORM.replace("28", "30"))
    done = only(house.say(reply(only(letters, "action", BILL), "Account: A-77")), "completed", BOB)
    assert "10.20.0.0/30" in done.text
