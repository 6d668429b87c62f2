"""What leaves through a terminal, and what must not."""

import json

import pytest

from mailbot.cli.output import print_json_list, print_table, printable

ESCAPES = ["\x1b[2J", "\x9b31m", "\x07", "\u202e", "\r", "\x00", "\ud800"]


@pytest.mark.parametrize("escape", ESCAPES, ids=ascii)
def test_control_characters_of_others_never_reach_the_terminal(escape, capsys):
    print_table(["name"], [[f"a{escape}b"]])
    print_json_list([{"name": f"a{escape}b"}])
    assert escape not in capsys.readouterr().out
    assert escape not in printable(f"a{escape}b")


@pytest.mark.parametrize("escape", ESCAPES, ids=ascii)
def test_json_still_says_what_was_there(escape, capsys):
    print_json_list([{"name": f"a{escape}b"}])
    assert json.loads(capsys.readouterr().out) == [{"name": f"a{escape}b"}]


def test_letters_of_any_language_stay_as_they_are(capsys):
    print_json_list(["Zürich 株式会社 \U0001f600"])
    assert "Zürich 株式会社 \U0001f600" in capsys.readouterr().out


@pytest.mark.parametrize("items", [[], [1], [1, 2, {"a": None}]])
def test_a_list_is_json_however_long(items, capsys):
    print_json_list(iter(items))
    print_json_list(iter(items), behind={"name": "x"}, name="items")
    told = capsys.readouterr().out
    first, end = json.JSONDecoder().raw_decode(told)
    assert first == items
    assert json.loads(told[end:]) == {"name": "x", "items": items}


def test_a_table_in_a_pipe_breaks_no_line(capsys):
    print_table(["a", "b"], [["x", "long " * 100], ["two\nlines", ""]])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1].endswith("long")
    assert lines[2] == "two lines"
