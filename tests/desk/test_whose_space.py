"""Whose requests a pool serves, whose space a prefix is, and what is taken all or none; by mail."""

import pytest
from house import ANA, BOB, CAROL, CONFIG, EVE, FORM, QUICK, ROOT, House, kinds, only

from mailbot.store import space

TREE = (
    CONFIG.replace('[pools.lan]\nprefixes = ["10.20.0.0/24"]\nowner = "noc"\n', "")
    + """
[groups.sales]
members = ["bob@example.net"]
[pools.region]
prefixes = ["10.20.0.0/16"]
owner = "noc"
[pools.lan]
parent = "region"
prefixes = ["10.20.0.0/24"]
users = ["sales"]
owner = "billing"
[pools.red]
prefixes = ["10.20.0.0/16"]
vrf = "red"
"""
)

NAMED = """
type = "named"
who = ["*@example.net"]
[[field]]
name = "prefix"
type = "prefix"
required = true
[[step]]
name = "allocate"
kind = "allocate"
pool = "region"
prefix = "form.prefix"
"""

SEVERAL = """
type = "several"
who = ["*@example.net"]
[[field]]
name = "sites"
type = "text"
many = true
required = true
[[step]]
name = "allocate"
kind = "allocate"
each = "form.sites"
pool = "lan"
length = 26
set = { site = "{item}" }
"""

ASKED = """
type = "asked"
who = ["*@example.net"]
[[field]]
name = "v4"
type = "choice"
choices = ["lan", "region"]
required = true
[[step]]
name = "technical"
kind = "approval"
asks = ["noc"]
[[step]]
name = "allocate"
kind = "allocate"
pool = "{form.v4}"
length = 28
"""

RED = """
type = "red"
who = ["*@example.net"]
[[field]]
name = "customer"
type = "text"
required = true
[[step]]
name = "allocate"
kind = "allocate"
pool = "red"
length = 28
"""

BACK = """
type = "back"
who = ["*@example.net"]
[[field]]
name = "prefix"
type = "allocation"
required = true
[[step]]
name = "release"
kind = "release"
prefix = "form.prefix"
"""


@pytest.fixture
def house(tmp_path):
    rules = {"quick": QUICK, "named": NAMED, "several": SEVERAL, "red": RED, "back": BACK, "asked": ASKED}
    return House(tmp_path, config=TREE, rules=rules)


def held(house, pool="lan"):
    with house.bot.store.reading() as conn:
        return {str(one.prefix): one for one in space.allocations(conn, pool)}


def flat(letter):
    return " ".join(letter.text.replace("|", " ").split())


def test_a_request_for_space_of_a_pool_that_serves_others_is_refused_naming_its_owner(house):
    rejected = only(house.mail(EVE, "quick", FORM), "rejected", EVE)
    assert "lan does not serve requests of eve@example.net: the owner of lan is billing" in flat(rejected)
    assert "10.20." not in rejected.text
    assert house.request().state == "rejected"
    assert held(house) == {}


def test_nobody_is_asked_about_space_that_its_pool_would_not_give_to_the_requester(house):
    letters = house.mail(EVE, "asked", "V4: lan")
    assert "the owner of lan is billing" in flat(only(letters, "rejected", EVE))
    assert [kind for kind, _ in kinds(letters)] == ["rejected"]
    assert ("action", ANA) in kinds(house.mail(EVE, "asked", "V4: region"))
    assert ("action", ANA) in kinds(house.mail(BOB, "asked", "V4: lan"))


@pytest.mark.parametrize("person", [BOB, "bill@example.net", ROOT], ids=["user", "owner", "admin"])
def test_its_users_its_owner_and_admins_are_served(house, person):
    assert only(house.mail(person, "quick", FORM), "completed", person)


def test_a_prefix_that_is_delegated_is_refused_naming_the_owner_of_the_pool_that_has_it(house):
    rejected = only(house.mail(EVE, "named", "Prefix: 10.20.0.64/28"), "rejected", EVE)
    words = "10.20.0.64/28 is not region's to give out: the owner of lan is billing"
    assert words in flat(rejected)
    assert only(house.mail(EVE, "named", "Prefix: 10.20.7.0/28"), "completed", EVE)


def test_several_prefixes_of_one_request_are_all_taken_or_none(house):
    assert only(house.mail(BOB, "several", "Sites: Lyon, Nice, Paris"), "completed", BOB)
    letters = house.mail(BOB, "several", "Sites: Metz, Brest")
    assert ("completed", BOB) not in kinds(letters)
    assert [kinds(letters).count(("alert", person)) for person in (ROOT, "bill@example.net")] == [1, 1]
    assert sorted(one.carries["site"] for one in held(house).values()) == ["Lyon", "Nice", "Paris"]
    words = "not all 2 can be had, and so none is: lan has no room for a /26: nothing is free"
    assert {step.trouble for step in house.request("IP-2").steps if step.item} == {words}


def test_they_go_on_together_once_there_is_room_for_all_and_leave_no_trace_before(house):
    house.mail(BOB, "several", "Sites: Lyon, Nice, Paris")
    house.mail(BOB, "several", "Sites: Metz, Brest")
    before = house.history("IP-2")
    assert house.wait(hours=1) == []
    assert house.history("IP-2") == before
    [nice] = [prefix for prefix, one in held(house).items() if one.carries["site"] == "Nice"]
    house.mail(BOB, "back", f"Prefix: {nice}")
    assert only(house.wait(days=31), "completed", BOB).reference == "IP-2"
    assert sorted(one.carries["site"] for one in held(house).values()) == ["Brest", "Lyon", "Metz", "Paris"]


def test_an_operator_who_tries_one_of_them_again_tries_all(house):
    house.mail(BOB, "several", "Sites: Lyon, Nice, Paris")
    alert = only(house.mail(BOB, "several", "Sites: Metz, Brest"), "alert", ROOT)
    assert ("completed", BOB) not in kinds(house.reply(alert, "retry"))
    assert len(held(house)) == 3


def test_what_somebody_holds_in_another_vrf_is_found_and_given_back_there(house):
    house.mail(BOB, "quick", FORM)
    house.mail(CAROL, "red", "Customer: Acme")
    assert str(held(house, "red")["10.20.0.0/28"].holder) == CAROL
    assert only(house.mail(CAROL, "back", "Prefix: 10.20.0.0/28"), "completed", CAROL)
    assert held(house, "red")["10.20.0.0/28"].state is space.State.QUARANTINED
    assert held(house)["10.20.0.0/28"].state is space.State.ALLOCATED


def test_a_query_names_the_vrf_of_each_holder(house):
    house.mail(BOB, "quick", FORM)
    house.mail(BOB, "red", "Customer: Acme")
    answer = only(house.mail(BOB, "query address 10.20.0.1"), "answer", BOB)
    assert "10.20.0.0/28" in answer.text
    assert "VRF red" in answer.text
    assert answer.text.count("VRF") == 1
