"""A file as a document: what cannot be read is told in words and with its place; what can, knows its places."""

from pathlib import Path

import pytest

from mailbot.config.document import Document, Place, read
from mailbot.errors import Faulty, Severity

TEXT = """\
# a rule file
type = "x"
[a]
b.c = 1
"d e" = { f = [10, "ü"], g = 'h' }

[[step]]
name = "one"
when = "form.size <= 28"
  [[step.field]]
  name = "account"
[[step]]
  when = \"\"\"
form.a and \\
   form.b\"\"\"
"""
DOCUMENT = Document.parse(Path("x.toml"), TEXT)


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("type",), (2, 1), (2, 8)),
        (("a",), (3, 2), (3, 1)),
        (("a", "b"), (4, 1), (4, 1)),
        (("a", "b", "c"), (4, 3), (4, 7)),
        (("a", "d e"), (5, 1), (5, 9)),
        (("a", "d e", "f"), (5, 11), (5, 15)),
        (("a", "d e", "f", 1), (5, 20), (5, 20)),
        (("a", "d e", "g"), (5, 26), (5, 30)),
        (("step",), (7, 3), (7, 1)),
        (("step", 0), (7, 3), (7, 1)),
        (("step", 0, "field", 0, "name"), (11, 3), (11, 10)),
        (("step", 1), (12, 3), (12, 1)),
        (("step", 1, "when"), (13, 3), (13, 10)),
        # what is not there has the place of what would hold it
        ((), (1, 1), (1, 1)),
        (("nothing",), (1, 1), (1, 1)),
        (("a", "z"), (3, 2), (3, 2)),
        (("step", 1, "field", 0, "name"), (12, 3), (12, 3)),
    ],
)
def test_keys_and_values_have_places(path, key, value):
    assert DOCUMENT.place(path) == Place(line=key[0], column=key[1])
    assert DOCUMENT.place(path, of_value=True) == Place(line=value[0], column=value[1])


@pytest.mark.parametrize(
    ("path", "offset", "place"),
    [
        (("step", 0, "when"), 0, (9, 9)),
        (("step", 0, "when"), 5, (9, 14)),
        (("step", 1, "when"), 0, (14, 1)),
        (("step", 1, "when"), 11, (14, 12)),
        (("step", 1, "when"), 12, (15, 5)),
        (("a", "b", "c"), 3, (4, 7)),
        (("a", "z"), 3, (3, 2)),
    ],
)
def test_an_offset_points_into_a_text(path, offset, place):
    assert DOCUMENT.place(path, offset=offset) == Place(line=place[0], column=place[1])


def test_a_fault_is_told_as_file_line_column_and_suggestion():
    fault = DOCUMENT.fault(("step", 0, "when"), "no such field", "sise", offset=5)
    assert str(fault) == "x.toml:9:14: error: no such field (did you mean 'sise'?)"
    fault = DOCUMENT.fault(("type",), "unwise", severity=Severity.WARNING)
    assert str(fault) == "x.toml:2:1: warning: unwise"


def test_values_are_looked_up_by_path_and_by_pattern():
    assert DOCUMENT.at(("a", "d e", "f", 1)) == "ü"
    assert DOCUMENT.at(("a", "d e", "f", 2)) is None
    assert DOCUMENT.at(("type", "x")) is None
    assert list(DOCUMENT.every("step", "*", "name")) == [(("step", 0, "name"), "one")]
    assert [path for path, _ in DOCUMENT.every("a", "*", "g")] == [("a", "d e", "g")]
    assert list(DOCUMENT.every("type", "*")) == []


SYNTAX = [
    ("a", '1:2: error: a name must be followed by "=" and a value'),
    ("a = ", "1:4: error: no value: text stands in quotes, a list in [ ], yes and no are true and false"),
    ("b = 1\na = yes", "2:5: error: no value: text stands in quotes, a list in [ ], yes and no are true and false"),
    ("a = 1\nb = 2\n  a = 3\nc = 4", "3:3: error: this key is given twice"),
    ("a = 1\na = 2", "2:1: error: this key is given twice"),
    ("[bot]\n[bot]", "2:5: error: the section [bot] is given twice"),
    ('[groups.noc]\n["groups".noc]', "2:14: error: the section [groups.noc] is given twice"),
    ("a = [1]\n[[a]]", "2:4: error: a is given twice, in two ways that exclude each other"),
    ("a = [1", '1:7: error: a list lacks its "]", or a comma between two items'),
    ("a = [1 2]", '1:8: error: a list lacks its "]", or a comma between two items'),
    ("a = {b = 1,}", '1:12: error: a name is expected here, or a "}" before'),
    ('a = "x\nb = 1', "1:7: error: text lacks its closing quote"),
    ("a = 'x", "1:7: error: text lacks its closing quote"),
    ('a = "\\d"', '1:6: error: "\\" begins an escape: write "\\\\" for one, or put the text in single quotes'),
    ('a = "\\ud800"', "1:12: error: an escape that stands for no character"),
    ("a = 1 2", "1:7: error: the line goes on after its value: is the value text that lacks its quotes?"),
    ("a = 10.20.0.0/16", "1:10: error: the line goes on after its value: is the value text that lacks its quotes?"),
    ("[bot", '1:5: error: the section lacks its closing "]"'),
    ("a = 2026-02-30", "1:5: error: no date or time of the calendar"),
    ("= 1", "1:1: error: neither a [section] nor a line of the form name = value"),
    ('a = "\x00"', "1:6: error: a control character"),
    (f"a = {'9' * 5000}", "1:5005: error: a number with too many digits"),
    ("a = " + "[" * 50_000, "1:1: error: lists or tables stand too deep inside each other"),
]


@pytest.mark.parametrize(("text", "fault"), SYNTAX, ids=[text[:20] for text, _ in SYNTAX])
def test_what_is_no_toml_is_told_in_words_and_with_its_place(text, fault):
    with pytest.raises(Faulty) as faulty:
        Document.parse(Path("x.toml"), text)
    assert str(faulty.value) == f"x.toml:{fault}"


def test_what_notepad_writes_is_read():
    document = Document.parse(Path("x.toml"), '\ufeffa = 1\r\n[b]\r\nc = "é"\r\n')
    assert document.place(("b", "c"), of_value=True) == Place(line=3, column=5)
    assert document.at(("b", "c")) == "é"


def test_a_file_that_is_not_utf8_is_told_with_the_place_of_the_character(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes('a = 1\nb = "é'.encode() + b'\xe9"')
    with pytest.raises(Faulty) as faulty:
        read(path)
    assert str(faulty.value) == f"{path}:2:7: error: a character that is not UTF-8: save the file as UTF-8"


@pytest.mark.parametrize(("name", "why"), [("none.toml", "No such file or directory"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_told(tmp_path, name, why):
    with pytest.raises(Faulty) as faulty:
        read(tmp_path / name)
    assert str(faulty.value) == f"{tmp_path / name}:1:1: error: the file cannot be read: {why}"
