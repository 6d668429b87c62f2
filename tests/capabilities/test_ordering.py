"""Other systems order, are told how it goes, and see what a mail has changed."""

import json

import pytest
from capabilities.test_steering import FAULTS, REPLACEMENT
from house import ANA, BILL, BOB, House, only
from servers.hooks import Hooks
from web.api.conftest import FORM, V4, System, key_of
from web_house import WEB

from mailbot.store.keys import Scope

OPEN = WEB + '[events]\nallow = ["127.0.0.0/8"]\n'


@pytest.fixture
def hooks():
    hooks = Hooks()
    yield hooks
    hooks.down()


def test_an_order_leads_to_a_request_and_its_progress_and_result_go_back_by_callback(tmp_path, hooks):
    """S1.6, S2.13."""
    house = House(tmp_path, config=OPEN)
    crm = System(house, key_of(house, "crm"))
    assert crm.post("/tmf-api/serviceOrdering/v4/hub", json={"callback": hooks.url}).status_code == 201
    crm.order(externalId="CRM-7")
    letters = house.send()
    house.reply(only(letters, "action", ANA), "approve")
    house.reply(only(letters, "action", BILL), "Account: A-77")
    house.bot.broadcast.run(None)
    told = [json.loads(call.body) for call in hooks.calls]
    assert {one["correlationId"] for one in told} == {"IP-1"}
    types = [one["eventType"] for one in told]
    assert types[0] == "ServiceOrderCreateEvent"
    assert types.count("ServiceOrderMilestoneEvent") == 3
    assert types[-1] == "ServiceOrderStateChangeEvent"
    order = told[-1]["event"]["serviceOrder"]
    assert (order["id"], order["externalId"], order["state"]) == ("IP-1", "CRM-7", "completed")
    house.bot.close()


def test_after_each_mail_the_api_tells_the_state_that_it_has_led_to(tmp_path):
    """S0.26."""
    house = House(tmp_path, config=WEB)
    crm = System(house, key_of(house, "crm"))

    def told():
        request = crm.get("/api/requests/IP-1").json()
        steps = {step["name"]: step["state"] for step in request["steps"]}
        assert (request["state"], steps) == (house.request().state.value, house.states())
        assert crm.get(f"{V4}/IP-1").json()["state"] == request["state"]
        return request["state"], *steps.values()

    letters = house.start()
    assert told() == ("inProgress", "open", "open", "waiting")
    action = only(letters, "action", ANA)
    house.reply(action, "hold")
    assert told() == ("held", "open", "open", "waiting")
    house.reply(action, "resume")
    house.reply(action, "approve")
    assert told() == ("inProgress", "done", "open", "waiting")
    house.reply(only(letters, "action", BILL), "Account: A-77")
    assert told() == ("completed", "done", "done", "done")


def test_a_system_that_orders_because_of_a_failure_takes_the_way_without_questions(tmp_path):
    """S2.2: the reason code of its order chooses the way."""
    house = House(tmp_path, config=WEB, rules={"replacement": REPLACEMENT})
    faults = System(house, key_of(house, "faults", Scope.ORDER, (FAULTS,)))
    form = {"customer": "Acme", "size": 28}
    planned = faults.order("replacement", form={**form, "why": "capacity"})
    urgent = faults.order("replacement", form={**form, "why": "failure"})
    assert (planned.json()["state"], urgent.json()["state"]) == ("inProgress", "completed"), urgent.text
    assert house.states("IP-2") == {"planning": "skipped", "allocate": "done"}


def test_what_is_ordered_in_xml_and_in_json_is_the_same(tmp_path):
    """S1.1."""
    house = House(tmp_path, config=WEB)
    crm = System(house, key_of(house, "crm"))
    named = "".join(
        f"<serviceCharacteristic><name>{name}</name><value>{value}</value></serviceCharacteristic>"
        for name, value in FORM.items()
    )
    order = (
        "<serviceOrderCreate><serviceOrderItem><id>1</id><action>add</action><service><serviceSpecification>"
        f"<id>attribution</id></serviceSpecification>{named}</service></serviceOrderItem></serviceOrderCreate>"
    )
    assert crm.post(V4, content=order, headers={"Content-Type": "application/xml"}).status_code == 201
    crm.order()
    first, second = house.request("IP-1"), house.request("IP-2")
    assert (first.form, first.requester, first.steps) == (second.form, BOB, second.steps)
