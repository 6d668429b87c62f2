"""Which pools a step can take from, and whether they are of numbers: those have no length."""

from itertools import islice, product

from mailbot.process.definition import StepRule
from mailbot.process.rules.case import Case
from mailbot.process.scope import names_of, names_of_step

_MANY = 64
"""Combinations of choices that are looked at."""


def pools_of(case: Case, rule: StepRule) -> frozenset[str]:
    """Those that the step's text can come to, as far as that is known beforehand."""
    if rule.pool is None:
        return frozenset()
    names = names_of(case.process.fields)
    for other in case.process.steps:
        names |= names_of_step(other)
    holes = [hole.source.strip() for _, hole in rule.pool.holes()]
    choices = [names[hole].choices if hole in names else () for hole in holes]
    return frozenset(
        rule.pool.render(dict(zip(holes, values, strict=True))) for values in islice(product(*choices), _MANY)
    )


def takes_numbers(case: Case, rule: StepRule) -> bool:
    """Whether whatever it takes is a number."""
    pools = pools_of(case, rule)
    return bool(pools) and pools <= case.around.numbers
