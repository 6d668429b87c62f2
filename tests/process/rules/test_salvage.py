"""A step whose kind is none, or a field whose `use` is, does not keep the rest of its file from being looked at."""

from pathlib import Path

import pytest
from rulefiles import ALLOCATE, APPROVAL, SIZE, TOP, step, told

ELSEWHERE = step("allocate", 'pool = "lann"', 'length = "form.size"')
"""Another fault of the same file."""


def said(folder: Path, *parts: str, **more: str) -> list[str]:
    return [f"{fault.line}: {fault.message}" for fault in told(folder, *parts, **more)]


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ((SIZE, step("aproval", 'asks = ["noc"]'), ELSEWHERE), '12: "kind" must be'),
        ((SIZE, step("something", 'asks = ["noc"]'), ELSEWHERE), '12: "kind" must be'),
        ((SIZE, '[[step]]\nname = "first"\nasks = ["noc"]\n', ELSEWHERE), '10: "kind" is missing'),
        ((SIZE, "[[field]]\nuse = 7\n", APPROVAL, ELSEWHERE), '11: "use" must be text'),
    ],
)
def test_what_else_is_wrong_is_told_in_the_same_go(tmp_path: Path, parts: tuple[str, ...], wrong: str) -> None:
    faults = said(tmp_path, *parts)
    assert any(fault.startswith(wrong) for fault in faults), faults
    assert any("pools.lann" in fault for fault in faults), faults
    assert len(faults) == 2, faults


def test_what_names_it_is_not_told_as_a_fault(tmp_path: Path) -> None:
    asking = step("aproval", 'asks = ["noc"]', "  [[step.field]]", '  name = "account"', '  type = "text"')
    after = step("allocate", 'after = ["aproval_step"]', 'pool = "lan"', 'length = "form.size"')
    assert len(said(tmp_path, SIZE, asking, after)) == 1


def test_a_file_in_which_all_is_right_is_as_it_was(tmp_path: Path) -> None:
    assert said(tmp_path, SIZE, APPROVAL, ALLOCATE, top=TOP) == []
