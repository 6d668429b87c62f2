"""Fields: what goes with which type, and that no two answer to the same label."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailbot.config.locate import KeyPath
from mailbot.errors import Fault, near_miss
from mailbot.process.definition import Field, FieldType
from mailbot.process.form import LONGEST_LENGTH, label_key
from mailbot.process.rules.build import field_of, keys_of, with_default
from mailbot.process.rules.case import Case
from mailbot.process.rules.models import FieldTable
from mailbot.process.scope import OWN_NAMES, columns

_NUMBERS = frozenset({FieldType.INTEGER, FieldType.PREFIX_LENGTH})
_TEXTS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT})
_GOES_WITH = {
    "min": _NUMBERS,
    "max": _NUMBERS,
    "min_length": _TEXTS,
    "max_length": _TEXTS,
    "many": frozenset(
        {FieldType.TEXT, FieldType.EMAIL, FieldType.ADDRESS, FieldType.PREFIX, FieldType.ALLOCATION, FieldType.CHOICE}
    ),
    "carries": frozenset({FieldType.ALLOCATION}),
    "reference": frozenset({FieldType.TEXT}),
    "choices": frozenset({FieldType.CHOICE}),
    "list_name": frozenset({FieldType.CHOICE}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A field, where its table stands, and what keys it has, its own or those of the field that it uses."""

    at: KeyPath
    keys: Mapping[str, Any]
    field: Field

    def key(self, name: str) -> KeyPath:
        return (*self.at, "list" if name == "list_name" else name)


def field_faults(case: Case) -> Iterator[Fault]:
    forms: list[tuple[KeyPath, tuple[FieldTable, ...]]] = [((), case.file.fields)]
    forms += [(("step", index), step.fields) for index, step in enumerate(case.file.steps)]
    for around, tables in forms:
        places = [
            _Place(at=(*around, "field", index), keys=keys_of(table, case.house), field=field_of(table, case.house))
            for index, table in enumerate(tables)
        ]
        for place in places:
            yield from _of_one(case, place)
        yield from _told_apart(case, places)
        if around:
            yield from _own_names(case, places)
            yield from _nobodys(case, places)


def _of_one(case: Case, place: _Place) -> Iterator[Fault]:
    used = place.keys.get("use")
    if used and used not in case.house.fields:
        words = f"there is no [fields.{used}] in _house.toml"
        yield case.source.at(place.key("use"), words, near_miss(used, case.house.fields))
        return
    if not place.field.name and place.at not in case.damaged:
        yield case.source.at(place.at, 'a field needs a "name", or "use" with a field of _house.toml')
    yield from _choices(case, place)
    yield from _fitting(case, place)
    yield from _bounds(case, place)
    yield from _default(case, place)


def _choices(case: Case, place: _Place) -> Iterator[Fault]:
    """The choices of a choice: from `choices` or from a list, each once."""
    tell, named = case.source.at, place.keys.get("list_name")
    rows = case.house.lists.get(named) if named else None
    if named and rows is None:
        words = f"there is no [lists.{named}] in _house.toml"
        yield tell(place.key("list"), words, near_miss(named, case.house.lists))
    elif named and place.keys.get("choices"):
        yield tell(place.key("choices"), '"choices" and "list" exclude each other')
    elif place.field.type is FieldType.CHOICE and not place.field.choices:
        yield tell(place.key("type"), 'a choice needs "choices", or "list" with a list of _house.toml')
    keys = [label_key(choice) for choice in place.field.choices]
    if len(set(keys)) < len(keys):
        yield tell(place.key("choices"), "two choices differ in nothing but case or blanks")
    yield from _columns(case, place, named)


def _columns(case: Case, place: _Place, named: str | None) -> Iterator[Fault]:
    """A column has values of one kind, in every row: else `form.site.v4` would fail for some sites."""
    for column, cells in columns(place.field).items():
        kinds = {type(cell) for cell in cells}
        if len(cells) < len(place.field.rows) or len(kinds) > 1:
            words = f"column {column!r} of list {named!r} needs a value of one kind in every row"
            yield case.source.house.fault(("lists", str(named)), words)


def _fitting(case: Case, place: _Place) -> Iterator[Fault]:
    if place.at in case.damaged:
        return
    if not place.keys.keys() & {"type", "choices", "list_name"}:
        yield case.source.at(place.at, f"the field {place.field.name!r} lacks its type")
        return
    for key, types in _GOES_WITH.items():
        if key in place.keys and place.keys[key] is not False and place.field.type not in types:
            words = f'"{place.key(key)[-1]}" means nothing for a field of type "{place.field.type}"'
            yield case.source.at(place.key(key), words)


def _bounds(case: Case, place: _Place) -> Iterator[Fault]:
    field = place.field
    for low, high in (("min", "max"), ("min_length", "max_length")):
        least, most = getattr(field, low), getattr(field, high)
        if least is not None and most is not None and least > most:
            yield case.source.at(place.key(low), f'"{low}" is {least}, which is more than "{high}", {most}')
    for key, bound in (("min", field.min), ("max", field.max)):
        if field.type is FieldType.PREFIX_LENGTH and bound is not None and not 0 <= bound <= LONGEST_LENGTH:
            yield case.source.at(place.key(key), f"a prefix length is from 0 to {LONGEST_LENGTH}")


def _default(case: Case, place: _Place) -> Iterator[Fault]:
    path, default = place.key("default"), place.keys.get("default")
    if default is None:
        return
    if place.field.type is FieldType.ALLOCATION:
        yield case.source.at(path, "what a requester holds is his own: an allocation has no default")
    elif place.field.type is FieldType.CUSTOMER:
        words = "a customer's people have themselves as the default, and everybody else names one: leave it out"
        yield case.source.at(path, words)
    elif wrong := with_default(place.field, default)[1]:
        yield case.source.at(path, f"the default {wrong}")


def _told_apart(case: Case, places: Sequence[_Place]) -> Iterator[Fault]:
    """Labels and names both find a field in a mail, in any case: each must find one only."""
    taken: dict[str, _Place] = {}
    for place in places:
        for key, text in (("name", place.field.name), ("label", place.field.label)):
            other = taken.setdefault(label_key(text), place)
            if text and other is not place:
                words = f"{text!r} already names the field {other.field.name!r}"
                yield case.source.at(place.key(key), words)
                break


def _own_names(case: Case, places: Sequence[_Place]) -> Iterator[Fault]:
    for place in places:
        if place.field.name in OWN_NAMES:
            words = f"steps.NAME.{place.field.name} is the step's own: take another name"
            yield case.source.at(place.key("name"), words)


def _nobodys(case: Case, places: Sequence[_Place]) -> Iterator[Fault]:
    """What a requester holds, and which customer he may name, is looked up for his own form."""
    for place in places:
        if place.field.type is FieldType.CUSTOMER:
            words = "a customer is named by the requester: it stands in his form alone"
            yield case.source.at(place.key("type"), words, "text")
        if place.field.type is FieldType.ALLOCATION:
            words = "an allocation is what the requester holds: it stands in his form alone"
            yield case.source.at(place.key("type"), words, "prefix")
