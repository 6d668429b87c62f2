"""Changes of what is held, by mail: renumbered, split, made one; told to targets; and undone."""

import pytest
from house import BILL, BOB, CAROL, CONFIG, EVE, FORM, QUICK, ROOT, House, kinds, only

from mailbot.addresses import parse_prefix
from mailbot.store import space

NEW = (
    CONFIG
    + '[pools.new]\nprefixes = ["10.30.0.0/24"]\nowner = "noc"\n'
    + '[pools.v6]\nprefixes = ["2001:db8::/32"]\nowner = "noc"\n'
)

HEAD = """
who = ["*@example.net"]
[[field]]
name = "prefix"
type = "allocation"
carries = ["customer"]
required = true
"""
CHECK = """
[[step]]
name = "check"
kind = "approval"
asks = ["billing"]
"""

RENUMBER = f"""
type = "renumber"
{HEAD}
[[step]]
name = "move"
kind = "change"
prefix = "form.prefix"
pool = "new"
set = {{ moved = "yes" }}
[[step]]
name = "tell"
kind = "notify"
to = ["{{requester.email}}"]
title = "You have {{steps.move.prefix}}"
{CHECK}
"""

OTHER_FAMILY = RENUMBER.replace('"renumber"', '"renumber6"').replace('"new"', '"v6"')
SIXTH = OTHER_FAMILY.replace('"renumber6"', '"sixth"').replace('pool = "v6"', 'pool = "v6"\nlength = "56"')

SPLIT = f"""
type = "halve"
{HEAD}
[[field]]
name = "to"
type = "email"
required = true
[[step]]
name = "split"
kind = "change"
prefix = "form.prefix"
split = [
    {{ length = 29 }},
    {{ length = 29, holder = "{{form.to}}", set = {{ customer = "Bolt" }} }},
]
{CHECK}
"""

MERGE = f"""
type = "join"
{HEAD}
[[field]]
name = "other"
type = "allocation"
required = true
[[step]]
name = "merge"
kind = "change"
prefix = "form.prefix"
merge = "form.other"
{CHECK}
"""

GIVEN_TO = (
    MERGE.replace('"join"', '"take-over"')
    .replace('merge = "form.other"\n', 'merge = "form.other"\nholder = "{form.to}"\n')
    .replace("[[step]]", '[[field]]\nname = "to"\ntype = "email"\nrequired = true\n[[step]]', 1)
)

CARRIED = QUICK + 'set = { customer = "{form.customer}" }\n'


@pytest.fixture
def house(tmp_path):
    rules = {"quick": CARRIED, "renumber": RENUMBER, "halve": SPLIT, "join": MERGE, "take-over": GIVEN_TO}
    rules["elsewhere"] = CARRIED.replace('"quick"', '"elsewhere"').replace('pool = "lan"', 'pool = "new"')
    rules |= {"renumber6": OTHER_FAMILY, "sixth": SIXTH}
    return House(tmp_path, config=NEW, rules=rules)


def held(house, pool="lan"):
    """Prefix → state, holder and customer."""
    with house.bot.store.reading() as conn:
        return {str(one.prefix): (one.state.value, one.holder, one.customer) for one in space.allocations(conn, pool)}


def words(letter):
    """Its text, however it was wrapped."""
    return " ".join(letter.text.replace("|", " ").split())


def taken(house):
    """All that is held, of all pools."""
    with house.bot.store.reading() as conn:
        return [one for pool in ("lan", "new") for one in space.allocations(conn, pool)]


def shown(house, reference):
    with house.bot.store.reading() as conn:
        found = house.bot.shape(conn, house.request(reference))["addresses"]
    return {(a["prefix"], a["state"]) for a in found}


BOBS = ("allocated", BOB, "Acme")
EVES = ("allocated", EVE, "Bolt")
PARTS = {"10.20.0.0/29": BOBS, "10.20.0.8/29": EVES}


# -- renumbering -------------------------------------------------------------------------------------------------------


