"""S2 and S3: what is activated, configured and tested on the network, asked for by mail and done by real programs."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from capabilities.conftest import House
from system.office import ADMIN, ANA, BOB, kinds, only, reply

from mailbot.process.request import Cancel, Said
from mailbot.store import views

pytestmark = pytest.mark.timeout(60)

TARGETS = """
[targets.router]
kind = "command"
command = ["./router"]
owner = "noc"

[targets.tester]
kind = "command"
command = ["./tester"]

[targets.cpe]
kind = "file"
folder = "cpe"
template = "cpe"

[targets.registry]
kind = "mail"
to = "registry@example.org"
"""

DELIVERY = """
type      = "delivery"
title     = "Space put into operation"
summary   = "{form.customer}: /{form.size}"
who       = ["*@example.net"]
lead_time = "3 working days"

[[field]]
name     = "customer"
label    = "Customer"
type     = "text"
required = true

[[field]]
name     = "size"
label    = "Prefix length"
type     = "prefix-length"
required = true

[[field]]
name     = "device"
label    = "Router at the customer"
type     = "text"
required = true

[[step]]
name = "technical"
kind = "approval"
asks = ["noc"]

[[step]]
name   = "allocate"
kind   = "allocate"
pool   = "customers-v4"
length = "form.size"

[[step]]
name    = "configure"
kind    = "change"
targets = ["cpe"]
set     = { device = "{form.device}", vlan = "210", prefix = "{steps.allocate.prefix}" }

[[step]]
name    = "activate"
kind    = "activate"
targets = ["router", "registry"]

[[step]]
name    = "test"
kind    = "verify"
targets = ["tester"]
"""
FORM = "Customer: Acme GmbH\nPrefix length: 28\nRouter at the customer: acme-lyon-1\n"

ROUTER = '#!/bin/sh\n[ -e broken ] && { echo "no such vlan" >&2; exit 1; }\ncat >> told; echo >> told\necho "rule 17"\n'
TESTER = '#!/bin/sh\ncat > tested\n[ -e unreachable ] && { echo "100% packet loss" >&2; exit 1; }\necho "20 ms"\n'
CPE = "hostname {{ set.device }}\ninterface vlan {{ set.vlan }}\n ip address {{ set.prefix }}\n"


@pytest.fixture
def plant(build: Callable[..., House]) -> House:
    """A house with a router, a test, a folder for customers' routers, and a registry that takes orders by mail."""
    house = build(rules={"delivery": DELIVERY}, config=lambda text: text + TARGETS)
    home = house.office.home
    for name, script in {"router": ROUTER, "tester": TESTER}.items():
        (home / name).write_text(script)
        (home / name).chmod(0o755)
    (home / "cpe").mkdir()
    (home / "templates" / "target").mkdir(parents=True)
    (home / "templates" / "target" / "cpe.txt").write_text(CPE)
    return house


def approved(plant: House) -> str:
    """A request that has been approved, and has gone as far as it goes then; its reference."""
    action = only(plant.ask(FORM, subject="delivery"), "action", ANA)
    plant.say(reply(action, "approve"))
    return action.reference


def network(plant: House, reference: str) -> dict[str, str]:
    """The state of each network request, by its id."""
    steps = plant.request(reference)["steps"]
    return {one["id"]: one["state"] for step in steps for one in step["network"]}


def ledger(plant: House) -> list[str]:
    """The state of each network request, as `mailbot targets list` has it."""
    with plant.bot.store.reading() as conn:
        return [row["state"] for row in views.network_requests(conn)]


def paused(plant: House, what: str | None) -> None:
    with plant.bot.store.transaction() as tx:
        tx.set_fact("paused", what)


def told(plant: House) -> list[dict[str, Any]]:
    """What the router was told."""
    path = plant.office.home / "told"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_delivery_is_allocated_configured_activated_and_tested_each_for_all_to_see(plant: House) -> None:
    """S2.1 and S2.7."""
    paused(plant, "targets")
    reference = approved(plant)
    states = ["done", "done", "open", "waiting", "waiting"]
    assert list(plant.states(reference).values()) == states
    paused(plant, None)
    letters = plant.run()
    assert plant.request(reference)["state"] == "completed"
    assert ("completed", BOB) in kinds(letters)
    ways = [action for _, action, _ in plant.history(reference) if "network" in action or action == "allocated"]
    asked, sent, done = "network request", "sent to network", "confirmed by network"
    assert ways == ["allocated", asked, sent, done, asked, sent, sent, done, done, asked, sent, done]
    answers = {step["name"]: step["answer"] for step in plant.request(reference)["steps"]}
    assert answers["configure"] == f"{reference}.configure.cpe.1.txt"
    assert answers["test"] == "20 ms"


def test_the_customers_own_router_is_named_and_gets_its_configuration(plant: House) -> None:
    """S2.3."""
    reference = approved(plant)
    prefix = plant.request(reference)["addresses"][0]["prefix"]
    [path] = (plant.office.home / "cpe").iterdir()
    assert path.read_text() == f"hostname acme-lyon-1\ninterface vlan 210\n ip address {prefix}\n"


