"""What is said of customers in rule files that do not hold: types, names, and places where none can be named."""

from dataclasses import replace
from pathlib import Path

import pytest
import rulefiles

from mailbot.errors import Faulty
from mailbot.process.expression import Kind, Known
from mailbot.process.rules import load

ORDER = """
type = "order"
title = "Order"
who = ["customers"]
lead_time = "2 working days"
[[field]]
name = "customer"
type = "customer"
required = true
[[field]]
name = "size"
type = "prefix-length"
required = true
min = 26
max = 30
[[step]]
name = "beyond"
kind = "approval"
when = "addresses(form.size) > quota_left(form.customer, 'lan')"
asks = ["{form.customer.account_manager}"]
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
[[test]]
name = "within"
requester = "carl@acme.example"
given = { customers = { Acme = { people = ["*@acme.example"], left = { lan = 64 } } } }
form = { size = 28 }
expect = { steps = ["allocate"] }
"""


AROUND = replace(
    rulefiles.AROUND,
    attributes={"sla": Known(kind=Kind.TEXT, choices=("bronze", "gold")), "seats": Known(kind=Kind.NUMBER)},
)


def words(folder: Path, text: str) -> list[str]:
    (folder / "order.toml").write_text(text)
    try:
        return [fault.message for fault in load(folder, AROUND).warnings]
    except Faulty as faulty:
        return [fault.message for fault in faulty.faults]


def test_a_process_of_customers_holds(tmp_path: Path) -> None:
    assert words(tmp_path, ORDER) == []


WHEN = "addresses(form.size) > quota_left(form.customer, 'lan')"
LEFT = "quota_left(form.customer, 'lan')"
WHO = 'who = ["customers"]'
TYPE = 'type = "customer"'
ASKS = 'asks = ["{form.customer.account_manager}"]'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("'lan')", "'lam')", "there is no pool 'lam'"),
        ("(form.customer", "(form.size", "its customer must be a field of type customer, this is a number"),
        (LEFT, "form.customer.sets", "there is no 'form.customer.sets' here"),
        (LEFT, "form.customer.sla", "'>' compares a number with a text: that can never hold"),
        (WHEN, "form.customer.sla == 'silver'", "this is never 'silver'"),
        (WHEN, "form.customer == 3", "'==' compares a customer with a number"),
        (f"{TYPE}\nrequired = true", TYPE, "is optional, and its type has no default: make it required"),
        (ASKS, 'asks = ["{form.customer.sla}"]', "there is no [groups.bronze] in the configuration"),
        (TYPE, f'{TYPE}\ndefault = "Acme"', "a customer's people have themselves as the default"),
        (WHO, 'who = ["customer"]', "there is no [groups.customer] in the configuration"),
        (WHO, 'who = ["noc"]\nmanagers = ["customers"]', "there is no [groups.customers] in the configuration"),
        ("{ lan = 64 }", "{ lam = 64 }", "there is no pool 'lam'"),
        ("{ people =", "{ attributes = { slb = 3 }, people =", "there is no attribute 'slb'"),
        (
            ASKS,
            f'asks = ["noc"]\n  [[step.field]]\n  name = "whose"\n  {TYPE}',
            "a customer is named by the requester: it stands in his form alone",
        ),
    ],
)
def test_what_does_not_hold_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in ORDER
    assert any(message in one for one in words(tmp_path, ORDER.replace(old, new))), words(
        tmp_path, ORDER.replace(old, new)
    )


def test_attributes_have_their_kinds_and_their_choices(tmp_path: Path) -> None:
    known = "form.customer.sla == 'gold' and form.customer.seats > 3 and form.customer.id != form.customer.name"
    assert words(tmp_path, ORDER.replace(WHEN, known)) == []


def test_what_a_call_is_compared_with_is_no_landmark_of_its_argument(tmp_path: Path) -> None:
    """The prefix length is not what is compared with 16: so nothing is said about it that would be wrong."""
    assert words(tmp_path, ORDER.replace(LEFT, "16")) == []
