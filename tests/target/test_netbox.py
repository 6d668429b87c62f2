"""A NetBox as a target: an object is made, changed, removed or looked at, and its answer is never guessed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers.netbox import Fault, NetBoxServer, patient
from target.conftest import SINCE
from target.conftest import request as asked

from mailbot.config.targets import NetBoxTarget
from mailbot.mail.letter import PlainTemplates
from mailbot.netbox import Client
from mailbot.process.definition import Action
from mailbot.process.request import NetworkState
from mailbot.target.base import Answer
from mailbot.target.netbox import NetBoxDriver

VLAN = """{"find": {"vid": {{ set.vlan }}}
{% if action != "remove" %},
 "set": {"vid": {{ set.vlan | int }}, "name": {{ form.customer | json }}, "status": "active",
         "custom_fields": {"request": {{ reference | json }}}}
{% endif %}}"""


class Room:
    """A driver of VLANs, its template, and the NetBox behind it."""

    def __init__(self, home: Path, server: NetBoxServer, fault: Fault | None) -> None:
        self.server = server
        self.template = home / "vlan.txt"
        self.template.write_text(VLAN)
        target = NetBoxTarget(kind="netbox", object="ipam.vlans", template="vlan")
        self.driver = NetBoxDriver(target, PlainTemplates([home]), Client(patient(server, fault)))

    def drive(self, action: Action = Action.ADD, **changes: Any) -> Answer:
        return self.driver.drive(asked(action, **changes), SINCE)

    @property
    def vlans(self) -> list[dict[str, Any]]:
        return list(self.server.objects.get("ipam/vlans", {}).values())


@pytest.fixture
def room(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Room]:
    server = NetBoxServer()
    spec = getattr(request.node, "callspec", None)
    yield Room(tmp_path, server, spec and spec.params.get("fault"))
    server.settle()
    server.close()


def test_a_value_stands_there_as_it_was_written_whatever_is_in_it(room: Room) -> None:
    name = 'Acme", "status": "reserved'
    room.drive(form={"customer": name})
    assert [(vlan["name"], vlan["status"]) for vlan in room.vlans] == [(name, "active")]


def test_what_is_there_already_as_it_should_be_is_confirmed(room: Room) -> None:
    room.drive()
    answer = room.drive()
    assert (answer.state, len(room.vlans)) == (NetworkState.CONFIRMED, 1)
    assert "was there already" in answer.detail


def test_what_is_there_already_and_otherwise_is_somebody_elses(room: Room) -> None:
    room.server.put("ipam/vlans", {"vid": "210", "name": "routers", "status": "active"})
    answer = room.drive()
    assert answer.state is NetworkState.FAILED
    assert "is there already, and otherwise" in answer.detail
    assert room.vlans[0]["name"] == "routers"


def test_a_change_changes_what_is_there_and_leaves_the_rest(room: Room) -> None:
    fields = {"vid": "210", "name": "routers", "status": "active", "custom_fields": {"rack": "7"}, "site": 4}
    room.server.put("ipam/vlans", fields)
    assert room.drive(Action.CHANGE).state is NetworkState.CONFIRMED
    [vlan] = room.vlans
    assert (vlan["name"], vlan["site"]) == ("Acme & Söhne <GmbH>", 4)
    assert vlan["custom_fields"] == {"rack": "7", "request": "IP-42"}


def test_what_is_not_there_cannot_be_changed(room: Room) -> None:
    answer = room.drive(Action.CHANGE)
    assert (answer.state, answer.detail) == (NetworkState.FAILED, "NetBox has no ipam.vlans with vid 210")


def test_what_is_removed_is_gone_and_gone_twice_is_no_fault(room: Room) -> None:
    room.drive()
    assert {room.drive(Action.REMOVE).state for _ in range(2)} == {NetworkState.CONFIRMED}
    assert room.vlans == []


def test_a_removal_that_sets_something_keeps_the_object(room: Room) -> None:
    room.drive()
    room.template.write_text('{"find": {"vid": {{ set.vlan }}}, "set": {"status": "deprecated"}}')
    room.drive(Action.REMOVE)
    assert room.vlans[0]["status"] == "deprecated"


def test_of_several_none_is_touched(room: Room) -> None:
    for _ in range(2):
        room.server.put("ipam/vlans", {"vid": "210", "name": "a", "status": "active"})
    answer = room.drive(Action.REMOVE)
    assert "which one is not clear" in answer.detail
    assert len(room.vlans) == 2


def test_a_test_tells_what_is_not_as_it_should_be(room: Room) -> None:
    assert room.drive(Action.VERIFY).state is NetworkState.FAILED
    room.drive()
    assert room.drive(Action.VERIFY).state is NetworkState.CONFIRMED
    room.vlans[0]["name"] = "other"
    assert "name is 'other'" in room.drive(Action.VERIFY).detail


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault.FAILS, NetworkState.UNKNOWN),
        (Fault.CUTS_AFTER, NetworkState.UNKNOWN),
        (Fault.SLOW, NetworkState.UNKNOWN),
        (Fault.BABBLES, NetworkState.UNKNOWN),
        (Fault.BUSY, NetworkState.UNPROCESSED),
        (Fault.DENIES, NetworkState.UNPROCESSED),
    ],
)
def test_what_may_have_been_done_is_unknown_and_what_surely_was_not_waits(
    room: Room, fault: Fault, state: NetworkState
) -> None:
    room.server.faults = lambda _number, call: fault if call.startswith("POST") else None
    assert room.drive().state is state


def test_while_it_only_looks_nothing_is_unknown(room: Room) -> None:
    room.server.faults = lambda _number, _call: Fault.CUTS_AFTER
    assert room.drive().state is NetworkState.UNPROCESSED


@pytest.mark.parametrize(
    "template", ["no JSON", "[]", '{"set": {}}', '{"find": {}}', '{"find": {"vid": 1}, "drop": true}', '{"find": 1}']
)
def test_a_template_that_names_no_object_touches_none(room: Room, template: str) -> None:
    room.template.write_text(template)
    answer = room.drive(Action.REMOVE)
    assert answer.state is NetworkState.FAILED
    assert "the template must give" in answer.detail
    assert room.server.calls == []


def test_a_look_finds_a_name_that_is_not_known(room: Room) -> None:
    room.template.write_text('{"find": {"vid": {{ sett.vlan }}}}')
    with pytest.raises(Exception, match="'sett' is not known here"):
        room.driver.check()


def test_all_of_a_request_can_be_written_down(room: Room) -> None:
    room.template.write_text('{"find": {"vid": 7}, "set": {"vid": 7, "comments": {{ body | json | json }}}}')
    room.drive()
    assert json.loads(room.vlans[0]["comments"])["id"] == "IP-42/configure/router/1"
