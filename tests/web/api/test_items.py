"""Orders of several items: one order outside, a request for each item inside; all of them, or none."""

import pytest
from broadcast.conftest import FakeSink
from house import ANA, KIM, ROOT
from web.api.conftest import FORM, V3, V4, service, shown

from mailbot.process.request import State
from mailbot.store.keys import Scope
from mailbot.store.lists import seen
from mailbot.web.api.models.orders import OrderState
from mailbot.web.api.ordering import state_of

CANCEL = "/tmf-api/serviceOrdering/v4/cancelServiceOrder"
NICE = {"customer": "Acme", "size": 29, "reason": "Ten desks in Nice"}


def item(id_, specification="attribution", form=FORM, action="add"):
    return {"id": id_, "action": action, "service": service(specification, form)}


def order(crm, *items, path=V4, **more):
    return crm.post(path, json={"serviceOrderItem" if path == V4 else "orderItem": list(items), **more})


@pytest.fixture
def two(crm):
    """An order of two prefixes, of Bob's."""
    answer = order(crm, item("lyon"), item("nice", form=NICE), externalId="CRM-7", priority="1")
    assert answer.status_code == 201, shown(answer)
    return answer.json()


def test_each_item_is_a_request_and_the_order_is_one(house, crm, two):
    assert house.requests() == ["IP-1", "IP-2"]
    assert (two["id"], two["state"], two["externalId"]) == ("IP-1", "inProgress", "CRM-7")
    assert [(one["id"], one["state"]) for one in two["serviceOrderItem"]] == [
        ("lyon", "inProgress"),
        ("nice", "inProgress"),
    ]
    forms = [
        {c["name"]: c["value"] for c in one["service"]["serviceCharacteristic"]} for one in two["serviceOrderItem"]
    ]
    assert forms == [FORM, NICE]
    assert house.request("IP-2").external_reference == "CRM-7"
    assert crm.get(f"{V4}/IP-1").json() == two


def test_a_list_holds_it_once_and_each_of_its_requests_leads_to_it(crm, two):
    crm.order(externalId="CRM-8")
    listed = crm.get(V4)
    assert [one["id"] for one in listed.json()] == ["IP-3", "IP-1"]
    assert listed.headers["x-total-count"] == "2"
    assert listed.json()[1] == crm.get(f"{V4}/IP-2").json() == two
    assert [one["id"] for one in crm.get(f"{V4}?id=IP-2").json()] == ["IP-1"]
    assert [one["reference"] for one in crm.get("/api/requests").json()] == ["IP-3", "IP-2", "IP-1"]


def test_things_given_and_taken_back_go_in_one_order(house, crm):
    prefix = house.allocated()
    answer = order(crm, item("new"), item("old", "liberation", {"prefix": prefix}, "delete"), path=V3)
    assert answer.status_code == 201, shown(answer)
    assert [one["action"] for one in answer.json()["orderItem"]] == ["add", "delete"]
    assert [house.request(name).type for name in ("IP-2", "IP-3")] == ["attribution", "liberation"]


def test_what_is_wrong_with_any_item_is_told_at_once_and_nothing_is_opened(house, crm):
    answer = order(crm, item("1", form={**FORM, "size": 99}), item("2"), item("3", form={"size": 28}))
    assert answer.status_code == 400
    told = {one["field"] for one in answer.json()["details"]}
    assert {
        "serviceOrderItem[0].service.serviceCharacteristic[1]",
        "serviceOrderItem[2].service.serviceCharacteristic",
    } == told
    assert (house.requests(), house.send()) == ([], [])


@pytest.mark.parametrize(
    ("items", "place"),
    [
        ([item("1"), item("1")], "serviceOrderItem[1].id"),
        ([item("1"), item("2", "tea")], "serviceOrderItem[1].service.serviceSpecification"),
        ([item(str(number)) for number in range(51)], "serviceOrderItem"),
    ],
    ids=["one id twice", "no such service", "too many"],
)
def test_items_that_cannot_be_ordered_are_told_by_their_place(house, crm, items, place):
    answer = order(crm, *items)
    assert (answer.status_code, answer.json()["details"][0]["field"]) == (400, place)
    assert house.requests() == []


