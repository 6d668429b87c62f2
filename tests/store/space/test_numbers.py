"""Pools of numbers: VLANs and the like."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.addresses import parse_number, parse_prefix
from mailbot.errors import NotFound, NotPossible
from mailbot.store import space
from mailbot.store.base import metadata
from mailbot.store.engine import open_engine
from mailbot.store.space import State

DAY = timedelta(days=1)
VLANS = {"numbers": "200-3999"}


def test_the_lowest_free_number_is_given_out(conn, pools, take, now):
    assert pools(vlans={"numbers": "200-203 1000 205-206"}) == []
    taken = [take("vlans", None).prefix for _ in range(7)]
    assert [str(number) for number in taken] == ["200", "201", "202", "203", "205", "206", "1000"]
    with pytest.raises(space.PoolFull) as caught:
        take("vlans", None)
    assert (caught.value.length, caught.value.largest_free) == (None, None)
    assert str(caught.value) == "vlans has no number left: all are in use"
    for number in (taken[4], taken[2]):
        space.give_back(conn, number, reference="IP-1", now=now, pool="vlans")
    assert space.end_quarantine(conn, now + 30 * DAY) == ["vlans"]
    assert str(take("vlans", None, now=now + 30 * DAY).prefix) == "202"


def test_a_number_is_taken_by_name_once(pools, take):
    pools(vlans=VLANS)
    assert str(take("vlans", "200", reference="IP-7").prefix) == "200"
    assert str(take("vlans", None).prefix) == "201"
    with pytest.raises(space.PrefixTaken, match=r"200 is not free: 200 \(allocated: IP-7, bob@example.net\)"):
        take("vlans", "200")
    with pytest.raises(space.PoolRefuses, match=r"4000 is not within vlans \(200-3999\)"):
        take("vlans", "4000")
    with pytest.raises(
        space.PoolRefuses, match=r"10\.0\.0\.0/28 is IPv4, and vlans is a pool of numbers: name one of 200-3999"
    ):
        take("vlans", "10.0.0.0/28")


def test_each_kind_of_pool_says_what_it_gives_out(conn, pools, take):
    pools(vlans=VLANS, lan="10.0.0.0/24")
    with pytest.raises(space.PoolRefuses, match="vlans gives out numbers, which have no length: leave it out"):
        take("vlans", 28)
    with pytest.raises(space.PoolRefuses, match="lan gives out prefixes: say of which length, or which one"):
        take("lan", None)
    with pytest.raises(space.PoolRefuses, match="200 is a number, and lan is a pool of IPv4"):
        take("lan", "200")
    assert space.fits(conn, "vlans", [None] * 3).fits


def test_whether_a_number_is_left_is_told_without_taking_it(conn, pools, take):
    pools(vlans={"numbers": "7-8"})
    take("vlans", None)
    assert space.fits(conn, "vlans", [None]).fits
    assert not space.fits(conn, "vlans", [None, None]).fits


def test_a_number_rests_and_its_last_holder_may_name_it(conn, pools, take, now):
    pools(vlans={"numbers": "7"})
    take("vlans", None)
    became = space.give_back(conn, parse_number("7"), reference="IP-2", now=now, pool="vlans")
    assert (became.state, became.until) == (State.QUARANTINED, now + 30 * DAY)
    with pytest.raises(space.PoolFull):
        take("vlans", None)
    with pytest.raises(space.PrefixTaken, match="quarantined"):
        take("vlans", "7", holder="eve@example.net")
    assert take("vlans", "7").state is State.ALLOCATED


def test_the_same_number_of_two_pools_is_two_numbers(conn, pools, take, now):
    assert pools(lyon={"numbers": "1-9"}, paris={"numbers": "1-99"}, lan="0.0.0.0/8") == []
    lyon, paris = take("lyon", None, holder="eve@example.net"), take("paris", None)
    take("lan", "0.0.0.1/32", reference="IP-9")
    assert lyon.prefix == paris.prefix
    assert space.who_has(conn, parse_number("1")) == [lyon, paris]
    space.give_back(conn, lyon.prefix, reference="IP-2", now=now, pool="lyon")
    assert space.find(conn, paris.prefix, pool="paris") == paris
    told = [(one.allocation.pool, str(one.allocation.state)) for one in space.who_had(conn, parse_number("1"))]
    assert told == [("lyon", "allocated"), ("paris", "allocated"), ("lyon", "quarantined")]
    assert [held.pool for held in space.cancel(conn, reference="IP-1", now=now)] == ["paris"]


@pytest.mark.parametrize(("pool", "why"), [("lan", "1 is not within lan"), (None, "1 lies in no pool")])
def test_a_number_is_not_given_back_to_another_pool(*, conn, pools, take, now, pool, why):
    pools(vlans=VLANS | {"numbers": "1-9"}, lan="10.0.0.0/24")
    take("vlans", None)
    with pytest.raises(NotFound, match=why):
        space.give_back(conn, parse_number("1"), reference="IP-1", now=now, pool=pool)


def test_figures_count_numbers(conn, pools, take):
    pools(vlans=VLANS)
    take("vlans", None)
    shown = space.figures(conn, "vlans")
    assert (shown.size, shown.used, shown.free, str(shown.largest_free)) == (3800, 1, 3799, "201")
    assert [str(held) for held in shown.allocations] == ["200 (allocated: IP-1, bob@example.net)"]
    take("vlans", "202")
    take("vlans", None)
    assert str(space.figures(conn, "vlans").largest_free) == "203"


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        ("200-4094", None),
        ("100-150 160-3000", None),
        ("200-299", None),
        ("201-3999", "space that is held cannot be taken away: 1 held, 200 (allocated: IP-1, bob@example.net) first"),
        ("10", "space that is held cannot be taken away"),
        ("x", "'x' is no address space"),
        ("5000000000", "'5000000000' is no number: write one from 0 to 4294967295"),
    ],
)
def test_a_pool_of_numbers_grows_and_shrinks_around_what_is_held(pools, take, after, problem):
    pools(vlans=VLANS)
    take("vlans", None)
    problems = pools(vlans={"numbers": after})
    assert problems == [] if problem is None else problem in problems[0]
    assert str(take("vlans", None).prefix) == {"100-150 160-3000": "100"}.get(after, "201")


def test_numbers_are_added_by_hand_and_stay(conn, pools, take, now):
    pools(vlans={"numbers": "7"}, lan="10.0.0.0/24")
    space.add_root(conn, "vlans", parse_number("9"), now)
    pools(vlans={"numbers": "6-7"}, lan="10.0.0.0/24")
    assert [str(take("vlans", None).prefix) for _ in range(3)] == ["6", "7", "9"]
    with pytest.raises(NotPossible, match=r"10.1.0.0/24 is IPv4, and vlans is a pool of numbers"):
        space.add_root(conn, "vlans", parse_prefix("10.1.0.0/24"), now)
    with pytest.raises(NotPossible, match="9 is a number, and lan is a pool of IPv4"):
        space.add_root(conn, "lan", parse_number("9"), now)
    with pytest.raises(NotPossible, match="7 overlaps 6-7 of vlans"):
        space.add_root(conn, "vlans", parse_number("7"), now)


def test_numbers_that_overlap_are_told_from_to_and_not_as_blocks(conn, pools, now):
    pools(vlans={"numbers": "1-3"})
    with pytest.raises(NotPossible, match=r"^3 overlaps 1-3 of vlans$"):
        space.add_root(conn, "vlans", parse_number("3"), now)


def test_a_pool_changes_its_kind_only_while_nothing_of_the_other_is_in_it(conn, pools, take, now):
    pools(one=VLANS, two=VLANS, three=VLANS)
    take("two", None)
    space.add_root(conn, "three", parse_number("9"), now)
    problems = pools(one="10.0.0.0/24", two="10.1.0.0/24", three="10.2.0.0/24")
    assert [problem.partition(":")[0] for problem in problems] == ["two", "three"]
    assert "by hand" in problems[1]
    assert str(take("one", 28).prefix) == "10.0.0.0/28"


def test_numbers_come_in_and_go_out_as_rows(conn, pools, now):
    pools(vlans=VLANS, lan="10.0.0.0/24")
    rows = [
        {"prefix": "1002", "pool": "vlans", "state": "excluded", "customer": "", "description": "FDDI"},
        {"prefix": "0200", "pool": "vlans", "state": "allocated", "customer": "Acme", "description": ""},
    ]
    assert space.import_rows(conn, rows, now) == []
    assert list(space.export_rows(conn)) == [rows[1] | {"prefix": "200"}, rows[0]]
    bad = [{"prefix": prefix, "pool": "vlans"} for prefix in ("200", "10.0.0.0/28", "7", "200-300")]
    bad.append({"prefix": "200", "pool": "lan"})
    assert space.import_rows(conn, bad, now) == [
        "row 2: prefix: 200 overlaps 200 (allocated: Acme)",
        "row 3: prefix: '10.0.0.0/28' is no number: write one from 0 to 4294967295",
        "row 4: prefix: 7 is outside of vlans (200-3999)",
        "row 5: prefix: '200-300' is no number: write one from 0 to 4294967295",
        "row 6: prefix: '200' is no address space: write it like 10.20.0.0/28 or 2001:db8::/56",
    ]


def test_a_contradiction_among_numbers_is_told_in_numbers(conn, pools, take, free):
    pools(vlans={"numbers": "8-15"})
    take("vlans", "9")
    conn.exec_driver_sql("DELETE FROM free_block WHERE host_bits = 1")
    assert space.check(conn) == ["vlans: nothing accounts for 10 to 11"]
    space.rebuild(conn, "vlans")
    assert free("vlans") == ["8", "10-11", "12-15"]


# -- any order of events, on either database ------------------------------------------------------------------------

FIRST, SIZE, REST = 200, 6, 2 * DAY
NUMBERS = range(FIRST, FIRST + SIZE)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["take", "take", "name", "reserve", "take_up", "prolong", "give_back", "wait", "end_quarantine"]
        ),
        st.integers(FIRST, FIRST + SIZE),
        st.sampled_from(["bob", "eve"]),
    ),
    max_size=30,
)


@dataclass(kw_only=True)
class Held:
    state: State
    holder: str
    reference: str
    until: datetime | None = None


class Model:
    """What each number is, as simply as can be. Each act gives the number that it was about, or None."""

    def __init__(self):
        self.held, self.now, self.turn = {}, datetime(2026, 11, 23, 8, tzinfo=UTC), 0

    def reference(self, number):
        """The request that holds it; one of its own where nobody does."""
        return self.held[number].reference if number in self.held else f"IP-{self.turn}"

    def is_live(self, number):
        return number in self.held and self.held[number].state is not State.QUARANTINED

    def lowest(self):
        return next((number for number in NUMBERS if number not in self.held), None)

    def hold(self, number, who, reference, state=State.ALLOCATED, until=None):
        self.held[number] = Held(state=state, holder=who, reference=reference, until=until)
        return number

    def wait(self, number, _who):
        self.now += (number - FIRST) * DAY

    def end_quarantine(self, *_):
        over = [n for n in self.held if not self.is_live(n) and self.held[n].until <= self.now]
        for number in over:
            del self.held[number]
        return bool(over) or None

    def take(self, number, who, state=State.ALLOCATED, until=None):
        number = self.lowest() or (self.end_quarantine() and self.lowest())
        return number and self.hold(number, who, f"IP-{self.turn}", state, until)

    def reserve(self, number, who):
        return self.take(number, who, State.RESERVED, self.now + 3 * DAY)

    def name(self, number, who):
        if number in self.held:
            self.end_quarantine()
        held = self.held.get(number)
        is_his = held and held.state is State.QUARANTINED and held.holder == who
        free = number in NUMBERS and (not held or is_his)
        return self.hold(number, who, f"IP-{self.turn}") if free else None

    def take_up(self, number, who):
        held = self.held.get(number)
        may = held and held.state is State.RESERVED and self.now < held.until
        return self.hold(number, who, held.reference) if may else None

    def prolong(self, number, _who):
        if not self.is_live(number):
            return None
        self.held[number].until = self.now + 9 * DAY
        return number

    def give_back(self, number, _who):
        if not self.is_live(number):
            return None
        held = self.held.pop(number)
        if held.state is State.ALLOCATED:
            self.hold(number, held.holder, held.reference, State.QUARANTINED, self.now + REST)
        return number


class Store:
    """The same face; `model` says what time it is, and whose a number is."""

    def __init__(self, conn, model):
        self.conn, self.model = conn, model
        pool = space.PoolDefinition(name="vlans", title="", numbers=(f"{NUMBERS[0]}-{NUMBERS[-1]}",), quarantine=REST)
        assert space.sync_pools(conn, [pool], model.now) == []

    def terms(self, who, reference=None):
        reference = reference or f"IP-{self.model.turn}"
        return {"reference": reference, "step": "vlan", "holder": who, "now": self.model.now}

    def wait(self, _number, _who):
        return None

    def end_quarantine(self, _number, _who):
        return space.end_quarantine(self.conn, self.model.now) == ["vlans"] or None

    def take(self, _number, who):
        return space.take(self.conn, "vlans", None, **self.terms(who))

    def reserve(self, _number, who):
        until = self.model.now + 3 * DAY
        return space.take(self.conn, "vlans", None, **self.terms(who), state=State.RESERVED, until=until)

    def name(self, number, who):
        return space.take_named(self.conn, "vlans", parse_number(str(number)), **self.terms(who))

    def take_up(self, number, who):
        terms = self.terms(who, self.model.reference(number))
        return space.take_up(self.conn, "vlans", parse_number(str(number)), **terms)

    def prolong(self, number, _who):
        now, own = self.model.now, self.model.reference(number)
        return space.prolong(self.conn, "vlans", parse_number(str(number)), now + 9 * DAY, reference=own, now=now)

    def give_back(self, number, _who):
        number = parse_number(str(number))
        return space.give_back(self.conn, number, reference=None, now=self.model.now, pool="vlans")

    def came_to(self, act, number, who):
        try:
            found = getattr(self, act)(number, who)
        except (NotPossible, NotFound):
            return None
        return int(str(found.prefix)) if isinstance(found, space.Allocation) else found

    def held(self):
        return {
            int(str(one.prefix)): Held(state=one.state, holder=one.holder, reference=one.reference, until=one.until)
            for one in space.allocations(self.conn, "vlans")
        }


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def engine(request):
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("postgres").database()
    engine = open_engine(url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(acts=ACTS)
def test_trap_34_no_order_of_events_gives_a_number_twice_or_loses_one(engine, acts):
    with engine.connect() as conn, conn.begin() as undone:
        model = Model()
        store = Store(conn, model)
        for act, number, who in acts:
            model.turn += 1
            came_to = store.came_to(act, number, who)
            assert came_to == getattr(model, act)(number, who), act
            assert store.held() == model.held
            assert space.figures(conn, "vlans").free == SIZE - len(model.held)
        assert space.check(conn) == []
        undone.rollback()
