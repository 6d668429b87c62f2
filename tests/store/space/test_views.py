"""Who has it, who had it, what a request took, how full a pool is."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from mailbot.addresses import Strategy, parse_address, parse_prefix
from mailbot.errors import NotFound
from mailbot.store import space

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("10.0.0.0", "10.0.0.0/28"),
        ("10.0.0.15", "10.0.0.0/28"),
        ("10.0.0.16", None),
        ("10.0.0.255", None),
        ("10.0.1.200", "10.0.1.128/25"),
        ("10.9.9.9", None),
        ("2001:db8::ffff", "2001:db8::/56"),
        ("::a00:1", None),  # the number of 10.0.0.1, in the other family
    ],
)
def test_who_has_an_address(conn, pools, take, address, prefix):
    pools(lan="10.0.0.0/24 10.0.1.0/24", six="2001:db8::/48", low="::/96")
    for pool, wanted in [("lan", "10.0.0.0/28"), ("lan", "10.0.1.128/25"), ("six", 56)]:
        take(pool, wanted)
    found = [str(held.prefix) for held in space.who_has(conn, parse_address(address))]
    assert found == ([prefix] if prefix else [])


def test_a_prefix_is_found_as_it_is_held_and_not_otherwise(conn, pools, take):
    pools(lan="10.0.0.0/24")
    held = take("lan", 28)
    assert space.find(conn, held.prefix) == held
    assert space.find(conn, parse_prefix("10.0.0.0/29")) is None
    assert space.find(conn, parse_prefix("10.0.0.0/27")) is None
    assert space.find(conn, held.prefix, vrf="blue") is None


def test_what_somebody_holds(conn, pools, take):
    pools(lan="10.0.0.0/24", six="2001:db8::/48")
    mine = [take("lan", 28), take("lan", 28), take("six", 56)]
    take("lan", 28, holder="eve@example.net")
    assert space.held_by(conn, "bob@example.net") == mine
    assert space.held_by(conn, "nobody@example.net") == []


def test_trap_37_who_had_an_address_outlives_allocation_and_pool(conn, pools, take, now):
    pools(lan={"prefixes": "10.0.0.0/24", "quarantine": DAY})
    take("lan", "10.0.0.16/28", reference="IP-1", now=now)
    space.give_back(conn, parse_prefix("10.0.0.16/28"), reference="IP-2", now=now + 5 * DAY)
    take("lan", "10.0.0.0/25", reference="IP-3", holder="eve@example.net", now=now + 10 * DAY)
    space.give_back(conn, parse_prefix("10.0.0.0/25"), reference="IP-4", now=now + 11 * DAY)
    space.end_quarantine(conn, now + 12 * DAY)
    assert pools(other="10.9.0.0/24") == []

    told = [
        (str(held.allocation.prefix), held.allocation.holder, str(held.allocation.state), held.since, held.ended)
        for held in space.who_had(conn, parse_address("10.0.0.20"))
    ]
    bob, eve = "bob@example.net", "eve@example.net"
    assert told == [
        ("10.0.0.16/28", bob, "allocated", now, now + 5 * DAY),
        ("10.0.0.16/28", bob, "quarantined", now + 5 * DAY, now + 10 * DAY),
        ("10.0.0.0/25", eve, "allocated", now + 10 * DAY, now + 11 * DAY),
        ("10.0.0.0/25", eve, "quarantined", now + 11 * DAY, now + 12 * DAY),
    ]


@pytest.mark.parametrize(
    ("days", "holder"), [(-1, None), (0, "bob"), (4, "bob"), (5, "bob"), (9, "bob"), (10, "eve"), (99, "eve")]
)
def test_who_had_an_address_at_a_moment(*, conn, pools, take, now, days, holder):
    pools(lan={"prefixes": "10.0.0.0/24", "quarantine": DAY})
    take("lan", "10.0.0.16/28", holder="bob", now=now)
    space.give_back(conn, parse_prefix("10.0.0.16/28"), reference="IP-2", now=now + 5 * DAY)
    take("lan", "10.0.0.0/25", holder="eve", now=now + 10 * DAY)
    had = space.who_had(conn, parse_address("10.0.0.20"), at=now + days * DAY)
    assert [held.allocation.holder for held in had] == ([holder] if holder else [])


def test_a_request_shows_what_it_took_whoever_gave_it_back(conn, pools, take, now):
    pools(lan="10.0.0.0/24")
    kept = take("lan", 28)
    take("lan", 29)
    take("lan", 30, state=space.State.RESERVED)
    resting = space.give_back(conn, parse_prefix("10.0.0.16/29"), reference="IP-7", now=now)
    gone = space.give_back(conn, parse_prefix("10.0.0.24/30"), reference="IP-7", now=now)
    assert space.of_request(conn, "IP-1") == [kept, resting, gone]
    assert (resting.state, gone.state) == (space.State.QUARANTINED, space.State.RELEASED)
    assert space.of_request(conn, "IP-7") == []


def test_figures_are_exact(conn, pools, take):
    pools(lan={"prefixes": "10.0.0.0/24 10.0.2.0/24", "strategy": Strategy.FIRST_FIT, "hosts": True})
    take("lan", 28)
    shown = space.figures(conn, "lan")
    assert (shown.name, shown.strategy) == ("lan", "first-fit")
    assert [str(prefix) for prefix in shown.prefixes] == ["10.0.0.0/24", "10.0.2.0/24"]
    assert (shown.size, shown.used, shown.free) == (512, 22, 490)
    assert str(shown.largest_free) == "10.0.0.64/26"
    assert [str(held.state) for held in shown.allocations] == ["excluded"] * 2 + ["allocated"] + ["excluded"] * 4


def test_figures_of_a_vast_pool_are_exact_too(conn, pools, take):
    pools(six="::/0")
    take("six", 128)
    shown = space.figures(conn, "six")
    assert (shown.size, shown.used, shown.free) == (2**128, 1, 2**128 - 1)


def test_figures_of_a_full_pool(conn, pools, take):
    pools(lan="10.0.0.0/30")
    take("lan", 30)
    shown = space.figures(conn, "lan")
    assert (shown.used, shown.free, shown.largest_free) == (4, 0, None)


def test_figures_of_an_unknown_pool(conn, pools):
    pools(lan="10.0.0.0/30")
    with pytest.raises(NotFound, match="there is no pool 'wan'"):
        space.figures(conn, "wan")


def test_no_question_or_change_reads_a_large_table_through(conn, pools, take, now):
    if conn.dialect.name != "sqlite":
        pytest.skip("the plan is asked for in SQLite's words")
    pools(lan="10.0.0.0/24", wan={"prefixes": "10.1.0.0/24", "strategy": Strategy.FIRST_FIT})
    said = []
    event.listen(conn, "before_cursor_execute", lambda *args: said.append(args[2:4]))
    prefix = take("lan", 28).prefix
    take("wan", 28)
    take("lan", "10.0.0.64/28")
    space.who_has(conn, prefix)
    space.who_had(conn, prefix)
    space.held_by(conn, "bob@example.net")
    space.fits(conn, "lan", [28, 28])
    space.cancel(conn, reference="IP-1", now=now)
    space.end_quarantine(conn, now + 30 * DAY)
    plans = [
        row.detail
        for statement, values in list(said)
        if not statement.startswith("INSERT")
        for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    ]
    large = ("SCAN allocation", "SCAN free_block", "SCAN address_history")
    assert any(step.startswith("SEARCH allocation") for step in plans)
    assert [step for step in plans if step.startswith(large)] == []


def test_what_is_free_is_counted_again_only_once_space_has_changed(conn, pools, take, now):
    pools(lan="10.0.0.0/24", wan="10.1.0.0/24")
    clock, asked = [0.0], []
    counted = space.Counted(lambda: clock[0])
    event.listen(conn, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def free(name="lan"):
        asked.clear()
        return space.figures(conn, name, counted).free, sum("GROUP BY" in one for one in asked)

    assert [free(), free(), free("wan")] == [(256, 1), (256, 0), (256, 1)]
    held = take("lan", 28)
    assert [free(), free()] == [(240, 1), (240, 0)]
    space.give_back(conn, held.prefix, reference="IP-2", now=now)
    space.end_quarantine(conn, now + 400 * DAY)
    assert [free(), free()] == [(256, 1), (256, 0)]
    pools(lan="10.0.0.0/24 10.0.1.0/24", wan={"prefixes": "10.1.0.0/24", "hosts": True})
    assert [free(), free(), free("wan")] == [(512, 1), (512, 0), (253, 1)]
    clock[0] = 61
    assert [free(), free()] == [(512, 1), (512, 0)]
