"""What cannot be undone, or never is, in one process and in all of a house."""

from pathlib import Path

import pytest
from rulefiles import APPROVAL, SIZE, TOP, field, step, words

PREFIX = field("prefix", "allocation")
ADD = step("activate", 'target = "router"')
LEFT = (
    "warning: no step of any rule file removes from router what this adds, and it has no end: "
    'add a step with action = "remove", or "for" here'
)
OTHER = TOP.replace("attribution", "other")


def release(*more: str) -> str:
    return step("release", 'prefix = "form.prefix"', *more)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (APPROVAL + release(), ""),
        (release() + APPROVAL, "approval_step"),
        (APPROVAL + release("after = []"), "approval_step"),
        (release() + step("task", 'asks = ["noc"]'), ""),
        (APPROVAL + release() + step("approval", 'asks = ["noc"]', name="late"), "late_step"),
    ],
)
def test_space_that_is_given_back_before_all_have_approved_is_told(tmp_path: Path, steps: str, told: str) -> None:
    words_ = f"step 'release_step' gives back before {told} is approved: what is refused then cannot be had back"
    assert words(tmp_path, PREFIX, steps) == ([f"warning: {words_}"] if told else [])


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (ADD, [LEFT]),
        (step("activate", 'target = "router"', 'for = "6 hours"'), []),
        (step("activate", 'target = "router"', 'action = "change"'), []),
        (step("change", 'target = "router"'), []),
        (ADD + step("activate", 'target = "router"', 'action = "remove"', name="off"), []),
        (step("allocate", 'pool = "lan"', "length = 28", 'for = "6 hours"') + ADD, []),
        (step("allocate", 'pool = "lan"', "length = 28", 'for = "6 hours"') + ADD + "after = []\n", [LEFT]),
        (step("reserve", 'pool = "lan"', "length = 28", 'for = "6 hours"') + ADD, [LEFT]),
        (step("wait", 'for = "6 hours"') + ADD, [LEFT]),
    ],
)
def test_what_is_added_to_the_network_for_ever_is_told(tmp_path: Path, steps: str, told: list[str]) -> None:
    assert words(tmp_path, SIZE, steps) == told


def test_another_process_of_the_house_may_remove_it(tmp_path: Path) -> None:
    off = OTHER + step("activate", 'target = "router"', 'action = "remove"')
    assert words(tmp_path, ADD, other=off) == []
    assert words(tmp_path, ADD, other=off.replace('"router"', '"registry"')) == [LEFT]


def test_what_no_allocation_is_given_to_carry_is_told(tmp_path: Path) -> None:
    form = field("prefix", "allocation", 'carries = ["devise", "customer"]') + SIZE
    sets = OTHER + SIZE + step("allocate", 'pool = "lan"', 'length = "form.size"', 'set = { device = "pe1" }')
    (told,) = words(tmp_path, form, APPROVAL, other=sets)
    assert told == "warning: no step of any rule file says what an allocation carries as 'devise': set = { devise = … }"
    assert words(tmp_path, form.replace("devise", "device"), APPROVAL, other=sets) == []
