"""A process as a graph: which steps come before which, and where they wait for each other."""

from collections.abc import Mapping

from mailbot.process.definition import StepRule


def before(steps: tuple[StepRule, ...]) -> Mapping[str, frozenset[str]]:
    """Step → all steps that are over when it begins; in a circle, itself too. Unknown names do not count."""
    waits = {rule.name: set(rule.after) for rule in steps}
    found: dict[str, frozenset[str]] = {}
    for name, awaited in waits.items():
        reached: set[str] = set()
        todo = list(awaited)
        while todo:
            if (each := todo.pop()) in waits and each not in reached:
                reached.add(each)
                todo += waits[each]
        found[name] = frozenset(reached)
    return found


def circles(steps: tuple[StepRule, ...]) -> tuple[tuple[str, ...], ...]:
    """The steps that wait for each other, circle by circle, each from its first step in the file's order."""
    prior = before(steps)
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for rule in steps:
        members = frozenset(each for each in prior[rule.name] if rule.name in prior[each])
        if members and members not in found:
            found[members] = _round(rule.name, {each.name: each.after for each in steps}, members)
    return tuple(found.values())


def _round(start: str, after: Mapping[str, tuple[str, ...]], members: frozenset[str]) -> tuple[str, ...]:
    """One shortest way from a step back to itself: ("a", "b", "a") when a waits for b and b for a."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        for each in after[way[-1]]:
            if each == start:
                return (*way, start)
            if each in members and each not in seen:
                seen.add(each)
                ways.append((*way, each))
    return (start,)


def stranded(steps: tuple[StepRule, ...]) -> tuple[str, ...]:
    """The steps that can never begin because they come after a circle without being in one."""
    prior = before(steps)
    turning = {name for name, earlier in prior.items() if name in earlier}
    return tuple(rule.name for rule in steps if rule.name not in turning and prior[rule.name] & turning)
