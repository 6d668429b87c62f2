"""What a form can hold: every combination of values that a step's expressions can tell apart, as far as they are few.

A name whose values nobody can list stands in none of them: it may have any.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import product
from math import prod

from mailbot.process.definition import Field, FieldType, Process, StepRule
from mailbot.process.expression import EvaluationFailed, Scope, ScopeValue, Text, landmarks, names_in, outcomes
from mailbot.process.form import LONGEST_LENGTH
from mailbot.process.rules.checks.items import ITEM, field_behind

MOST = 4096
"""Combinations that are looked at, one by one."""
MANY = 256
"""Numbers of a field that are all looked at; of more, those around which something changes."""

_NUMBERS = frozenset({FieldType.INTEGER, FieldType.PREFIX_LENGTH})
Axis = Sequence[Scope]
"""The values of one field, each with the columns that go with it."""


def worlds(process: Process, rule: StepRule, sources: Iterable[str]) -> Iterator[Scope]:
    """`rule` is the step that the expressions stand in."""
    sources = tuple(sources)
    names = {name for source in sources for name in names_in(source)}
    axes = sorted(_axes(process, rule, names, _marks(sources)), key=len)
    while prod(map(len, axes)) > MOST:
        axes.pop()  # what it would say stays unknown
    for chosen in product(*axes):
        yield reduce(_joined, chosen, {})


def readings(process: Process, rule: StepRule, text: Text) -> frozenset[str] | None:
    """All that a text can come to; None where nobody can list that."""
    found = set()
    for world in worlds(process, rule, [hole.source for _, hole in text.holes()]):
        try:
            found.add(text.render(world).strip())
        except EvaluationFailed:
            return None
    return frozenset(found)


def verdicts(process: Process, rule: StepRule) -> frozenset[bool]:
    """Whether the step's condition can hold, and can fail to; both where that cannot be said."""
    if rule.when is None:
        return frozenset({True})
    conditions = _conditions(process, rule)
    found: set[bool] = set()
    for world in worlds(process, rule, [rule.when.source, *conditions.values()]):
        found |= outcomes(rule.when.source, _with_done(world, conditions))
        if len(found) == len((True, False)):
            break
    return frozenset(found)


# -- values ------------------------------------------------------------------------------------------


def _joined(one: Scope, other: Scope) -> dict[str, ScopeValue]:
    return {**one, **other}


def _marks(sources: Iterable[str]) -> Mapping[str, frozenset[int]]:
    """Per name, the numbers around which any of the expressions changes; only of names that all use so."""
    found: dict[str, frozenset[int]] = {}
    otherwise: set[str] = set()
    for source in sources:
        marks = landmarks(source)
        otherwise |= set(names_in(source)) - set(marks)
        found |= {name: numbers | found.get(name, frozenset()) for name, numbers in marks.items()}
    return {name: numbers for name, numbers in found.items() if name not in otherwise}


def _axes(
    process: Process, rule: StepRule, names: Iterable[str], marks: Mapping[str, frozenset[int]]
) -> Iterator[Axis]:
    fields = {f"form.{field.name}": field for field in process.fields}
    fields |= {f"steps.{other.name}.{field.name}": field for other in process.steps for field in other.fields}
    if (items := field_behind(process, rule)) is not None:
        yield from _axis(ITEM, items, names, marks)
    for name, field in fields.items():
        if not field.many:
            yield from _axis(name, field, names, marks)


def _axis(name: str, field: Field, names: Iterable[str], marks: Mapping[str, frozenset[int]]) -> Iterator[Axis]:
    if not any(used == name or used.startswith(f"{name}.") for used in names):
        return
    match field.type:
        case FieldType.CHOICE:
            yield [
                {name: choice, **{f"{name}.{column}": cell for column, cell in field.rows.get(choice, {}).items()}}
                for choice in field.choices
            ]
        case FieldType.YES_NO:
            yield [{name: True}, {name: False}]
        case type_ if type_ in _NUMBERS and (numbers := _numbers(field, marks.get(name))) is not None:
            yield [{name: number} for number in numbers]


def _numbers(field: Field, marks: frozenset[int] | None) -> Sequence[int] | None:
    least, most = bounds(field)
    if least is not None and most is not None and most - least < MANY:
        return range(least, most + 1)
    if marks is None:
        return None
    ends = {end for end in (least, most) if end is not None}
    around = {number + step for number in marks for step in (-1, 0, 1)} or {0}
    low, high = (min(around) if least is None else least), (max(around) if most is None else most)
    return sorted(number for number in around | ends if low <= number <= high)


def bounds(field: Field) -> tuple[int | None, int | None]:
    """The least and the greatest number of a field; None where there is none."""
    if field.type is not FieldType.PREFIX_LENGTH:
        return field.min, field.max
    return field.min or 0, LONGEST_LENGTH if field.max is None else field.max


# -- steps before ----------------------------------------------------------------------------------------


def _conditions(process: Process, rule: StepRule) -> Mapping[str, str]:
    """ "steps.NAME.done" → the condition without which that step is not done, for the steps that a condition names."""
    used = names_in(rule.when.source) if rule.when else ()
    return {
        f"steps.{other.name}.done": other.when.source
        for other in process.steps
        if other.when is not None and other.each is None and f"steps.{other.name}.done" in used
    }


def _with_done(world: Scope, conditions: Mapping[str, str]) -> Scope:
    """A step whose own condition cannot hold is not done; of all others that is not known."""
    skipped = {name: False for name, source in conditions.items() if outcomes(source, world) == {False}}
    return {**world, **skipped}
