"""Steps that run for each of several items: one step an item stands behind the one that stands for all of them."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from mailbot.addresses import parse_space
from mailbot.process.decide.draft import Draft
from mailbot.process.definition import DRIVING, TAKING, FieldType, Process, StepKind, StepRule, Value
from mailbot.process.expression import EvaluationFailed, names_in
from mailbot.process.request import Step, StepState
from mailbot.words import Words, say

MOST = 500
"""Items that one step runs for."""

LASTING = frozenset({StepKind.NOTIFY, StepKind.RELEASE, *DRIVING})
"""Kinds that cannot be undone by changing the form."""


def split(d: Draft, step: Step, rule: StepRule) -> None:
    """A step an item, behind those of the items that are there already; what is no item any more, nobody is asked for.

    Raises EvaluationFailed.
    """
    items = _items(d, step, rule)
    present = {child.item: child for child in d.children(step)}
    for item, child in present.items():
        if item not in items:
            _drop(d, child)
        elif child.state is StepState.CANCELLED:
            d.begin_anew(child.name)
    new = [item for item in items if item not in present]
    children = (Step(name=f"{step.name}.{number}", item=item) for number, item in enumerate(new, len(present) + 1))
    d.add_steps(children, behind=[step, *present.values()][-1].name)
    d.write("split", step=step.name, detail=", ".join(items), actor=d.directory.bot)


def drop_all(d: Draft, step: Step) -> None:
    """The step is not needed any more, for none of its items."""
    for child in d.children(step):
        _drop(d, child)


def is_about_items(rule: StepRule) -> bool:
    """Whether its condition speaks of the item: it is asked once an item, and else once."""
    if rule.each is None or rule.when is None:
        return False
    return any(name.partition(".")[0] == "item" for name in names_in(rule.when.source))


def clashes(process: Process, values: Mapping[str, Value]) -> dict[str, Words]:
    """Fields two of whose prefixes overlap, though a step is to take each: it could have one of them at most."""
    each = {rule.each.source.strip() for rule in process.steps if rule.each is not None and _takes_by_name(rule)}
    named = (f.name for f in process.fields if f.type is FieldType.PREFIX and f"form.{f.name}" in each)
    pairs = {name: _overlapping(values.get(name)) for name in named}
    return {name: say("items.overlap", pair=pair) for name, pair in pairs.items() if pair}


def _takes_by_name(rule: StepRule) -> bool:
    """Whether it takes all of its items, by their names, from one pool."""
    by_name = rule.prefix is not None and rule.prefix.source.strip() == "item"
    of_one = rule.pool is not None and rule.pool.plain is not None
    return rule.kind in TAKING and by_name and of_one and not is_about_items(rule)


def _overlapping(items: Value | None) -> tuple[str, ...]:
    several = map(parse_space, items) if isinstance(items, tuple) else ()
    blocks = sorted(several, key=lambda one: (one.family, one.network))
    return next(((str(one), str(other)) for one, other in pairwise(blocks) if one.overlaps(other)), ())


def _items(d: Draft, step: Step, rule: StepRule) -> Sequence[str]:
    items = rule.each.evaluate(d.scope_for(step)) if rule.each else []
    if not isinstance(items, (list, tuple)):
        raise EvaluationFailed(say("items.gives_which_is_no", each=rule.each, items=f"{items!r}"))
    if len(items) > MOST:
        raise EvaluationFailed(say("items.has_items_and_a", each=rule.each, count=len(items), most=MOST))
    return items


def _drop(d: Draft, child: Step) -> None:
    done = child.state not in {StepState.WAITING, StepState.OPEN}
    if not (done and d.rule(child.name).kind in LASTING):
        d.change_step(child.name, state=StepState.CANCELLED, answer=say("items.not_asked_for_any"), trouble=None)
