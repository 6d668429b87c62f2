"""The graph of a process: what is over when a step begins, and where steps wait for each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.process.definition import StepKind, StepRule
from mailbot.process.graph import before, circles, stranded

Waits = dict[str, list[str]]


def _steps(waits: Waits) -> tuple[StepRule, ...]:
    return tuple(
        StepRule(name=name, kind=StepKind.TASK, title=name, after=tuple(after)) for name, after in waits.items()
    )


@pytest.mark.parametrize(
    ("waits", "found"),
    [
        ({"a": []}, []),
        ({"a": [], "b": ["a"], "c": ["a", "b"]}, []),
        ({"a": ["a"]}, [("a", "a")]),
        ({"a": ["b"], "b": ["a"]}, [("a", "b", "a")]),
        ({"a": ["c"], "b": ["a"], "c": ["b"], "d": ["a"]}, [("a", "c", "b", "a")]),
        ({"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]}, [("a", "b", "a"), ("c", "d", "c")]),
        ({"a": ["unknown"]}, []),
    ],
)
def test_each_circle_is_found_once(waits: Waits, found: list[tuple[str, ...]]) -> None:
    assert list(circles(_steps(waits))) == found


def test_what_comes_before_is_everything_that_is_waited_for() -> None:
    assert before(_steps({"a": [], "b": [], "c": ["a"], "d": ["c", "b"]})) == {
        "a": frozenset(), "b": frozenset(), "c": frozenset("a"), "d": frozenset("abc")
    }  # fmt: skip


def test_what_waits_for_a_circle_is_stranded() -> None:
    assert stranded(_steps({"a": ["b"], "b": ["a"], "c": ["b"], "d": ["c"], "e": []})) == ("c", "d")


GRAPHS = st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=8))


@given(GRAPHS)
def test_steps_begin_one_after_the_other_exactly_when_there_is_no_circle(waits: Waits) -> None:
    over: set[str] = set()
    while ready := {n for n, after in waits.items() if n not in over and set(after) & waits.keys() <= over}:
        over |= ready
    stuck = {name for way in circles(_steps(waits)) for name in way} | set(stranded(_steps(waits)))
    assert (over == waits.keys()) == (not stuck)
    assert not stuck & over
