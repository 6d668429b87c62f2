"""Expressions: what holds, what is told instead, and that nothing wrong is ever false."""

import contextlib
import re
import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.process.expression import (
    EvaluationFailed,
    Expression,
    Kind,
    Known,
    Scope,
    Text,
    mistakes_in_expression,
    mistakes_in_text,
)

NAMES = {
    "form.size": Known(kind=Kind.NUMBER),
    "form.length": Known(kind=Kind.NUMBER),
    "form.site": Known(kind=Kind.TEXT, choices=("lyon", "paris")),
    "form.site.v4": Known(kind=Kind.TEXT),
    "form.customer": Known(kind=Kind.TEXT),
    "form.urgent": Known(kind=Kind.BOOLEAN),
    "form.start": Known(kind=Kind.DATE),
    "form.prefix": Known(kind=Kind.PREFIX),
    "form.note": Known(kind=Kind.TEXT, refused="is optional"),
    "form.broken": Known(kind=None),
    "requester.groups": Known(kind=Kind.LIST, choices=("noc", "billing")),
    "steps.check.done": Known(kind=Kind.BOOLEAN),
    "steps.check.by": Known(kind=Kind.TEXT, guard="steps.check.done"),
}


@pytest.mark.parametrize(
    "source",
    [
        "form.size <= 28",
        "form.size in [28, 29]",
        "form.size not in [28, 29] or form.urgent",
        "not form.urgent and (form.size + 4) * 2 > -1",
        'form.site == "lyon"',
        'form.site in ["lyon", "paris"]',
        '"acme" in form.customer',
        'form.start >= d"2026-12-01"',
        'form.prefix != "10.0.0.0/8"',
        '"noc" in requester.groups',
        "form.urgent ? form.size > 3 : form.length > 3",
        'steps.check.done and steps.check.by == "ana@example.net"',
        "form.broken == 3",
        'form.customer == "café ½"',
    ],
)
def test_what_is_typed_rightly_holds(source: str) -> None:
    assert mistakes_in_expression(source, NAMES, Kind.BOOLEAN) == ()


@pytest.mark.parametrize(
    ("source", "offset", "words", "suggestion"),
    [
        ("", 0, "missing", None),
        ("form.sise <= 28", 0, "there is no 'form.sise'", "form.size"),
        ("28 >= size", 6, "there is no 'size'", "form.size"),
        ("form.SIZE == 3", 0, "there is no 'form.SIZE'", None),
        ('form.size == "22"', 0, "compares a number with a text", "22"),
        ('"22" == form.size', 8, "compares a text with a number", "22"),
        ('form.size in ["22", 3]', 0, "compares a number with a text", "22"),
        ('1 == 1 and form.size == "x"', 11, "can never hold", None),
        ("form.urgent == 1", 0, "compares true or false with a number", None),
        ('form.site == "lyonn"', 0, "never 'lyonn'", "lyon"),
        ('form.site in ["lyon", "pari"]', 0, "never 'pari'", "paris"),
        ('"nock" in requester.groups', 10, "never 'nock'", "noc"),
        ('form.start < "2026-12-01"', 0, "compares a date with a text", 'd"2026-12-01"'),
        ('d"gestern" < form.start', 0, "invalid datetime", None),
        ('form.site < "m"', 0, "only numbers and dates have an order", None),
        ("form.size in form.length", 13, "looks into a list or a text", None),
        ("requester.groups == form.site", 0, "use 'in'", None),
        ("not form.size", 4, "'not' needs true or false", None),
        ("-form.site == 1", 1, "'-' needs a number", None),
        ("form.size and form.urgent", 0, "'and' needs true or false", None),
        ("form.size + form.site > 3", 0, "needs a number", None),
        ("form.urgent ? 1 : form.site", 0, "both must be of one kind", None),
        ("form.size", 0, "gives a number, where true or false is needed", None),
        ("form.size = 28", 10, "compare with ==", "=="),
        ("form.urgent && form.urgent", 12, "write and", "and"),
        ("form.urgent || form.urgent", 12, "write or", "or"),
        ("!form.urgent", 0, "write not", "not"),
        ("form.size <=", 12, "something is missing at the end", None),
        ("form.size <= 28 29", 16, "'29' is not expected here", None),
        ("form.size < 3 < 4", 14, "'<' is not expected here", None),
        ('form.site == "lyon', 13, "not closed", None),
        ('form.site == "ly\\on"', 13, "backslash", None),
        ("form.size <= 28 # small", 16, "comment", None),
        ("form.size ≤ 28", 10, "'≤' has no place here", None),
        ("form.note == 'x'", 0, "is optional", None),
        ("steps.check.by == 'x'", 0, "ask for 'steps.check.done' too", None),
        ("1 / 0 == 1", 0, "division by zero", None),
    ],
)
def test_a_mistake_has_its_place_and_what_would_be_right(
    source: str, offset: int, words: str, suggestion: str | None
) -> None:
    mistake = mistakes_in_expression(source, NAMES, Kind.BOOLEAN)[0]
    assert (mistake.offset, mistake.suggestion) == (offset, suggestion)
    assert words in mistake.message


