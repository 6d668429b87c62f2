"""Places in TOML: our walk finds what tomllib finds, and says where."""

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.config.locate import inside, locate

BARE = st.text("abcXYZ019_-", min_size=1, max_size=4)
ODD = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0x1F600), max_size=4)
KEYS = BARE | ODD
SCALARS = st.sampled_from([
    "1", "0x1F", "1e3", "inf", "true", "1979-05-27", "07:32:00", "1979-05-27 07:32:00",
    "1979-05-27T07:32:00Z", '""', '"a # b"', r'"\"]}\\ \u00e9 \U0001F600"', "'a\\'", "''", '"é]"',
    '"""\n one "" two""""', '"""a\\\n   b \\""""', "'''\n'a' ''b'''''", '"""\n# no comment\n[no.table]\n"""',
])  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


class Writer:
    """Writes nested dicts, lists and scalars (as TOML writes them), choosing among the ways at random."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw

    def pick(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def key(self, name: str) -> str:
        bare = name.isascii() and name.replace("-", "a").replace("_", "a").isalnum()
        if bare and self.pick("bare", "quoted") == "bare":
            return name
        if "'" not in name and name.isprintable() and self.pick("literal", "basic") == "literal":
            return f"'{name}'"
        return json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")

    def dotted(self, names: tuple[str, ...]) -> str:
        return self.pick(".", " . ", "\t.").join(map(self.key, names))

    def value(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            gap = self.pick("", " ", "\n", " # ]\n  ")
            last = self.pick("", ",") if value else ""
            return "[" + gap + f"{gap},{gap}".join(map(self.value, value)) + gap + last + gap + "]"
        pairs = [f"{self.key(name)}{self.pick('=', ' = ')}{self.value(inner)}" for name, inner in value.items()]
        return "{ " + self.pick(",", " , ").join(pairs) + " }"

    def lines(self, table: dict[str, Any], at: tuple[str, ...]) -> Iterator[str]:
        """The lines of a table: what belongs to it first, then the tables below it, each under its header."""
        below: list[tuple[str, Any]] = []
        for name, value in table.items():
            if isinstance(value, dict) and value and self.pick("dotted", "other") == "dotted":
                yield from self.spread((name,), value)
            elif _is_table(value) and self.pick("header", "inline") == "header":
                below.append((name, value))
            else:
                yield f"{self.pick('', '  ')}{self.key(name)} = {self.value(value)}{self.pick('', ' # [c]')}"
        for name, value in below:
            brackets = ("[", "]") if isinstance(value, dict) else ("[[", "]]")
            for each in [value] if isinstance(value, dict) else value:
                yield self.pick("", "# comment = 1\n") + self.dotted((*at, name)).join(brackets)
                yield from self.lines(each, (*at, name))

    def spread(self, names: tuple[str, ...], table: dict[str, Any]) -> Iterator[str]:
        for name, value in table.items():
            if isinstance(value, dict) and value and self.pick("dotted", "inline") == "dotted":
                yield from self.spread((*names, name), value)
            else:
                yield f"{self.dotted((*names, name))}={self.value(value)}"


def _is_table(value: Any) -> bool:
    tables = value if isinstance(value, list) else [value]
    return bool(tables) and all(isinstance(each, dict) for each in tables)


@st.composite
def documents(draw: Any) -> str:
    table = draw(st.dictionaries(KEYS, VALUES, max_size=4))
    return draw(st.sampled_from(["\n", "\n\n", " \n\t"])).join(Writer(draw).lines(table, ()))


def paths(value: Any, at: tuple = ()) -> Iterator[tuple]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*at, key)
        yield from paths(inner, (*at, key))


def look_up(value: Any, path: tuple) -> Any:
    for key in path:
        value = value[key]
    return value


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(documents())
def test_the_key_paths_are_those_of_tomllib(text):
    assert set(locate(text)) == set(paths(tomllib.loads(text)))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(documents())
def test_a_spot_holds_the_key_and_the_value_that_it_says(text):
    document = tomllib.loads(text)
    for path, spot in locate(text).items():
        value = look_up(document, path)
        if not isinstance(value, dict | list):
            written = tomllib.loads(f"it = {text[spot.value : spot.end]}")["it"]
            assert repr(written) == repr(value)  # nan is not nan, and 1 is True
        if isinstance(path[-1], str):
            assert tomllib.loads(f"{key_at(text, spot.key)} = 0") == {path[-1]: 0}


def key_at(text: str, index: int) -> str:
    """One part of a key: up to what ends it outside of quotes."""
    quote = text[index] if text[index] in "\"'" else ""
    end = index + len(quote)
    while text[end] not in (quote or " \t.=]"):
        end += 2 if quote == '"' and text[end] == "\\" else 1
    return text[index : end + len(quote)]


@pytest.mark.parametrize(
    ("raw", "offset", "rest"),
    [
        ('"plain"', 0, 'plain"'),
        ('"plain"', 2, 'ain"'),
        (r'"a\"b\\c"', 1, r'\"b\\c"'),
        (r'"a\"b\\c"', 4, 'c"'),
        (r'"\u00e9\U0001F600e"', 2, 'e"'),
        (r"'a\b'", 2, "b'"),
        ('"""\nfirst line is skipped"""', 0, 'first line is skipped"""'),
        ('"""a\\\n    \n  b"""', 1, '\\\n    \n  b"""'),
        ('"""a\\\n    \n  bc"""', 2, 'c"""'),
        ("'''\nab'''", 1, "b'''"),
        ('"ab"', 9, '"'),
    ],
)
def test_a_character_of_a_string_is_found_behind_quotes_and_escapes(raw, offset, rest):
    assert raw[inside(raw, offset) :] == rest


def test_what_is_no_string_has_no_inside():
    assert inside("28", 1) == 0
