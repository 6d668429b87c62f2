"""A pool's map: as the pool stands where that is drawn at once, and kept for a while where drawing it takes long."""

import pytest

from mailbot import spacemap
from mailbot.store import space
from mailbot.web.maps import Maps


class Clock:
    """Seconds, of which each look at space takes some."""

    def __init__(self, monkeypatch, takes):
        self.now = 1_000.0
        drawn = space.picture
        monkeypatch.setattr(space, "picture", lambda *of: self.tick(takes) or drawn(*of))

    def tick(self, seconds):
        self.now += seconds


@pytest.fixture
def drawn(house):
    """The map as it is now."""

    def draw():
        with house.bot.store.reading() as conn:
            return spacemap.svg(space.picture(conn, "lan"))

    return draw


@pytest.mark.parametrize(("takes", "is_kept"), [(0.01, False), (0.5, True)])
def test_only_a_map_that_takes_long_is_kept(house, drawn, monkeypatch, takes, is_kept):
    empty = drawn()
    clock = Clock(monkeypatch, takes)
    maps = Maps(clock=lambda: clock.now)

    def seen():
        with house.bot.store.reading() as conn:
            return maps.of(conn, "lan")

    assert seen() == empty
    house.allocated()
    now = drawn()
    assert now != empty
    assert seen() == (empty if is_kept else now)
    clock.tick(100 * takes)
    assert seen() == now
