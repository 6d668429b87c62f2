"""What can never be had as it was asked for: told to whoever asked, who may ask otherwise."""

from collections.abc import Iterator

from mailbot.process.decide import opening
from mailbot.process.decide.draft import Draft
from mailbot.process.definition import StepRule
from mailbot.process.expression import Expression, names_in
from mailbot.process.request import Kind, State, Step, StepState


def tell(d: Draft, step: Step, words: str) -> bool:
    """The fields that have asked for it are wrong by these words; by "", they are not, whatever else stops the step.

    False: nothing in the form would help, or it cannot be changed any more; then it is ours to mend.
    """
    fields = _fields_behind(d, d.rule(step.name))
    if not fields or opening.too_late(d):
        return False
    faults = {name: fault for name, fault in d.request.faults.items() if name not in fields}
    faults |= dict.fromkeys(fields, words) if words else {}
    if words and faults != d.request.faults:
        d.tell(Kind.INCOMPLETE, d.request.requester, unfit=True)
    d.change(faults=faults)
    return bool(words)


def forget(d: Draft) -> None:
    """What no step is stuck for any more is not wrong any more."""
    if d.request.state is State.PENDING or not d.request.faults:
        return
    stuck = () if d.request.is_closed else (s for s in d.request.steps if s.state is StepState.OPEN and s.trouble)
    still = {name for step in stuck for name in _fields_behind(d, d.rule(step.name))}
    d.change(faults={name: fault for name, fault in d.request.faults.items() if name in still})


def _fields_behind(d: Draft, rule: StepRule) -> tuple[str, ...]:
    """The fields of the form that say what a step takes: its name, else its length, else its pool."""
    pool = tuple(hole for _, hole in rule.pool.holes()) if rule.pool else ()
    named = ((rule.length,), (rule.prefix,)) if rule.changes_space else ((rule.prefix,), (rule.length,))
    for some in (*named, pool):
        if found := [name for one in some if one is not None for name in _fields_in(d, rule, one)]:
            return tuple(dict.fromkeys(found))
    return ()


def _fields_in(d: Draft, rule: StepRule, expression: Expression) -> Iterator[str]:
    known = {field.name for field in d.process.fields}
    for name in names_in(expression.source):
        head, _, rest = name.partition(".")
        if head == "item" and rule.each is not None and rule.each is not expression:
            yield from _fields_in(d, rule, rule.each)
        elif head == "form" and (field := rest.partition(".")[0]) in known:
            yield field
