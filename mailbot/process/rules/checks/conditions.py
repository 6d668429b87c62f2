"""Expressions and texts: every name known, every kind right, every step that is spoken of over by then."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from mailbot.config.locate import KeyPath
from mailbot.errors import Fault, near_miss
from mailbot.process import graph
from mailbot.process.definition import StepRule
from mailbot.process.expression import (
    Kind,
    Known,
    Mistake,
    Names,
    Text,
    mistakes_in_expression,
    mistakes_in_text,
)
from mailbot.process.rules.case import Case
from mailbot.process.rules.checks.numbers import takes_numbers
from mailbot.process.rules.models import StepTable
from mailbot.process.scope import names_of, names_of_step

_EXPRESSIONS = {"when": Kind.BOOLEAN, "length": Kind.NUMBER, "prefix": Kind.PREFIX}
_TEXTS = ("pool", "for_", "until")
_MANY_POOLS = 64
"""Combinations of choices that are looked up one by one."""


def condition_faults(case: Case) -> Iterator[Fault]:
    form = _known_form(case)
    if case.file.summary:
        yield from _told(case, ("summary",), mistakes_in_text(case.file.summary, form))
    prior = graph.before(case.process.steps)
    for index, rule in enumerate(case.process.steps):
        names = form | _known_steps(case, rule, prior[rule.name])
        yield from _of_step(case, index, names)
        if rule.pool is not None:
            yield from _pools(case, ("step", index, "pool"), rule.pool, names)


# -- names ---------------------------------------------------------------------------------------


def _known_form(case: Case) -> dict[str, Known]:
    names = names_of(case.process.fields, case.around.groups)
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


# -- a step's strings ----------------------------------------------------------------------------


def _of_step(case: Case, index: int, names: Names) -> Iterator[Fault]:
    table = case.file.steps[index]
    for key, kind in _EXPRESSIONS.items():
        source = getattr(table, key)
        if source is not None:
            by_number = key == "prefix" and takes_numbers(case, case.process.steps[index])
            mistakes = mistakes_in_expression(str(source), names, kind)
            if mistakes and by_number:
                mistakes = mistakes_in_expression(str(source), names, Kind.NUMBER)
            yield from _told(case, ("step", index, key), mistakes)
    for path, text in _texts(table):
        yield from _told(case, ("step", index, *path), mistakes_in_text(text, names))


def _texts(table: StepTable) -> Iterator[tuple[KeyPath, str]]:
    for key in _TEXTS:
        if (text := getattr(table, key)) is not None:
            yield (key.rstrip("_"),), text
    for key in ("asks", "to"):
        for number, text in enumerate(getattr(table, key)):
            yield (key, number), text
    for name, text in (table.set or {}).items():
        yield ("set", name), text


def _told(case: Case, path: KeyPath, mistakes: tuple[Mistake, ...]) -> Iterator[Fault]:
    offsets = isinstance(case.source.rule.at(path), str)
    for each in mistakes:
        offset = each.offset if offsets else None
        yield case.source.at(path, each.message, each.suggestion, offset=offset)


# -- pools ---------------------------------------------------------------------------------------


def _pools(case: Case, path: KeyPath, text: Text, names: Names) -> Iterator[Fault]:
    """Every pool that the text can come to exists; a requester must not be able to name any pool at all."""
    choices = []
    for start, hole in text.holes():
        known = names.get(hole.source.strip())
        if known is None or not known.choices:
            if not mistakes_in_text(text.source, names):
                words = "this pool is known to nobody beforehand: name a choice field or a column of its list"
                yield case.source.at(path, words, offset=start)
            return
        choices.append(known.choices)
    for pool in _every(text, choices):
        if pool not in case.around.pools:
            words = f"there is no [pools.{pool}] in the configuration"
            yield case.source.at(path, words, near_miss(pool, case.around.pools))


def _every(text: Text, choices: list[tuple[str, ...]]) -> Iterator[str]:
    holes = [hole.source.strip() for _, hole in text.holes()]
    for number, values in enumerate(product(*choices)):
        if number == _MANY_POOLS:
            return
        yield text.render(dict(zip(holes, values, strict=True)))
