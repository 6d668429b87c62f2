"""Expressions and texts: every name known, every kind right, every step that is spoken of over by then."""

import re
from collections.abc import Iterator
from dataclasses import replace

from mailbot.config.locate import KeyPath
from mailbot.errors import Fault, near_miss
from mailbot.process import graph
from mailbot.process.definition import FieldType, StepRule
from mailbot.process.expression import (
    Kind,
    Known,
    Mistake,
    Names,
    Text,
    mistakes_in_expression,
    mistakes_in_text,
    names_in,
    outcomes,
)
from mailbot.process.rules.build import pace_of
from mailbot.process.rules.case import Case
from mailbot.process.rules.checks.items import item_names
from mailbot.process.rules.checks.lengths import time_faults
from mailbot.process.rules.checks.numbers import takes_numbers
from mailbot.process.rules.checks.worlds import bounds, readings, verdicts
from mailbot.process.rules.models import StepTable
from mailbot.process.scope import names_of, names_of_step

_EXPRESSIONS = {"length": Kind.NUMBER, "prefix": Kind.PREFIX}
_TEXTS = ("pool", "for_", "until", "holder")
_NO_LIST = (
    "this gives one value, where a list is needed: give its field many = true, or take what another step ran for, "
    '"steps.NAME.items"'
)
_CARRIED = re.compile(r"there is no '(?:item|form\.\w+)\.(?P<name>\w+)' here")


def condition_faults(case: Case) -> Iterator[Fault]:
    form = _known_form(case)
    if case.file.summary:
        yield from _told(case, ("summary",), mistakes_in_text(case.file.summary, form))
    prior = graph.before(case.process.steps)
    for index, rule in enumerate(case.process.steps):
        names = form | _known_steps(case, rule, prior[rule.name])
        with_item = names | item_names(case.process, rule)
        yield from _when(case, index, with_item)
        sure = _guarded(rule, names)
        with_item |= sure
        yield from _each(case, index, sure)
        yield from _of_step(case, index, with_item)
        yield from _not_before(case, index, sure | _no_item(with_item))
        if rule.pool is not None:
            yield from _pools(case, index, rule.pool, with_item)


# -- names ---------------------------------------------------------------------------------------


def _known_form(case: Case) -> dict[str, Known]:
    around = case.around
    names = names_of(case.process.fields, around.groups, around.pools, around.attributes)
    damaged = [f"form.{f.name}" for n, f in enumerate(case.process.fields) if ("field", n) in case.damaged]
    return names | {name: Known(kind=None) for name in damaged}


def _known_steps(case: Case, rule: StepRule, earlier: frozenset[str]) -> dict[str, Known]:
    """The names of the other steps: of those that are over by then, and why not of the others."""
    names: dict[str, Known] = {}
    for index, other in enumerate(case.process.steps):
        own = names_of_step(other)
        if other.name == rule.name or other.name not in earlier:
            refused = f"is not known yet: step {other.name!r} need not be over when {rule.name!r} begins"
            own = {name: replace(known, refused=refused) for name, known in own.items()}
        for number, field in enumerate(other.fields):
            if ("step", index, "field", number) in case.damaged:
                own[f"steps.{other.name}.{field.name}"] = Known(kind=None)
        names |= own
    return names


def _guarded(rule: StepRule, names: Names) -> dict[str, Known]:
    """What a condition asks for need not be asked for again: where it did not hold, the step would not run."""
    if rule.when is None:
        return dict(names)
    asked = {name for name in names_in(rule.when.source) if outcomes(rule.when.source, {name: False}) == {False}}
    return {name: replace(known, guard=None) if known.guard in asked else known for name, known in names.items()}


def _no_item(names: Names) -> dict[str, Known]:
    """A date is waited for once, and not by each item."""
    words = "is not known here: all items wait for the same date"
    return {name: replace(known, refused=words) for name, known in names.items() if name.partition(".")[0] == "item"}


# -- a step's strings ----------------------------------------------------------------------------


def _when(case: Case, index: int, names: Names) -> Iterator[Fault]:
    rule = case.process.steps[index]
    if rule.when is None:
        return
    mistakes = mistakes_in_expression(rule.when.source, names, Kind.BOOLEAN)
    yield from _told(case, ("step", index, "when"), mistakes)
    if not mistakes:
        yield from _contradiction(case, index, rule.when.source)


def _each(case: Case, index: int, names: Names) -> Iterator[Fault]:
    rule, path = case.process.steps[index], ("step", index, "each")
    if rule.each is None:
        return
    if not (mistakes := mistakes_in_expression(rule.each.source, names, Kind.LIST)):
        return
    if not mistakes_in_expression(rule.each.source, names):
        yield case.source.at(path, _NO_LIST)
    else:
        yield from _told(case, path, mistakes)


