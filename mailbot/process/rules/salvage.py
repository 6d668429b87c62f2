"""What is left of a file when its wrong keys are taken out: enough to look for more faults at once."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mailbot.config.locate import KeyPath

M = TypeVar("M", bound=BaseModel)

_NEEDED = frozenset({"name", "kind", "use"})
"""Without these, nothing that is said of a step or field can be relied upon."""


def salvage(value: Mapping[str, Any], error: ValidationError, model: type[M]) -> tuple[M | None, frozenset[KeyPath]]:
    """The file less what does not hold, and the tables that something was taken from.

    None where what is left would be told as faults that are none.
    """
    rest, damaged = deepcopy(dict(value)), set[KeyPath]()
    for details in error.errors(include_url=False, include_context=False, include_input=False):
        path = _key_of(tuple(_there(value, details["loc"])))
        if not path or path[-1] in _NEEDED:
            return None, frozenset()
        damaged.add(path[:-1])
        _take_out(rest, path)
    try:
        return model.model_validate(rest), frozenset(damaged)
    except ValidationError:
        return None, frozenset()


def _there(value: Any, loc: tuple[str | int, ...]) -> Iterator[str | int]:
    """The part of pydantic's location that is in the file; the rest are labels of its own."""
    for part in loc:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return
        yield part


def _key_of(path: KeyPath) -> KeyPath:
    """The key to take out: of the file, of a step, of a field. What stands deeper falls with it."""
    match path:
        case ("step", int(), "field", int(), str(), *_):
            return path[:5]
        case (("step" | "field"), int(), str(), *_) | ("fields", str(), str(), *_):
            return path[:3]
        case ("defaults", str(), *_):
            return path[:2]
        case _:
            return path[:1]


def _take_out(value: Any, path: KeyPath) -> None:
    *around, last = path
    try:
        for part in around:
            value = value[part]
        if isinstance(value, dict):
            value.pop(last, None)
    except (KeyError, IndexError, TypeError):
        return  # taken out already, with what it stood in
