"""S2 and S4: configuration, activation, and the following of what is under way, as far as the main job goes."""

from collections.abc import Callable

from capabilities.conftest import House
from system.office import ADMIN, ANA, ATTRIBUTION, BILL, BOB, FORM, LI, kinds, mail, only, reply

from mailbot.store import space, views

FEASIBLE = """
type      = "feasibility"
title     = "Would it fit?"
who       = ["*@example.net"]
lead_time = "1 working day"

[[field]]
name     = "size"
label    = "Prefix length"
type     = "prefix-length"
required = true
min      = 16
max      = 30

[[step]]
name   = "fits"
kind   = "check"
pool   = "customers-v4"
length = "form.size"
"""


def test_a_check_answers_whether_it_would_fit_and_takes_nothing(build: Callable[..., House]) -> None:
    """S2.4: without a trace in the address space."""
    house = build(rules={"feasibility": FEASIBLE})
    house.run()

    def taken() -> list[object]:
        with house.bot.store.reading() as conn:
            return [*space.export_rows(conn), space.figures(conn, "customers-v4").free]

    before = taken()
    assert kinds(house.ask("Prefix length: 24\n", subject="feasibility")) == [("completed", BOB)]
    (no,) = house.ask("Prefix length: 19\n", subject="feasibility")
    assert (no.kind, no.to) == ("rejected", BOB)
    assert "no room" in no.text
    assert taken() == before


def test_the_parameters_are_those_of_the_rule(build: Callable[..., House]) -> None:
    """S2.5: pool and length by expression, from what was asked."""
    rule = ATTRIBUTION.replace('pool   = "customers-v4"', 'pool   = "{form.family}"').replace(
        '[[field]]\nname       = "justification"',
        '[[field]]\nname = "family"\ntype = "choice"\nchoices = ["customers-v4", "customers-v6"]\nrequired = true\n\n'
        '[[field]]\nname       = "justification"',
    ).replace("max      = 30", "max      = 64")  # fmt: skip
    house = build(
        rules={"attribution": rule},
        config=lambda text: text + '[pools.customers-v6]\nprefixes = ["2001:db8::/40"]\n',
    )
    assert house.granted(FORM.replace("28", "56") + "Family: customers-v6\n") == "2001:db8::/56"
    assert house.granted(FORM.replace("28", "29") + "Family: customers-v4\n") == "10.20.0.0/29"


def test_the_inventory_follows_each_event(house: House) -> None:
    """S2.10: free, allocated, resting, free again."""

    def state(prefix: str) -> str:
        with house.bot.store.reading() as conn:
            found = [a for a in space.allocations(conn, "customers-v4") if str(a.prefix) == prefix]
        return found[0].state.value if found else "free"

    prefix = house.granted()
    assert state(prefix) == "allocated"
    letters = house.ask(f"Prefix: {prefix}\n", subject="liberation")
    house.say(reply(only(letters, "action", ANA), "ok"))
    assert state(prefix) == "quarantined"
    house.run("2026-12-24 09:00:00")
    assert state(prefix) == "free"


def test_open_steps_are_listed_for_a_department_and_a_person(house: House) -> None:
    """S2.11"""
    house.ask()
    with house.bot.store.reading() as conn:
        assert {(a["reference"], a["step"]) for a in views.actions(conn, "noc")} == {("IP-1", "technical")}
        assert {(a["reference"], a["step"]) for a in views.actions(conn, BILL)} == {("IP-1", "billing")}


def test_who_has_no_right_to_it_is_refused(house: House) -> None:
    """S2.14: the requester, a colleague and a stranger cannot decide; whoever was asked can."""
    letters = house.ask()
    action = only(letters, "action", ANA)
    assert kinds(house.say(reply(action, "approve", sender=BOB))) == [("refused", BOB)]
    assert kinds(house.say(reply(action, "approve", sender="eve@example.net"))) == [("refused", "eve@example.net")]
    assert house.say(reply(action, "approve", sender="mallory@evil.example")) == []
    assert house.states("IP-1")["technical"] == "open"
    house.say(reply(action, "approve", sender=LI))
    assert house.request("IP-1")["steps"][0]["answered_by"] == LI


