"""A step that runs for each of several items: how letters list it, and that one person hears of all items at once."""

from datetime import timedelta

import pytest
from house import ANA, BILL, BOB, CONFIG, LI, ROOT, House, kinds, only

from mailbot.desk.outlook import outlooks

LINE = """
type = "line"
who = ["*@example.net"]
[[field]]
name = "customer"
type = "text"
required = true
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "28"
set = { customer = "{form.customer}" }
"""

CLOSE = """
type = "close"
title = "Closing"
who = ["*@example.net"]
[[field]]
name = "prefixes"
label = "Prefixes"
type = "allocation"
many = true
carries = ["customer"]
required = true
[[step]]
name = "agree"
kind = "approval"
title = "May it go?"
asks = ["billing"]
each = "form.prefixes"
[[step]]
name = "look"
kind = "approval"
title = "A last look"
asks = ["noc"]
[[step]]
name = "tell"
kind = "notify"
title = "It has gone"
each = "steps.agree.items"
to = ["billing", "ana@example.net"]
"""

VLAN = """
type = "vlan"
who = ["*@example.net"]
[[field]]
name = "size"
label = "Size"
type = "integer"
required = true
[[field]]
name = "note"
label = "Note"
type = "text"
[[step]]
name = "technical"
kind = "approval"
asks = ["noc"]
may_change = ["size"]
[[step]]
name = "allocate"
kind = "allocate"
pool = "vlans"
"""
SITES = """
type = "sites"
title = "Sites"
who = ["*@example.net"]
[[field]]
name = "sites"
type = "text"
many = true
required = true
[[step]]
name = "agree"
kind = "approval"
asks = ["billing"]
[[step]]
name = "allocate"
kind = "allocate"
each = "form.sites"
pool = "lan"
length = 26
[[step]]
name = "number"
kind = "allocate"
each = "form.sites"
pool = "vlans"
"""
CONFIG_WITH_VLANS = f'{CONFIG}\n[pools.vlans]\ntitle = "VLANs"\nnumbers = ["200-299"]\n'


def flat(letter):
    return " ".join(letter.text.split())


@pytest.fixture
def house(tmp_path):
    house = House(
        tmp_path, rules={"line": LINE, "close": CLOSE, "vlan": VLAN, "sites": SITES}, config=CONFIG_WITH_VLANS
    )
    for customer in ("Acme", "Bolt", "Cork"):
        house.mail(ROOT, "line", f"Customer: {customer}\n")
    return house


FORM = "Prefixes: 10.20.0.0/28, 10.20.0.16/28, 10.20.0.32/28\n"


def test_a_step_with_items_is_one_line_of_a_letter_and_its_refused_items_are_told(house):
    letters = house.mail(ROOT, "close", FORM)
    received = flat(only(letters, "acknowledged"))
    assert received.count("May it go?") == 1
    assert "May it go?, 0 of 3 (billing)" in received
    letters = house.reply(only(letters, "actions", BILL), "1 approve\n2 reject Bolt stays\n3 approve")
    seen = flat(only(letters, "action", ANA))
    assert "May it go?, 10.20.0.16/28 (customer Bolt) (billing), refused: | bill@example.net: Bolt stays" in seen


def test_one_person_hears_once_of_all_items_that_a_step_tells_of(house):
    letters = house.mail(ROOT, "close", FORM)
    letters = house.reply(only(letters, "actions", BILL), "all approve")
    letters = house.reply(only(letters, "action", ANA), "approve")
    assert kinds(letters) == [("completed", ROOT), ("settled", LI), ("status", ANA), ("status", BILL)]
    assert "| 10.20.0.0/28 | 10.20.0.16/28 | 10.20.0.32/28" in flat(only(letters, "status", BILL))


def test_an_approver_reads_what_is_wrong_with_what_he_has_changed(house):
    letters = house.mail(ROOT, "vlan", "Size: 3\n")
    letter = only(house.reply(only(letters, "action", ANA), "approve\nSize: many"), "incomplete", ANA)
    assert "- Size: many is not a whole number" in flat(letter)
    assert "Size: many" in letter.text.splitlines()


def test_an_approver_reads_what_he_may_change_and_that_a_number_is_taken(house):
    letters = house.mail(ROOT, "vlan", "Size: 3\n")
    seen = flat(only(letters, "action", ANA))
    assert 'like "Size: ..."; what you may change is: Size.' in seen
    assert "a number is allocated from VLANs" in seen


def test_an_approver_reads_how_much_is_taken_for_all_items_together(house):
    seen = flat(only(house.mail(BOB, "sites", "Sites: Lyon, Paris, Nice\n"), "action", BILL))
    assert "If all agree, 3 x /26 are allocated from lan." in seen
    assert "If all agree, 3 numbers are allocated from VLANs." in seen


def test_an_owner_hears_once_of_a_full_pool_however_many_items_wait_for_it(house):
    action = only(house.mail(BOB, "sites", "Sites: Lyon, Paris, Nice, Metz, Brest, Dijon\n"), "action", BILL)
    assert kinds(house.reply(action, "approve")) == [("alert", ANA), ("alert", LI), ("alert", ROOT)]


def asked_for(house, pool):
    with house.bot.store.reading() as conn:
        return outlooks(conn, house.bot.desk, house.now + timedelta(minutes=1))[pool].asked_for


def test_a_forecast_counts_every_item_before_its_step_begins_and_while_it_waits(house):
    action = only(house.mail(BOB, "sites", "Sites: Lyon, Paris, Nice, Metz\n"), "action", BILL)
    for answer in ("", "approve"):
        if answer:
            house.reply(action, answer)
        assert (asked_for(house, "lan"), asked_for(house, "vlans")) == (4 * 64, 4)
