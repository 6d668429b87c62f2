"""Pools and targets for a rehearsal: they give out the lowest that is free, and do what they are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from mailbot.addresses import BadPrefix, Block, Family, gaps, is_whole, parse_space, parse_spaces
from mailbot.process.decide.driving import UNDER_WAY
from mailbot.process.decide.together import none_of, taken_together
from mailbot.process.request import (
    Drive,
    Driven,
    Event,
    Fits,
    GaveBack,
    GiveBack,
    Held,
    NetworkRequest,
    NetworkState,
    NotGivenBack,
    NotReshaped,
    NotTaken,
    Prolong,
    Reshape,
    Reshaped,
    Revert,
    Take,
    Taken,
    Wish,
    Withdraw,
    WouldFit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What was taken. Given back it rests, as rehearsals are short; what was only reserved is gone then."""

    pool: str
    block: Block
    reserved: bool
    rests: bool = False


@dataclass(slots=True, kw_only=True)
class Space:
    """`pools` are the prefixes or numbers of each pool; `full` has no room; `holds` is what the requester has already.

    `given` and `refused` are answers that are known beforehand, by step: its prefix, or why there is none; `fails` are
    those of targets, by name: what they say; `said` is what they said then, by step and target.
    """

    pools: Mapping[str, tuple[str, ...]]
    full: frozenset[str] = frozenset()
    holds: Held = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    fails: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[tuple[str, str], NetworkRequest] = field(default_factory=dict)
    _taken: list[_Place] = field(default_factory=list)
    _unprocessed: set[str] = field(default_factory=set)

    def fulfil_all(self, wishes: Sequence[Wish]) -> list[Event]:
        """What came of them, in their order; what one step takes for several items, all or nothing."""
        together = [event for some in taken_together(wishes) for event in self._all_or_none(some)]
        of_items = {event.step: event for event in together}
        came = [
            of_items[wish.step] if isinstance(wish, Take) and wish.step in of_items else self.fulfil(wish)
            for wish in wishes
        ]
        return [event for event in came if event is not None]

    def _all_or_none(self, wishes: Sequence[Take]) -> list[Taken | NotTaken]:
        before = list(self._taken)
        came = [self._take(wish) for wish in wishes]
        if all(isinstance(event, Taken) for event in came):
            return came
        self._taken = before
        return none_of(wishes, came)

    def fulfil(self, wish: Wish) -> Event | None:
        """What came of it; None where nothing is said about it."""
        match wish:
            case Take():
                return self._take(wish)
            case GiveBack():
                return self._give_back(wish)
            case Reshape():
                return self._reshape(wish)
            case Revert(step=step, pool=pool, after=after, before=before):
                return Reshaped(step=step, pool=pool, before=after, after=before)
            case Prolong():
                return None
            case WouldFit(step=step, pool=pool, length=length):
                reason = self.refused.get(step) or ("" if self._next(pool, length) else _no_room(length))
                return Fits(step=step, pool=pool, fits=not reason, reason=reason)
            case Drive():
                return self._drive(wish)
            case Withdraw(id=id_, step=step):
                waits = id_ in self._unprocessed
                return Driven(id=id_, step=step, state=NetworkState.FAILED, detail="withdrawn") if waits else None
            case _:
                assert_never(wish)

    def _drive(self, wish: Drive) -> Event | None:
        """A target answers at once, unless it is known that it has not."""
        if (known := self.said.get((wish.step, wish.target))) is not None:
            self._unprocessed |= {wish.id} if known.state is NetworkState.UNPROCESSED else set()
            answered = known.state not in UNDER_WAY
            return Driven(id=wish.id, step=wish.step, state=known.state, detail=known.detail) if answered else None
        state = NetworkState.FAILED if wish.target in self.fails else NetworkState.CONFIRMED
        return Driven(id=wish.id, step=wish.step, state=state, detail=self.fails.get(wish.target, ""))

    # -- held otherwise ----------------------------------------------------------------------------------------------

    def _reshape(self, wish: Reshape) -> Event:
        reason = self.refused.get(wish.step) or ("" if self._has(wish.prefixes) else "the requester does not hold it")
        before = sorted(map(parse_space, wish.prefixes), key=lambda block: block.network)
        parts = _cut(before, [share.length for share in wish.shares])
        if reason or parts is None:
            return NotReshaped(step=wish.step, reason=reason or "the parts do not make up what is held")
        pool = self._pool_of(before[0])
        return Reshaped(step=wish.step, pool=pool, before=tuple(map(str, before)), after=tuple(map(str, parts)))

    def _has(self, prefixes: Sequence[str]) -> bool:
        return all(prefix in self.holds or self._find(prefix, "") for prefix in prefixes)

    def _pool_of(self, block: Block) -> str:
        """Of pools inside each other, that with the smallest root around it."""
        around = (
            (root.host_bits, name)
            for name in self.pools
            for root in parse_spaces(self.pools[name])
            if root.covers(block)
        )
        return min(around, default=(0, ""))[1]

    # -- taking ----------------------------------------------------------------------------------------------------

    def _take(self, wish: Take) -> Taken | NotTaken:
        if reason := self.refused.get(wish.step) or self._misfit(wish):
            return _not_taken(wish, reason)
        if wish.instead_of is not None:
            if not self._has([wish.instead_of]):
                return _not_taken(wish, "the requester does not hold it", refused=True)
            old = parse_space(wish.instead_of)
            if wish.length is None and old.family not in {root.family for root in parse_spaces(self.pools[wish.pool])}:
                return _not_taken(
                    wish, f"{old} is {old.family}, and {wish.pool} is not: say of which length it is to be"
                )
            wish = replace(wish, length=old.length if wish.length is None else wish.length)
        if known := self.given.get(wish.step):
            return _taken(wish, known)
        if wish.from_reserved is not None:
            return self._take_up(wish, wish.from_reserved)
        found = self._named(wish.pool, wish.prefix) if wish.prefix else self._next(wish.pool, wish.length)
        if found is None:
            words = f"{wish.pool} {f'has no room for {wish.prefix}' if wish.prefix else _full(wish.length)}"
            unfit = wish.prefix is not None or not self._could_fit(wish.pool, wish.length)
            return _not_taken(wish, words, full=not unfit, unfit=unfit)
        self._taken.append(_Place(pool=wish.pool, block=found, reserved=wish.reserved))
        return _taken(wish, str(found))

    def _misfit(self, wish: Take) -> str:
        """Why the pool would never give this out; "" where it might."""
        if wish.pool not in self.pools:
            return f"there is no pool {wish.pool!r}"
        numbers = any(root.family is Family.NUMBER for root in parse_spaces(self.pools[wish.pool]))
        if wish.prefix is None and numbers and wish.length is not None:
            return f"{wish.pool} gives out numbers, which have no length: leave it out"
        if wish.prefix is None and not numbers and wish.length is None and wish.instead_of is None:
            return f"{wish.pool} gives out prefixes: say of which length, or which one"
        return ""

    def _take_up(self, wish: Take, prefix: str) -> Taken | NotTaken:
        place = self._find(prefix, wish.pool)
        if place is None or not place.reserved:
            return _not_taken(wish, f"{prefix} of {wish.pool} is not reserved any more")
        self._taken[self._taken.index(place)] = replace(place, reserved=False)
        return _taken(wish, prefix)

    def _next(self, pool: str, length: int | None) -> Block | None:
        """The lowest of that length, or the lowest number."""
        for root in () if pool in self.full else parse_spaces(self.pools.get(pool, ())):
            host_bits = 0 if length is None else root.family.width - length
            inside = [place.block for place in self._taken if place.pool == pool and root.covers(place.block)]
            for free in gaps(root, sorted(inside, key=lambda block: block.network)):
                if 0 <= host_bits <= free.host_bits:
                    return Block(family=root.family, network=free.network, host_bits=host_bits)
        return None

    def _could_fit(self, pool: str, length: int | None) -> bool:
        """Whether the pool would have such a prefix if all of it were free."""
        return any(length is None or length >= root.length for root in parse_spaces(self.pools.get(pool, ())))

    def _named(self, pool: str, text: str) -> Block | None:
        try:
            wanted = parse_space(text)
        except BadPrefix:
            return None
        within = any(root.covers(wanted) for root in parse_spaces(self.pools[pool]))
        free = not any(wanted.overlaps(place.block) for place in self._taken if place.pool == pool)
        return wanted if within and free and pool not in self.full else None

    # -- giving back -------------------------------------------------------------------------------------------------

    def _give_back(self, wish: GiveBack) -> Event:
        if reason := self.refused.get(wish.step or ""):
            return NotGivenBack(prefix=wish.prefix, step=wish.step, reason=reason)
        if place := self._find(wish.prefix, wish.pool):
            self._taken.remove(place)
            self._taken += [] if place.reserved else [replace(place, rests=True)]
            return GaveBack(prefix=wish.prefix, pool=place.pool, step=wish.step)
        if wish.own or wish.prefix in self.holds:
            return GaveBack(prefix=wish.prefix, pool=wish.pool, step=wish.step)
        return NotGivenBack(prefix=wish.prefix, step=wish.step, reason="the requester does not hold it")

    def _find(self, prefix: str, pool: str) -> _Place | None:
        """What was taken and not given back; of a number, in its pool."""
        still = (place for place in self._taken if not place.rests and pool in {"", place.pool})
        return next((place for place in still if str(place.block) == prefix), None)