def _of_step(case: Case, index: int, names: Names) -> Iterator[Fault]:
    table, rule = case.file.steps[index], case.process.steps[index]
    for key, kind in _EXPRESSIONS.items():
        source = getattr(table, key)
        if source is None:
            continue
        by_number = key == "prefix" and takes_numbers(case, rule)
        mistakes = mistakes_in_expression(str(source), names, kind)
        if mistakes and by_number:
            mistakes = mistakes_in_expression(str(source), names, Kind.NUMBER)
        yield from _told(case, ("step", index, key), mistakes)
    for number, part in enumerate(table.split):
        mistakes = mistakes_in_expression(str(part.length), names, Kind.NUMBER)
        yield from _told(case, ("step", index, "split", number, "length"), mistakes)
    if table.merge is not None:
        mistakes = mistakes_in_expression(table.merge, names, Kind.PREFIX, Kind.LIST)
        yield from _told(case, ("step", index, "merge"), mistakes)
    for path, text in _texts(table):
        mistakes = mistakes_in_text(text, names)
        yield from _told(case, ("step", index, *path), mistakes)
        if path in {("for",), ("until",)} and not mistakes:
            yield from time_faults(case, index, str(path[0]), Text(text), names)


def _not_before(case: Case, index: int, names: Names) -> Iterator[Fault]:
    text = pace_of(case.file.steps[index], case.house)["not_before"]
    if text is None:
        return
    mistakes = mistakes_in_text(text, names)
    yield from _told(case, ("step", index, "not_before"), mistakes)
    if not mistakes:
        yield from time_faults(case, index, "not_before", Text(text), names)


def _texts(table: StepTable) -> Iterator[tuple[KeyPath, str]]:
    for key in _TEXTS:
        if (text := getattr(table, key)) is not None:
            yield (key.rstrip("_"),), text
    for key in ("asks", "to"):
        for number, text in enumerate(getattr(table, key)):
            yield (key, number), text
    for name, text in (table.set or {}).items():
        yield ("set", name), text
    for number, part in enumerate(table.split):
        if part.holder is not None:
            yield ("split", number, "holder"), part.holder
        for name, text in (part.set or {}).items():
            yield ("split", number, "set", name), text


def _told(case: Case, path: KeyPath, mistakes: tuple[Mistake, ...]) -> Iterator[Fault]:
    offsets = isinstance(case.source.value(path), str)
    for each in mistakes:
        offset = each.offset if offsets else None
        yield case.source.at(path, each.message + _hint(case, each), each.suggestion, offset=offset)


def _hint(case: Case, mistake: Mistake) -> str:
    """What an allocation carries is known where its field names it."""
    found = _CARRIED.match(mistake.message)
    fields = [field for field in case.process.fields if field.type is FieldType.ALLOCATION]
    if found is None or not fields or mistake.suggestion:
        return ""
    return f': what its allocations carry, the field {fields[0].name!r} names: carries = ["{found["name"]}"]'


# -- conditions that decide nothing ----------------------------------------------------------------


def _contradiction(case: Case, index: int, source: str) -> Iterator[Fault]:
    """A condition that cannot hold contradicts the form or the steps before it; one that always does says nothing."""
    rule, path = case.process.steps[index], ("step", index, "when")
    if any(("field", n) in case.damaged for n in range(len(case.process.fields))):
        return
    found = verdicts(case.process, rule)
    where = _whatever(case, names_in(source))
    if found == {False}:
        yield case.source.at(path, f"this never holds{where}: step {rule.name!r} could not run")
    elif found == {True}:
        yield case.source.unwise(path, f"this always holds{where}: leave it out, or say what was meant")


def _whatever(case: Case, names: tuple[str, ...]) -> str:
    """ ", whatever form.size (20 to 30) is": what the fields can be, where that is what decides it."""
    found = []
    for field in case.process.fields:
        if any(name == f"form.{field.name}" or name.startswith(f"form.{field.name}.") for name in names):
            least, most = bounds(field)
            numbers = f" ({least} to {most})" if least is not None and most is not None else ""
            found.append(f"form.{field.name}{numbers}")
    return f", whatever {' and '.join(found)} may be" if found else ""


# -- pools ---------------------------------------------------------------------------------------


def _pools(case: Case, index: int, text: Text, names: Names) -> Iterator[Fault]:
    """Every pool that the text can come to exists; a requester must not be able to name any pool at all."""
    path = ("step", index, "pool")
    for start, hole in text.holes():
        known = names.get(hole.source.strip())
        if known is None or not known.choices:
            if not mistakes_in_text(text.source, names):
                words = "this pool is known to nobody beforehand: name a choice field or a column of its list"
                yield case.source.at(path, words, offset=start)
            return
    for pool in sorted(readings(case.process, case.process.steps[index], text) or ()):
        if pool not in case.around.pools:
            words = f"there is no [pools.{pool}] in the configuration" if pool else "for one of the choices it is empty"
            yield case.source.at(path, words, near_miss(pool, case.around.pools))
