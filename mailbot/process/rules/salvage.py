"""What is left of a file when its wrong keys are taken out: enough to look for more faults at once."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mailbot.config.locate import KeyPath
from mailbot.errors import near_miss
from mailbot.process.definition import StepKind

M = TypeVar("M", bound=BaseModel)

_NEEDED = frozenset({"name", "kind", "use"})
"""What a step or field is known by, and what it is."""


def salvage(value: Mapping[str, Any], error: ValidationError, model: type[M]) -> tuple[M | None, frozenset[KeyPath]]:
    """The file less what does not hold, and the tables that something was taken from; of a kind that is none,
    also its own key path.

    None where what is left would be told as faults that are none.
    """
    rest, damaged = deepcopy(dict(value)), set[KeyPath]()
    for details in error.errors(include_url=False, include_context=False, include_input=False):
        path = _wrong_key(value, details["loc"])
        if not path or path[-1] == "name":  # whatever refers to it would be told as a fault
            return None, frozenset()
        if details["type"] == "too_short" and value.get(str(path[0])):
            continue  # it is as short as that only because of what is told of its items
        damaged.add(path[:-1])
        if path[-1] in _NEEDED and _stand_in(rest, path):
            damaged.add(path)
        else:
            _take_out(rest, path)
    try:
        return model.model_validate(rest), frozenset(damaged)
    except ValidationError:
        return None, frozenset()


def _wrong_key(value: Mapping[str, Any], loc: tuple[str | int, ...]) -> KeyPath:
    """The key to take out; where a needed one is missing, that."""
    there = tuple(_there(value, loc))
    if loc[-1] in _NEEDED and there == loc[:-1]:
        return tuple(loc)
    return _key_of(there)


def _stand_in(rest: Any, path: KeyPath) -> bool:
    """Put what was probably meant, or else anything, in the place of a kind that is none, and of a field's `use`, by
    which nobody can refer to it; False where that is of no step and no field.
    """
    if path[0] not in {"step", "field"}:
        return False
    *around, key = path
    try:
        for part in around:
            rest = rest[part]
    except (KeyError, IndexError, TypeError):
        return True  # taken out already, with what it stood in
    written = str(rest.pop(key, ""))
    if key == "kind":
        rest["kind"] = near_miss(written, list(StepKind)) or StepKind.NOTIFY.value
    else:
        rest.setdefault("name", f"field_{around[-1]}")
    return True


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
