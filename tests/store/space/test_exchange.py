"""CSV rows in and out."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.addresses import parse_prefix
from mailbot.store import space


@pytest.fixture
def bring(conn, now):
    """Rows as `prefix,pool,state,customer,description`, the end left out at will."""

    def bring(*rows):
        names = ("prefix", "pool", "state", "customer", "description")
        cells = [dict(zip(names, row.split(","), strict=False)) for row in rows]
        return space.import_rows(conn, cells, now)

    return bring


@pytest.fixture
def held(conn):
    def held(pool="lan"):
        return [str(one) for one in space.allocations(conn, pool)]

    return held


def test_trap_36_prefixes_from_before_us_are_recorded(*, conn, pools, bring, held, take, free, now):
    pools(lan="10.0.0.0/24", six="2001:db8::/48")
    take("lan", "10.0.0.64/28")
    assert (
        bring(
            "10.0.0.128/26,lan,Reserved,Acme\u00a0SA,Lyon",
            "10.0.0.0/30,lan",
            "2001:db8::/64,six,foreign",
            "10.0.0.4/32,lan,excluded,,gateway",
            "10.0.0.32/28,lan,quarantined",
        )
        == []
    )
    assert held() == [
        "10.0.0.0/30 (allocated)",
        "10.0.0.4/32 (excluded)",
        "10.0.0.32/28 (quarantined)",
        "10.0.0.64/28 (allocated: IP-1, bob@example.net)",
        "10.0.0.128/26 (reserved: Acme\u00a0SA)",
    ]
    assert free("lan")[:3] == ["10.0.0.5/32", "10.0.0.6/31", "10.0.0.8/29"]
    assert space.find(conn, parse_prefix("10.0.0.128/26")).description == "Lyon"
    (was,) = space.who_had(conn, parse_prefix("10.0.0.130/32"))
    assert (was.allocation.customer, was.since) == ("Acme\u00a0SA", now)


def test_every_bad_row_is_named_and_nothing_is_changed(pools, bring, held, take, free):
    pools(lan="10.0.0.0/24", six="2001:db8::/48")
    take("lan", "10.0.0.64/28", reference="IP-7")
    before = free("lan")
    assert bring(
        "10.0.0.0/28,lan",
        "10.0.0.5/28,lan",
        "10.0.0.0/28,wan",
        "10.0.0.72/30,lan",
        "10.0.0.0/26,lan",
        "10.0.0.64/27,lan",
        "10.9.0.0/24,lan",
        "2001:db8::/56,lan",
        "10.0.0.160/28,lan,alocated",
        "10.0.0.160/28,lan,sold",
        "10.0.0.192/28,lan,allocated,Ac\x1bme",
        "10.0.0.0/28,lan",
        "",
    ) == [
        "row 2: prefix: 10.0.0.0/28 overlaps 10.0.0.0/26 of row 6",
        "row 3: prefix: 10.0.0.5/28 has host bits set (did you mean 10.0.0.0/28?)",
        "row 4: pool: there is no pool 'wan' (did you mean 'lan'?)",
        "row 5: prefix: 10.0.0.72/30 overlaps 10.0.0.64/27 of row 7",
        "row 7: prefix: 10.0.0.64/27 overlaps 10.0.0.64/28 (allocated: IP-7, bob@example.net)",
        "row 8: prefix: 10.9.0.0/24 is outside of lan (10.0.0.0/24)",
        "row 9: prefix: 2001:db8::/56 is IPv6, and IPv4 is wanted",
        (
            "row 10: state: 'alocated' is no state, which is one of reserved, allocated, quarantined, excluded, foreign"
            " (did you mean 'allocated'?)"
        ),
        "row 11: state: 'sold' is no state, which is one of reserved, allocated, quarantined, excluded, foreign",
        "row 12: customer: it holds control characters: take them out",
        "row 13: prefix: 10.0.0.0/28 overlaps 10.0.0.0/26 of row 6",
        "row 14: prefix: '' is no address space: write it like 10.20.0.0/28 or 2001:db8::/56",
    ]
    assert held() == ["10.0.0.64/28 (allocated: IP-7, bob@example.net)"]
    assert free("lan") == before


def test_a_row_that_covers_many_prefixes_hides_no_other_bad_row(pools, bring, take):
    pools(lan="10.0.0.0/24")
    for at in (0, 64, 128):
        take("lan", f"10.0.0.{at}/28")
    assert [problem[:6] for problem in bring("10.0.0.0/24,lan", "10.0.0.64/30,lan")] == ["row 2:", "row 3:"]


def test_rows_may_fill_a_pool_to_the_last_address(pools, bring, free, conn):
    pools(lan="10.0.0.0/29 10.0.0.8/29")
    assert bring(*(f"10.0.0.{host}/32,lan" for host in reversed(range(16)))) == []
    assert free("lan") == []
    assert space.figures(conn, "lan").used == 16


def test_what_went_out_comes_in_again(conn, pools, bring, held):
    pools(lan={"prefixes": "10.0.0.0/24", "hosts": True})
    bring("10.0.0.128/26,lan,foreign,Acme,Lyon", "10.0.0.8/29,lan,excluded")
    before, rows = held(), list(space.export_rows(conn))
    assert [row["prefix"] for row in rows] == ["10.0.0.8/29", "10.0.0.128/26"]  # not what `hosts` excludes by itself
    assert rows[1] == {
        "prefix": "10.0.0.128/26",
        "pool": "lan",
        "state": "foreign",
        "customer": "Acme",
        "description": "Lyon",
    }
    conn.exec_driver_sql("DELETE FROM allocation WHERE host_bits > 0")
    space.rebuild(conn, "lan")
    assert bring(*(",".join(row.values()) for row in rows)) == []
    assert held() == before


def test_import_of_nothing_is_no_problem(pools, bring):
    pools(lan="10.0.0.0/24")
    assert bring() == []


PLAN = st.lists(
    st.tuples(
        st.integers(0, 255),
        st.integers(0, 5),
        st.sampled_from(["allocated", "reserved", "foreign"]),
        st.dictionaries(st.sampled_from(["device", "interface", "vlan"]), st.sampled_from(["r1", "ge-0/0/1", "=7"])),
    ),
    max_size=12,
)


@given(plan=PLAN)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_plan_comes_out_as_it_went_in_and_the_space_is_whole(conn, pools, now, plan):
    pools()
    pools(lan="10.0.0.0/24")
    rows = [
        {"prefix": f"10.0.0.{at >> bits << bits}/{32 - bits}", "pool": "lan", "state": state}
        | {f"carries.{name}": value for name, value in carries.items()}
        for at, bits, state, carries in plan
    ]
    taken = [row for n, row in enumerate(rows) if not _overlaps(row, rows[:n])]
    refused = space.import_rows(conn, rows, now)
    assert (refused == []) == (taken == rows)
    if refused:
        assert list(space.export_rows(conn)) == []
        assert space.import_rows(conn, taken, now) == []
    told = [{name: cell for name, cell in row.items() if cell} for row in space.export_rows(conn)]
    assert told == sorted(taken, key=lambda row: parse_prefix(row["prefix"]).network)
    assert space.check(conn) == []
    conn.exec_driver_sql("DELETE FROM allocation")
    space.rebuild(conn, "lan")


def _overlaps(row, others):
    return any(parse_prefix(row["prefix"]).overlaps(parse_prefix(other["prefix"])) for other in others)
