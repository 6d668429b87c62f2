"""`for`, `until` and `not_before`: that whatever they come to is a length of time, or a moment."""

from collections.abc import Iterator, Mapping

from mailbot.errors import Fault
from mailbot.process import moments
from mailbot.process.calendar import ALWAYS
from mailbot.process.definition import Field, FieldType
from mailbot.process.duration import Duration
from mailbot.process.expression import EvaluationFailed, Kind, Names, Scope, ScopeValue, Text, names_in
from mailbot.process.rules.case import Case
from mailbot.process.rules.checks.worlds import worlds

FOR = "for"
_A_LENGTH = "a field of type duration, a number or a choice says how long"
_A_MOMENT = "a field of type date, text or choice says when"
_DURATION, _DATE = "1 day", "2026-12-24"
"""What stands for any value of such a field."""


def time_faults(case: Case, index: int, key: str, text: Text, names: Names) -> Iterator[Fault]:
    """Of a text that names nothing wrong."""
    path = ("step", index, key)
    for start, hole in text.holes():
        if words := _wrong_hole(case, key, hole.source, names):
            yield case.source.at(path, words, offset=start)
            return
    for reading in sorted(_readings(case, index, text, names)):
        try:
            _read(key, reading)
        except ValueError as error:
            made = f"for one of the choices this is {reading!r}: " if text.holes() else ""
            yield case.source.at(path, f"{made}{error}")
            return


def _wrong_hole(case: Case, key: str, source: str, names: Names) -> str:
    """Why a hole cannot say how long, or when; "" where it may."""
    types = _types(case)
    for name in names_in(source):
        known, type_ = names.get(name), types.get(name)
        listed = known is not None and (bool(known.choices) or known.kind is Kind.BOOLEAN)
        if listed or type_ is FieldType.CHOICE:
            continue
        if key == FOR and type_ is not FieldType.DURATION and not (known and known.kind is Kind.NUMBER):
            return f"{name!r} may be anything: {_A_LENGTH}"
        if key != FOR and (type_ is FieldType.DURATION or (known and known.kind in {Kind.NUMBER, Kind.LIST})):
            return f"{name!r} is no moment: {_A_MOMENT}"
    return ""


def _readings(case: Case, index: int, text: Text, names: Names) -> set[str]:
    """What the text can come to, with one value for many where they are too many; what cannot be known is left out."""
    rule = case.process.steps[index]
    samples = _samples(case, names)
    found = set()
    for world in worlds(case.process, rule, [hole.source for _, hole in text.holes()]):
        try:
            found.add(text.render({**samples, **world}).strip())
        except EvaluationFailed:
            continue
    return found


def _samples(case: Case, names: Names) -> Scope:
    of_type: Mapping[FieldType | None, ScopeValue] = {FieldType.DURATION: _DURATION, FieldType.DATE: _DATE}
    types = _types(case)
    numbers: dict[str, ScopeValue] = {name: 1 for name, known in names.items() if known.kind is Kind.NUMBER}
    return numbers | {name: of_type[type_] for name, type_ in types.items() if type_ in of_type}


def _types(case: Case) -> Mapping[str, FieldType]:
    fields: dict[str, Field] = {f"form.{field.name}": field for field in case.process.fields}
    fields |= {f"steps.{rule.name}.{field.name}": field for rule in case.process.steps for field in rule.fields}
    return {name: field.type for name, field in fields.items()}


def _read(key: str, text: str) -> None:
    """ValueError, in words, where it is none."""
    if key != FOR:
        moments.begins(text, ALWAYS)
    elif Duration.parse(text).amount == 0:
        raise ValueError(f"{text!r} is over before it begins")