def test_the_same_order_once_more_is_the_same_order(house, crm):
    answers = [order(crm, item("1"), item("2"), externalId="CRM-7") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert house.requests() == ["IP-1", "IP-2"]
    assert order(crm, item("1"), externalId="CRM-7").status_code == 409


@pytest.mark.usefixtures("two")
def test_each_item_goes_its_own_way_and_the_order_tells_of_both(house, crm):
    asked = [letter for letter in house.send() if (letter.kind, letter.to) == ("action", ANA)]
    house.reply(asked[1], "reject\nNice has space enough")
    now = crm.get(f"{V4}/IP-1").json()
    assert now["state"] == "inProgress"
    assert [one["state"] for one in now["serviceOrderItem"]] == ["inProgress", "rejected"]
    assert [one["code"] for one in now["errorMessage"]] == ["rejected"]
    house.reply(asked[0], "approve")
    assert [one["id"] for one in crm.get(f"{V4}/IP-1").json()["milestone"]] == ["lyon.technical"]
    assert [one["id"] for one in crm.get(f"{V4}?state=rejected").json()] == ["IP-1"]
    assert crm.get(f"{V4}?state=failed").json() == []


@pytest.mark.usefixtures("two")
def test_an_item_is_changed_by_its_id(house, crm):
    changed = crm.change("IP-1", serviceOrderItem=[{"id": "nice", "service": service(None, {"size": 30})}])
    assert changed.status_code == 200, shown(changed)
    assert (house.request("IP-1").form["size"], house.request("IP-2").form["size"]) == (28, 30)
    for unknown in ({"id": "paris"}, {}):
        answer = crm.change("IP-1", priority="9", serviceOrderItem=[unknown | {"service": service(None, {"size": 27})}])
        assert (answer.status_code, answer.json()["details"][0]["field"]) == (400, "serviceOrderItem[0].id")
    assert crm.get(f"{V4}/IP-1").json()["priority"] == "1"


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("how", ["state", "task", "delete"])
def test_an_order_is_cancelled_as_a_whole(house, crm, how):
    match how:
        case "state":
            assert crm.change("IP-1", state="cancelled").status_code == 200
        case "task":
            assert crm.post(CANCEL, json={"serviceOrder": {"id": "IP-2"}}).json()["serviceOrder"]["id"] == "IP-1"
        case "delete":
            assert crm.delete(f"{V4}/IP-1").status_code == 204
    assert [house.request(name).state.value for name in ("IP-1", "IP-2")] == ["cancelled", "cancelled"]
    again = crm.delete(f"{V4}/IP-1")
    assert (again.status_code, again.json()["code"]) == (409, "onRecord")


def test_what_has_ended_already_does_not_keep_the_rest_from_being_cancelled(crm):
    order(crm, item("1", "quick"), item("2"))
    crm.delete(f"{V4}/IP-1")
    now = crm.get(f"{V4}/IP-1").json()
    assert [one["state"] for one in now["serviceOrderItem"]] == ["completed", "cancelled"]
    assert now["state"] == "partial"


@pytest.mark.usefixtures("two")
def test_an_order_rests_and_goes_on_as_a_whole(house, system):
    root = system(ROOT, scope=Scope.ADMIN)
    assert root.change("IP-1", state="held").json()["state"] == "held"
    assert [house.request(name).state.value for name in ("IP-1", "IP-2")] == ["held", "held"]
    assert root.change("IP-2", state="inProgress").json()["state"] == "inProgress"


@pytest.mark.parametrize("few", [seen.FEW, 0], ids=["who sees few", "who sees many"])
def test_who_may_see_one_item_alone_is_shown_that_one(house, crm, system, few, monkeypatch):
    monkeypatch.setattr(seen, "FEW", few)
    prefix = house.allocated()
    order(crm, item("new"), item("old", "liberation", {"prefix": prefix}, "delete"))
    desk, ana = system(KIM), system(ANA)
    assert desk.get(f"{V4}/IP-2").status_code == 404
    assert [(one["id"], len(one["serviceOrderItem"])) for one in desk.get(V4).json()] == [("IP-3", 1)]
    assert desk.get(f"{V4}/IP-3").json()["serviceOrderItem"][0]["id"] == "old"
    assert [(one["id"], len(one["serviceOrderItem"])) for one in ana.get(V4).json()] == [("IP-2", 1)]
    assert ana.get(f"{V4}?category=liberation").json() == []


@pytest.mark.usefixtures("two")
def test_an_event_about_one_item_carries_the_whole_order(house, crm, monkeypatch):
    sink = FakeSink()
    monkeypatch.setattr(house.bot.broadcast.__class__, "sink", lambda *_: sink)
    crm.post("/tmf-api/serviceOrdering/v4/hub", json={"callback": "https://crm.example/listener"})
    crm.change("IP-1", serviceOrderItem=[{"id": "nice", "service": service(None, {"size": 30})}])
    house.bot.broadcast.run(None)
    [event] = sink.events
    assert (event["eventType"], event["correlationId"]) == ("ServiceOrderAttributeValueChangeEvent", "IP-2")
    assert event["event"]["serviceOrder"] == crm.get(f"{V4}/IP-1").json()


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ("completed completed", "completed"),
        ("completed cancelled", "partial"),
        ("completed inProgress", "inProgress"),
        ("held inProgress", "inProgress"),
        ("held completed", "held"),
        ("pending held", "inProgress"),
        ("rejected cancelled", "rejected"),
        ("cancelled failed", "failed"),
        ("cancelled", "cancelled"),
    ],
)
def test_the_state_of_an_order_is_made_of_those_of_its_items(states, whole):
    assert state_of([State(state) for state in states.split()]) is OrderState(whole)
