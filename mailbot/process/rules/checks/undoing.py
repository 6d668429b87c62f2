"""What cannot be undone, or never is: space given back too early, network that stays configured for ever."""

from collections.abc import Iterable, Iterator

from mailbot.errors import Fault, near_miss
from mailbot.process import graph
from mailbot.process.definition import TAKING, Action, StepKind, StepRule
from mailbot.process.rules.case import Case

BY_IMPORT = frozenset({"customer"})
"""What allocations may carry without any step that says so."""


def undoing_faults(case: Case) -> Iterator[Fault]:
    """Within one process."""
    prior = graph.before(case.process.steps)
    for index, rule in enumerate(case.process.steps):
        if rule.kind is StepKind.RELEASE:
            yield from _given_back_too_early(case, index, prior[rule.name])
        if rule.kind is StepKind.ALLOCATE:
            yield from _not_taken_up(case, index, prior[rule.name])


def _given_back_too_early(case: Case, index: int, earlier: frozenset[str]) -> Iterator[Fault]:
    """Whoever gets it next does not give it up because somebody refuses now."""
    rule = case.process.steps[index]
    later = [o.name for o in case.process.steps if o.kind is StepKind.APPROVAL and o.name not in earlier]
    if later:
        approved = f"{' and '.join(later)} {'is' if len(later) == 1 else 'are'} approved"
        words = f"step {rule.name!r} gives back before {approved}: what is refused then cannot be had back"
        yield case.source.unwise(("step", index, "after"), words)


def _not_taken_up(case: Case, index: int, earlier: frozenset[str]) -> Iterator[Fault]:
    """An allocation of the pool that was reserved from, but of another length, takes a second prefix."""
    rule = case.process.steps[index]
    reserved = [o for o in case.process.steps if o.kind is StepKind.RESERVE and o.name in earlier]
    of_pool = [other for other in reserved if other.pool == rule.pool]
    if of_pool and all(other.length != rule.length for other in of_pool) and rule.prefix is None:
        words = f"this is not what {of_pool[0].name!r} reserves: it takes another prefix, and the reservation lapses"
        yield case.source.unwise(("step", index, "length"), words)


# -- in all processes of the house ---------------------------------------------------------------------


def house_faults(cases: Iterable[Case]) -> Iterator[Fault]:
    all_ = tuple(cases)
    rules = [rule for case in all_ for rule in case.process.steps]
    removed = {target for rule in rules if rule.action is Action.REMOVE for target in rule.targets}
    carried = BY_IMPORT | {name for rule in rules if rule.kind in TAKING or rule.changes_space for name in rule.set}
    carried |= {name for rule in rules for part in rule.parts for name in part.set}
    for case in all_:
        for index in range(len(case.process.steps)):
            yield from _never_removed(case, index, removed)
        yield from _never_carried(case, carried)


def _never_removed(case: Case, index: int, removed: set[str]) -> Iterator[Fault]:
    rule = case.process.steps[index]
    left = [target for target in rule.targets if target not in removed]
    if rule.kind is StepKind.ACTIVATE and rule.action is Action.ADD and left and not _ends_by_itself(case, rule):
        words = f"no step of any rule file removes from {' and '.join(left)} what this adds, and it has no end"
        yield case.source.unwise(("step", index, "kind"), f'{words}: add a step with action = "remove", or "for" here')


def _ends_by_itself(case: Case, rule: StepRule) -> bool:
    """By its own end, or with something before it that has one."""
    earlier = graph.before(case.process.steps)[rule.name]
    chain = [rule, *(other for other in case.process.steps if other.name in earlier)]
    return any(other.kind is not StepKind.WAIT and (other.lasts or other.until) and _lasts(other) for other in chain)


def _lasts(rule: StepRule) -> bool:
    """A reservation's end is none of what is allocated in its place."""
    return rule.kind is not StepKind.RESERVE


def _never_carried(case: Case, carried: set[str] | frozenset[str]) -> Iterator[Fault]:
    for index, field in enumerate(case.process.fields):
        for number, name in enumerate(field.carries):
            if name not in carried:
                words = f"no step of any rule file says what an allocation carries as {name!r}: set = {{ {name} = … }}"
                yield case.source.unwise(("field", index, "carries", number), words, near_miss(name, carried))
