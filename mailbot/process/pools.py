"""Which pools a process takes from, as far as its rules tell beforehand."""

from itertools import islice, product

from mailbot.process.definition import Process, StepRule
from mailbot.process.scope import names_of, names_of_step

_MANY = 64
"""Combinations of choices that are looked at."""


def pools_of(process: Process) -> frozenset[str]:
    """All that its steps can come to: by name, or by the choices of a list."""
    return frozenset().union(*(pools_of_step(process, rule) for rule in process.steps))


def pools_of_step(process: Process, rule: StepRule) -> frozenset[str]:
    """Those that the step's text can come to."""
    if rule.pool is None:
        return frozenset()
    names = names_of(process.fields)
    for other in process.steps:
        names |= names_of_step(other)
    holes = [hole.source.strip() for _, hole in rule.pool.holes()]
    choices = [names[hole].choices if hole in names else () for hole in holes]
    return frozenset(
        rule.pool.render(dict(zip(holes, values, strict=True))) for values in islice(product(*choices), _MANY)
    )
