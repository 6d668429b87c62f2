"""What a rule file may hold already although it does nothing yet: accepted, and told as such."""

from collections.abc import Iterator

from mailbot.errors import Fault
from mailbot.process.definition import FieldType, StepKind, StepRule
from mailbot.process.rules.case import Case

_FILE = ("pending_expires",)
_STEP = (
    "may_change", "unanswered", "set", "for", "shows", "not_before", "on_failure", "each", "until",
    "target", "targets", "action",
)  # fmt: skip
_KINDS = frozenset({StepKind.RESERVE, StepKind.CHANGE, StepKind.ACTIVATE, StepKind.VERIFY, StepKind.WAIT})


def not_in_force(case: Case) -> Iterator[Fault]:
    for key in _FILE:
        if case.source.rule.at((key,)):
            yield _told(case, (key,), f'"{key}"')
    for index, rule in enumerate(case.process.steps):
        yield from _in_step(case, index, rule)
    for index, field in enumerate(case.process.fields):
        if field.type is FieldType.CUSTOMER:
            yield _told(case, ("field", index, "type"), 'the type "customer"')


def _in_step(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    if rule.kind in _KINDS:
        yield _told(case, ("step", index, "kind"), f'a step of kind "{rule.kind}"')
        return
    for key in _STEP:
        if case.source.value(("step", index, key)) is not None:
            yield _told(case, ("step", index, key), f'"{key}"')


def _told(case: Case, path: tuple[str | int, ...], what: str) -> Fault:
    return case.source.unwise(path, f"{what} is not yet in force")
