"""Values of JSON as cells of a row."""

from collections.abc import Mapping

# A nested object is told by what names it: a VLAN by its number, a choice by its value, all others by their name.
_NAMED_BY = ("vid", "value", "name", "display")


def flat(item: Mapping[str, object]) -> dict[str, str]:
    """An object of JSON as a row: keys in lower case, each value as text, null as nothing."""
    return {name.lower(): _text(value) for name, value in item.items()}


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case dict():
            return next((str(value[key]) for key in _NAMED_BY if value.get(key) not in {None, ""}), "")
        case list():
            return ", ".join(map(_text, value))
        case _:
            return str(value)
