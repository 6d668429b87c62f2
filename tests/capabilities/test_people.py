"""The people who are asked: their deputies, and lists of what they must do, as they see it from outside."""

from collections.abc import Callable

import pytest
from capabilities.conftest import House
from system.office import ANA, BILL, BOB, FORM, HEAD, LI, kinds, mail, only, reply

EVE, KIM = "eve@example.net", "kim@example.net"
AWAY = f"away until 2026-11-27, deputy {EVE}"
THREE = 'members = ["ana@example.net", "li@example.net", "kim@example.net"]'


def of_three(config: str) -> str:
    """A noc of three people."""
    return config.replace('members = ["ana@example.net", "li@example.net"]', THREE)


def gathering(config: str) -> str:
    """The same, who get what they must do at nine and at one."""
    return of_three(config).replace(THREE, f'{THREE}\nbatch = ["09:00", "13:00"]')


@pytest.fixture
def noc(build: Callable[..., House]) -> House:
    return build(config=gathering)


# -- lists -----------------------------------------------------------------------------------------------------------


def test_what_a_group_must_do_comes_in_one_letter_at_its_hours(noc: House) -> None:
    """S0.15: and it is answered by numbers."""
    for _ in range(3):
        assert kinds(noc.ask()) == [("acknowledged", BOB), ("action", BILL)]
    letters = noc.run("2026-11-23 13:00:00")
    assert kinds(letters) == [("actions", ANA), ("actions", KIM), ("actions", LI)]
    after = noc.say(reply(only(letters, "actions", ANA), "1 approve\n2 reject there is room in Paris\n3 approve"))
    assert [noc.states(f"IP-{n}")["technical"] for n in (1, 2, 3)] == ["done", "refused", "done"]
    assert [x for x in kinds(after) if x[1] == ANA] == []
    late = noc.say(reply(only(letters, "actions", LI), "all approve"))
    assert kinds(late) == [("settled", LI)]
    assert late[0].text.count(ANA) == 3


def test_what_one_of_a_group_has_answered_before_the_hour_is_told_to_nobody(noc: House) -> None:
    """S0.15, S0.22"""
    noc.ask()
    noc.ask()
    letters = noc.run("2026-11-23 13:00:00")
    noc.ask()
    noc.say(reply(only(letters, "actions", ANA), "all approve"))
    letters = noc.run("2026-11-24 09:00:00")
    assert [x.header("X-Mailbot-Request") for x in letters if x.kind == "action"] == ["IP-3"] * 3
    answered = noc.say(reply(only(letters, "action", KIM), "approve"))
    assert kinds(answered) == [("settled", ANA), ("settled", LI)]


def test_a_bot_that_slept_makes_a_list_up_once(noc: House) -> None:
    noc.ask()
    noc.ask()
    assert ("actions", ANA) in kinds(noc.run("2026-11-23 16:00:00"))
    assert "actions" not in {x.kind for x in noc.run("2026-11-24 13:00:00")}


def test_an_open_step_is_listed_for_whom_it_waits_whether_he_was_told_or_not(noc: House) -> None:
    """S2.11"""
    noc.ask()
    assert noc.request("IP-1")["steps"][0]["asked"] == [ANA, LI, KIM]


# -- deputies --------------------------------------------------------------------------------------------------------


def test_a_deputy_is_asked_and_answers_and_the_trace_says_for_whom(house: House) -> None:
    """S0.15, S4.1: whoever is away is not waited for."""
    assert kinds(house.say(mail(ANA, "Away", AWAY))) == [("answer", ANA), ("answer", EVE)]
    letters = house.ask()
    assert [x for x in kinds(letters) if x[0] == "action"] == [("action", BILL), ("action", EVE), ("action", LI)]
    assert f"stand in for {ANA}" in " ".join(only(letters, "action", EVE).text.split())
    assert kinds(house.say(reply(only(letters, "action", EVE), "approve"))) == [("settled", LI)]
    technical = house.request("IP-1")["steps"][0]
    assert (technical["asked"], technical["answered_by"]) == ([EVE, LI], EVE)
    assert (EVE, "approved", f"approved (for {ANA})") in house.history("IP-1")


def test_the_deputy_gets_the_reminder_of_what_was_asked_before(house: House) -> None:
    """S0.15, S0.23: with a token of his own; and whoever is away may still answer himself."""
    letters = house.ask()
    house.say(mail(ANA, "", AWAY))
    reminded = house.run("2026-11-23 13:02:00")
    assert kinds(reminded) == [("reminder", EVE), ("reminder", LI)]
    assert "Lyon office" in only(reminded, "reminder", EVE).text
    after = house.say(reply(only(letters, "action", ANA), "approve"))
    assert kinds(after) == [("settled", EVE), ("settled", LI)]
    late = house.say(reply(only(reminded, "reminder", EVE), "reject too large"))
    assert kinds(late) == [("settled", EVE)]


def test_the_requester_never_approves_in_somebodys_place(house: House) -> None:
    """S0.12: his chain ends, and the lead is asked."""
    house.say(*(mail(who, "", f"away until 2026-11-27, deputy {BOB}") for who in (ANA, LI)))
    letters = house.ask()
    assert [x for x in kinds(letters) if x[0] == "action"] == [("action", BILL), ("action", HEAD)]


def test_an_out_of_office_reply_decides_nothing_while_the_deputy_does(house: House) -> None:
    """S0.24"""
    letters = house.ask(FORM)
    action = only(letters, "action", ANA)
    assert house.say(b"Auto-Submitted: auto-replied\r\n" + reply(action, "approve")) == []
    assert house.states("IP-1")["technical"] == "open"
    house.say(mail(ANA, "", AWAY))
    house.say(reply(action, "approve", sender=EVE))
    assert house.states("IP-1")["technical"] == "done"


def test_who_is_back_is_asked_again(house: House) -> None:
    house.say(mail(ANA, "", AWAY))
    assert kinds(house.say(mail(ANA, "back", ""))) == [("answer", ANA), ("answer", EVE)]
    assert ("action", ANA) in kinds(house.ask())


def test_who_stands_in_gets_lists_of_his_own_group_for_both(noc: House) -> None:
    noc.say(mail(ANA, "", f"away until 2026-11-27, deputy {LI}"))
    noc.ask()
    noc.ask()
    letters = noc.run("2026-11-23 13:00:00")
    assert kinds(letters) == [("actions", KIM), ("actions", LI)]
    assert only(letters, "actions", LI).text.count(f"stand in for {ANA}") == 2
    assert only(letters, "actions", KIM).text.count(f"stand in for {ANA}") == 0