def test_a_test_that_fails_keeps_the_order_open_and_is_told(plant: House) -> None:
    """S2.8: and once it is mended, it is tested again."""
    (plant.office.home / "unreachable").touch()
    action = only(plant.ask(FORM, subject="delivery"), "action", ANA)
    letters = plant.say(reply(action, "approve"))
    assert plant.request(action.reference)["state"] == "inProgress"
    alert = only(letters, "alert", ADMIN)
    assert "100% packet loss" in " ".join(alert.text.replace("|", " ").split())
    (plant.office.home / "unreachable").unlink()
    letters = plant.say(reply(alert, "retry"))
    assert ("completed", BOB) in kinds(letters)
    assert json.loads((plant.office.home / "tested").read_text())["id"] == f"{action.reference}/test/tester/2"
    assert len(told(plant)) == 1


def test_an_approved_request_waits_for_the_network_before_anything_is_sent(plant: House) -> None:
    """S3.3 and S3.6: it is there for all to see, unprocessed; then sent, then confirmed."""
    paused(plant, "targets")
    reference = approved(plant)
    assert network(plant, reference) == {f"{reference}/configure/cpe/1": "unprocessed"}
    assert ledger(plant) == ["unprocessed"]
    paused(plant, None)
    plant.run()
    assert set(network(plant, reference).values()) == {"confirmed"}
    assert set(ledger(plant)) == {"confirmed"}


def test_while_targets_are_stopped_all_waits_and_then_each_is_told_once(plant: House) -> None:
    """S3.4."""
    references = [approved(plant)]
    paused(plant, "targets")
    references += [approved(plant) for _ in range(2)]
    assert len(told(plant)) == 1
    paused(plant, None)
    plant.run()
    plant.run()
    assert [one["reference"] for one in told(plant)] == references
    assert {plant.request(reference)["state"] for reference in references} == {"completed"}


def test_a_command_carries_all_that_is_known(plant: House) -> None:
    """S3.5: nothing is left to be looked up, and nothing is left unresolved."""
    reference = approved(plant)
    [one] = told(plant)
    prefix = plant.request(reference)["addresses"][0]["prefix"]
    assert one == {
        "id": f"{reference}/activate/router/1", "reference": reference, "type": "delivery", "step": "activate",
        "action": "add", "form": {"customer": "Acme GmbH", "size": 28, "device": "acme-lyon-1"},
        "addresses": [{"prefix": prefix, "pool": "customers-v4", "state": "allocated"}],
        "item": None, "set": {}, "undoes": None,
    }  # fmt: skip


def test_what_a_target_refuses_holds_the_step_and_its_owner_hears_of_it(plant: House) -> None:
    """S3.6: failed, in the target's own words; `skip` by the admin's reply goes on without it."""
    (plant.office.home / "broken").touch()
    action = only(plant.ask(FORM, subject="delivery"), "action", ANA)
    letters = plant.say(reply(action, "approve"))
    assert {("alert", ADMIN), ("alert", ANA)} <= set(kinds(letters))
    assert network(plant, action.reference)[f"{action.reference}/activate/router/1"] == "failed"
    assert plant.states(action.reference)["activate"] == "open"
    letters = plant.say(reply(only(letters, "alert", ADMIN), "skip configured by hand"))
    assert ("completed", BOB) in kinds(letters)


def test_what_was_activated_is_removed_when_the_request_comes_to_nothing(plant: House) -> None:
    """The router first, then the space: it must not be given back while it is in use."""
    (plant.office.home / "unreachable").touch()
    reference = approved(plant)
    with plant.bot.store.transaction() as tx:
        cancelled = Said(actor="operator", deed=Cancel(reason="no longer wanted"), operator=True)
        plant.bot.desk.settle(tx, reference, cancelled, plant.now)
    plant.run()
    assert [one["action"] for one in told(plant)] == ["add", "remove"]
    assert plant.request(reference)["state"] == "cancelled"
    assert [a["state"] for a in plant.request(reference)["addresses"]] == ["quarantined"]


BOUNCE = """\
Return-Path: <>
From: Mail Delivery System <mailer-daemon@mx.example.org>
To: ip-requests@example.net
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce@mx.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail system: user unknown
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; registry@example.org
Action: failed
Status: 5.1.1
--b
Content-Type: message/rfc822

Message-ID: {id}
From: ip-requests@example.net
To: registry@example.org

--b--
"""


def test_an_order_by_mail_that_does_not_arrive_is_told_to_the_admins(plant: House) -> None:
    """What the relay has taken may still come back, and must not be lost in silence."""
    approved(plant)
    [order] = [letter for letter in plant.office.letters() if letter.to == "registry@example.org"]
    assert order.header("Subject") == f"[{order.reference}] registry: add (activate)"
    bounce = BOUNCE.format(id=order.header("Message-ID")).replace("\n", "\r\n").encode()
    alert = only(plant.say(bounce), "alert", ADMIN)
    assert "a letter to registry@example.org did not arrive (5.1.1)" in " ".join(alert.text.replace("|", " ").split())
