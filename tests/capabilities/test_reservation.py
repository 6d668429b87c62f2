"""S2: what is reserved until an order is confirmed, and what goes with an address."""

from collections.abc import Callable

import pytest
from capabilities.conftest import House
from system.office import ANA, BOB, LI, Letter, kinds, only, reply

POOLS = '[pools.vlans]\ntitle = "VLANs"\nnumbers = ["200-3999"]\n'
ORDER = """
type      = "order"
title     = "A new line"
who       = ["*@example.net"]
lead_time = "20 working days"

[[field]]
name     = "customer"
label    = "Customer"
type     = "text"
required = true

[[step]]
name   = "hold"
kind   = "reserve"
pool   = "customers-v4"
length = 28
for    = "14 days"

[[step]]
name  = "confirmed"
kind  = "approval"
title = "Confirmation of the order"
asks  = ["noc"]

[[step]]
name   = "allocate"
kind   = "allocate"
pool   = "customers-v4"
length = 28
set    = { customer = "{form.customer}", device = "pe1.lyon" }

[[step]]
name = "vlan"
kind = "allocate"
pool = "vlans"
set  = { customer = "{form.customer}" }
"""


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    return build(rules={"order": ORDER}, config=lambda text: text + POOLS)


@pytest.fixture
def order(house: House) -> Letter:
    """What is asked about an order for which space is reserved."""
    return only(house.ask("Customer: Acme GmbH\n", subject="order"), "action", ANA)


def addresses(house: House) -> list[tuple[str, str, str | None]]:
    return [(a["prefix"], a["state"], a["until"]) for a in house.request("IP-1")["addresses"]]


def test_a_reservation_is_taken_up_by_an_order_that_is_confirmed_in_time(house: House, order: Letter) -> None:
    """S2.6: reserved until then, allocated for good."""
    assert addresses(house) == [("10.20.0.0/28", "reserved", "2026-12-07T09:01:00Z")]
    assert kinds(house.say(reply(order, "approve"), at="2026-12-07 09:00:59")) == [("completed", BOB), ("settled", LI)]
    assert addresses(house) == [("10.20.0.0/28", "allocated", None), ("200", "allocated", None)]
    house.run("2027-12-07 09:00:00")
    assert addresses(house)[0] == ("10.20.0.0/28", "allocated", None)


def test_a_reservation_that_nobody_takes_up_lapses_and_a_late_order_is_refused(house: House, order: Letter) -> None:
    """S2.6: free again at once, and who comes too late is told so."""
    told = house.run("2026-12-07 09:01:00")
    assert ("expired", BOB) in kinds(told)
    assert house.request("IP-1")["state"] == "cancelled"
    assert addresses(house) == [("10.20.0.0/28", "released", None)]
    assert kinds(house.say(reply(order, "approve"))) == [("settled", ANA)]
    house.ask("Customer: Beta SA\n", subject="order")
    assert house.request("IP-2")["addresses"][0]["prefix"] == "10.20.0.0/28"


def test_an_address_comes_with_its_vlan_and_with_all_that_the_rule_sets(house: House, order: Letter) -> None:
    """S2.5: the parameters of a line, each from the pool or the form that the rule names."""
    house.say(reply(order, "approve"))
    found = [(a["prefix"], a["pool"], a["carries"]) for a in house.request("IP-1")["addresses"]]
    assert found == [
        ("10.20.0.0/28", "customers-v4", {"customer": "Acme GmbH", "device": "pe1.lyon"}),
        ("200", "vlans", {"customer": "Acme GmbH"}),
    ]
