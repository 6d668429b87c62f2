"""What pydantic finds, in words for people who have never heard of it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from mailbot.config.locate import KeyPath

_DATE = 'a date, like "2026-12-24"'
EXPECTED = {
    "string_type": "text in quotes",
    "string_sub_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "an ordinary number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list in [ ]",
    "tuple_type": "a list in [ ]",
    "set_type": "a list in [ ]",
    "frozen_set_type": "a list in [ ]",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dataclass_type": "a table",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": "a date with a time",
    "time_type": "a time of day",
}
"""What should have stood there, by the type of pydantic's error."""

_PHRASES = {
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "int_parsing_size": "is too large a number",
    "none_required": "must be left out",
}


_NAMES = {
    str: "text",
    int: "a number",
    float: "a fraction",
    list: "a list",
    dict: "a table",
    type(None): "nothing",
}


def follows_from_another(details: ErrorDetails) -> bool:
    """A default made from a faulty value; a list that is short only because faulty items do not count."""
    if details["type"] == "too_short":
        return len(details["input"]) >= int(details["ctx"]["min_length"])
    return details["type"] == "default_factory_not_called"


def phrase(kind: str, context: Mapping[str, Any]) -> str:
    """The rest of a sentence that begins with the key's name."""
    if context.get("min_length") == 1:
        return "must not be empty"
    return _PHRASES.get(kind, "has a value that does not fit here").format_map(context)


def shown(value: object) -> str:
    """What a TOML value is called."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NAMES.get(type(value), "a date or time without quotes")


def named(path: KeyPath) -> str:
    """What a sentence calls the value at a key path."""
    match path:
        case ():
            return "the file"
        case (*_, str(key), int(index)):
            return f'item {index + 1} of "{key}"'
        case _:
            return f'"{path[-1]}"'


def section(path: KeyPath) -> str:
    """The table at a key path, as its header would be written."""
    header = ".".join(key if re.fullmatch(r"[\w-]+", key) else f'"{key}"' for key in path if isinstance(key, str))
    return f"[[{header}]]" if isinstance(path[-1], int) else f"[{header}]"


def offered(expected: str) -> list[str]:
    """The choices in pydantic's "'a', 'b' or 'c'"."""
    return re.findall(r"'([^']*)'", expected)


def joined(words: Sequence[str]) -> str:
    """ "a, b or c"."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
