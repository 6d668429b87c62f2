"""What processes are ordered as: an order must mean one of them."""

from pathlib import Path

from rulefiles import ALLOCATE, APPROVAL, SIZE, TOP, loaded, words

OTHER = TOP.replace('"attribution"', '"other"')
SAME = '[service]\nspecification = "Attribution"\n'


def test_a_process_is_ordered_by_its_type_unless_its_file_says_otherwise(tmp_path: Path) -> None:
    told = '[service]\nspecification = "IP block"\naction = "modify"\n'
    rules = loaded(tmp_path, SIZE, APPROVAL, ALLOCATE, other=OTHER + told + SIZE + APPROVAL + ALLOCATE)
    found = {name: (p.specification, p.order_action.value) for name, p in rules.processes.items()}
    assert found == {"attribution": ("attribution", "add"), "other": ("IP block", "modify")}


def test_two_processes_that_are_ordered_alike_are_refused(tmp_path: Path) -> None:
    found = words(tmp_path, SIZE, APPROVAL, ALLOCATE, other=OTHER + SAME + SIZE + APPROVAL + ALLOCATE)
    assert found == ["error: 'attribution' with the action 'add' already stands for other.toml"]


def test_one_specification_with_another_action_is_another_order(tmp_path: Path) -> None:
    other = OTHER + SAME + 'action = "delete"\n' + SIZE + APPROVAL + ALLOCATE
    assert words(tmp_path, SIZE, APPROVAL, ALLOCATE, other=other) == []


def test_an_action_that_there_is_not_is_told(tmp_path: Path) -> None:
    [error] = words(tmp_path, '[service]\naction = "remove"\n', SIZE, APPROVAL, ALLOCATE)
    assert '"add", "modify" or "delete"' in error
