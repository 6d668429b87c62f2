"""The `[[test]]` tables: strict keys, and every step, field and pool that they name."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mailbot.config.address import normal
from mailbot.config.check import check
from mailbot.config.kinds import Section
from mailbot.config.locate import KeyPath
from mailbot.errors import Fault, near_miss
from mailbot.process.definition import ASKING, StepRule
from mailbot.process.rules.case import Case
from mailbot.process.rules.examples import Expectation, Given, Mail, line_of
from mailbot.process.rules.models import TestTable

_PARTS: dict[str, type[Section]] = {"given": Given, "expect": Expectation}


def test_faults(case: Case) -> Iterator[Fault]:
    for number, table in enumerate(case.file.tests):
        at = ("test", number)
        if at in case.damaged:
            continue
        for name, model in _PARTS.items():
            if case.source.rule.at((*at, name)) is not None:
                yield from check(case.source.rule, model, (*at, name))[1]
        yield from _requester(case, at, table)
        yield from _form(case, at, table)
        yield from _answers(case, at, table)
        yield from _play(case, at, table)
        yield from _named(case, at, table)


def _requester(case: Case, at: KeyPath, table: TestTable) -> Iterator[Fault]:
    if table.requester is None:
        yield case.source.at(at, 'who asks? requester = "bob@example.net"')
    elif normal(table.requester) is None:
        yield case.source.at((*at, "requester"), f"{table.requester!r} is no mail address")


def _form(case: Case, at: KeyPath, table: TestTable) -> Iterator[Fault]:
    fields = [field.name for field in case.process.fields]
    yield from _unknown(case, (*at, "form"), table.form, fields, "field")


def _answers(case: Case, at: KeyPath, table: TestTable) -> Iterator[Fault]:
    asking = {rule.name: rule for rule in case.process.steps if rule.kind in ASKING}
    yield from _unknown_steps(case, (*at, "answers"), table.answers, asking, "step that asks somebody")
    if {"answers", "play"} <= table.model_fields_set:
        yield case.source.at((*at, "play"), '"answers" and "play" exclude each other')
    for step, answer in table.answers.items():
        rule = asking.get(step.partition(".")[0])
        if isinstance(answer, dict) and rule is not None:
            fields = [*(field.name for field in rule.fields), *rule.may_change]
            yield from _unknown(case, (*at, "answers", step), answer, fields, "field")


def _play(case: Case, at: KeyPath, table: TestTable) -> Iterator[Fault]:
    steps = {rule.name: rule for rule in case.process.steps}
    for number, text in enumerate(table.play):
        path = (*at, "play", number)
        try:
            line = line_of(text)
        except ValueError as error:
            yield case.source.at(path, str(error))
            continue
        if isinstance(line, Mail) and line.step is not None and not _is_step(line.step, steps):
            yield case.source.at(path, f"there is no step {line.step!r}", near_miss(line.step, steps))


def _named(case: Case, at: KeyPath, table: TestTable) -> Iterator[Fault]:
    """Steps, pools, targets and fields that `expect` and `given` name."""
    steps = [rule.name for rule in case.process.steps]
    fields = [field.name for field in case.process.fields]
    for key, known, what in (("steps", steps, "step"), ("undone", steps, "step"), ("faults", fields, "field")):
        yield from _unknown_in(case, (*at, "expect", key), table.expect.get(key), known, what)
    rules = {rule.name: rule for rule in case.process.steps}
    for key in ("states", "asked", "answered_by", "due", "items"):
        if isinstance(named := table.expect.get(key), dict):
            yield from _unknown_steps(case, (*at, "expect", key), named, rules, "step")
    for number, text in enumerate(told if isinstance(told := table.expect.get("targets"), list) else ()):
        target = str(text).partition(" ")[2]
        if target and target not in case.around.targets:
            path = (*at, "expect", "targets", number)
            yield case.source.at(path, f"there is no target {target!r}", near_miss(target, case.around.targets))
    yield from _unknown_in(case, (*at, "given", "full"), table.given.get("full"), case.around.pools, "pool")
    if isinstance(fails := table.given.get("fails"), dict):
        yield from _unknown(case, (*at, "given", "fails"), fails, case.around.targets, "target")
    for name, customer in _tables(table.given.get("customers")):
        path = (*at, "given", "customers", name)
        for key in ("held", "left"):
            yield from _unknown(case, (*path, key), customer.get(key) or (), case.around.pools, "pool")
        attributes = customer.get("attributes") or ()
        yield from _unknown(case, (*path, "attributes"), attributes, case.around.attributes, "attribute")


def _tables(found: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(found, dict):
        yield from ((name, table) for name, table in found.items() if isinstance(table, dict))


def _unknown_steps(
    case: Case, at: KeyPath, named: Iterable[str], known: Mapping[str, StepRule], what: str
) -> Iterator[Fault]:
    for name in named:
        if not _is_step(name, known):
            words = f"there is no {what} {name!r}"
            yield case.source.rule.fault((*at, name), words, near_miss(name, known))


def _is_step(name: str, known: Mapping[str, StepRule]) -> bool:
    """A step, also one of its items ("confirm.2") and what undoes it ("configure.undo")."""
    base, _, rest = name.partition(".")
    rule = known.get(base)
    return rule is not None and (rest.removesuffix("undo") == "" or rule.each is not None)


def _unknown(case: Case, at: KeyPath, named: Iterable[str], known: Iterable[str], what: str) -> Iterator[Fault]:
    for name in named:
        if name not in known:
            words = f"there is no {what} {name!r}"
            yield case.source.rule.fault((*at, name), words, near_miss(name, known))


def _unknown_in(case: Case, at: KeyPath, named: Any, known: Iterable[str], what: str) -> Iterator[Fault]:
    for number, name in enumerate(named if isinstance(named, list) else ()):
        if isinstance(name, str) and name not in known:
            yield case.source.at((*at, number), f"there is no {what} {name!r}", near_miss(name, known))
