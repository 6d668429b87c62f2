"""What can never be had as it was asked for: its requester reads why, and has what he asks for otherwise."""

import pytest
from house import ANA, BOB, CONFIG, EVE, FIELDS, FORM, ROOT, House, kinds, only

from mailbot.addresses import parse_prefix
from mailbot.digest.wanted import waits_for
from mailbot.process.rehearse.replay import replay
from mailbot.store import space

POOLS = f"""{CONFIG}min = 26
max = 30
[pools.small]
prefixes = ["10.30.0.0/25"]
owner = "noc"
"""
HEAD = """
type = "{type}"
title = "Space"
summary = "Space as asked for"
who = ["*@example.net"]
"""
NAMED = f"""{HEAD.replace("{type}", "named")}
[[field]]
name = "prefix"
label = "Prefix"
type = "prefix"
required = true
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
prefix = "form.prefix"
"""
SEVERAL = (
    NAMED.replace('"named"', '"several"')
    .replace('type = "prefix"\n', 'type = "prefix"\nmany = true\n')
    .replace('prefix = "form.prefix"', 'each = "form.prefix"\nprefix = "item"')
)
SMALL = f"""{HEAD.replace("{type}", "small")}{FIELDS.replace("min = 24", "min = 8")}
[[step]]
name = "technical"
kind = "approval"
title = "Technical review"
asks = ["noc"]
[[step]]
name = "allocate"
kind = "allocate"
pool = "small"
length = "form.size"
"""
FIXED = f"""{HEAD.replace("{type}", "fixed")}{FIELDS}
[[step]]
name = "allocate"
kind = "allocate"
pool = "small"
length = 24
"""
RULES = {"named": NAMED, "several": SEVERAL, "small": SMALL, "fixed": FIXED}


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path, config=POOLS, rules=RULES)
    taken = {"10.20.0.64/28": space.State.RESERVED, "10.20.0.240/28": space.State.EXCLUDED}
    with made.bot.store.transaction() as tx:
        for prefix, state in taken.items():
            terms = {"reference": "IP-0", "step": None, "holder": EVE, "customer": "Acme GmbH", "state": state}
            space.take_named(tx.conn, "lan", parse_prefix(prefix), now=made.now, **terms)
    return made


def flat(letter):
    return " ".join(letter.text.replace("|", " ").split())


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        ("10.20.0.64/29", "10.20.0.64/29 is not free"),
        ("10.20.0.240/28", "10.20.0.240/28 is not free"),
        ("10.99.0.0/28", "10.99.0.0/28 is not within lan"),
        ("2001:db8::/64", "2001:db8::/64 is IPv6, and lan is a pool of IPv4"),
        ("10.20.0.0/31", "lan gives out prefix lengths /26 to /30, not /31"),
    ],
)
def test_who_names_what_cannot_be_had_reads_why_and_has_what_he_names_then(house, prefix, told):
    letters = house.mail(BOB, "named", f"Prefix: {prefix}")
    assert kinds(letters) == [("alert", ROOT), ("incomplete", BOB)]
    letter = only(letters, "incomplete")
    assert letter.subject == "[IP-1] Please change: Space as asked for"
    assert f"- Prefix: {told}" in flat(letter)
    assert "Your request waits for you" in flat(letter)
    assert not [word for word in ("an address", "Acme", EVE, "IP-0", "10.20.0.0/24") if word in letter.text]
    assert "Its requester has been told what is wrong" in flat(only(letters, "alert"))
    completed = only(house.reply(letter, "Prefix: 10.20.0.32/28"), "completed", BOB)
    assert "10.20.0.32/28" in completed.text
    assert house.request().faults == {}


def test_who_asks_for_more_than_all_of_the_pool_is_told_so_and_nobody_that_it_is_full(house):
    action = only(house.mail(BOB, "small", FORM.replace("28", "16")), "action", ANA)
    letters = house.reply(action, "approve")
    assert [who for kind, who in kinds(letters) if kind == "incomplete"] == [BOB]
    told = flat(only(letters, "incomplete"))
    assert "- Prefix length: small has no /16: the largest that it can ever give out is a /25" in told
    assert not [letter for letter in letters if "full" in letter.text]
    assert house.request().step("allocate").waits_for == ""
    action = only(house.reply(only(letters, "incomplete"), "Prefix length: 26"), "action", ANA)
    assert "10.30.0.0/26" in only(house.reply(action, "approve"), "completed", BOB).text


def test_who_asks_otherwise_and_again_in_vain_is_told_again(house):
    letter = only(house.mail(BOB, "named", "Prefix: 10.99.0.0/28"), "incomplete")
    letters = house.reply(letter, "Prefix: 10.98.0.0/28")
    assert "10.98.0.0/28 is not within lan" in flat(only(letters, "incomplete", BOB))


def test_its_requester_is_whom_it_waits_for_by_mail_in_the_digest_and_for_whoever_replays_it(house):
    letter = only(house.mail(BOB, "named", "Prefix: 10.99.0.0/28"), "incomplete")
    status = flat(only(house.reply(letter, "status"), "status"))
    assert "in progress, and waits for you: it cannot be had as it was asked for" in status
    assert "- Prefix: 10.99.0.0/28 is not within lan" in status
    assert [str(who) for who in waits_for(house.request(), house.bot.directory, {})] == ["its requester"]
    process = house.bot.rules.current.processes["named"]
    assert replay(house.request(), process, house.bot.directory, {"lan": ("10.20.0.0/24",)}) is None


def test_he_can_cancel_it(house):
    letter = only(house.mail(BOB, "named", "Prefix: 10.99.0.0/28"), "incomplete")
    assert only(house.reply(letter, "cancel"), "cancelled", BOB)
    assert house.request().faults == {}


def test_what_an_admin_has_mended_waits_for_nobody_any_more(house):
    alert = only(house.mail(BOB, "named", "Prefix: 10.20.0.64/29"), "alert")
    with house.bot.store.transaction() as tx:
        space.cancel(tx.conn, reference="IP-0", now=house.now)
    assert only(house.reply(alert, "retry"), "completed", BOB)
    assert house.request().faults == {}


def test_what_the_rules_alone_have_asked_for_is_no_affair_of_the_requesters(house):
    letters = house.mail(BOB, "fixed", FORM)
    assert kinds(letters) == [("acknowledged", BOB), ("alert", ROOT)]
    assert "Its requester" not in flat(only(letters, "alert"))


def test_of_several_all_that_cannot_be_had_are_named_once(house):
    letters = house.mail(BOB, "several", "Prefix: 10.20.0.64/29, 10.20.0.0/28, 10.99.0.0/28")
    assert kinds(letters) == [("alert", ROOT), ("incomplete", BOB)]
    told = flat(only(letters, "incomplete"))
    assert "- Prefix: 10.20.0.64/29 is not free; 10.99.0.0/28 is not within lan" in told
    letters = house.reply(only(letters, "incomplete"), "Prefix: 10.20.0.32/28, 10.20.0.0/28")
    assert only(letters, "completed", BOB)


def test_two_prefixes_of_one_form_that_overlap_are_a_fault_of_the_form(house):
    letters = house.mail(BOB, "several", "Prefix: 10.20.0.0/28, 10.20.0.32/28, 10.20.0.8/29")
    assert kinds(letters) == [("incomplete", BOB)]
    assert "10.20.0.0/28, 10.20.0.8/29 overlap: name each address once" in flat(only(letters, "incomplete"))
    letters = house.reply(only(letters, "incomplete"), "Prefix: 10.20.0.0/28, 10.20.0.32/28")
    assert only(letters, "completed", BOB)
