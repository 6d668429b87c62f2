"""Any order of reserving, taking, giving back and waiting, against a model of netaddr sets.

No overlap, tiles always whole. Numbers are addresses of their own pool to the model, one at a time.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from netaddr import IPNetwork, IPSet
from sqlalchemy import select

from mailbot.addresses import Block, Strategy, parse_space
from mailbot.errors import NotFound, NotPossible
from mailbot.store import space
from mailbot.store.base import metadata
from mailbot.store.engine import open_engine
from mailbot.store.space import State
from mailbot.store.space.pools import read_pool
from mailbot.store.space.tables import free_block

pytestmark = pytest.mark.slow

# Small, so that they fill up; the first two would be buddies, were they one root.
ROOTS = {
    "v4": ("10.0.0.0/28", "10.0.0.16/28", "10.0.9.0/30"),
    "v6": ("2001:db8::/124", "2001:db8::10/124", "2001:db8:9::/126"),
    "vlans": ("0.0.0.7/32", "0.0.0.200/29", "0.0.0.208/30"),
}
NUMBERS = ("200-208", "209-211", "7")
WIDTH = {"v4": 32, "v6": 128, "vlans": 32}
REST = timedelta(days=30)
RESERVED_FOR = timedelta(days=14)
HOLDERS = ("bob@example.net", "eve@example.net")

families = st.sampled_from(sorted(ROOTS))
picks = st.integers(0, 31)
host_bits = st.integers(0, 4)
holders = st.sampled_from(HOLDERS)
states = st.sampled_from([State.ALLOCATED, State.ALLOCATED, State.RESERVED])
anywhere = st.tuples(st.integers(0, 2), host_bits, st.integers(0, 15))


@dataclass
class Held:
    state: State
    holder: str
    reference: str
    until: datetime | None = None
    carries: dict[str, str] = field(default_factory=dict)

    @property
    def is_live(self):
        return self.state is not State.QUARANTINED


def called(family, network):
    """What the store calls a network of the model."""
    if family != "vlans":
        return str(network)
    return str(network.first) if network.size == 1 else f"{network.first}-{network.last}"


class Model:
    """One pool as sets of addresses: what is free is what is left of the roots."""

    def __init__(self, family, strategy):
        self.roots = [IPNetwork(root) for root in ROOTS[family]]
        self.strategy, self.held = Strategy.FIRST_FIT if family == "vlans" else strategy, {}

    def free(self):
        """Free blocks, root by root, in order of address."""
        taken = IPSet(self.held)
        return [block for root in self.roots for block in (IPSet([root]) - taken).iter_cidrs()]

    def chosen(self, length):
        """The prefix that the strategy should choose, or None."""
        fitting = [block for block in self.free() if block.prefixlen <= length]
        order = {
            Strategy.BEST_FIT: lambda block: (-block.prefixlen, block.first),
            Strategy.FIRST_FIT: lambda block: block.first,
            Strategy.SPARSE: lambda block: (block.prefixlen, block.first),
        }
        block = min(fitting, key=order[self.strategy], default=None)
        return block and next(block.subnet(length))

    def blocking(self, prefix):
        return [held for held in self.held if held in prefix or prefix in held]

    def expire(self, now):
        over = [p for p, h in self.held.items() if h.state is State.QUARANTINED and h.until <= now]
        for prefix in over:
            del self.held[prefix]
        return bool(over)


class Space(RuleBasedStateMachine):
    """One strategy a run, a pool of each family."""

    @initialize(strategy=st.sampled_from(Strategy))
    def begin(self, strategy):
        self.engine = open_engine("sqlite://")
        metadata.create_all(self.engine)
        self.conn = self.engine.connect()
        self.now, self.requests, self.snapshots = datetime(2026, 11, 23, 8, tzinfo=UTC), 0, {}
        self.models = {family: Model(family, strategy) for family in ROOTS}
        said = {family: {"prefixes": roots} for family, roots in ROOTS.items()} | {"vlans": {"numbers": NUMBERS}}
        pools = [
            space.PoolDefinition(name=family, title="", strategy=strategy, quarantine=REST, **said[family])
            for family in ROOTS
        ]
        assert space.sync_pools(self.conn, pools, self.now) == []

    def teardown(self):
        self.conn.close()
        self.engine.dispose()

    def terms(self, holder, state):
        self.requests += 1
        reference = f"IP-{self.requests % 7}"  # some requests take several prefixes
        return {
            "reference": reference,
            "step": "allocate",
            "holder": holder,
            "state": state,
            "until": self.now + RESERVED_FOR if state is State.RESERVED else None,
            "carries": {"customer": holder, "turn": str(self.requests)},
            "now": self.now,
        }

    def expect(self, family, prefix, terms):
        """Writes into the model what should have been taken."""
        held = {name: value for name, value in terms.items() if name not in {"step", "now"}}
        self.models[family].held[prefix] = Held(**held)

    @rule(family=families, bits=host_bits, holder=holders, state=states)
    def take(self, family, bits, holder, state):
        model, terms = self.models[family], self.terms(holder, state)
        length = WIDTH[family] - (0 if family == "vlans" else bits)
        expected = model.chosen(length) or (model.expire(self.now) and model.chosen(length)) or None
        try:
            took = str(space.take(self.conn, family, None if family == "vlans" else length, **terms).prefix)
        except space.PoolFull as full:
            largest = min(model.free(), key=lambda b: (b.prefixlen, b.first), default=None)
            took = None if str(full.largest_free) == str(largest) else full
        assert took == (expected and called(family, expected))
        if expected:
            self.expect(family, expected, terms)

    @rule(family=families, where=anywhere, holder=holders, state=states)
    def take_named(self, family, where, holder, state):
        model, prefix, terms = self.models[family], self.named(family, where), self.terms(holder, state)
        if model.blocking(prefix):
            model.expire(self.now)
        blocking = model.blocking(prefix)
        resting = model.held.get(prefix)
        back = resting and resting.state is State.QUARANTINED and resting.holder == holder
        try:
            space.take_named(self.conn, family, parse_space(called(family, prefix)), **terms)
            by = None
        except space.PrefixTaken as taken:
            by = str(taken.by.prefix)
        if blocking and not back:
            assert by in {called(family, held) for held in blocking}
        else:
            assert by is None
            self.expect(family, prefix, terms)

    def named(self, family, where):
        """A prefix in one of the roots, which may be all of it."""
        root, bits, at = where
        root = self.models[family].roots[root]
        length = max(root.prefixlen, WIDTH[family] - (0 if family == "vlans" else bits))
        subnets = list(root.subnet(length))
        return subnets[at % len(subnets)]

    def picked(self, family, pick):
        """Something that is held, with what the model knows of it."""
        held = self.models[family].held
        prefix = sorted(held)[pick % len(held)] if held else None
        return prefix, held.get(prefix)

    @rule(family=families, pick=picks, holder=holders, own=st.sampled_from([True, True, False]), days=st.none() | picks)
    def take_up(self, family, pick, holder, own, days):
        """What was reserved, by who has reserved it or by another; for good, or for a time."""
        prefix, held = self.picked(family, pick)
        if prefix is None:
            return
        until = None if days is None else self.now + timedelta(days=days)
        terms = self.terms(holder, State.ALLOCATED) | {"until": until}
        terms["reference"] = held.reference if own else "IP-other"
        try:
            took = space.take_up(self.conn, family, parse_space(called(family, prefix)), **terms)
        except space.NotReserved:
            assert not own or held.state is not State.RESERVED or held.until <= self.now
        else:
            assert (own, held.state) == (True, State.RESERVED)
            assert held.until > self.now
            assert (str(took.prefix), took.until) == (called(family, prefix), until)
            self.expect(family, prefix, terms)

    @rule(family=families, pick=picks, own=st.sampled_from([True, True, False]), days=picks)
    def prolong(self, family, pick, own, days):
        prefix, held = self.picked(family, pick)
        if prefix is None:
            return
        reference, until = held.reference if own else "IP-other", self.now + timedelta(days=days)
        place = self.conn, family, parse_space(called(family, prefix))
        try:
            space.prolong(*place, until, reference=reference, now=self.now)
        except space.NotReserved:
            assert not own or not held.is_live
        else:
            assert own
            assert held.is_live
            held.until = until

    @rule()
    def lapse(self):
        """What requests do when the time of their reservations is up."""
        for family, model in self.models.items():
            over = [p for p, held in model.held.items() if held.state is State.RESERVED and held.until <= self.now]
            for prefix in over:
                place = self.conn, parse_space(called(family, prefix))
                became = space.give_back(*place, reference=model.held[prefix].reference, now=self.now, pool=family)
                assert became.state is State.RELEASED
                self.gave_back(model, prefix)

    @rule(family=families, where=anywhere, pick=st.none() | picks)
    def give_back(self, family, where, pick):
        """Mostly something that is held, now and then whatever comes."""
        model = self.models[family]
        prefix = self.named(family, where) if pick is None else self.picked(family, pick)[0]
        prefix = prefix or self.named(family, where)
        before, place = model.held.get(prefix), parse_space(called(family, prefix))
        try:
            space.give_back(self.conn, place, reference="IP-99", now=self.now, pool=family)
        except (NotFound, NotPossible):
            assert before is None or before.state is State.QUARANTINED
        else:
            self.gave_back(model, prefix)

    def gave_back(self, model, prefix):
        held = model.held.pop(prefix)
        if held.state is State.ALLOCATED:
            model.held[prefix] = replace(held, state=State.QUARANTINED, until=self.now + REST)

    @rule(number=st.integers(0, 6))
    def cancel(self, number):
        reference = f"IP-{number}"
        became = {str(held.prefix) for held in space.cancel(self.conn, reference=reference, now=self.now)}
        live = [
            (family, model, prefix)
            for family, model in self.models.items()
            for prefix, held in model.held.items()
            if held.reference == reference and held.is_live
        ]
        assert became == {called(family, prefix) for family, _, prefix in live}
        for _, model, prefix in live:
            self.gave_back(model, prefix)

    @rule(days=st.sampled_from([0, 1, 10, 29, 30, 31, 400]))
    def time_passes(self, days):
        self.now += timedelta(days=days)

    @rule()
    def end_quarantine(self):
        freed = [family for family, model in self.models.items() if model.expire(self.now)]
        assert space.end_quarantine(self.conn, self.now) == freed

    @rule(family=families, bits=st.lists(host_bits, max_size=5))
    def would_it_fit(self, family, bits):
        """Exactly when taking them one after the other, the largest first, works."""
        trial = Model(family, Strategy.BEST_FIT)
        trial.held = dict(self.models[family].held)
        missing, bits = [], [0 if family == "vlans" else one for one in bits]
        for length in sorted(WIDTH[family] - one for one in bits):
            place = trial.chosen(length)
            if place:
                trial.held[place] = None
            else:
                missing.append(length)
        lengths = [WIDTH[family] - one for one in bits]
        assert space.fits(self.conn, family, lengths).missing == tuple(missing)

    @rule(family=families, where=anywhere, pick=st.integers(0, 60))
    def ask_who_had(self, family, where, pick):
        at = sorted(self.snapshots)[pick % len(self.snapshots)]
        address = parse_space(called(family, IPNetwork(self.named(family, where).ip)))
        had = {
            (str(one.allocation.prefix), one.allocation.state, one.allocation.holder)
            for one in space.who_had(self.conn, address, at=at)
        }
        then = self.snapshots[at][family]
        assert had == {one for one in then if parse_space(one[0]).covers(address)}

    @rule(family=families)
    def rebuild(self, family):
        space.rebuild(self.conn, family)

    @invariant()
    def tiles_are_whole(self):
        if hasattr(self, "conn"):
            assert space.check(self.conn) == []

    @invariant()
    def store_and_model_agree(self):
        for family, model in getattr(self, "models", {}).items():
            held = {
                str(one.prefix): (one.state, one.holder, one.reference, one.until, one.carries)
                for one in space.allocations(self.conn, family)
            }
            assert held == {
                called(family, prefix): (one.state, one.holder, one.reference, one.until, one.carries)
                for prefix, one in model.held.items()
            }
            assert self.free(family) == [called(family, block) for block in model.free()]
            assert space.figures(self.conn, family).free == sum(block.size for block in model.free())

    @invariant()
    def remember(self):
        """What happens at the same moment later on counts: an interval of no length is nobody's."""
        if hasattr(self, "conn"):
            self.snapshots[self.now] = {
                family: {(called(family, prefix), held.state, held.holder) for prefix, held in model.held.items()}
                for family, model in self.models.items()
            }

    def free(self, family):
        of = read_pool(self.conn, family)
        rows = self.conn.execute(select(free_block).where(free_block.c.pool_id == of.id).order_by(free_block.c.network))
        return [str(Block(family=of.family, network=r.network, host_bits=r.host_bits)) for r in rows]


# On a machine that does other things too, slowness is no fault of the examples.
Space.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
test_trap_34_no_order_of_events_overlaps_or_loses_space = Space.TestCase
