"""Any order of all that can happen to space, against a model of netaddr sets, on SQLite and PostgreSQL.

Taking by length and by name, reserving, taking up, giving back, resting, splitting, making one and bringing back, in a
tree of pools that is cut anew all the time, in two VRFs. No overlap, tiles always whole.
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from netaddr import IPNetwork
from sqlalchemy import select
from store.space.model import REST, Held, Model

from mailbot.addresses import Block, Strategy, parse_space
from mailbot.errors import NotFound, NotPossible
from mailbot.store import space
from mailbot.store.space import State
from mailbot.store.space.pools import read_pool
from mailbot.store.space.tables import free_block

pytestmark = pytest.mark.slow

# Small, so that they fill up; the first two would be buddies, were they one root.
V4 = ("10.0.0.0/28", "10.0.0.16/28", "10.0.9.0/30")
V6 = ("2001:db8::/122", "2001:db8::40/122", "2001:db8:9::/126")
VLANS, NUMBERS = ("0.0.0.7/32", "0.0.0.200/29", "0.0.0.208/30"), ("200-208", "209-211", "7")
LYON = "lyon"
POOLS = ("v4", "red", "v6", "vlans", LYON)
RESERVED_FOR = timedelta(days=14)

pools = st.sampled_from(POOLS)
prefix_pools = st.sampled_from(("v4", "v6", LYON))
picks = st.integers(0, 31)
host_bits = st.integers(0, 4)
holders = st.sampled_from(("bob@example.net", "eve@example.net"))
customers = st.sampled_from((None, None, "Acme", "Bolt"))
states = st.sampled_from([State.ALLOCATED, State.ALLOCATED, State.RESERVED])
anywhere = st.tuples(st.integers(0, 2), host_bits, st.integers(0, 15))
own = st.sampled_from([True, True, False])


class Space(RuleBasedStateMachine):
    """One strategy a run; `lyon` is cut out of `v4`, now smaller, now larger, now not at all."""

    engine = None
    done = 0
    """What was really asked of the store, in all runs."""

    @initialize(strategy=st.sampled_from(Strategy), adjacent=st.booleans(), growth=st.integers(0, 2))
    def begin(self, strategy, adjacent, growth):
        self.conn = self.engine.connect()
        self.now, self.requests, self.snapshots = datetime(2026, 11, 23, 8, tzinfo=UTC), 0, {}
        self.cut, self.touched, self.counted = [], set(POOLS), space.Counted()
        self.models = {
            "v4": Model(V4, strategy, adjacent=adjacent),
            "red": Model(V4, strategy),
            "v6": Model(V6, Strategy.SPARSE, growth=growth, adjacent=adjacent),
            "vlans": Model(VLANS, adjacent=adjacent, numbers=True),
        }
        said = {"v4": {"prefixes": V4}, "red": {"prefixes": V4, "vrf": "red"}}
        said |= {"v6": {"prefixes": V6}, "vlans": {"numbers": NUMBERS}}
        self.definitions = {name: self.definition(name, model, **said[name]) for name, model in self.models.items()}
        assert self.sync() == []

    def definition(self, name, model, **said):
        growth, adjacent = model.growth, model.adjacent
        ways = {"strategy": model.strategy, "growth": growth, "adjacent": adjacent, "quarantine": REST}
        return space.PoolDefinition(name=name, title="", **ways, **said)

    def sync(self):
        return space.sync_pools(self.conn, self.definitions.values(), self.now)

    def teardown(self):
        if hasattr(self, "conn"):
            assert space.check(self.conn) == []
            self.conn.close()

    # -- words for both ------------------------------------------------------------------------------------------------

    def asks(self, *names):
        """One operation on these pools; whether there is such a pool."""
        if not all(name in self.models for name in names):
            return False
        type(self).done += 1
        self.touched |= set(names)
        return True

    def called(self, name, network):
        """What the store calls a network of the model."""
        if not self.models[name].numbers:
            return str(network)
        return str(network.first) if network.size == 1 else f"{network.first}-{network.last}"

    def block(self, name, network):
        return parse_space(self.called(name, network))

    def terms(self, holder, state, customer=None):
        self.requests += 1
        return {
            "reference": f"IP-{self.requests % 7}",  # some requests take several prefixes
            "step": "allocate",
            "holder": holder,
            "state": state,
            "until": self.now + RESERVED_FOR if state is State.RESERVED else None,
            "carries": {"turn": str(self.requests), **({"customer": customer} if customer else {})},
            "now": self.now,
        }

    def expect(self, name, prefix, terms):
        """Writes into the model what should have been taken."""
        self.models[name].put(prefix, Held(**{key: terms[key] for key in terms if key not in {"step", "now"}}))

    def named(self, name, where):
        """A prefix in one of the roots, which may be all of it."""
        model, (root, bits, at) = self.models[name], where
        root = model.roots[root % len(model.roots)]
        length = max(root.prefixlen, model.width - (0 if model.numbers else bits))
        subnets = list(root.subnet(length))
        return subnets[at % len(subnets)]

    def picked(self, name, pick, *states):
        """Something that is held (mostly in one of these states), with what the model knows of it."""
        held = self.models[name].held
        some = [prefix for prefix in sorted(held) if pick % 8 and held[prefix].state in states] or sorted(held)
        prefix = some[pick % len(some)] if some else None
        return prefix, held.get(prefix)

    # -- taking --------------------------------------------------------------------------------------------------------

    @rule(
        name=pools, sizes=st.lists(host_bits, min_size=1, max_size=5), holder=holders, customer=customers, state=states
    )
    def take(self, name, sizes, holder, customer, state):
        for bits in sizes:
            if self.asks(name):
                self.take_one(name, bits, self.terms(holder, state, customer))

    def take_one(self, name, bits, terms):
        model, customer = self.models[name], terms["carries"].get("customer")
        length = model.width - (0 if model.numbers else bits)
        whose = ("customer", customer) if customer else ("holder", terms["holder"])
        expected = model.chosen(length, whose) or (model.expire(self.now) and model.chosen(length, whose)) or None
        try:
            took = str(space.take(self.conn, name, None if model.numbers else length, **terms).prefix)
        except space.PoolFull as full:
            largest = min(model.free(), key=lambda b: (b.prefixlen, b.first), default=None)
            took = None if str(full.largest_free) == str(largest) else full
        except space.PoolRefuses as never:
            took = None if all(length < root.prefixlen for root in model.roots) else never
        assert took == (expected and self.called(name, expected))
        if expected:
            self.expect(name, expected, terms)

    @rule(name=pools, where=anywhere, holder=holders, state=states)
    def take_named(self, name, where, holder, state):
        if not self.asks(name):
            return
        model, prefix, terms = self.models[name], self.named(name, where), self.terms(holder, state)
        if model.blocking(prefix):
            model.expire(self.now)
        blocking, resting = model.blocking(prefix), model.held.get(prefix)
        back = resting and resting.state is State.QUARANTINED and resting.holder == holder
        delegated = [one for one in blocking if model.held[one].state is State.DELEGATED and prefix in one]
        try:
            space.take_named(self.conn, name, self.block(name, prefix), **terms)
            by = None
        except space.OfAnother as refusal:
            by = refusal.pool
        except space.PrefixTaken as taken:
            by = str(taken.by.prefix)
        if delegated:
            assert by == LYON
        elif blocking and not back:
            assert by in {self.called(name, held) for held in blocking}
        else:
            assert by is None
            self.expect(name, prefix, terms)

    @rule(name=pools, pick=picks, holder=holders, own=own, days=st.none() | picks)
    def take_up(self, name, pick, holder, own, days):
        """What was reserved, by who has reserved it or by another; for good, or for a time."""
        prefix, held = self.picked(name, pick, State.RESERVED) if name in self.models else (None, None)
        if prefix is None or not self.asks(name):
            return
        until = None if days is None else self.now + timedelta(days=days)
        terms = self.terms(holder, State.ALLOCATED) | {"until": until}
        terms["reference"] = held.reference if own else "IP-other"
        try:
            took = space.take_up(self.conn, name, self.block(name, prefix), **terms)
        except space.NotReserved:
            assert not own or held.state is not State.RESERVED or held.until <= self.now
        else:
            assert (own, held.state, held.until > self.now) == (True, State.RESERVED, True)
            assert (str(took.prefix), took.until) == (self.called(name, prefix), until)
            self.expect(name, prefix, terms)

    @rule(name=pools, pick=picks, own=own, days=picks)
    def prolong(self, name, pick, own, days):
        prefix, held = self.picked(name, pick) if name in self.models else (None, None)
        if prefix is None or held.reference is None or not self.asks(name):
            return
        reference, until = held.reference if own else "IP-other", self.now + timedelta(days=days)
        try:
            space.prolong(self.conn, name, self.block(name, prefix), until, reference=reference, now=self.now)
        except space.NotReserved:
            assert not own or not held.is_live
        else:
            assert (own, held.is_live) == (True, True)
            held.until = until

    # -- giving back ---------------------------------------------------------------------------------------------------

    @rule()
    def lapse(self):
        """What requests do when the time of their reservations is up."""
        for name, model in self.models.items():
            over = [p for p, held in model.held.items() if held.state is State.RESERVED and held.until <= self.now]
            for prefix in over:
                self.asks(name)
                place = self.conn, self.block(name, prefix)
                became = space.give_back(*place, reference=model.held[prefix].reference, now=self.now, pool=name)
                assert became.state is State.RELEASED
                model.give_back(prefix, self.now)

    @rule(name=pools, where=anywhere, pick=st.none() | picks, by_vrf=st.booleans())
    def give_back(self, name, where, pick, by_vrf):
        """Mostly something that is held, now and then whatever comes; found in its pool, or in its VRF."""
        if not self.asks(name):
            return
        prefix = (self.picked(name, pick, State.ALLOCATED)[0] if pick is not None else None) or self.named(name, where)
        if by_vrf and not self.models[name].numbers:
            name, place = self.innermost(name, prefix), {"vrf": "red" if name == "red" else ""}
            self.asks(name)
        else:
            place = {"pool": name}
        model = self.models[name]
        before = model.held.get(prefix)
        try:
            space.give_back(self.conn, self.block(name, prefix), reference="IP-99", now=self.now, **place)
        except (NotFound, NotPossible):
            assert before is None or not before.is_live
        else:
            assert before.is_live
            model.give_back(prefix, self.now)

    def innermost(self, name, prefix):
        inside = LYON in self.models and name in {"v4", LYON}
        within = inside and any(prefix in root for root in self.models[LYON].roots)
        return LYON if within else "v4" if name == LYON else name

    @rule(number=st.integers(0, 6))
    def cancel(self, number):
        reference = f"IP-{number}"
        live = [
            (name, prefix)
            for name, model in self.models.items()
            for prefix, held in model.held.items()
            if held.reference == reference and held.is_live
        ]
        self.asks(*{name for name, _ in live})
        became = [(one.pool, str(one.prefix)) for one in space.cancel(self.conn, reference=reference, now=self.now)]
        assert sorted(became) == sorted((name, self.called(name, prefix)) for name, prefix in live)
        for name, prefix in live:
            self.models[name].give_back(prefix, self.now)

    @rule(days=st.sampled_from([0, 1, 10, 29, 30, 31, 400]))
    def time_passes(self, days):
        self.now += timedelta(days=days)

    @rule()
    def end_quarantine(self):
        self.asks(*self.models)
        freed = [name for name, model in self.models.items() if model.expire(self.now)]
        assert space.end_quarantine(self.conn, self.now) == freed

    # -- cutting otherwise ---------------------------------------------------------------------------------------------

    @rule(name=prefix_pools, pick=picks, holder=holders, customer=customers)
    def split(self, name, pick, holder, customer):
        """In two, the upper half for somebody else."""
        prefix, held = self.picked(name, pick, State.ALLOCATED) if name in self.models else (None, None)
        if prefix is None or prefix.size == 1 or not self.asks(name):
            return
        halves = list(prefix.subnet(prefix.prefixlen + 1))
        carries = {"customer": customer} if customer else {}
        upper = space.Part(prefix=self.block(name, halves[1]), holder=holder, carries=carries)
        parts = [upper, space.Part(prefix=self.block(name, halves[0]))]
        if self.reshaped(name, [prefix], parts, held.state is State.ALLOCATED and held.until is None):
            lower = Held(state=held.state, holder=held.holder, reference="IP-split", carries=dict(held.carries))
            self.now_are(name, [prefix], {halves[0]: lower})
            self.models[name].put(halves[1], Held(State.ALLOCATED, holder, "IP-split", None, held.carries | carries))

    @rule(name=prefix_pools, pick=picks)
    def make_one(self, name, pick):
        prefix = self.picked(name, pick, State.ALLOCATED)[0] if name in self.models else None
        if prefix is None or prefix in self.models[name].roots or not self.asks(name):
            return
        model, whole = self.models[name], prefix.supernet(prefix.prefixlen - 1)[0]
        halves = list(whole.subnet(prefix.prefixlen))
        held = [model.held.get(half) for half in halves]
        good = all(one and one.state is State.ALLOCATED and one.until is None for one in held)
        if self.reshaped(name, halves, [space.Part(prefix=self.block(name, whole))], good):
            agreed = dict(held[0].carries.items() & held[1].carries.items())
            one = Held(state=State.ALLOCATED, holder=held[0].holder, reference="IP-split", carries=agreed)
            self.now_are(name, halves, {whole: one})

    def reshaped(self, name, before, parts, good):
        blocks = [self.block(name, prefix) for prefix in before]
        terms = {"reference": "IP-split", "step": "split", "now": self.now}
        try:
            space.reshape(self.conn, name, blocks, parts, **terms)
        except space.NotReserved:
            assert not good
            return False
        assert good
        self.cut.append((name, before, [IPNetwork(str(part.prefix)) for part in parts]))
        return True

    def now_are(self, name, before, after):
        for prefix in before:
            self.models[name].drop(prefix)
        for prefix, held in after.items():
            self.models[name].put(prefix, held)

    @rule(pick=picks)
    def bring_back(self, pick):
        """What was split or made one, as long as nobody has touched it since."""
        name, before, after = self.cut[-1 - pick % min(4, len(self.cut))] if self.cut else (None, [], [])
        if name not in self.models or not self.asks(name):
            return
        model, blocks = self.models[name], [[self.block(name, one) for one in some] for some in (after, before)]
        held = [model.held.get(prefix) for prefix in after]
        good = all(one and (one.state, one.reference) == (State.ALLOCATED, "IP-split") for one in held)
        try:
            space.revert(self.conn, name, *blocks, reference="IP-split", now=self.now)
        except space.NotReserved:
            assert not good
        else:
            assert good
            last = {p: Held(h.state, h.holder, h.reference, None, dict(h.carries)) for p, h in self.lasts(name, before)}
            self.now_are(name, after, last)

    def lasts(self, name, prefixes):
        return [(prefix, self.models[name].last[prefix]) for prefix in prefixes]

    # -- delegating ----------------------------------------------------------------------------------------------------

    @rule(places=st.lists(anywhere, max_size=3))
    def delegate(self, places):
        """`lyon` is to have just these roots, or to be gone."""
        roots: list[IPNetwork] = []
        for root in (self.named("v4", where) for where in places):
            roots += [] if any(root in one or one in root for one in roots) else [root]
        present, region = self.models.get(LYON), self.models["v4"]
        before = present.roots if present else []
        if set(before) == set(roots):
            return
        self.asks("v4")
        self.touched.add(LYON)
        old = dict(self.definitions)
        self.definitions.pop(LYON, None)
        if roots:
            fresh = Model(map(str, sorted(roots)), region.strategy, adjacent=region.adjacent)
            said = {"prefixes": tuple(map(str, roots)), "parent": "v4"}
            self.definitions[LYON] = self.definition(LYON, fresh, **said)
        good = self.could_delegate(present, region, before, roots)
        problems = self.sync()
        assert (problems == []) == good, problems
        if not good:
            self.definitions = old
            return
        for root in before:
            region.drop(root)
        for root in roots:
            region.put(root, Held(State.DELEGATED, None, None))
        if roots:
            fresh.held, fresh.last = (present.held, present.last) if present else ({}, {})
            self.models[LYON] = fresh
        else:
            del self.models[LYON]

    def could_delegate(self, present, region, before, roots):
        """Nobody would lose space, and what is new is free in the parent; what has rested enough is found to be."""
        if present:
            present.expire(self.now)
            if any(not any(held in root for root in roots) for held in present.held):
                return False
        new = set(roots) - set(before)
        if new:
            region.expire(self.now)
        return not any(set(region.blocking(root)) - set(before) for root in new)

    # -- asking --------------------------------------------------------------------------------------------------------

    @rule(name=pools, bits=st.lists(host_bits, max_size=5))
    def would_it_fit(self, name, bits):
        """Exactly when taking them one after the other, the largest first, works."""
        if not self.asks(name):
            return
        model = self.models[name]
        trial = Model(map(str, model.roots), Strategy.BEST_FIT, growth=model.growth)
        trial.held = dict(model.held)
        lengths = [model.width - (0 if model.numbers else one) for one in bits]
        missing = []
        for length in sorted(lengths):
            if place := trial.next(length):
                trial.put(place, Held(State.RESERVED, None, None))
            else:
                missing.append(length)
        assert space.fits(self.conn, name, lengths).missing == tuple(missing)
        assert space.Survey(self.conn).fits(name, lengths) is not bool(missing)

    @rule(name=pools, where=anywhere, pick=st.integers(0, 60))
    def ask_who_had(self, name, where, pick):
        """In every VRF, and (of numbers) in every pool."""
        if not self.asks(name):
            return
        at = sorted(self.snapshots)[pick % len(self.snapshots)]
        address = self.block(name, IPNetwork(self.named(name, where).ip))
        found = space.who_had(self.conn, address, at=at)
        had = {(one.allocation.pool, str(one.allocation.prefix), one.allocation.holder) for one in found}
        assert had == {one for one in self.snapshots[at] if _covers(one[1], address)}

    @rule(name=pools, where=anywhere)
    def ask_who_has(self, name, where):
        if not self.asks(name):
            return
        address = self.block(name, IPNetwork(self.named(name, where).ip))
        has = {(one.pool, str(one.prefix)) for one in space.who_has(self.conn, address)}
        assert has == {(pool, prefix) for pool, prefix, _ in self.all_held() if _covers(prefix, address)}

    def all_held(self):
        return {
            (name, self.called(name, prefix), held.holder)
            for name, model in self.models.items()
            for prefix, held in model.held.items()
            if held.state is not State.DELEGATED
        }

    @rule(name=pools)
    def rebuild(self, name):
        if self.asks(name):
            space.rebuild(self.conn, name)

    @invariant()
    def store_and_model_agree(self):
        """Of the pools that were touched since the last look: nothing else can have changed."""
        touched, self.touched = getattr(self, "touched", set()), set()
        for name, model in getattr(self, "models", {}).items():
            if name in touched:
                self.agrees(name, model)
        if touched:
            # What happens at the same moment later on counts: an interval of no length is nobody's.
            self.snapshots[self.now] = self.all_held()

    def agrees(self, name, model):
        held = {
            str(one.prefix): (one.state, one.holder, one.reference, one.until, dict(one.carries))
            for one in space.allocations(self.conn, name)
        }
        assert held == {
            self.called(name, prefix): (one.state, one.holder, one.reference, one.until, one.carries)
            for prefix, one in model.held.items()
        }
        assert self.free(name) == [self.called(name, block) for block in model.free()]
        free = sum(block.size for block in model.free())
        assert {space.figures(self.conn, name, one).free for one in (None, self.counted)} == {free}

    def free(self, name):
        of = read_pool(self.conn, name)
        rows = self.conn.execute(select(free_block).where(free_block.c.pool_id == of.id).order_by(free_block.c.network))
        return [str(Block(family=of.family, network=r.network, host_bits=r.host_bits)) for r in rows]


def _covers(prefix, address):
    return (":" in prefix) == (address.family == 6) and parse_space(prefix).covers(address)


# On a machine that does other things too, slowness is no fault of the examples.
@pytest.mark.hypothesis
@pytest.mark.parametrize(
    ("store", "runs", "least"),
    [("sqlite", 64, 7_000), pytest.param("postgresql", 30, 3_000, marks=pytest.mark.servers)],
)
def test_trap_34_no_order_of_events_overlaps_or_loses_space(request, store, runs, least):
    machine = type("Machine", (Space,), {"engine": request.getfixturevalue(store), "done": 0})
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    ways = settings(max_examples=runs, stateful_step_count=250, deadline=None, suppress_health_check=slow)
    run_state_machine_as_test(machine, settings=ways)
    assert machine.done >= least  # ten thousand on both together
