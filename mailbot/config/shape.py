"""Walk a document and a pydantic model side by side: from an error's location to the key path in the file."""

from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mailbot.config.kinds import HIDDEN
from mailbot.config.locate import KeyPath


def follow(value: Any, loc: Sequence[str | int], model: type[BaseModel], at: KeyPath) -> tuple[KeyPath, list[Any]]:
    """The key path of the deepest value that an error is about, and what that value may be.

    Locations hold labels beside keys ("str", the tag of a union's member, "[key]"): these lead nowhere in the
    file, but say which member was meant.
    """
    kinds: list[Any] = [model]
    for part in loc:
        if meant := [kind for kind in kinds if len(kinds) > 1 and _is_called(kind, part)]:
            kinds = meant
        elif _holds(value, part):
            kinds = [below for kind in kinds for below in _below(kind, part)]
            at, value = (*at, part), value[part]
    return at, kinds


def known_keys(kinds: list[Any]) -> list[str]:
    """The keys that a table may have which is one of these models."""
    return [key for kind in kinds for key, _ in _fields(kind) if key != HIDDEN]


def is_section(kinds: list[Any], name: str | int) -> bool:
    """Whether a key is that of a table of its own."""
    return any(_is_model(below) for kind in kinds for below in _below(kind, name))


def _holds(value: object, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _below(kind: Any, part: str | int) -> Iterator[Any]:
    """The kinds that a key or an item of a value of this kind may have."""
    arguments = get_args(kind)
    if get_origin(kind) in (list, tuple) and arguments:
        yield from _members(arguments[0])
    elif get_origin(kind) is dict:
        yield from _members(arguments[1])
    else:
        for key, field in _fields(kind):
            if key == part:
                yield from _members(field.annotation)


def _members(kind: Any) -> Iterator[Any]:
    """The kinds of a union, of an optional, or the one itself."""
    if get_origin(kind) in (Union, UnionType):
        for argument in get_args(kind):
            yield from _members(argument)
    elif get_origin(kind) is Annotated:
        yield from _members(get_args(kind)[0])
    elif kind is not type(None):
        yield kind


def _fields(kind: Any) -> Iterator[tuple[str, FieldInfo]]:
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            alias = field.validation_alias
            yield alias if isinstance(alias, str) else name, field


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _is_called(kind: Any, label: str | int) -> bool:
    """Whether a union's member goes by this label: its class's name, or a value of its tag."""
    if getattr(kind, "__name__", None) == label:
        return True
    annotations = (field.annotation for _, field in _fields(kind))
    return any(get_origin(each) is Literal and label in get_args(each) for each in annotations)
