"""Conditions and texts of rule files: what an expression is, whether it holds, what it gives.

An expression is a small, closed language over dotted names (`form.size`, `steps.billing.account`):
comparisons, `and or not in`, arithmetic, `a ? b : c`, and the functions among its names. It is evaluated by
rule-engine, after checks of ours that rule-engine does not make: a number compared with a text is silently
false there, a regex may run for hours, `$now` reads the clock. Importing this package is cheap; rule-engine
(half a second) is imported by the first check or evaluation.
"""

from collections.abc import Mapping
from dataclasses import replace

from mailbot.process.expression.scan import RESERVED, calls, occurrences
from mailbot.process.expression.value import Expression, Text
from mailbot.process.expression.words import (
    Argument,
    EvaluationFailed,
    Kind,
    Known,
    Mistake,
    Names,
    Scope,
    ScopeValue,
)

__all__ = [
    "RESERVED",
    "Argument",
    "EvaluationFailed",
    "Expression",
    "Kind",
    "Known",
    "Mistake",
    "Names",
    "Scope",
    "ScopeValue",
    "Text",
    "calls",
    "landmarks",
    "mistakes_in_expression",
    "mistakes_in_text",
    "names_in",
    "outcomes",
]


def names_in(source: str) -> tuple[str, ...]:
    """The names that an expression uses, each once, in its order."""
    return tuple(dict.fromkeys(each.name for each in occurrences(source)))


def mistakes_in_expression(source: str, names: Names, *expected: Kind) -> tuple[Mistake, ...]:
    """What is wrong with an expression over these names, in the order of the source; empty when it holds.

    Its value must be of one of the `expected` kinds; with none, any will do.
    """
    # rule-engine takes half a second to import: only who checks or evaluates pays for it
    from mailbot.process.expression.check import mistakes  # noqa: PLC0415

    return mistakes(source, names, expected)


def mistakes_in_text(source: str, names: Names) -> tuple[Mistake, ...]:
    """What is wrong with a text: its braces, the expressions in its holes. Offsets count from its start."""
    text = Text(source)
    found = list(text.lone_braces())
    for start, hole in text.holes():
        inner = mistakes_in_expression(hole.source, names)
        found += [replace(mistake, offset=mistake.offset + start) for mistake in inner]
    return tuple(sorted(found, key=lambda mistake: mistake.offset))


def outcomes(source: str, scope: Scope) -> frozenset[bool]:
    """Whether a condition that holds no mistake can be true, and can be false, with what is known in `scope`.

    A name that has no value there may have any: what is not among the outcomes certainly never comes to pass.
    """
    from mailbot.process.expression import reach  # noqa: PLC0415 (as above)

    return reach.outcomes(source, scope)


def landmarks(source: str) -> Mapping[str, frozenset[int]]:
    """The names that are compared with plain numbers and used for nothing else, each with these numbers."""
    from mailbot.process.expression import reach  # noqa: PLC0415 (as above)

    return reach.landmarks(source)
