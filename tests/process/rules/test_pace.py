"""Lead times against each other: what cannot be in time is told before anybody waits for it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rulefiles import SIZE, TOP, loaded, step, words

RESERVE = step("reserve", 'pool = "lan"', 'length = "form.size"', 'for = "{}"')
TAKE = step("allocate", 'pool = "lan"', 'length = "form.size"', *['after = ["a_step"]'])


def approval(name: str, lead: str, *more: str) -> str:
    return step("approval", 'asks = ["noc"]', f'lead_time = "{lead}"', *more, name=name)


def within(lead: str) -> str:
    return TOP.replace("5 working days", lead)


@pytest.mark.parametrize(
    ("lead", "steps", "told"),
    [
        ("2 working days", approval("a", "1 working day") + approval("b", "8 working hours"), ""),
        ("2 working days", approval("a", "2 working days") + approval("b", "1 working hour"),
         "a_step (2 working days), then b_step (1 working hour)"),
        ("2 working days", approval("a", "2 working days") + approval("b", "2 working days", "after = []"), ""),
        ("3 days", approval("a", "2 working days"), ""),
        ("3 days", approval("a", "4 working days"), "a_step (4 working days)"),
        ("33 hours", approval("a", "2 working days"), ""),  # in time, where it comes in the morning
        ("20 hours", approval("a", "2 working days"), "a_step (2 working days)"),
        ("2 working days", approval("a", "3 days"), ""),  # over the weekend it is in time
        ("1 working day", approval("a", "1 working day") + step("wait", 'for = "30 days"'), ""),
        ("1 working day", approval("a", "1 working day", 'not_before = "2027-03-01"'), ""),
        ("8 hours", step("form", 'asks = ["party:scrubber"]', "shows = []", 'lead_time = "8 working hours"')
         + '[[step.field]]\nname = "x"\ntype = "text"\n', ""),
    ],
)  # fmt: skip
def test_steps_that_take_longer_than_the_request_may_are_told(tmp_path: Path, lead: str, steps: str, told: str) -> None:
    warning = f"warning: the request is due after {lead}, but its steps may take longer: {told}"
    assert words(tmp_path, steps, top=within(lead)) == ([warning] if told else [])


@pytest.mark.parametrize(
    ("lapses", "steps", "told"),
    [
        ("14 days", approval("a", "5 working days") + TAKE, ""),
        ("2 days", approval("a", "3 working days") + TAKE, "it lapses after 2 days, before a_step must be over"),
        ("4 days", approval("a", "3 working days") + TAKE,
         "it lapses after 4 days, before a_step must be over, where it begins on a Wednesday"),
        ("1 hour", approval("a", "3 working days", "after = []") + TAKE.replace("a_step", "reserve_step"), ""),
        ("2 days", approval("a", "3 working days") + TAKE.replace('"lan"', '"lyon-v4"'), ""),
    ],
)  # fmt: skip
def test_a_reservation_that_lapses_while_it_is_being_decided_on_is_told(
    tmp_path: Path, lapses: str, steps: str, told: str
) -> None:
    found = words(tmp_path, SIZE, RESERVE.replace("{}", lapses), steps)
    assert found == ([f"warning: {told}"] if told else [])


def test_another_length_than_the_reserved_one_does_not_take_it_up(tmp_path: Path) -> None:
    other = TAKE.replace("form.size", "form.size + 1")
    assert words(tmp_path, SIZE, RESERVE.replace("{}", "14 days"), approval("a", "1 working day"), other) == [
        "warning: this is not what 'reserve_step' reserves: it takes another prefix, and the reservation lapses"
    ]


@pytest.mark.parametrize(
    ("kind", "keys", "told"),
    [
        ("approval", 'unanswered = { after = "9 working days", then = "reject" }', []),
        ("approval", 'unanswered = { after = "1 working day", then = "reject" }',
         ["warning: after 1 working day the rules answer, before those who are asked are late (3 working days)"]),
        ("approval", 'unanswered = { after = "9 working days", then = "approve" }',
         ["warning: an approval by silence: whoever asks for it has but to wait"]),
        ("task", 'unanswered = { after = "9 working days", then = "approve" }', []),
        ("form", 'unanswered = { after = "9 working days", then = "reject" }', []),
        ("form", 'unanswered = { after = "9 working days", then = "approve" }',
         ["error: nobody has filled in account then: what is asked for cannot be agreed to by silence"]),
    ],
)  # fmt: skip
def test_an_answer_by_silence_comes_late_and_is_no_answer_to_a_question(
    tmp_path: Path, kind: str, keys: str, told: list[str]
) -> None:
    fields = '[[step.field]]\nname = "account"\ntype = "text"\nrequired = true\n' if kind == "form" else ""
    text = step(kind, 'asks = ["noc"]', 'lead_time = "3 working days"', keys) + fields
    assert words(tmp_path, text) == told


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=6), st.integers(1, 12))
def test_a_chain_of_working_days_is_too_long_just_when_they_are_more(
    tmp_path_factory: pytest.TempPathFactory, chain: list[tuple[int, int]], allowed: int
) -> None:
    """Whatever runs beside it: the longest way is a sum, of working days on one calendar."""
    text, longest = "", [0]
    for number, (back, days) in enumerate(chain):
        before = max(0, number - back)
        longest.append(longest[before] + days)
        after = f'after = ["s{before - 1}_step"]' if before else "after = []"
        text += approval(f"s{number}", f"{days} working days", after)
    rules = loaded(tmp_path_factory.mktemp("rules"), text, top=within(f"{allowed} working days"))
    assert bool(rules.warnings) == (max(longest) > allowed)
