"""A feed that holds what it was told last of each prefix is the inventory; start and end reach every subscriber."""

import json
from datetime import timedelta

import pytest
from broadcast.conftest import FakeSink, Told
from house import BOB, FIELDS, RULES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.addresses import parse_prefix
from mailbot.errors import MailbotError
from mailbot.store import space
from mailbot.store.space.values import State

TEMPORARY = f"""
type = "burst"
title = "More bandwidth for a time"
who = ["*@example.net"]
{FIELDS}
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
for = "2 hours"
set = {{ device = "pe1.lyon", interface = "ge-0/0/1" }}
"""

deeds = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(26, 30), st.booleans()),
        st.tuples(st.just("give back"), st.integers(0, 9), st.booleans()),
        st.tuples(st.just("prolong"), st.integers(0, 9), st.booleans()),
        st.tuples(st.just("wait"), st.integers(1, 40), st.booleans()),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = Told(tmp_path_factory.mktemp("inventory"))
    yield house
    house.bot.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds)
def test_s1_5_an_inventory_that_only_reads_the_feed_equals_what_is_allocated(house, deeds):
    for deed, number, flag in deeds:
        with house.bot.store.transaction() as tx:
            do(house, tx, deed, number, flag)
    house.tell()
    inventory = {}
    for message in house.oss.taken:
        event = json.loads(message.body)
        if about := event.get("allocation"):
            inventory[about["prefix"]] = about
    with house.bot.store.reading() as conn:
        held = {str(one.prefix): one for one in space.allocations(conn, "lan")}
    assert {prefix for prefix, about in inventory.items() if about["state"] != "released"} == set(held)
    for prefix, one in held.items():
        about = inventory[prefix]
        assert (about["state"], about["reference"], about["carries"]) == (one.state, one.reference, dict(one.carries))
        assert (about["until"] is None) == (one.until is None)


def do(house, tx, deed, number, flag):
    """Something with space that may not be possible."""
    terms = {"reference": f"IP-{number}", "step": "s", "holder": BOB, "carries": {"device": f"pe{number}"}}
    mine = [a for a in space.allocations(tx.conn, "lan") if a.state in {State.ALLOCATED, State.RESERVED}]
    try:
        with tx.attempt():
            match deed:
                case "take":
                    state = State.RESERVED if flag else State.ALLOCATED
                    space.take(tx.conn, "lan", number, now=house.now, state=state, **terms)
                case "give back" if mine:
                    one = mine[number % len(mine)]
                    space.give_back(tx.conn, one.prefix, reference=one.reference, now=house.now, pool="lan")
                case "prolong" if mine:
                    one, until = mine[number % len(mine)], house.now + timedelta(days=3)
                    space.prolong(tx.conn, "lan", one.prefix, until, reference=one.reference, now=house.now)
                case "wait":
                    house.now += timedelta(days=number)
                    space.end_quarantine(tx.conn, house.now)
    except MailbotError:
        return


def test_s1_12_start_and_end_of_a_temporary_change_reach_three_subscribers_of_different_kinds(tmp_path):
    more = """
[subscribers.billing]
kind = "file"
folder = "feed"
types = ["allocation.*"]
[subscribers.oss]
kind = "file"
folder = "feed"
[subscribers.performance]
kind = "mail"
to = "perf@example.net"
types = ["request.*", "allocation.*"]
"""
    house = Told(tmp_path, more=more, rules=RULES | {"burst": TEMPORARY})
    billing = FakeSink()
    house.bot.broadcast.sinks = {**house.bot.broadcast.sinks, "billing": billing}
    house.mail(BOB, "burst", "Customer: Acme\nPrefix length: 28\n")
    house.tell()
    for _ in range(3):
        house.wait(hours=1)
        house.tell()
    letters = [letter.subject for letter in [*house.send(), *house.relay.letters] if letter.to == "perf@example.net"]
    changes = [event["allocation"] for event in billing.events]
    assert [change["state"] for change in changes] == ["allocated", "quarantined"]
    assert changes[0]["until"] == "2026-11-23T11:00:00Z"
    assert changes[0]["carries"] == {"device": "pe1.lyon", "interface": "ge-0/0/1"}
    for told in (house.oss.types, [subject.split()[0].strip(":") for subject in letters]):
        assert {"request.completed", "allocation.allocated", "request.ending", "allocation.quarantined"} <= set(told)
    prefix = parse_prefix(changes[0]["prefix"])
    assert str(prefix) == changes[1]["prefix"]
    house.bot.close()
