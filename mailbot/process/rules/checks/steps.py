"""Steps: what goes with which kind, and what each kind cannot do without."""

from collections.abc import Iterator

from mailbot.config.locate import KeyPath
from mailbot.errors import Fault, near_miss
from mailbot.process.definition import StepKind, StepRule
from mailbot.process.form import LONGEST_LENGTH
from mailbot.process.rules.case import Case
from mailbot.process.rules.checks.numbers import pools_of
from mailbot.process.rules.models import Pace

_ANY = frozenset({"name", "kind", "title", "after", "when", "each", *Pace.model_fields})
_TAKES = frozenset({"pool", "length", "prefix", "set", "for", "until"})
_SENDS = frozenset({"target", "targets", "action", "prefix", "set"})
_KEYS = {
    StepKind.APPROVAL: frozenset({"asks", "needs", "field", "may_change"}),
    StepKind.FORM: frozenset({"asks", "field"}),
    StepKind.TASK: frozenset({"asks", "needs", "field"}),
    StepKind.CHECK: frozenset({"pool", "length"}),
    StepKind.ALLOCATE: _TAKES,
    StepKind.RESERVE: _TAKES,
    StepKind.RELEASE: frozenset({"prefix", "pool"}),
    StepKind.NOTIFY: frozenset({"to", "template"}),
    StepKind.CHANGE: _SENDS,
    StepKind.ACTIVATE: _SENDS,
    StepKind.VERIFY: _SENDS,
    StepKind.WAIT: frozenset({"for", "until"}),
}
_NEEDED = {
    StepKind.APPROVAL: {"asks": 'asks = ["GROUP"]: who is asked?'},
    StepKind.FORM: {
        "asks": 'asks = ["GROUP"]: who is asked?',
        "field": "a [[step.field]]: what is filled in?",
    },
    StepKind.TASK: {"asks": 'asks = ["GROUP"]: who is asked?'},
    StepKind.CHECK: {"pool": "pool: fits into what?"},
    StepKind.ALLOCATE: {"pool": "pool: taken from where?"},
    StepKind.RESERVE: {"pool": "pool: taken from where?"},
    StepKind.RELEASE: {"prefix": "prefix: what is given back?"},
    StepKind.NOTIFY: {"to": 'to = ["GROUP"]: who is told?'},
}
_SIZED = frozenset({StepKind.ALLOCATE, StepKind.RESERVE, StepKind.CHECK})
_BY_LENGTH_OR_NAME = "length (of any prefix) or prefix (one by name)"


def step_faults(case: Case) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, rule in enumerate(case.process.steps):
        if rule.name in seen:
            yield case.source.at(("step", index, "name"), f"a step {rule.name!r} stands above already")
        seen.add(rule.name)
        yield from _keys(case, index, rule)
        yield from _size(case, index, rule)
        yield from _names(case, index, rule)


def _keys(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    table = case.source.rule.at(("step", index))
    for key in table.keys() - _ANY - _KEYS[rule.kind]:
        if any(key in keys for keys in _KEYS.values()):
            words = f'"{key}" means nothing in a step of kind "{rule.kind}"'
            yield case.source.rule.fault(("step", index, key), words)
    for key, words in _NEEDED.get(rule.kind, {}).items():
        if not table.get(key) and ("step", index) not in case.damaged:
            yield case.source.at(("step", index, "kind"), f'a step of kind "{rule.kind}" needs {words}')


def _size(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    if rule.kind not in _SIZED or ("step", index) in case.damaged:
        return
    pools = pools_of(case, rule)
    numbers = pools & case.around.numbers
    if rule.length is None and rule.prefix is None and (not pools or pools != numbers):
        wanted = "length: what size?" if rule.kind is StepKind.CHECK else _BY_LENGTH_OR_NAME
        yield case.source.at(("step", index, "kind"), f'a step of kind "{rule.kind}" needs {wanted}')
    if rule.length is not None and numbers:
        words = f"{min(numbers)} is a pool of numbers, which have no length: leave it out"
        yield case.source.at(("step", index, "length"), words)
    if rule.length is not None and rule.length.source.isdecimal() and int(rule.length.source) > LONGEST_LENGTH:
        yield case.source.at(("step", index, "length"), f"a prefix length is from 0 to {LONGEST_LENGTH}")
    if rule.length is not None and rule.prefix is not None:
        yield case.source.at(("step", index, "length"), '"length" and "prefix" exclude each other')


def _names(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    """Names that stand in the configuration, beside those of people and pools."""
    table, around = case.file.steps[index], case.around
    calendars = around.calendars | {"always"}
    if rule.calendar and rule.calendar not in calendars:
        words = f"there is no calendar {rule.calendar!r}"
        yield case.source.at(("step", index, "calendar"), words, near_miss(rule.calendar, calendars))
    if rule.template and rule.template not in around.templates:
        words = f"there is no template {rule.template!r}"
        yield case.source.at(("step", index, "template"), words, near_miss(rule.template, around.templates))
    targets: list[tuple[KeyPath, str]] = [(("target",), table.target)] if table.target else []
    targets += [(("targets", number), name) for number, name in enumerate(table.targets)]
    for path, name in targets:
        if name not in around.targets:
            words = f"there is no [targets.{name}] in the configuration"
            yield case.source.at(("step", index, *path), words, near_miss(name, around.targets))
