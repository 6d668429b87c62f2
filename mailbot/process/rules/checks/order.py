"""The order of steps: unknown names, circles, what can never begin."""

from collections.abc import Iterator

from mailbot.errors import Fault, near_miss
from mailbot.process import graph
from mailbot.process.rules.case import Case


def order_faults(case: Case) -> Iterator[Fault]:
    steps = case.process.steps
    places = {rule.name: index for index, rule in enumerate(steps)}
    for index, rule in enumerate(steps):
        yield from _unknown(case, index, rule.after)
    for way in graph.circles(steps):
        words = _waits_for_itself(way)
        yield case.source.at(("step", places[way[0]], "after"), words)
    for name in graph.stranded(steps):
        words = f"step {name!r} can never begin: it comes after steps that wait for each other"
        yield case.source.at(("step", places[name], "after"), words)


def _unknown(case: Case, index: int, after: tuple[str, ...]) -> Iterator[Fault]:
    names = [rule.name for rule in case.process.steps]
    for number, name in enumerate(after):
        if name not in names:
            path = ("step", index, "after", number)
            yield case.source.at(path, f"there is no step {name!r}", near_miss(name, names))


def _waits_for_itself(way: tuple[str, ...]) -> str:
    if len(way) == 2:  # noqa: PLR2004 there and back at once
        return f"step {way[0]!r} waits for itself: the request would never end"
    return f"step {way[0]!r} waits for itself ({' after '.join(way)}): the request would never end"
