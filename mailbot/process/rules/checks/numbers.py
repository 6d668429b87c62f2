"""Which pools a step can take from, and whether they are of numbers: those have no length."""

from mailbot.process.definition import StepRule
from mailbot.process.rules.case import Case
from mailbot.process.rules.checks.worlds import readings


def pools_of(case: Case, rule: StepRule) -> frozenset[str]:
    """Those that the step's text can come to, as far as that is known beforehand."""
    return (readings(case.process, rule, rule.pool) or frozenset()) if rule.pool is not None else frozenset()


def takes_numbers(case: Case, rule: StepRule) -> bool:
    """Whether whatever it takes is a number."""
    pools = pools_of(case, rule)
    return bool(pools) and pools <= case.around.numbers