def test_a_prefix_is_renumbered_on_its_terms_and_the_old_one_rests(house):
    house.mail(BOB, "quick", FORM)
    action = only(house.mail(BOB, "renumber", "Prefix: 10.20.0.0/28"), "action", BILL)
    assert held(house, "new") == {"10.30.0.0/28": BOBS}
    assert held(house) == {"10.20.0.0/28": ("quarantined", BOB, "Acme")}
    assert house.request("IP-2").step("move").prefix == "10.30.0.0/28"
    completed = only(house.reply(action, "approve"), "completed", BOB)
    assert "10.30.0.0/28" in completed.text
    assert shown(house, "IP-1") == {("10.20.0.0/28", "quarantined")}


def test_what_was_renumbered_is_had_back_when_the_request_is_rejected(house):
    house.mail(BOB, "quick", FORM)
    action = only(house.mail(BOB, "renumber", "Prefix: 10.20.0.0/28"), "action", BILL)
    assert only(house.reply(action, "reject too soon"), "rejected", BOB)
    assert held(house) == {"10.20.0.0/28": BOBS}
    assert [state for state, *_ in held(house, "new").values()] == ["quarantined"]
    assert "brought back" in house.history("IP-2")
    assert house.states("IP-2")["move.undo"] == "done"


def test_what_is_not_his_nobody_renumbers_but_admins_may_on_the_terms_of_its_holder(house):
    house.mail(BOB, "quick", FORM)
    assert ("incomplete", CAROL) in kinds(house.mail(CAROL, "renumber", "Prefix: 10.20.0.0/28"))
    letters = house.mail(ROOT, "renumber", "Prefix: 10.20.0.0/28")
    assert held(house, "new") == {"10.30.0.0/28": BOBS}
    assert "changed 10.20.0.0/28, which you held, into 10.30.0.0/28" in words(only(letters, "alert", BOB))


def test_a_pool_that_is_full_holds_the_renumbering_and_nothing_is_given_back(house):
    house.mail(BOB, "quick", FORM)
    with house.bot.store.transaction() as tx:
        whole = {"reference": "IP-0", "step": None, "holder": EVE, "state": space.State.RESERVED}
        space.take(tx.conn, "new", 24, now=house.now, **whole)
    assert ("alert", ROOT) in kinds(house.mail(BOB, "renumber", "Prefix: 10.20.0.0/28"))
    assert held(house) == {"10.20.0.0/28": BOBS}
    with house.bot.store.transaction() as tx:
        space.cancel(tx.conn, reference="IP-0", now=house.now)
    assert ("action", BILL) in kinds(house.wait(minutes=5))
    assert held(house, "new") == {"10.30.0.0/28": BOBS}


def test_a_pool_of_the_other_family_renumbers_nothing_whose_length_is_not_said(house):
    house.mail(BOB, "quick", FORM)
    house.mail(BOB, "renumber6", "Prefix: 10.20.0.0/28")
    assert held(house) == {"10.20.0.0/28": BOBS}
    assert held(house, "v6") == {}
    assert "10.20.0.0/28 is IPv4, and v6 is a pool of IPv6" in house.request("IP-2").step("move").trouble


def test_into_a_pool_of_the_other_family_a_prefix_is_renumbered_whose_length_is_said(house):
    house.mail(BOB, "quick", FORM)
    house.mail(BOB, "sixth", "Prefix: 10.20.0.0/28")
    assert held(house, "v6") == {"2001:db8::/56": BOBS}


# -- splitting and making one ------------------------------------------------------------------------------------------


@pytest.fixture
def split(house):
    """The letter that asks bill about it."""
    house.mail(BOB, "quick", FORM)
    return only(house.mail(BOB, "halve", f"Prefix: 10.20.0.0/28\nTo: {EVE}"), "action", BILL)


def test_a_prefix_is_split_between_two_holders(house, split):
    assert held(house) == PARTS
    assert "IP-2 has given you 10.20.0.8/29 to hold" in words(only(house.relay.letters, "alert", EVE))
    assert ("completed", BOB) in kinds(house.reply(split, "approve"))
    assert shown(house, "IP-2") == {("10.20.0.0/29", "allocated"), ("10.20.0.8/29", "allocated")}
    assert shown(house, "IP-1") == {("10.20.0.0/28", "released")}
    assert "reshaped" in house.history("IP-2")


