"""Steps: what goes with which kind, and what each kind cannot do without."""

from collections.abc import Iterator

from mailbot.config.locate import KeyPath
from mailbot.errors import Fault, near_miss
from mailbot.process import graph
from mailbot.process.definition import DRIVING, StepKind, StepRule
from mailbot.process.form import LONGEST_LENGTH, label_key
from mailbot.process.rules.case import Case
from mailbot.process.rules.checks.changes import space_faults
from mailbot.process.rules.checks.numbers import pools_of

_ANY = frozenset(
    {"name", "kind", "title", "after", "when", "each", "lead_time", "calendar", "escalate", "on_failure", "not_before"}
)
_ASKS = frozenset({"asks", "field", "remind", "unanswered", "shows", "trust"})
_TAKES = frozenset({"pool", "length", "prefix", "set", "for", "until"})
_SENDS = frozenset({"target", "targets", "prefix", "set"})
_KEYS = {
    StepKind.APPROVAL: _ASKS | {"needs", "may_change"},
    StepKind.FORM: _ASKS,
    StepKind.TASK: _ASKS | {"needs"},
    StepKind.CHECK: frozenset({"pool", "length"}),
    StepKind.ALLOCATE: _TAKES,
    StepKind.RESERVE: _TAKES,
    StepKind.RELEASE: frozenset({"prefix", "pool"}),
    StepKind.NOTIFY: frozenset({"to", "template"}),
    StepKind.CHANGE: _SENDS | {"for", "until", "pool", "length", "split", "merge", "holder"},
    StepKind.ACTIVATE: _SENDS | {"for", "until", "action"},
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
_HOW_LONG = {
    StepKind.RESERVE: 'for = "14 days" (or until): when does it lapse, if nothing takes it up?',
    StepKind.WAIT: 'for = "2 working days" or until = "{form.day}": what is waited for?',
}


def step_faults(case: Case) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, rule in enumerate(case.process.steps):
        if rule.name in seen:
            yield case.source.at(("step", index, "name"), f"a step {rule.name!r} stands above already")
        seen.add(rule.name)
        yield from _keys(case, index, rule)
        yield from _size(case, index, rule)
        yield from space_faults(case, index, rule)
        yield from _end(case, index, rule)
        yield from _targets(case, index, rule)
        yield from _form_fields(case, index, rule)
        yield from _names(case, index, rule)
        yield from _without_effect(case, index, rule)


def _keys(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    if ("step", index, "kind") in case.damaged:
        return  # what was meant is a guess
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


def _end(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    """When what is for a time is over: told once, and by what cannot do without."""
    if rule.lasts is not None and rule.until is not None:
        yield case.source.at(("step", index, "until"), '"for" and "until" exclude each other: one end is enough')
    words = _HOW_LONG.get(rule.kind)
    if words and rule.lasts is None and rule.until is None and ("step", index) not in case.damaged:
        yield case.source.at(("step", index, "kind"), f'a step of kind "{rule.kind}" needs {words}')


def _targets(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    """What is active without any device is active at once (and says so); a test without any tests nothing."""
    if rule.kind not in DRIVING or rule.targets or rule.changes_space or ("step", index) in case.damaged:
        return
    path = ("step", index, "kind")
    if rule.kind is StepKind.VERIFY:
        yield case.source.at(path, 'a step of kind "verify" needs targets = ["NAME"]: who tries it?')
    else:
        yield case.source.unwise(path, "without targets nothing is told to the network: the step is done at once")


def _form_fields(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    """The fields of the requester's form that a step names; it may show the outcome of an earlier step too."""
    known = {field.name: field for field in case.process.fields}
    shown = {*known, *graph.before(case.process.steps)[rule.name]}
    shows = case.source.rule.at(("step", index, "shows")) or ()
    for key, names, found in (("may_change", rule.may_change, {*known}), ("shows", shows, shown)):
        for number, name in enumerate(names):
            if name not in found:
                words = f"the form has no field {name!r}{', nor is there such a step before' if key == 'shows' else ''}"
                yield case.source.at(("step", index, key, number), words, near_miss(str(name), found))
    own = {label_key(text) for field in rule.fields for text in (field.name, field.label)}
    for number, name in enumerate(rule.may_change):
        path = ("step", index, "may_change", number)
        if name in known and own & {label_key(name), label_key(known[name].label)}:
            yield case.source.at(path, f"{name!r} names a field of this step too: a line of the answer must mean one")
        elif name in known and rule.shows is not None and name not in rule.shows:
            yield case.source.at(path, f'{name!r} is not among what it "shows": nobody changes what he cannot see')


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


def _without_effect(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    path = ("step", index, "on_failure")
    if rule.kind not in DRIVING and case.source.rule.at(path) not in {None, "hold"}:
        words = f'"on_failure" does nothing in a step of kind "{rule.kind}", which holds where it cannot go on'
        yield case.source.unwise(path, words)
