"""S2.12, S4.4 and S4.10: nothing is late by surprise, and what is late climbs."""

from collections.abc import Callable

import pytest
from capabilities.conftest import House
from system.office import ADMIN, ANA, ATTRIBUTION, BILL, HEAD, kinds, only, reply

MANAGER = "manager@example.net"
ONE_MORE_DAY = """
[[step]]
name      = "registry"
kind      = "task"
title     = "Entry in the registry"
asks      = ["noc"]
after     = ["allocate"]
lead_time = "1 working day"
"""
LADDER = """escalate  = [
  { after = "4 working hours", to = ["lead"] },
  { after = "1 working day", to = ["ip-managers"] },
  { after = "2 working days", to = ["hostmaster@example.net"] },
]"""


@pytest.fixture
def slow(build: Callable[..., House]) -> House:
    """A house whose processes end with a day's work, and whose Monday's request is due on Thursday, 09:01."""
    house = build(rules={"attribution": ATTRIBUTION + ONE_MORE_DAY})
    house.ask()
    return house


def test_a_slow_first_step_puts_the_request_in_jeopardy_before_its_due_time_passes(slow: House) -> None:
    """S2.12: from Wednesday morning on, the day's work that must still come does not fit any more."""
    slow.run("2026-11-25 09:00:00")
    assert not slow.request("IP-1")["jeopardy"]
    slow.run("2026-11-25 10:00:00")
    request = slow.request("IP-1")
    assert (request["jeopardy"], request["late"], request["due"]) == (True, False, "2026-11-26T09:01:00Z")


def test_answers_in_time_put_nothing_in_jeopardy(slow: House) -> None:
    """S2.12"""
    letters = slow.run("2026-11-24 12:00:00")
    action = only(slow.office.letters(), "action", ANA)
    bills = only(slow.office.letters(), "action", BILL)
    letters = slow.say(reply(action, "approve"), reply(bills, "Account: A-77"))
    slow.run("2026-11-25 12:00:00")
    assert not slow.request("IP-1")["jeopardy"]
    assert "jeopardy" not in dict(kinds(letters))


def test_managers_hear_of_jeopardy_before_the_due_time_with_the_reason_and_who_it_waits_for(slow: House) -> None:
    """S4.10: a day before all that is told of lateness."""
    assert MANAGER not in {letter.to for letter in slow.run("2026-11-25 09:00:00")}
    letter = only(slow.run("2026-11-25 10:00:00"), "jeopardy", MANAGER)
    words = " ".join(letter.text.split())
    assert "It is due Thu 26 Nov 2026, 09:01 UTC" in words
    assert "Entry in the registry may take 8 working hours; 7 are left." in words
    assert f"It waits for {ANA}, li@example.net, {BILL}" in words
    assert [x.kind for x in slow.run("2026-11-26 10:00:00") if x.to == MANAGER] == ["escalation"]


def test_what_is_late_climbs_from_level_to_level_at_the_business_times_of_the_rule(build: Callable[..., House]) -> None:
    """S4.4: asked on Thursday and due on Friday at 09:01; the weekend is no time."""
    rule = ATTRIBUTION.replace('escalate  = [{ after = "1 working day", to = ["lead"] }]', LADDER)
    house = build(rules={"attribution": rule.replace('lead_time = "3 working days"', 'lead_time = "20 working days"')})
    house.now = house.now.replace(day=26)
    house.ask()
    climbed = []
    for moment in ("27 13:00", "27 13:01", "30 09:00", "30 09:01", "30 17:00"):
        letters = house.run(f"2026-11-{moment}:00")
        climbed += [(moment, letter.to) for letter in letters if letter.kind == "escalation"]
    letters = house.run("2026-12-01 09:01:00")
    climbed += [("1 09:01", letter.to) for letter in letters if letter.kind == "escalation"]
    assert climbed == [("27 13:01", HEAD), ("30 09:01", MANAGER), ("1 09:01", ADMIN)]
