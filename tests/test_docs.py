"""What the documentation says about the program is so."""

import re
from pathlib import Path

import pytest

from mailbot.config.events import TYPES
from mailbot.process.request import TRANSITIONS, Outcome
from mailbot.target.base import KNOWN

ROOT = Path(__file__).parents[1]


def table_of_states() -> str:
    """The table of docs/design.md, drawn from the table that the program follows."""
    head = f"| from | {' | '.join(Outcome)} |\n|{'---|' * (len(Outcome) + 1)}\n"
    rows = [
        f"| {state} | {' | '.join(ways.get(outcome, '') for outcome in Outcome)} |"
        for state, ways in TRANSITIONS.items()
        if ways
    ]
    return re.sub(r" +\|", " |", head + "\n".join(rows))


def test_the_states_in_the_design_notes_are_those_of_the_program():
    design = re.sub(r" +\|", " |", (ROOT / "docs" / "design.md").read_text())
    assert table_of_states() in design


def test_every_page_that_a_document_links_to_is_there():
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_type_of_events_stands_in_their_page_as_the_program_knows_it():
    rows = [f"| `{type_}` | {severity.word} | {words} |" for type_, (severity, words) in TYPES.items()]
    assert "\n".join(rows) in (ROOT / "docs" / "events.md").read_text()


def test_templates_of_targets_may_name_each_key_that_is_told_to_targets():
    told = (ROOT / "docs" / "targets.md").read_text()
    section = told[told.index("## What a target is told") : told.index("## Kinds")]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) <= set(KNOWN)


def test_capabilities_stand_in_their_order_and_none_is_left_out():
    rows = re.findall(r"^\| S(\d)\.(\d+) \|", (ROOT / "docs" / "capabilities.md").read_text(), re.MULTILINE)
    numbers = [(int(chapter), int(number)) for chapter, number in rows]
    assert numbers == sorted(numbers)
    chapters = enumerate([27, 12, 14, 13, 13])
    assert set(numbers) == {(chapter, number) for chapter, last in chapters for number in range(1, last + 1)}


def test_every_test_that_shows_a_capability_is_there():
    shown = re.findall(r"`(tests/[\w/.]+\.py)::(\w+)`", (ROOT / "docs" / "capabilities.md").read_text())
    assert shown
    for file, name in shown:
        assert re.search(rf"def {name}\b", (ROOT / file).read_text()), f"{file}::{name}"


@pytest.mark.parametrize("page", ["examples.md", "customers.md"])
def test_every_line_of_a_page_about_examples_stands_in_the_examples(page):
    """In the order in which the page shows them."""
    files = [path.read_text() for path in (ROOT / "rules" / "examples").rglob("*.toml")]
    shown = re.findall(r"^```toml\n(.*?)^```", (ROOT / "docs" / page).read_text(), re.MULTILINE | re.DOTALL)
    assert shown
    for block in shown:
        assert any(block in text for text in files), block