@pytest.mark.parametrize(
    "source",
    [
        "$now > d'2026-01-01'",
        "$random(3) > 1",
        'form.site =~ "(a+)+$"',
        'form.site !~~ "a"',
        "9 ** 9 ** 9 > 1",
        "1 << 99999999999 > 1",
        "form.size & 1 == 1",
        "form.site[0] == 'l'",
        "form.site(1) == 'l'",
        "[x for x in form.site] == 1",
        "form.site.length > 2",
        "form.site&.length > 2",
        "form.note ?? 1 == 1",
        "{1, 2} == 1",
        "null == form.size",
        "nan == form.size",
        "[form.size] == form.size",
        "form.size == 1e400",
        "(" * 600,
        "-" * 480 + "1 == form.size",
    ],
)
def test_trap_48_and_the_like_what_is_no_part_of_the_language_is_refused(source: str) -> None:
    assert mistakes_in_expression(source, NAMES, Kind.BOOLEAN)


def test_every_wrong_name_is_told_at_once() -> None:
    mistakes = mistakes_in_expression("form.sise > 3 and form.sight == 'lyon'", NAMES, Kind.BOOLEAN)
    assert [(m.offset, m.suggestion) for m in mistakes] == [(0, "form.size"), (18, "form.site")]


@pytest.mark.parametrize(
    ("source", "fits"),
    [
        ("form.prefix", True),
        ('"10.0.0.0/29"', True),
        ('"10.0.0.1/29"', False),
        ("form.site", False),
        ("29", False),
    ],
)
def test_a_prefix_is_a_prefix_field_or_a_prefix_written_out(source: str, fits: bool) -> None:  # noqa: FBT001 a table
    assert (mistakes_in_expression(source, NAMES, Kind.PREFIX) == ()) is fits


@settings(deadline=None)  # the first one imports rule-engine
@given(st.text(max_size=600))
def test_any_text_gets_an_answer(source: str) -> None:
    for mistake in mistakes_in_expression(source, NAMES, Kind.BOOLEAN):
        assert 0 <= mistake.offset <= len(source)


SCOPE: Scope = {
    "form.size": 28, "form.length": 3, "form.site": "lyon", "form.site.v4": "a", "form.customer": "b",
    "form.urgent": True, "form.start": date(2026, 1, 1), "form.prefix": "10.0.0.0/8", "form.broken": 1,
    "requester.groups": ("noc",), "steps.check.done": True, "steps.check.by": "x",
}  # fmt: skip
LEAVES = st.sampled_from([*SCOPE, "1", "0", '"lyon"', 'd"2026-01-01"', "true", "[1, 2]", '["paris", form.site]'])
OPERATORS = st.sampled_from(["==", "!=", "<", ">=", "in", "not in", "and", "or", "+", "-", "*", "/", "//", "%"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds("({} {} {})".format, inner, OPERATORS, inner)
        | st.builds("(not {})".format, inner)
        | st.builds("({} ? {} : {})".format, inner, inner, inner)
    ),
    max_leaves=5,
)


