"""Maps of pools, which take a while to draw where a pool holds very much."""

from collections.abc import Callable
from time import monotonic

from mailbot import spacemap
from mailbot.store import Connection, space

QUICK = 0.05
"""Seconds: what is drawn in that time is drawn whenever it is looked at, as the pool stands."""
KEPT = 100
"""Another map is shown again for so many times as long as it took to draw: half a second makes it a minute old."""


class Maps:
    """Those that took long, by pool."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[float, str]] = {}

    def of(self, conn: Connection, pool: str) -> str:
        """As SVG."""
        began = self._clock()
        until, kept = self._kept.get(pool, (began, ""))
        if began < until:
            return kept
        svg = spacemap.svg(space.picture(conn, pool))
        if (took := self._clock() - began) > QUICK:
            self._kept[pool] = (began + KEPT * took, svg)
        return svg
