"""Who may read but a part of a request gets letters of that part: where a rule says what it shows, and suppliers."""

import pytest
from house import ANA, BILL, BOB, CONFIG, HEAD, LI, House, kinds, only

ORDERS, DESK = "orders@scrubber.example", "desk@scrubber.example"
PARTY = f"""
[parties.scrubber]
title = "The scrubbing centre"
address = "{ORDERS}"
accepts = ["*@scrubber.example"]
"""

FIELDS = """
[[field]]
name = "customer"
label = "Customer"
type = "text"
required = true
[[field]]
name = "day"
label = "Day"
type = "date"
required = true
[[field]]
name = "justification"
label = "Justification"
type = "long-text"
required = true
"""

SHOWN = f"""
type = "shown"
title = "Something of which not all see all"
summary = "{{form.customer}}"
who = ["*@example.net"]
{FIELDS}
[[step]]
name = "technical"
kind = "approval"
asks = ["noc"]
[[step]]
name = "billing"
kind = "approval"
title = "Account"
asks = ["billing"]
shows = ["day"]
after = ["technical"]
lead_time = "8 working hours"
escalate = [{{ after = "1 working hour", to = ["head@example.net"] }}]
"""

ORDER = f"""
type = "order"
title = "Something of a supplier's"
summary = "{{form.customer}}"
who = ["*@example.net"]
{FIELDS}
[[step]]
name = "hold"
kind = "reserve"
pool = "lan"
length = "28"
for = "14 days"
[[step]]
name = "technical"
kind = "form"
asks = ["noc"]
  [[step.field]]
  name = "circuit"
  label = "Circuit"
  type = "text"
  required = true
[[step]]
name = "other"
kind = "form"
asks = ["noc"]
after = ["technical"]
  [[step.field]]
  name = "vault"
  label = "Vault"
  type = "text"
  required = true
[[step]]
name = "deliver"
kind = "task"
title = "Deliver a line"
asks = ["party:scrubber"]
shows = ["day", "hold", "technical"]
lead_time = "8 working hours"
remind = ["50%"]
"""

FORM = "Customer: Acme\nDay: 2026-12-01\nJustification: They are attacked.\n"


@pytest.fixture
def house(tmp_path):
    return House(tmp_path, rules={"shown": SHOWN, "order": ORDER}, config=CONFIG + PARTY)


def words(letter):
    """Its text, flat; and its page."""
    parts = [part.get_content() for part in letter.message.walk() if part.get_content_maintype() == "text"]
    return " ".join(" ".join([letter.subject, *parts]).split())


def test_a_department_sees_of_the_form_what_the_rule_shows_it(house):
    letters = house.mail(BOB, "shown", FORM)
    whole = words(only(letters, "action", ANA))
    assert "They are attacked" in whole
    letters = house.reply(only(letters, "action", ANA), "comment Acme has asked twice", ANA)
    part = words(only(house.reply(only(house.relay.letters, "action", ANA), "approve"), "action", BILL))
    assert "2026-12-01" in part
    for secret in ("They are attacked", "asked twice"):
        assert secret not in part


def test_who_is_not_asked_reads_as_before(house):
    letters = house.mail(BOB, "shown", FORM)
    house.reply(only(letters, "action", ANA), "approve")
    letters = house.wait(days=3)
    assert "They are attacked" in words(only(letters, "escalation", HEAD))


def ordered(house):
    letters = house.mail(BOB, "order", FORM)
    letters = house.reply(only(letters, "action", ANA), "Circuit: LY-7")
    return only(house.reply(only(letters, "action", ANA), "Vault: 1234"), "action", ORDERS)


def test_a_supplier_sees_his_step_and_the_fields_and_steps_that_it_shows(house):
    seen = words(ordered(house))
    for known in ("Deliver a line", "2026-12-01", "10.20.0.0/28 is reserved", "Circuit", "LY-7", "IP-1"):
        assert known in seen
    for secret in ("Acme", "attacked", "Vault", "1234", BOB, ANA, LI, "noc", "Network", "assign", "hold"):
        assert secret not in seen


def test_nor_does_he_learn_who_has_settled_it_or_what_was_said(house):
    order = ordered(house)
    house.reply(only(house.relay.letters, "acknowledged"), "comment Acme is in a hurry", BOB)
    letters = [
        *house.reply(order, "status", DESK),
        *house.reply(order, "ask How many?", DESK),
        *house.reply(order, "hurry up", DESK),
        *house.reply(order, "assign ana@example.net", DESK),
    ]
    question = only(letters, "question", BOB)
    letters += house.reply(question, "Two of them")
    letters += house.wait(hours=5)
    letters += house.reply(only(house.relay.letters, "acknowledged"), "cancel", BOB)
    theirs = [letter for letter in letters if letter.to in {ORDERS, DESK}]
    assert {letter.kind for letter in theirs} == {"status", "misunderstood", "refused", "action", "reminder", "settled"}
    assert "Two of them" in words(only(theirs, "action"))
    for letter in theirs:
        for secret in ("Acme", "attacked", "Vault", BOB, ANA, LI, "hurry up." if letter.kind == "status" else "vault"):
            assert secret not in words(letter), letter.kind


def test_a_list_of_items_is_as_narrow_as_a_letter(tmp_path):
    rules = {
        "line": LINE,
        "close": CLOSE,
    }
    house = House(tmp_path, rules=rules, config=CONFIG + PARTY)
    for customer in ("Acme", "Bolt"):
        house.mail("root@example.net", "line", f"Customer: {customer}\n")
    letters = house.mail("root@example.net", "close", "Prefixes: 10.20.0.0/28, 10.20.0.16/28\nNote: sold\n")
    [list_] = [letter for letter in letters if letter.to == ORDERS]
    assert list_.kind == "actions"
    assert "10.20.0.16/28" in words(list_)
    assert "sold" not in words(list_)
    inside = only(letters, "actions", ANA)
    assert "10.20.0.0/28 (customer Acme)" in words(inside)
    assert kinds(letters).count(("actions", LI)) == 1


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
type = "allocation"
many = true
carries = ["customer"]
required = true
[[field]]
name = "note"
type = "text"
[[step]]
name = "inside"
kind = "approval"
asks = ["noc"]
each = "form.prefixes"
[[step]]
name = "outside"
kind = "task"
asks = ["party:scrubber"]
shows = []
each = "form.prefixes"
after = []
"""
