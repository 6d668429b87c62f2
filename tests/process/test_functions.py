"""The functions of expressions: what they give, and that what is wrong in a call is told before it is ever made."""

import pytest

from mailbot.process.customers import Standing
from mailbot.process.expression import EvaluationFailed, Expression, Kind, Known, calls, mistakes_in_expression
from mailbot.process.functions import functions, known_functions
from mailbot.process.why import with_values

NAMES = {
    "form.size": Known(kind=Kind.NUMBER),
    "form.customer": Known(kind=Kind.CUSTOMER),
    "form.name": Known(kind=Kind.TEXT),
    "form.sites": Known(kind=Kind.LIST),
    "form.site.v4": Known(kind=Kind.TEXT, choices=("lan", "wan")),
    "form.site.v9": Known(kind=Kind.TEXT, choices=("lan", "moon")),
    **known_functions(["lan", "wan"]),
}
ACME = Standing(id="C-1", name="Acme", account_manager="noc", held={"lan": 16, "wan": 1 << 80}, left={"lan": 48})


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("addresses(28)", 16),
        ("addresses(form.size) > quota_left(form.customer, 'lan')", True),
        ("addresses(form.size + 1) > quota_left(form.customer, 'lan')", False),
        ("quota_left(form.customer, form.site.v4)", 48),
        ("quota_left(form.customer, 'wan')", 0),
        ("held(form.customer, 'lan')", 16),
        ("held(form.customer) - held(form.customer, 'lan') == addresses(48)", True),
        ("addresses(32) + addresses(128)", 2),
        ("count(form.sites)", 3),
        ("count(form.sites) * addresses(form.size) > quota_left(form.customer, 'lan')", True),
    ],
)
def test_what_they_give(source, value):
    form = {"form.size": 26, "form.customer": "Acme", "form.site.v4": "lan", "form.sites": ("a", "b", "c")}
    scope = {**form, **functions({"Acme": ACME})}
    assert mistakes_in_expression(source, NAMES) == ()
    assert Expression(source).evaluate(scope) == value


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("addresses(form.name) > 3", "its length must be a number, this is a text"),
        ("addresses() > 3", "write addresses(length)"),
        ("addresses(28, 3) > 3", "write addresses(length)"),
        ("count(form.name) > 3", "its list must be a list of texts, this is a text"),
        ("count(form.customer) > 3", "its list must be a list of texts, this is a customer"),
        ("addresses > 3", "'addresses' is a function: write addresses(length)"),
        ("form.size(3) > 3", "'form.size' is no function"),
        ("held('Acme') > 3", "its customer must be a field of type customer, this is a text"),
        ("quota_left(form.name, 'lan') > 3", "its customer must be a field of type customer, this is a text"),
        ("quota_left(form.customer) > 3", "write quota_left(customer, pool)"),
        ("quota_left(form.customer, 'lam') > 3", "there is no pool 'lam'"),
        ("quota_left(form.customer, form.site.v9) > 3", "there is no pool 'moon'"),
        ("quota_left(form.customer, 'lan') == 'much'", "'==' compares a number with a text: that can never hold"),
        ("quota_lef(form.customer, 'lan') > 3", "there is no 'quota_lef' here"),
    ],
)
def test_what_is_wrong_in_a_call_is_told(source, words):
    assert [mistake.message for mistake in mistakes_in_expression(source, NAMES, Kind.BOOLEAN)] == [words]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("addresses(form.size) > held(form.customer, 'lan')", ["addresses(form.size)", "held(form.customer, 'lan')"]),
        ("(form.size + 1) * 2 > addresses((28 + 1))", ["addresses((28 + 1))"]),
        ("addresses(addresses(30)) > 3 or not (form.size > 3)", ["addresses(addresses(30))"]),
        ("form.size > 3", []),
    ],
)  # fmt: skip
def test_calls_are_found_as_they_are_written(source, found):
    assert list(calls(source)) == found


def test_an_explanation_tells_what_a_call_came_to():
    scope = {"form.size": 26, "form.customer": "Acme", **functions({"Acme": ACME})}
    assert with_values(Expression("addresses(form.size) > quota_left(form.customer, 'lan')"), scope) == (
        "addresses(form.size) > quota_left(form.customer, 'lan'), where form.size is 26, form.customer is Acme, "
        "addresses(form.size) is 64, quota_left(form.customer, 'lan') is 48"
    )


def test_a_customer_is_compared_like_a_text():
    assert mistakes_in_expression("form.customer == 'Acme'", NAMES, Kind.BOOLEAN) == ()


@pytest.mark.parametrize("source", ["addresses(129) > 3", "addresses(0 - 1) > 3", "held(form.customer) > 3"])
def test_a_call_that_has_no_value_fails_in_words_and_is_never_false(source):
    scope = {"form.customer": "Nobody", **functions({"Acme": ACME})}
    with pytest.raises(EvaluationFailed, match=r"is no prefix length|nothing is known of the customer 'Nobody'"):
        Expression(source).holds(scope)
