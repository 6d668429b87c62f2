"""Phrases: English words that know by which name, and with what in their holes, another language says the same."""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Protocol, Self, runtime_checkable

from mailbot.delivered import asset

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

Value = str | int | tuple[str, ...]
"""What a hole is filled with: other phrases too; several have commas between them."""


@runtime_checkable
class Sayable(Protocol):
    """A value that is said by a phrase of its own, like a length of time."""

    @property
    def phrase(self) -> "Phrase": ...


LISTED = ", "
_HOLE = re.compile(r"\{(\w+)(?::([^{}]*))?\}")


class Phrase(str):
    """English text, for the history, for JSON, for whoever compares; a letter says it in its reader's language.

    `name` is "section.name" in templates/words.toml, "" for words that are nobody's but their writer's.
    """

    __slots__ = ("name", "values")
    name: str
    values: Mapping[str, Value]

    def __new__(cls, text: str, name: str = "", values: Mapping[str, Value] | None = None) -> Self:
        phrase = super().__new__(cls, text)
        phrase.name, phrase.values = name, values or {}
        return phrase

    def with_values(self, changed: Callable[[Value], Value]) -> "Phrase":
        """The same phrase with its values changed."""
        if self.name not in shipped():
            return Phrase(str(changed(str(self))))  # kept by a version that had another name for it
        return say(self.name, **{hole: changed(value) for hole, value in self.values.items()})


def say(name: str, /, **values: object) -> Phrase:
    """The phrase of that name with these values in its holes. KeyError for a name that the file does not have."""
    filling = {hole: _value(value) for hole, value in values.items()}
    return Phrase(filled(shipped()[name], filling), name, filling)


def _value(value: object) -> Value:
    match value:
        case Phrase() | int():
            return value
        case tuple() | list():
            return tuple(each if isinstance(each, Phrase) else str(each) for each in value)
        case Sayable():
            return value.phrase
        case _:
            return str(value)


def phrase_of(error: Exception) -> str:
    """The words of an error: the phrase that it was raised with, where it was raised with one."""
    return error.args[0] if error.args and isinstance(error.args[0], Phrase) else str(error)


def filled(text: str, values: Mapping[str, Value], told: Callable[[str], str] = str) -> str:
    """A phrase's text with its holes filled: `{name}`, or `{count:thing|things}`, which chooses by a number.

    `told` says the phrases within. KeyError for a hole that has no value.
    """
    return _HOLE.sub(lambda hole: _put(values[hole[1]], hole[2], told), text)


def _put(value: Value, forms: str | None, told: Callable[[str], str]) -> str:
    if forms is not None:
        one, _, more = forms.partition("|")
        return one if str(value) == "1" else more
    if isinstance(value, tuple):
        return LISTED.join(map(told, value))
    return told(value) if isinstance(value, str) else str(value)


def holes_in(text: str) -> frozenset[str]:
    """The names of a text's holes."""
    return frozenset(hole[1] for hole in _HOLE.finditer(text))


@cache
def shipped() -> Mapping[str, str]:
    """The English of every phrase, by "section.name"."""
    return flat(tomllib.loads((asset("templates") / "words.toml").read_text(encoding="utf-8")))


def flat(tables: Mapping[str, Any]) -> dict[str, str]:
    """A catalogue's texts by "section.name"; what has no place in one is left out."""
    found = ((section, table) for section, table in tables.items() if isinstance(table, dict))
    return {f"{section}.{name}": text for section, table in found for name, text in table.items() if type(text) is str}


# -- in a request's row ----------------------------------------------------------------------------------------------


class _Kept:
    """How pydantic keeps a phrase: with its name and values, so that a later letter can say it too."""

    def __get_pydantic_core_schema__(self, *_: object) -> "CoreSchema":
        from pydantic_core import core_schema  # noqa: PLC0415 (who only says something needs none of it)

        return core_schema.no_info_plain_validator_function(
            _read, serialization=core_schema.plain_serializer_function_ser_schema(_written)
        )


Words = Annotated[str, _Kept()]
"""Words that a request keeps: a person's, or a phrase."""


def _written(words: Value) -> Any:
    match words:
        case Phrase() if words.name:
            return {
                "phrase": words.name,
                "values": {name: _written(value) for name, value in words.values.items()},
                "text": str(words),
            }
        case tuple():
            return [_written(each) for each in words]
        case _:
            return words


def _read(kept: Any) -> Any:
    match kept:
        case {"phrase": name, "values": values, "text": text}:
            return Phrase(text, name, {hole: _read(value) for hole, value in values.items()})
        case list():
            return tuple(map(_read, kept))
        case str() | int():
            return kept
        case _:
            raise ValueError("no words")
