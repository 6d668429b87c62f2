"""What a body has wrong, each with its place in what was sent, in words for people who have never heard of pydantic."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mailbot.config.wording import EXPECTED, follows_from_another, joined, offered, phrase

Place = tuple[str | int, ...]

_EXPECTED = EXPECTED | {
    "string_type": "a text",
    **dict.fromkeys(("list_type", "tuple_type"), "a list"),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type"), "an object"),
}


def told(error: ValidationError, said: Any) -> Iterator[tuple[str, str]]:
    """(where, what) of all that pydantic found in what was `said`."""
    found: dict[Place, list[ErrorDetails]] = {}
    for details in error.errors(include_url=False):
        if not follows_from_another(details):
            found.setdefault(_place(details, said), []).append(details)
    for place, here in found.items():
        is_told_below = len(here) > 1 and any(len(one) > len(place) and one[: len(place)] == place for one in found)
        if not is_told_below:
            yield path(place), _words(here)


def path(place: Iterable[str | int]) -> str:
    """As JavaScript writes it: "orderItem[0].service"."""
    found = ""
    for part in place:
        found += f"[{part}]" if isinstance(part, int) else f".{part}" if found else part
    return found


def _place(details: ErrorDetails, said: Any) -> Place:
    """Without the names of our own types, which pydantic puts where a value may be of one of several."""
    found: list[str | int] = []
    for part in details["loc"]:
        if _holds(said, part):
            said = said[part]
        elif details["type"] != "missing" or part != details["loc"][-1]:
            continue
        found.append(part)
    return tuple(found)


def _holds(said: Any, part: str | int) -> bool:
    if isinstance(said, Mapping):
        return part in said
    return isinstance(said, list) and isinstance(part, int) and part < len(said)


def _words(of_one: list[ErrorDetails]) -> str:
    kinds = list(dict.fromkeys(_EXPECTED[one["type"]] for one in of_one if one["type"] in _EXPECTED))
    if kinds:
        return f"this must be {joined(kinds)}"
    details = of_one[0]
    kind, context = details["type"], details.get("ctx", {})
    if kind == "missing":
        return "this is needed"
    if kind == "extra_forbidden":
        return "there is no such field"
    if kind == "value_error":
        return str(context["error"])
    if choices := offered(str(context.get("expected", ""))):
        return f"this must be {joined(choices)}"
    return f"this {phrase(kind, context)}"
