"""Pools as a tree: which is cut out of which, as they stand."""

from collections.abc import Iterator, Mapping

from mailbot.cli.output import Cell
from mailbot.config.space import Pool
from mailbot.store import space

Pools = Mapping[str, str | None]
"""By name, each with the one that it is cut out of."""
_LINE = "\u2500"


def children(pools: Pools, name: str) -> list[str]:
    """Those that are cut out of this one directly."""
    return [child for child, parent in pools.items() if parent == name]


def tree(pools: Pools) -> Iterator[tuple[str, int]]:
    """Every pool with its depth, each behind its parent, else in their order."""
    for name, parent in pools.items():
        if parent is None:
            yield from _below(pools, name, 0)


def _below(pools: Pools, name: str, depth: int) -> Iterator[tuple[str, int]]:
    yield name, depth
    for child in children(pools, name):
        yield from _below(pools, child, depth + 1)


def related(pools: Pools, name: str) -> Iterator[list[Cell]]:
    """Rows of one pool with all that it is cut out of, and all that is cut out of it; none for one by itself."""
    above = [name]
    while parent := pools[above[0]]:
        above.insert(0, parent)
    below = [(one, depth) for one, depth in _below(pools, name, len(above) - 1) if one != name]
    lines = [*((one, depth) for depth, one in enumerate(above)), *below]
    if len(lines) > 1:
        for number, (one, depth) in enumerate(lines):
            yield ["" if number else "Tree", branch(depth) + (f"{one} (this one)" if one == name else one)]


def branch(depth: int) -> str:
    """A line that is longer the deeper it goes: blanks at the begin of a cell are lost."""
    return f"\u2514{_LINE * (2 * depth - 1)} " if depth else ""


def ways(figures: space.Figures, pool: Pool) -> str:
    """How it gives out, in words."""
    more = [f"room for {1 << pool.growth} times the size"] if pool.growth else []
    more += ["beside what a holder has"] if pool.adjacent and not pool.growth else []
    return ", ".join([figures.strategy.value, *more])
