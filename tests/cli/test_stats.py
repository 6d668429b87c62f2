"""`mailbot stats`: how requests went, as JSON and as tables."""

import pytest

LATER = ("--until", "2099-01-01")


def test_a_house_without_requests_has_figures_all_the_same(shell):
    said = shell.json("stats")
    assert (said["came"], said["closed"], said["median_hours"]) == (0, 0, None)
    assert (said["since"], said["types"], said["departments"]) == (None, [], [])
    assert "n/a" in shell.ok("stats")


def test_requests_are_counted_by_type(shell):
    shell.new()
    shell.ok("requests", "cancel", shell.new(), "--reason", "asked for twice")
    said = shell.json("stats", *LATER)
    assert (said["came"], said["cancelled"], said["closed"], said["trace_complete"]) == (2, 1, 1, 1)
    [attribution] = said["types"]
    assert attribution == {"type": "attribution"} | {key: said[key] for key in attribution if key != "type"}
    told = [
        line.split()[:6] for line in shell.ok("stats", *LATER).splitlines() if line.startswith(("attribution", "all"))
    ]
    assert told == [["attribution", "2", "0", "0", "1", "0"], ["all", "2", "0", "0", "1", "0"]]


def test_what_lies_outside_of_the_span_does_not_count(shell):
    shell.ok("requests", "cancel", shell.new(), "--reason", "asked for twice")
    for span in (("--until", "2020-12-31"), ("--since", "2098-01-01", *LATER)):
        said = shell.json("stats", *span)
        assert (said["came"], said["cancelled"]) == (0, 0)


@pytest.mark.parametrize(
    "span",
    [("--since", "yesterday"), ("--until", "2026-13-01"), ("--since", "2026-02-02", "--until", "2026-02-01")],
)
def test_a_span_that_is_none_is_told(shell, span):
    done = shell("stats", *span)
    assert done.code == 2
    assert done.out == ""