@settings(deadline=None, max_examples=300)
@given(EXPRESSIONS)
def test_what_passes_the_check_is_true_or_false_unless_it_divides_by_zero(source: str) -> None:
    if "form.broken" in source or mistakes_in_expression(source, NAMES, Kind.BOOLEAN):
        return
    with contextlib.suppress(EvaluationFailed) if re.search("[/%]", source) else contextlib.nullcontext():
        assert Expression(source).holds(SCOPE) in (True, False)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("form.size + 2", 30),
        ("form.size / 2", 14),
        ('form.urgent ? "a" : "b"', "b"),
        ("form.start", "2026-12-01"),
        ('form.start == d"2026-12-01"', True),
        ("requester.groups", ["noc", "billing"]),
        ("form.length", 7),
        ("form.site.v4", "customers-v4"),
    ],
)
def test_it_gives_plain_values(source: str, value: object) -> None:
    scope: Scope = {
        "form.size": 28, "form.urgent": False, "form.start": date(2026, 12, 1), "form.length": 7,
        "requester.groups": ("noc", "billing"), "form.site.v4": "customers-v4",
    }  # fmt: skip
    found = Expression(source).evaluate(scope)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("form.note == 'x'", "form.note has no value"),
        ("form.size / 3", "no whole number"),
        ("form.size / 0 == 1", "division by zero"),
        ("form.size == ", "syntax error"),
    ],
)
def test_what_cannot_be_evaluated_is_never_false(source: str, words: str) -> None:
    with pytest.raises(EvaluationFailed, match=words):
        Expression(source).evaluate({"form.size": 28})


def test_a_condition_that_gives_no_truth_value_fails() -> None:
    with pytest.raises(EvaluationFailed, match="neither true nor false"):
        Expression("form.size").holds({"form.size": 0})


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("noc", "noc"),
        ("{form.customer}: /{form.size}", "Acme: /28"),
        ("{{{form.size}}} {{x}}", "{28} {x}"),
        ("{form.urgent ? '}' : \"{\"}", "}"),
        ("{form.urgent}", "yes"),
        ("{requester.groups}", "noc, billing"),
    ],
)
def test_a_text_fills_its_holes(source: str, rendered: str) -> None:
    scope: Scope = {
        "form.customer": "Acme", "form.size": 28, "form.urgent": True, "requester.groups": ("noc", "billing")
    }  # fmt: skip
    assert mistakes_in_text(source, NAMES) == ()
    assert Text(source).render(scope) == rendered


def test_trap_44_a_value_adds_no_line_to_a_text() -> None:
    assert Text("{form.customer}").render({"form.customer": "Acme\r\nBcc: x"}) == "Acme Bcc: x"


@pytest.mark.parametrize(
    ("source", "offset", "words"),
    [
        ("a {form.sise}", 3, "there is no"),
        ("a } b", 2, "write '}}'"),
        ("a {form.size", 2, "write '{{'"),
        ("{}", 1, "missing"),
    ],
)
def test_a_text_tells_where_it_is_wrong(source: str, offset: int, words: str) -> None:
    mistake = mistakes_in_text(source, NAMES)[0]
    assert mistake.offset == offset
    assert words in mistake.message


@pytest.mark.parametrize(("source", "plain"), [("noc", "noc"), ("a{{b", "a{b"), ("{form.size}", None)])
def test_a_text_without_holes_is_known_beforehand(source: str, plain: str | None) -> None:
    assert Text(source).plain == plain


def test_values_of_processes_can_be_imported_without_waiting_for_rule_engine() -> None:
    code = "import sys, mailbot.process.definition, mailbot.process.request; sys.exit('rule_engine' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 our own code
