"""The layout: each step below what it waits for, nothing on top of anything, and few arrows that cross."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from play import approval

from mailbot.process.chart.layers import END, START, crossings, direct, is_bend, layers, placed, ranks


@st.composite
def processes(draw):
    """Up to fifteen steps, each after some of those above it."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 15)))]
    after = [
        draw(st.lists(st.sampled_from(names[:n]), unique=True, max_size=3)) if n else [] for n in range(len(names))
    ]
    return tuple(approval(name, after=tuple(others)) for name, others in zip(names, after, strict=True))


def _width(name):
    return 20.0 if is_bend(name) else 248.0


@given(processes())
def test_every_step_stands_once_below_all_that_it_waits_for(steps):
    rank, made = ranks(steps), layers(steps)
    assert all(rank[other] < rank[rule.name] for rule in steps for other in rule.after)
    found = [name for row in made.rows for name in row if not is_bend(name)]
    assert sorted(found) == sorted([START, END, *(rule.name for rule in steps)])


@given(processes())
def test_arrows_join_neighbouring_rows_and_begin_and_end_at_steps(steps):
    made = layers(steps)
    row = {name: number for number, names in enumerate(made.rows) for name in names}
    assert all(row[end] == row[begin] + 1 for begin, end in made.links)
    for begin, *bends, end in made.ways:
        assert all(map(is_bend, bends))
        assert not is_bend(begin)
        assert not is_bend(end)
    waits = direct(steps)
    drawn = {(way[0], way[-1]) for way in made.ways}
    assert {(other, name) for name, others in waits.items() for other in others} <= drawn


@given(processes())
def test_nothing_lies_on_anything_else(steps):
    made = layers(steps)
    middles = placed(made, {name: _width(name) for row in made.rows for name in row}, gap=34)
    for row in made.rows:
        for left, right in pairwise(row):
            assert middles[right] - middles[left] >= (_width(left) + _width(right)) / 2 + 34 - 1e-6
    assert min(middles[name] - _width(name) / 2 for name in middles) >= -1e-6


def test_what_another_step_waits_for_anyway_is_not_drawn_twice():
    steps = (approval("a"), approval("b", after=("a",)), approval("c", after=("a", "b")))
    assert direct(steps) == {"a": (), "b": ("a",), "c": ("b",)}


def test_branches_are_ordered_so_that_their_arrows_do_not_cross():
    branches = [approval(name) for name in "abc"]
    crossed = [approval(f"{name}2", after=(name,)) for name in "cab"]
    made = layers((*branches, *crossed))
    assert crossings(made.rows, made.links) == 0


def test_a_long_arrow_is_straight_between_its_bends():
    chain = [approval("a")] + [approval(f"b{n}", after=("a",) if n == 0 else (f"b{n - 1}",)) for n in range(4)]
    made = layers((*chain, approval("z", after=("b3",)), approval("side", after=("a",))))
    middles = placed(made, {name: _width(name) for row in made.rows for name in row}, gap=34)
    (way,) = [way for way in made.ways if way[0] == "side"]
    bends = [middles[name] for name in way if is_bend(name)]
    assert len(bends) == 4
    assert max(bends) - min(bends) < 1
