"""Pools for a rehearsal: a counter each, which never gives out the same prefix twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from mailbot.addresses import BadPrefix, Block, parse_prefix
from mailbot.process.request import Event, Fits, GaveBack, GiveBack, NotGivenBack, NotTaken, Take, Taken, Wish, WouldFit


@dataclass(slots=True, kw_only=True)
class Space:
    """`pools` are the prefixes of each pool; `full` has no room; `holds` is what the requester holds already.

    `given` and `refused` are answers that are known beforehand, by step: its prefix, or why there is none.
    """

    pools: Mapping[str, tuple[str, ...]]
    full: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    given: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    _taken: dict[str, tuple[str, Block]] = field(default_factory=dict)
    """Prefix → its pool and itself, in the order of taking."""

    def fulfil(self, wish: Wish) -> Event:
        match wish:
            case Take():
                return self._take(wish)
            case GiveBack():
                return self._give_back(wish)
            case WouldFit(step=step, pool=pool, length=length):
                reason = self.refused.get(step) or self._no_room(pool, length)
                return Fits(step=step, pool=pool, fits=not reason, reason=reason)
            case _:
                assert_never(wish)

    def _take(self, wish: Take) -> Event:
        reason = self.refused.get(wish.step, "")
        if reason or wish.pool not in self.pools:
            reason = reason or f"there is no pool {wish.pool!r}"
            return NotTaken(step=wish.step, pool=wish.pool, full=False, reason=reason, length=wish.length)
        if known := self.given.get(wish.step):
            return Taken(step=wish.step, prefix=known, pool=wish.pool)
        found = self._named(wish.pool, wish.prefix) if wish.prefix else self._next(wish.pool, wish.length or 0)
        if found is None:
            reason = f"{wish.pool} has no room for {wish.prefix or f'a /{wish.length}'}"
            full = wish.prefix is None
            return NotTaken(step=wish.step, pool=wish.pool, full=full, reason=reason, length=wish.length)
        self._taken[str(found)] = wish.pool, found
        return Taken(step=wish.step, prefix=str(found), pool=wish.pool)

    def _give_back(self, wish: GiveBack) -> Event:
        if reason := self.refused.get(wish.step or ""):
            return NotGivenBack(prefix=wish.prefix, step=wish.step, reason=reason)
        if taken := self._taken.pop(wish.prefix, None):
            return GaveBack(prefix=wish.prefix, pool=taken[0], step=wish.step)
        if wish.own or wish.prefix in self.holds:
            return GaveBack(prefix=wish.prefix, pool="", step=wish.step)
        return NotGivenBack(prefix=wish.prefix, step=wish.step, reason="the requester does not hold it")

    def _no_room(self, pool: str, length: int) -> str:
        return "" if self._next(pool, length) else f"there is no room for a /{length} now"

    def _next(self, pool: str, length: int) -> Block | None:
        """The first of that length behind what was taken from a root; never more than one step a root."""
        for text in () if pool in self.full else self.pools.get(pool, ()):
            root = parse_prefix(text)
            host_bits = root.family.width - length
            if not 0 <= host_bits <= root.host_bits:
                continue
            last = max((b.last for p, b in self._taken.values() if p == pool and root.covers(b)), default=None)
            start = root.network if last is None else (last >> host_bits) + 1 << host_bits
            if start <= root.last:
                return Block(family=root.family, network=start, host_bits=host_bits)
        return None

    def _named(self, pool: str, text: str) -> Block | None:
        try:
            wanted = parse_prefix(text)
        except BadPrefix:
            return None
        within = any(parse_prefix(root).covers(wanted) for root in self.pools[pool])
        free = not any(wanted.overlaps(block) for _, block in self._taken.values())
        return wanted if within and free and pool not in self.full else None
