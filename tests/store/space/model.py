"""A pool as sets of addresses, by netaddr: what the store must agree with, whatever happens."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from netaddr import IPNetwork, IPSet

from mailbot.addresses import Strategy
from mailbot.store.space import State

REST = timedelta(days=30)
LOOKED_AT = 16
"""Prefixes of one holder beside which room is looked for."""


@dataclass
class Held:
    state: State
    holder: str | None
    reference: str | None
    until: datetime | None = None
    carries: dict[str, str] = field(default_factory=dict)

    @property
    def is_live(self):
        return self.state in {State.ALLOCATED, State.RESERVED}


class Model:
    """What is free is what is left of the roots. Numbers are addresses, one at a time."""

    def __init__(self, roots, strategy=Strategy.FIRST_FIT, *, growth=0, adjacent=False, numbers=False):
        self.roots = [IPNetwork(root) for root in roots]
        self.strategy, self.growth, self.adjacent, self.numbers = strategy, growth, adjacent, numbers
        self.width = 128 if self.roots[0].version == 6 else 32
        self.held, self.last = {}, {}
        self._free = None

    def put(self, prefix, held):
        """Held from now on; `last` is how each prefix was allocated the last time."""
        self.held[prefix], self._free = held, None
        if held.state is State.ALLOCATED:
            self.last[prefix] = replace(held)

    def drop(self, prefix):
        self._free = None
        return self.held.pop(prefix)

    def give_back(self, prefix, now):
        held = self.drop(prefix)
        if held.state is State.ALLOCATED:
            self.put(prefix, replace(held, state=State.QUARANTINED, until=now + REST))

    def free(self):
        """Free blocks, root by root, in order of address."""
        if self._free is None:
            taken = IPSet(self.held)
            self._free = [block for root in self.roots for block in (IPSet([root]) - taken).iter_cidrs()]
        return self._free

    def chosen(self, length, whose=None):
        """The prefix that should be given out, or None."""
        return self.beside(length, whose) or self.next(length)

    def next(self, length):
        widest = min(root.prefixlen for root in self.roots)
        needed = min(length, max(length - self.growth, widest))
        fitting = [block for block in self.free() if block.prefixlen <= needed]
        order = {
            Strategy.BEST_FIT: lambda block: (-block.prefixlen, block.first),
            Strategy.FIRST_FIT: lambda block: block.first,
            Strategy.SPARSE: lambda block: (block.prefixlen, block.first),
        }
        block = min(fitting, key=order[self.strategy], default=None)
        return block and next(block.subnet(length))

    def beside(self, length, whose):
        """What touches something of ("customer", …) or ("holder", …): a buddy, else the lowest."""
        if not (self.adjacent or self.growth) or whose is None:
            return None
        return next((one for one in self._touching(length, whose) if self._is_free(one)), None)

    def _touching(self, length, whose):
        own = sorted(prefix for prefix, held in self.held.items() if held.is_live and self._is_of(held, whose))
        own, buddies, others = own[:LOOKED_AT], [], []
        for prefix in own:
            size = 1 << (self.width - length)
            places = [prefix.last + 1, prefix.first - size]
            if length == prefix.prefixlen and length:
                buddies.append(prefix.first ^ size)
                places.insert(0, prefix.first ^ size)
            others += [at for at in places if at >= 0 and at % size == 0 and at < 1 << self.width]
        version = 6 if self.width == 128 else 4
        return [IPNetwork((at, length), version=version) for at in [*buddies, *others]]

    @staticmethod
    def _is_of(held, whose):
        """A customer's is what carries his name; a holder's, whatever it carries."""
        kind, name = whose
        return (held.carries.get("customer") if kind == "customer" else held.holder) == name

    def _is_free(self, prefix):
        return any(prefix in block for block in self.free())

    def blocking(self, prefix):
        return [held for held in self.held if held in prefix or prefix in held]

    def expire(self, now):
        over = [p for p, h in self.held.items() if h.state is State.QUARANTINED and h.until <= now]
        for prefix in over:
            self.drop(prefix)
        return bool(over)