def test_every_open_step_has_an_owner_and_a_due_time(house: House) -> None:
    """S4.1"""
    house.ask()
    for step in house.request("IP-1")["steps"]:
        if step["state"] == "open":
            assert step["asked"]
            assert step["due"]


def test_every_mail_in_and_out_stands_in_the_timeline_in_its_order(house: House) -> None:
    """S4.5"""
    letters = house.ask()
    house.say(reply(only(letters, "action", ANA), "approve"))
    told = [
        (actor, action) for actor, action, _ in house.history("IP-1") if action in {"received", "letter", "approved"}
    ]
    bot = house.bot.config.bot.address
    assert told == [(BOB, "received"), *[(bot, "letter")] * 4, (ANA, "approved"), (bot, "letter")]


def test_a_comment_adds_to_the_request_and_changes_nothing(house: House) -> None:
    """S4.6: and those who still have to act see it."""
    letters = house.ask()
    said = house.say(reply(only(letters, "acknowledged", BOB), "comment The office opens a week earlier."))
    assert kinds(said) == [("comment", ANA), ("comment", BILL), ("comment", LI)]
    assert house.states("IP-1") == {"technical": "open", "billing": "open", "allocate": "waiting"}
    assert (BOB, "comment", "The office opens a week earlier.") in house.history("IP-1")


def test_a_cancelled_request_frees_what_it_holds_and_tells_all_who_are_asked(house: House) -> None:
    """S4.9: its tokens decide nothing any more."""
    letters = house.ask()
    end = house.say(reply(only(letters, "acknowledged", BOB), "cancel\nThe customer has gone."))
    assert kinds(end) == [("cancelled", BOB), ("settled", ANA), ("settled", BILL), ("settled", LI)]
    assert kinds(house.say(reply(only(letters, "action", ANA), "approve"))) == [("settled", ANA)]
    request = house.request("IP-1")
    assert (request["state"], request["addresses"]) == ("cancelled", [])


def test_a_request_is_completed_once_and_only_when_all_its_steps_are(house: House) -> None:
    """S4.11"""
    house.granted()
    done = [entry for entry in house.history("IP-1") if entry[1] == "completed"]
    assert len(done) == 1
    assert set(house.states("IP-1").values()) == {"done"}
    house.run("2026-11-30 09:00:00")
    assert [entry for entry in house.history("IP-1") if entry[1] == "completed"] == done


def test_a_full_pool_holds_the_step_until_there_is_room(build: Callable[..., House]) -> None:
    """S4.1: its owner and the admins hear of it once, and it goes on by itself."""
    house = build(
        config=lambda text: text.replace("10.20.0.0/20", "10.20.0.0/28").replace(
            'owner    = "noc"', 'owner = "noc"\nquarantine = "1 day"'
        )
    )
    prefix = house.granted()
    letters = house.ask(FORM + "\n")
    told = house.say(reply(only(letters, "action", BILL), "Account: A-78"), reply(only(letters, "action", ANA), "ok"))
    assert [x for x in kinds(told) if x[0] == "alert"] == [("alert", ANA), ("alert", ADMIN), ("alert", LI)]
    assert house.request("IP-2")["steps"][2]["state"] == "open"
    letters = house.ask(f"Prefix: {prefix}\n", subject="liberation")
    house.say(reply(only(letters, "action", ANA), "ok"))
    done = house.run("2026-11-25 09:30:00")
    assert ("completed", BOB) in kinds(done)
    assert house.request("IP-2")["addresses"][0]["prefix"] == prefix


def test_mail_from_nobody_we_know_is_not_answered(house: House) -> None:
    """S1.10: whoever may ask for nothing learns nothing."""
    assert house.say(mail("mallory@evil.example", "attribution", FORM)) == []
    assert house.requests() == []