def test_what_was_split_is_whole_again_when_the_request_is_rejected(house, split):
    house.reply(split, "reject not now")
    assert held(house) == {"10.20.0.0/28": BOBS}
    assert shown(house, "IP-2") == {("10.20.0.0/29", "released"), ("10.20.0.8/29", "released")}


def test_what_others_have_changed_since_stays_as_it_is_and_the_history_says_so(house, split):
    house.mail(EVE, "halve", f"Prefix: 10.20.0.8/29\nTo: {EVE}")  # of another length: it cannot be cut so
    with house.bot.store.transaction() as tx:
        space.give_back(tx.conn, parse_prefix("10.20.0.8/29"), reference="IP-9", now=house.now)
    house.reply(split, "reject not now")
    assert held(house)["10.20.0.0/29"] == BOBS
    assert "not brought back" in house.history("IP-2")


def test_a_change_of_the_form_leaves_what_is_cut_as_it_is(house, split):
    house.reply(split, f"To: {CAROL}", sender=BOB)
    assert held(house) == PARTS


def test_two_buddies_are_made_one_and_undone(house):
    for _ in range(2):
        house.mail(BOB, "quick", FORM)
    action = only(house.mail(BOB, "join", "Prefix: 10.20.0.16/28\nOther: 10.20.0.0/28"), "action", BILL)
    assert held(house) == {"10.20.0.0/27": BOBS}
    house.reply(action, "reject no")
    assert held(house) == {"10.20.0.0/28": BOBS, "10.20.0.16/28": BOBS}


def test_what_several_hold_is_made_one_only_for_a_holder_who_is_named(house, split):
    house.reply(split, "approve")
    both = "Prefix: 10.20.0.8/29\nOther: 10.20.0.0/29"
    house.mail(EVE, "join", both)
    assert held(house) == PARTS  # one of them is not eve's
    rejected = words(only(house.mail(ROOT, "join", both), "rejected", ROOT))
    assert "they are held for different customers: only a rule that names a holder" in rejected
    assert held(house) == PARTS
    letters = house.mail(ROOT, "take-over", f"{both}\nTo: {EVE}")
    assert held(house) == {"10.20.0.0/28": ("allocated", EVE, None)}
    assert "changed 10.20.0.0/29, which you held, into what somebody else holds" in words(only(letters, "alert", BOB))
    assert "changed 10.20.0.8/29, which you held, into 10.20.0.0/28" in words(only(letters, "alert", EVE))
    letters = house.reply(only(letters, "action", BILL), "reject no")
    assert held(house) == PARTS
    assert "has given you 10.20.0.0/29 to hold" in words(only(letters, "alert", BOB))


def test_what_cannot_be_cut_so_is_refused_in_words(house):
    house.mail(BOB, "quick", FORM.replace("28", "27"))
    rejected = only(house.mail(BOB, "halve", f"Prefix: 10.20.0.0/27\nTo: {EVE}"), "rejected", BOB)
    assert "parts of /29, /29 do not make up 10.20.0.0/27" in words(rejected)
    assert held(house) == {"10.20.0.0/27": BOBS}


@pytest.mark.parametrize(
    ("prefix", "other", "told"),
    [
        ("10.20.0.16/28", "10.20.0.32/28", "10.20.0.16/28, 10.20.0.32/28 do not make up one prefix: name the two"),
        ("10.20.0.0/28", "10.20.0.32/28", "10.20.0.0/28, 10.20.0.32/28 do not make up one prefix"),
        ("10.20.0.0/28", "10.20.0.0/28", "10.20.0.0/28 is one already: name what it is to be made one with"),
        ("10.20.0.0/28", "10.30.0.0/28", "different pools (10.20.0.0/28: lan, 10.30.0.0/28: new)"),
    ],
)
def test_what_cannot_be_made_one_is_refused_in_words(house, prefix, other, told):
    for _ in range(3):
        house.mail(BOB, "quick", FORM)
    house.mail(BOB, "elsewhere", FORM)
    rejected = only(house.mail(BOB, "join", f"Prefix: {prefix}\nOther: {other}"), "rejected", BOB)
    assert told in words(rejected)
    assert {one.reference for one in taken(house)} == {"IP-1", "IP-2", "IP-3", "IP-4"}


