"""TM Forum 652 and 638: what targets are told, and what is held."""

import pytest
from house import ANA, BOB, CAROL, FIELDS, ROOT
from web.api.conftest import V4, shown
from web_house import WEB

from mailbot.store.keys import Scope

RESOURCE_ORDERS = "/tmf-api/resourceOrdering/v4/resourceOrder"
SERVICES = "/tmf-api/serviceInventory/v4/service"
TARGETS = (
    WEB
    + """
[targets.router]
kind = "file"
folder = "out"
[targets.firewall]
kind = "file"
folder = "out"
"""
)
WIRED = f"""
type = "wired"
title = "Space that is put into service"
who = ["*@example.net"]
{FIELDS}
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
set = {{ customer = "{{form.customer}}" }}
[[step]]
name = "configure"
kind = "activate"
targets = ["router", "firewall"]
set = {{ vlan = "210" }}
"""

pytestmark = pytest.mark.parametrize("house", [{"config": TARGETS, "rules": {"wired": WIRED}}], indirect=True)


@pytest.fixture
def wired(house, crm):
    """IP-1 of Bob, whose two targets have been told."""
    (house.home / "out").mkdir()
    answer = crm.order("wired")
    assert answer.status_code == 201, shown(answer)
    return house


@pytest.mark.usefixtures("wired")
def test_an_order_of_one_service_makes_resource_orders_that_are_linked_to_it(system):
    root = system(ROOT, scope=Scope.ADMIN)
    links = root.get(f"{V4}/IP-1").json()["orderRelationship"]
    assert [(one["id"], one["relationshipType"]) for one in links] == [
        ("IP-1~configure~router~1", "resourceOrder"),
        ("IP-1~configure~firewall~1", "resourceOrder"),
    ]
    for link in links:
        order = root.get(link["href"].removeprefix("http://ip.example.net")).json()
        assert order["externalReference"][0]["id"] == "IP-1"
        assert order["externalReference"][0]["href"].endswith(f"{V4}/IP-1")
        assert (order["state"], order["orderItem"][0]["action"]) == ("acknowledged", "add")
    told = {one["name"]: one["value"] for one in order["orderItem"][0]["resource"]["resourceCharacteristic"]}
    assert (told["vlan"], told["addresses"]) == ("210", ["10.20.0.0/28"])


def test_the_state_of_a_resource_order_is_that_of_its_network_request(wired, crm):
    wired.bot.drive(None)
    assert {one["state"] for one in crm.get(RESOURCE_ORDERS).json()} == {"completed"}
    assert crm.get(f"{V4}/IP-1").json()["state"] == "completed"
    assert len(crm.get(f"{RESOURCE_ORDERS}?state=completed&externalReference.id=IP-1").json()) == 2
    assert crm.get(f"{RESOURCE_ORDERS}?state=failed").json() == []
    assert crm.get(f"{RESOURCE_ORDERS}?id=IP-1~configure~router~1").headers["x-total-count"] == "1"


@pytest.mark.usefixtures("wired")
def test_who_ordered_sees_that_it_is_under_way_and_not_what_was_told(crm, system):
    order = crm.get(f"{RESOURCE_ORDERS}/IP-1~configure~router~1").json()
    assert (
        "resourceCharacteristic" not in order["orderItem"][0]["resource"]
        or not (order["orderItem"][0]["resource"]["resourceCharacteristic"])
    )
    assert system(CAROL).get(RESOURCE_ORDERS).json() == []


def test_what_is_held_is_a_service_with_its_dates_its_people_and_its_order(wired, crm, system):
    wired.bot.drive(None)
    [held] = crm.get(SERVICES).json()
    assert (held["id"], held["name"], held["category"], held["state"]) == (
        "lan~10.20.0.0~28",
        "10.20.0.0/28",
        "lan",
        "active",
    )
    assert held["startDate"] == "2026-11-23T09:00:00Z"
    assert [(one["role"], one["id"]) for one in held["relatedParty"]] == [("holder", BOB), ("customer", "Acme")]
    assert held["serviceOrderItem"][0]["serviceOrderId"] == "IP-1"
    assert {"name": "prefix", "value": "10.20.0.0/28", "valueType": "string"} in held["serviceCharacteristic"]
    assert crm.get(f"{SERVICES}/{held['id']}").json() == held
    assert system(ANA).get(SERVICES).json() == [held], "the pool is theirs to care for"
    assert system(CAROL).get(SERVICES).json() == []


def test_services_are_found_by_pool_and_state(wired, crm):
    wired.bot.drive(None)
    for query, count in {"state=active": 1, "state=reserved,terminated": 0, "category=lan": 1, "category=x": 0}.items():
        assert len(crm.get(f"{SERVICES}?{query}").json()) == count, query
    assert crm.get(f"{SERVICES}/lan~10.20.0.0~29").status_code == 404
    assert crm.get(f"{SERVICES}/nonsense").status_code == 404
