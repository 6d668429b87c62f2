"""What the space room takes and gives: pools, allocations, answers, and the words for what cannot be done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Required, TypedDict

from mailbot.addresses import Block, Family, Strategy
from mailbot.errors import MailbotError, NotPossible
from mailbot.words import say


class State(StrEnum):
    """RELEASED is only ever told (history, JSON): a prefix that is free has no allocation.

    DELEGATED is a root of another pool, which is cut out of this one.
    """

    RESERVED = "reserved"
    ALLOCATED = "allocated"
    QUARANTINED = "quarantined"
    EXCLUDED = "excluded"
    FOREIGN = "foreign"
    DELEGATED = "delegated"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDefinition:
    """A pool as the configuration says it: of prefixes, or of numbers ("200-3999").

    min_length and max_length are prefix lengths, None: no limit. `parent` is the pool that it is cut out of. `growth`
    is the room that is kept for a holder, in bits; `adjacent`: a holder's next prefix lies beside what he has. `source`
    is the system whose truth it follows.
    """

    name: str
    title: str
    prefixes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    strategy: Strategy = Strategy.BEST_FIT
    quarantine: timedelta = timedelta(days=30)
    owner: str = ""
    min_length: int | None = None
    max_length: int | None = None
    hosts: bool = False
    vrf: str = ""
    warn_at: int = 80
    users: tuple[str, ...] = ()
    parent: str | None = None
    growth: int = 0
    adjacent: bool = False
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A pool as the tables hold it: what finding and giving back must know."""

    id: int
    name: str
    family: Family
    vrf: str
    strategy: Strategy
    quarantine: timedelta
    min_length: int | None
    max_length: int | None
    hosts: bool
    parent: str | None = None
    depth: int = 0
    growth: int = 0
    adjacent: bool = False
    source: str | None = None


class Terms(TypedDict, total=False):
    """On what terms a prefix is held; `reference`, `step` and `holder` are None for what no request took.

    Its customer is among what it `carries`, or is said by itself.
    """

    reference: Required[str | None]
    step: Required[str | None]
    holder: Required[str | None]
    state: State
    until: datetime | None
    customer: str | None
    description: str | None
    carries: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """A prefix or a number that is not free: `reference` is the request that took it, `until` when it ends by itself.

    `carries` is what it was given to carry (a VLAN, a device, anything), its customer among it. A quarantined one still
    names its last holder.
    """

    prefix: Block
    pool: str
    vrf: str = ""
    state: State = State.ALLOCATED
    until: datetime | None = None
    reference: str | None = None
    step: str | None = None
    holder: str | None = None
    customer: str | None = None
    description: str | None = None
    carries: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        # One customer, said either way: by him it is found, and as one of what it carries it is used in rules.
        customer = self.carries.get("customer") or self.customer
        if customer:
            object.__setattr__(self, "carries", {**self.carries, "customer": customer})
        object.__setattr__(self, "customer", customer)

    @property
    def delegate(self) -> str | None:
        """The pool that is cut out here."""
        return self.description if self.state is State.DELEGATED else None

    def __str__(self) -> str:
        whose = ", ".join(filter(None, (self.reference, self.customer or self.holder or self.delegate)))
        return f"{self.prefix} ({self.state}{': ' if whose else ''}{whose})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """From when to when (exclusive; None: still) a prefix was held on the terms of `allocation`."""

    allocation: Allocation
    since: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Would it fit? `missing` are the lengths (of a number: 32) that would not, shortest first.

    A hint: it holds nothing.
    """

    pool: str
    missing: tuple[int, ...]
    largest_free: Block | None

    @property
    def fits(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`pools show --json`, key by key; amounts are addresses (or numbers), exactly, and used + free = size.

    `largest_free` of a pool of numbers is the lowest free one, which is given out next. `delegated` is how much of what
    is used was given to other pools. `allocations` is read from the database while it is iterated, once, inside the
    caller's transaction.
    """

    name: str
    family: Family
    prefixes: tuple[Block, ...]
    strategy: Strategy
    size: int
    used: int
    free: int
    delegated: int
    largest_free: Block | None
    vrf: str
    parent: str | None
    allocations: Iterator[Allocation]

    @property
    def fragmentation(self) -> int | None:
        """How much smaller the largest free block is than the free space could make, in whole per cent.

        0: not at all; 75: by two bits. None where nothing is free, and of numbers, of which one is like the other.
        """
        if self.largest_free is None or self.family is Family.NUMBER:
            return None
        possible = min(1 << self.free.bit_length() - 1, max(root.size for root in self.prefixes))
        return 100 - 100 * self.largest_free.size // possible


class PoolFull(NotPossible):
    """No free block is large enough, or (`length` None) no number is left. Another time it may fit: the step waits."""

    def __init__(self, pool: str, length: int | None, largest_free: Block | None) -> None:
        self.pool, self.length, self.largest_free = pool, length, largest_free
        if length is None:
            super().__init__(say("space.has_no_number_left", pool=pool))
            return
        if largest_free is None:
            rest = say("space.nothing_is_free")
        elif self.keeps_room:
            rest = say("space.the_largest_is_kept", largest_free=largest_free)
        else:
            rest = say("space.the_largest_free_block", largest_free=largest_free)
        super().__init__(say("space.has_no_room_for", pool=pool, length=length, rest=rest))

    @property
    def keeps_room(self) -> bool:
        """Whether what is free would be large enough, and is left to those who hold the space beside it (`growth`)."""
        free, length = self.largest_free, self.length
        return free is not None and length is not None and free.length <= length


class PrefixTaken(NotPossible):
    """The prefix that was named is (partly) held; `by` is one allocation that stands in its way."""

    def __init__(self, prefix: Block, by: Allocation) -> None:
        self.prefix, self.by = prefix, by
        super().__init__(say("space.is_not_free", prefix=prefix, by=by))


class PoolRefuses(NotPossible):
    """The pool never gives this out: the length is outside its limits, or the prefix outside its roots."""


class Outside(PoolRefuses):
    """The prefix that was named is of another family than the pool, or outside of it; `briefly` is for whoever must not
    learn what the pool has.
    """

    def __init__(self, words: str, briefly: str) -> None:
        self.briefly = briefly
        super().__init__(words)


class OfAnother(PoolRefuses):
    """The prefix that was named is another pool's to give out: `pool`."""

    def __init__(self, prefix: Block, asked: str, pool: str) -> None:
        self.prefix, self.asked, self.pool = prefix, asked, pool
        whose = say("space.it_belongs_to", pool=pool)
        super().__init__(say("space.is_not_to_give_out", prefix=prefix, name=asked, whose=whose))


class NotReserved(NotPossible):
    """What a request would take up or prolong is not its own, or not any more."""


class Untiled(MailbotError):
    """Free blocks and allocations of a pool contradict each other: our fault, mended by `rebuild`."""

    def __init__(self, pool: str) -> None:
        self.pool = pool
        super().__init__(say("space.blocks_do_not_match", pool=pool))