@pytest.mark.parametrize(
    ("lengths", "told"),
    [
        (("28 + 1", "28", "28 + 1"), "no /28 can begin behind the parts before it"),
        (("32 + 32", "64"), "IPv4 has no /64"),
    ],
)
def test_parts_that_cannot_be_are_told_without_an_address_of_theirs(tmp_path, lengths, told):
    parts = ", ".join(f'{{ length = "{length}" }}' for length in lengths)
    rule = f"{SPLIT[: SPLIT.index('split = [')]}split = [{parts}]\n"
    house = House(tmp_path, config=NEW, rules={"quick": CARRIED, "halve": rule})
    house.mail(BOB, "quick", FORM.replace("28", "27"))
    rejected = only(house.mail(BOB, "halve", f"Prefix: 10.20.0.0/27\nTo: {EVE}"), "rejected", BOB)
    assert told in words(rejected)


# -- customers' ------------------------------------------------------------------------------------------------------

CARL, DORA, BETTY = "carl@acme.example", "dora@acme.example", "betty@beta.example"
CUSTOMERS = """
[customers."Acme GmbH"]
id = "C-1"
domains = ["acme.example"]
account_manager = "noc"
[customers."Beta SARL"]
id = "C-2"
domains = ["beta.example"]
account_manager = "noc"
"""
BOTH = "Prefix: 10.20.0.16/28\nOther: 10.20.0.0/28"


@pytest.fixture
def provider(tmp_path):
    """Carl has 10.20.0.0/28 for Acme, Betty 10.20.0.16/28 for Beta."""
    rules = {"quick": CARRIED, "halve": SPLIT.replace(', set = { customer = "Bolt" }', ""), "join": MERGE}
    rules |= {"take-over": GIVEN_TO}
    open_to_all = {name: text.replace('who = ["', 'who = ["customers", "') for name, text in rules.items()}
    house = House(tmp_path, config=NEW + CUSTOMERS, rules=open_to_all)
    house.mail(CARL, "quick", FORM.replace("Acme", "Acme GmbH"))
    house.mail(BETTY, "quick", FORM.replace("Acme", "Beta SARL"))
    return house


def test_what_is_held_for_different_customers_is_not_made_one(provider):
    before = held(provider)
    rejected = words(only(provider.mail(ROOT, "join", BOTH), "rejected", ROOT))
    assert "they are held for different customers" in rejected
    assert not {"Beta", "betty", "Acme", "carl"} & set(rejected.replace("@", " ").split())
    assert held(provider) == before


def test_the_holder_who_is_named_says_for_which_customer_it_is_held_then(provider):
    letters = provider.mail(ROOT, "take-over", f"{BOTH}\nTo: {DORA}")
    assert held(provider) == {"10.20.0.0/27": ("allocated", DORA, "Acme GmbH")}
    told = {letter.to: words(letter) for letter in letters if letter.kind == "alert"}
    assert told.keys() == {CARL, DORA, BETTY}
    assert not [text for text in told.values() if "root@" in text or "Acme" in text or "Beta" in text]


@pytest.mark.parametrize("to", [BETTY, "mallory@evil.example"])
def test_a_part_of_a_customers_space_goes_to_nobody_but_his_people_and_ours(provider, to):
    rejected = only(provider.mail(CARL, "halve", f"Prefix: 10.20.0.0/28\nTo: {to}"), "rejected", CARL)
    assert f"{to} is none of that customer's people" in words(rejected)
    provider.mail(CARL, "halve", f"Prefix: 10.20.0.0/28\nTo: {DORA}")
    assert held(provider)["10.20.0.8/29"] == ("allocated", DORA, "Acme GmbH")
