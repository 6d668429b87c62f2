"""What TM Forum's conformance kit for 641 (version 3, release 18.0) demands, in our own words."""

import pytest
from house import LIBERATION
from web.api.conftest import V3, V4, shown

ROUTER = (
    LIBERATION.split("[[field]]", maxsplit=1)[0].replace('type = "liberation"', 'type = "router"')
    + """
[service]
specification = "12"
[[field]]
name = "vcpe_ip"
label = "vCPE_IP"
type = "text"
required = true
[[step]]
name = "routing"
kind = "approval"
asks = ["noc"]
"""
)
MANDATORY = {"id", "href", "state", "orderDate", "startDate", "orderItem"}
SAID = {
    "externalId": "BSS-748",
    "priority": "1",
    "description": "A router for the Lyon office",
    "category": "CloudServiceOrdering",
    "requestedStartDate": "2018-01-15T09:37:40.508Z",
    "requestedCompletionDate": "2018-01-16T09:37:40.508Z",
}
pytestmark = pytest.mark.parametrize("house", [{"rules": {"router": ROUTER}}], indirect=True)


def body(**said):
    """An order as the kit writes it: with a typed value, and with what only the server can say."""
    address = {"@type": "IPAddress", "@schemaLocation": "http....", "vCPE_IP": "192.0.2.21"}
    service = {
        "serviceState": "Active",
        "serviceCharacteristic": [{"name": "vCPE_IP", "valueType": "String", "value": address}],
        "serviceSpecification": {"id": "12", "href": "http://...", "name": "vCPE", "version": "1", "@type": "vCPE"},
    }
    item = {"id": "1", "action": "add", "@type": "standard", "state": "active", "service": service}
    ours = {"@type": "standard", "state": "active", "startDate": "2018-03-15T09:37:40Z", "orderDate": "2018-02-15"}
    return {**SAID, **ours, "orderItem": [item], **said}


@pytest.fixture
def two(crm):
    """A system with two orders of other priority."""
    kinds = {"Accept": "application/json;charset=utf-8", "Content-Type": "application/json;charset=utf-8"}
    for said in ({}, {"externalId": "BSS-954", "priority": "2"}):
        answer = crm.post(V3, json=body(**said), headers=kinds)
        assert answer.status_code == 201, shown(answer)
        assert answer.headers["content-type"] == "application/json"
    return crm


def test_an_order_has_what_is_mandatory_and_says_what_was_said(two):
    order = two.get(f"{V3}/IP-1").json()
    assert set(order) >= MANDATORY | {"@type"}
    assert all(isinstance(order[name], str) for name in MANDATORY - {"orderItem"})
    assert {name: order[name] for name in SAID} == SAID
    [characteristic] = order["orderItem"][0]["service"]["serviceCharacteristic"]
    assert characteristic["value"] == "192.0.2.21"


def test_what_only_the_server_can_say_is_passed_over(two):
    order = two.get(f"{V3}/IP-1").json()
    assert (order["state"], order["orderItem"][0]["state"]) == ("inProgress", "inProgress")
    assert (order["orderDate"], order["startDate"]) == ("2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("category=CloudServiceOrdering", ["IP-2", "IP-1"]),
        ("category=router", ["IP-2", "IP-1"]),
        ('priority="1"&category=CloudServiceOrdering', ["IP-1"]),
        ("priority=1,2", ["IP-2", "IP-1"]),
        ("priority=3", []),
        ("externalId=BSS-954", ["IP-2"]),
    ],
)
def test_orders_are_found_by_what_was_said_of_them(two, query, found):
    answer = two.get(f"{V3}?{query}")
    assert (answer.status_code, [one["id"] for one in answer.json()]) == (200, found)
    assert answer.headers["x-total-count"] == str(len(found))


def test_a_priority_that_has_changed_is_found_by_the_new_one(two):
    two.change("IP-1", priority="9")
    assert [one["id"] for one in two.get(f"{V4}?priority=9").json()] == ["IP-1"]
    assert two.get(f"{V4}?priority=1").json() == []


def test_the_resource_is_also_known_as_the_kit_spells_it(two):
    assert two.get("/tmf-api/serviceOrdering/v3/ServiceOrder").json() == two.get(V3).json() != []


def test_version_3_shows_only_the_fields_that_are_asked_for(two):
    asked = ["id", "href", "externalId", "priority", "state"]
    assert sorted(two.get(f"{V3}/IP-2?fields={','.join(asked)}").json()) == sorted(asked)
    [listed] = two.get(f"{V3}?externalId=BSS-748&fields=id,state,category,description").json()
    assert sorted(listed) == ["category", "description", "id", "state"]


@pytest.mark.parametrize("path", [V3, V4])
def test_fields_within_fields_are_asked_for_by_dots(two, path):
    items = "orderItem" if path == V3 else "serviceOrderItem"
    asked = f"id, state,{items}.id,{items}.state,{items}.action,{items}.service.serviceSpecification.id"
    order = two.get(f"{path}/IP-1?fields={asked}").json()
    specification = {"serviceSpecification": {"id": "12"}}
    assert order[items] == [{"id": "1", "state": "inProgress", "action": "add", "service": specification}]
    assert set(order) == {"id", "state", items} | (set() if path == V3 else {"href", "@type"})


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("orderItem.actoin", "did you mean 'action'?"),
        ("state.id", "'state' holds no fields of its own"),
        ("orderItem..id", "there is no ''"),
    ],
)
def test_a_field_that_there_is_not_is_refused(two, asked, why):
    answer = two.get(f"{V3}?fields={asked}")
    assert answer.status_code == 400
    assert why in answer.json()["message"]


def test_an_object_of_several_members_is_no_value(crm):
    item = body()["orderItem"][0]
    item["service"]["serviceCharacteristic"][0]["value"] = {"first": "192.0.2.1", "last": "192.0.2.9"}
    answer = crm.post(V3, json=body(orderItem=[item]))
    assert (answer.status_code, answer.json()["details"][0]["field"]) == (
        400,
        "orderItem[0].service.serviceCharacteristic[0].value",
    )


def test_what_there_is_not_is_not_found(two):
    assert two.get(f"{V3}/IP-99").status_code == 404
    assert two.get("/tmf-api/serviceOrdering/v3/1234123123-123123132").status_code == 404
