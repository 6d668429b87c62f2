"""Conditions that can never hold, or always do: found by trying every value that the form can have."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rulefiles import SIZE, field, step, words

from mailbot.process.expression import Expression, landmarks, outcomes

SITE = '[[field]]\nname = "site"\nlist = "sites"\nrequired = true\n'
COUNT = field("count", "integer", "min = 1")
URGENT = field("urgent", "yes-no")
NOTE = field("note", "text")
DAY = field("day", "date")
FORM = SIZE + SITE + COUNT + URGENT + NOTE + DAY


def approval(when: str, name: str = "") -> str:
    return step("approval", 'asks = ["noc"]', f"when = '''{when}'''", name=name)


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("form.size <= 28", ""),
        ("form.size > 30", "never"),
        ("form.size >= 20", "always"),
        ("form.size < 24 and form.size > 28", "never"),
        ("form.size < 28 or form.size > 24", "always"),
        ("form.size * 2 > 60", "never"),
        ("form.size > form.site.large", ""),
        ("form.site == 'Lyon' and form.site.large == 26", "never"),
        ("form.site in ['Lyon', 'Paris']", "always"),
        ("form.urgent and not form.urgent", "never"),
        ("form.urgent", ""),
        ("form.count < 1", "never"),
        ("form.count > 1000000", ""),
        ("form.count > 5 and form.count < 6", "never"),
        ("form.count > 5 and form.count < 7", ""),
        ("form.count + 1 < 2", ""),  # not to be listed: nothing is said
        ("form.note == 'x' and form.note == 'y'", ""),
        ("form.note == 'x' and form.size > 30", "never"),
        ("requester.domain == 'example.net' or form.size <= 30", "always"),
        ("form.day > d'2026-12-24'", ""),
        ("1 < 2", "always"),
        ("1 > 2", "never"),
        ("form.size > 30 ? form.urgent : form.size < 31", "always"),
    ],
)
def test_a_condition_that_decides_nothing_is_told(tmp_path: Path, when: str, found: str) -> None:
    severity = {"never": "error: this never holds", "always": "warning: this always holds"}.get(found)
    told = words(tmp_path, FORM, approval(when))
    assert [one.startswith(severity or "?") for one in told] == [True] * bool(found), told


def test_the_words_name_the_fields_and_their_bounds(tmp_path: Path) -> None:
    assert words(tmp_path, FORM, approval("form.size > 30")) == [
        "error: this never holds, whatever form.size (20 to 30) may be: step 'approval_step' could not run"
    ]
    assert words(tmp_path, FORM, approval("form.size < 31")) == [
        "warning: this always holds, whatever form.size (20 to 30) may be: leave it out, or say what was meant"
    ]


def test_a_step_that_asks_for_another_which_is_skipped_then_can_never_run(tmp_path: Path) -> None:
    first = approval("form.size <= 24", name="first")
    (told,) = words(tmp_path, FORM, first, approval("steps.first_step.done and form.size > 28", name="second"))
    assert told.startswith("error: this never holds, whatever form.size (20 to 30) may be: step 'second_step'")
    assert words(tmp_path, FORM, first, approval("steps.first_step.done and form.size > 22", name="second")) == []
    assert words(tmp_path, FORM, first, approval("not steps.first_step.done", name="second")) == []


def test_more_combinations_than_can_be_tried_say_nothing(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(6)]
    form = "".join(field(name, "integer", "min = 0", "max = 99") for name in names)
    together = " and ".join(f"form.{name} >= 0" for name in names)
    assert words(tmp_path, form, approval(together + " and form.n0 < 50")) == []


NAMES = ("form.a", "form.b")
LITERALS = st.integers(-3, 9)
ATOMS = st.tuples(st.sampled_from(NAMES), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), LITERALS).map(
    lambda parts: f"{parts[0]} {parts[1]} {parts[2]}"
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})")
        | inner.map(lambda one: f"not ({one})")
    ),
    max_leaves=6,
)


@given(CONDITIONS, st.integers(-5, 12), st.integers(-5, 12))
def test_what_comes_to_pass_is_among_what_was_found_possible(source: str, a: int, b: int) -> None:
    whole = {"form.a": a, "form.b": b}
    truth = Expression(source).holds(whole)
    assert outcomes(source, whole) == {truth}
    assert truth in outcomes(source, {"form.a": a})
    assert truth in outcomes(source, {})


@given(CONDITIONS, st.integers(-60, 60))
def test_between_two_landmarks_a_condition_stays_the_same(source: str, number: int) -> None:
    for name, marks in landmarks(source).items():
        near = {mark + step for mark in marks for step in (-1, 0, 1)}
        same = min(near, key=lambda one: abs(one - number))
        others = {other: 0 for other in NAMES if other != name}
        assert outcomes(source, {**others, name: number}) == outcomes(source, {**others, name: same})


def test_a_part_that_cannot_be_computed_may_be_either() -> None:
    assert outcomes("form.a / 0 > 1", {"form.a": 1}) == {True, False}
    assert outcomes("form.a ==", {}) == {True, False}
    assert landmarks("form.a ==") == {}
