"""All that can be wrong with a process beyond its keys: gathered, so that every fault is told at once."""

from collections.abc import Iterator, Sequence

from mailbot.errors import Fault, Severity
from mailbot.process.rules.build import REQUEST_LEAD_TIME
from mailbot.process.rules.case import Case
from mailbot.process.rules.checks.conditions import condition_faults
from mailbot.process.rules.checks.fields import field_faults
from mailbot.process.rules.checks.lines import line_faults
from mailbot.process.rules.checks.order import order_faults
from mailbot.process.rules.checks.pace import pace_faults
from mailbot.process.rules.checks.people import people_faults
from mailbot.process.rules.checks.reviews import review_faults
from mailbot.process.rules.checks.served import served_faults
from mailbot.process.rules.checks.services import service_faults
from mailbot.process.rules.checks.steps import step_faults
from mailbot.process.rules.checks.tests import test_faults
from mailbot.process.rules.checks.undoing import house_faults, undoing_faults

__all__ = ["faults_between", "faults_of"]


def faults_between(cases: Sequence[Case]) -> Iterator[Fault]:
    """Of all rule files together: errors and warnings."""
    yield from house_faults(cases)
    yield from service_faults(cases)


def faults_of(case: Case) -> Iterator[Fault]:
    """Errors and warnings, in no order, possibly the same one twice."""
    yield from _lead_time(case)
    yield from field_faults(case)
    yield from step_faults(case)
    yield from order_faults(case)
    yield from people_faults(case)
    yield from review_faults(case)
    yield from line_faults(case)
    yield from condition_faults(case)
    yield from served_faults(case)
    yield from pace_faults(case)
    yield from undoing_faults(case)
    yield from test_faults(case)


def _lead_time(case: Case) -> Iterator[Fault]:
    said = (case.file.lead_time, case.house.defaults.request_lead_time)
    if said == (None, None) and () not in case.damaged:
        words = f"no lead_time for the whole request: it gets {REQUEST_LEAD_TIME}"
        yield case.source.rule.fault(("type",), words, severity=Severity.WARNING)
