"""A short part of `make fuzz`: real words, cut, joined and spoilt, at every door."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.doors import DOORS

MANY = 100
"""Inputs a door; `make fuzz` plays ten million in all."""


@st.composite
def spoilt(draw, seeds):
    """A seed after a few accidents: a piece lost, doubled, replaced by rubbish, or taken from another seed."""
    raw = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 4))):
        start, length = draw(st.integers(0, len(raw))), draw(st.integers(0, 40))
        other = draw(st.sampled_from(seeds))
        place = draw(st.integers(0, len(other)))
        piece = draw(st.sampled_from([b"", raw[start : start + length] * 2, other[place : place + 60]]) | st.binary())
        raw = raw[:start] + piece + raw[start + length :]
    return raw


@pytest.mark.hypothesis
@pytest.mark.parametrize("name", DOORS)
def test_whatever_comes_in_is_answered_and_never_raises(name):
    door = DOORS[name]

    @settings(max_examples=MANY, deadline=None, suppress_health_check=list(HealthCheck))
    @given(raw=spoilt(list(door.seeds())))
    def play(raw):
        door.enter(raw)

    play()


@pytest.mark.parametrize("name", DOORS)
def test_what_comes_in_in_life_is_among_the_seeds_and_passes(name):
    seeds = list(DOORS[name].seeds())
    assert seeds
    for raw in seeds[:50]:
        DOORS[name].enter(raw)


def test_the_shares_of_a_long_run_are_all_of_it():
    assert sum(door.share for door in DOORS.values()) == pytest.approx(1)