def _taken(wish: Take, prefix: str) -> Taken:
    return Taken(
        step=wish.step,
        prefix=prefix,
        pool=wish.pool,
        until=wish.until,
        reserved=wish.reserved,
    )


def _not_taken(wish: Take, reason: str, *, full: bool = False, refused: bool = False, unfit: bool = False) -> NotTaken:
    return NotTaken(
        step=wish.step,
        pool=wish.pool,
        full=full,
        reason=reason,
        length=wish.length,
        refused=refused,
        unfit=reason if unfit else "",
    )


def _cut(before: Sequence[Block], lengths: Sequence[int | None]) -> list[Block] | None:
    """Prefixes in order of address, one behind the other; None where they are not just what was there."""
    family, cursor, parts = before[0].family, before[0].network, list[Block]()
    whole = before[0].ancestor(max(before[0].host_bits, (cursor ^ before[-1].last).bit_length()))
    for length in lengths:
        bits = whole.host_bits if length is None else family.width - length
        if bits < 0 or cursor & ((1 << bits) - 1):
            return None
        parts.append(Block(family=family, network=cursor, host_bits=bits))
        cursor = parts[-1].last + 1
    return parts if is_whole(before, whole) and is_whole(parts, whole) else None


def _full(length: int | None) -> str:
    return "has no number left" if length is None else f"has no room for a /{length}"


def _no_room(length: int | None) -> str:
    return "no number is left" if length is None else f"there is no room for a /{length} now"
