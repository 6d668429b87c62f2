"""`mailbot rules show`."""

from xml.etree import ElementTree as ET

import pytest


@pytest.mark.parametrize(
    ("format_", "begins"),
    [("text", "attribution: New address space\n"), ("mermaid", "flowchart TD\n"), ("svg", "<svg ")],
)
def test_a_process_is_drawn_in_each_format(shell, format_, begins):
    drawn = shell.ok("rules", "show", "allocation", "--format", format_)
    assert drawn.startswith(begins)
    assert "Billing account" in drawn


def test_text_is_what_people_get(shell):
    assert shell.ok("rules", "show", "attribution") == shell.ok("rules", "show", "attribution", "--format", "text")


def test_an_svg_is_well_formed(shell):
    root = ET.fromstring(shell.ok("rules", "show", "update", "--format", "svg"))  # noqa: S314 (our own)
    assert root.tag.endswith("svg")


def test_a_process_that_is_not_there_is_exit_1_with_what_was_meant(shell):
    done = shell("rules", "show", "atribution")
    assert (done.code, done.out) == (1, "")
    assert "did you mean 'attribution'" in done.err
