"""Which step stands in which row of a drawing, and where in it: a layered layout (Sugiyama), for a dozen steps or two.

1. Only what a step directly waits for is drawn; 2. each step stands in the first row in which it can begin; 3. an
arrow over several rows gets a place of its own in each (a bend); 4. rows are ordered until few arrows cross;
5. everything moves as near to what it is joined to as the others in its row allow.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mailbot.process import graph
from mailbot.process.definition import StepRule

START, END = "(start)", "(end)"
"""No step can be called so."""
SWEEPS = 12

Edge = tuple[str, str]
Rows = list[list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """`rows` hold steps, START, END and bends; `links` join neighbouring rows; `ways` are the arrows, bends between."""

    rows: tuple[tuple[str, ...], ...]
    links: tuple[Edge, ...]
    ways: tuple[tuple[str, ...], ...]


def direct(steps: Sequence[StepRule]) -> Mapping[str, tuple[str, ...]]:
    """Step → those that it waits for, less those that another of them waits for anyway."""
    prior = graph.before(tuple(steps))
    return {
        rule.name: tuple(name for name in rule.after if not any(name in prior[other] for other in rule.after))
        for rule in steps
    }


def ranks(steps: Sequence[StepRule]) -> Mapping[str, int]:
    """Step → the row in which it stands, from 1: one below the last of what it waits for."""
    waits, found = direct(steps), dict[str, int]()
    todo = [rule.name for rule in steps]
    while todo:
        ready = [name for name in todo if all(other in found for other in waits[name])]
        found |= {name: 1 + max((found[other] for other in waits[name]), default=0) for name in ready}
        todo = [name for name in todo if name not in ready]
    return found


def layers(steps: Sequence[StepRule]) -> Layers:
    rank, waits = dict(ranks(steps)), direct(steps)
    last = max(rank.values()) + 1
    rank |= {START: 0, END: last}
    awaited = {name for names in waits.values() for name in names}
    edges = [(other, name) for name, others in waits.items() for other in others or (START,)]
    edges += [(rule.name, END) for rule in steps if rule.name not in awaited]
    rows: Rows = [[name for name in rank if rank[name] == row] for row in range(last + 1)]
    ways = []
    for begin, end in edges:
        bends = [(f"({begin} {end} {row})", row) for row in range(rank[begin] + 1, rank[end])]
        for bend, row in bends:
            rows[row].append(bend)
        ways.append((begin, *(bend for bend, _ in bends), end))
    links = [link for way in ways for link in pairwise(way)]
    return Layers(rows=tuple(map(tuple, _ordered(rows, links))), links=tuple(links), ways=tuple(ways))


def is_bend(name: str) -> bool:
    return name.startswith("(") and name not in {START, END}


# -- order -----------------------------------------------------------------------------------------------------


def _ordered(rows: Rows, links: Sequence[Edge]) -> Rows:
    """The order with the fewest crossings of those that sorting by neighbours comes by; at first, the file's."""
    best, fewest = rows, crossings(rows, links)
    current = rows
    for sweep in range(SWEEPS):
        current = _swept(current, links, down=sweep % 2 == 0)
        if (count := crossings(current, links)) < fewest:
            best, fewest = current, count
    return best


def _swept(rows: Rows, links: Sequence[Edge], *, down: bool) -> Rows:
    joined = _joined(links if down else [(end, begin) for begin, end in links])
    made = [list(row) for row in rows]
    for number in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
        beside = {name: place for place, name in enumerate(made[number - 1 if down else number + 1])}
        own = {name: place for place, name in enumerate(made[number])}
        made[number].sort(key=lambda name: _mean([beside[o] for o in joined.get(name, ())], own[name]))
    return made


def crossings(rows: Sequence[Sequence[str]], links: Sequence[Edge]) -> int:
    place = {name: (row, at) for row, names in enumerate(rows) for at, name in enumerate(names)}
    spots = [(place[begin], place[end]) for begin, end in links]
    return sum(
        one[0][0] == other[0][0] and (one[0][1] - other[0][1]) * (one[1][1] - other[1][1]) < 0
        for number, one in enumerate(spots)
        for other in spots[:number]
    )


def _joined(links: Iterable[Edge]) -> dict[str, list[str]]:
    """The second of each link → its firsts."""
    found: dict[str, list[str]] = {}
    for begin, end in links:
        found.setdefault(end, []).append(begin)
    return found


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


# -- place -----------------------------------------------------------------------------------------------------


def placed(made: Layers, widths: Mapping[str, float], gap: float) -> dict[str, float]:
    """Node → the middle of it, from left to right; nothing overlaps, and `gap` lies between."""
    at: dict[str, float] = {}
    for row in made.rows:
        at |= _fitted(row, dict.fromkeys(row, 0.0), widths, gap)
    above, below = _joined(made.links), _joined((end, begin) for begin, end in made.links)
    for sweep in range(SWEEPS + 1):
        joined = above if sweep % 2 == 0 else below
        for row in made.rows if sweep % 2 == 0 else reversed(made.rows):
            wanted = {name: _weighed(name, joined.get(name, ()), at) for name in row}
            at |= _fitted(row, wanted, widths, gap)
    for _ in range(SWEEPS):  # the boxes stand: now the bends of each arrow move under each other
        straight = {bend: sum(at[one] for one in way[1:-1]) / len(way[1:-1]) for way in made.ways for bend in way[1:-1]}
        for row in made.rows:
            at |= _fitted(row, {name: straight.get(name, at[name]) for name in row}, widths, gap)
    left = min(at[name] - widths[name] / 2 for name in at)
    return {name: x - left for name, x in at.items()}


def _weighed(name: str, others: Sequence[str], at: Mapping[str, float]) -> float:
    """The middle of its neighbours; bends pull each other harder, so that long arrows are straight, and boxes less."""
    weights = [(4 if is_bend(name) else 0.25) if is_bend(other) else 1 for other in others]
    total = sum(weight * at[other] for weight, other in zip(weights, others, strict=True))
    return total / sum(weights) if weights else at[name]


def _fitted(
    row: Sequence[str], wanted: Mapping[str, float], widths: Mapping[str, float], gap: float
) -> dict[str, float]:
    """The places nearest to the wanted ones (least squares) in which nothing overlaps.

    Less the room that its left neighbours take, each place must be no smaller than the one before: that is isotonic
    regression, which pooling neighbours that are out of order solves exactly.
    """
    offsets, room = [], 0.0
    for number, name in enumerate(row):
        room += (widths[row[number - 1]] + widths[name]) / 2 + gap if number else 0.0
        offsets.append(room)
    pools: list[tuple[float, int]] = []
    for name, offset in zip(row, offsets, strict=True):
        mean, count = wanted[name] - offset, 1
        while pools and pools[-1][0] > mean:
            other, size = pools.pop()
            mean, count = (mean * count + other * size) / (count + size), count + size
        pools.append((mean, count))
    flat = [mean for mean, count in pools for _ in range(count)]
    return {name: mean + offset for name, mean, offset in zip(row, flat, offsets, strict=True)}
