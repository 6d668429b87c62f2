"""Space that is given out and not seen in use, and whose holders are due to be asked."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from mailbot.addresses import parse_space
from mailbot.store import space
from mailbot.store.space.tables import usage

DAY = timedelta(days=1)
LATER = datetime(2026, 11, 23, 8, tzinfo=UTC) + 200 * DAY


def see(conn, prefix, at, vrf="", now=LATER + 100 * DAY):
    space.record_seen(conn, [space.Seen(prefix=parse_space(prefix), last_seen=at, source="probe", vrf=vrf)], now)


def idle(conn, before, pool="lan"):
    return [str(one.allocation.prefix) for one in space.idle(conn, pool, before)]


def test_nothing_is_known_to_be_idle_where_nobody_reports(conn, pools, take):
    pools(lan="10.0.0.0/24")
    take("lan", 28)
    assert idle(conn, LATER) == []


def test_what_nobody_has_seen_for_so_long_is_idle_and_an_address_within_is_enough(conn, pools, take, now):
    pools(lan="10.0.0.0/24")
    for _ in range(3):
        take("lan", 28)
    see(conn, "10.0.0.5/32", LATER)  # within the first
    see(conn, "10.0.0.16/28", now + DAY)  # the second, long ago
    assert idle(conn, LATER - 90 * DAY) == ["10.0.0.16/28", "10.0.0.32/28"]


def test_what_was_given_out_lately_has_had_no_time_to_be_seen(conn, pools, take, now):
    pools(lan="10.0.0.0/24")
    take("lan", 28)
    see(conn, "10.0.0.128/25", now)
    assert idle(conn, now - DAY) == []
    assert idle(conn, now + DAY) == ["10.0.0.0/28"]


def test_the_newest_report_counts_in_whatever_order_they_come(conn, pools, take, now):
    pools(lan="10.0.0.0/24")
    take("lan", 28)
    see(conn, "10.0.0.0/28", LATER)
    see(conn, "10.0.0.0/28", now)
    assert idle(conn, LATER - DAY) == []


def test_a_time_that_lies_ahead_makes_way_for_any_other(conn, pools, take, now):
    pools(lan="10.0.0.0/24")
    take("lan", 28)
    see(conn, "10.0.0.0/28", LATER, now=LATER)
    see(conn, "10.0.0.0/28", now, now=now)
    assert idle(conn, now + DAY) == ["10.0.0.0/28"]


def test_prefixes_that_a_holder_or_a_customer_has_are_to_be_reviewed_unless_that_was_done(conn, pools, now):
    pools(lan="10.0.0.0/24", vlans={"numbers": "1-9"})
    rows = [
        {"prefix": "10.0.0.0/28", "customer": "Acme"},
        {"prefix": "10.0.0.16/28", "holder": "bob@example.net"},
        {"prefix": "10.0.0.32/28"},
        {"prefix": "3", "pool": "vlans", "holder": "bob@example.net"},
    ]
    assert space.import_rows(conn, rows, now) == []
    found = list(space.to_review(conn, [], now + DAY))
    assert [str(one.prefix) for one in found] == ["10.0.0.0/28", "10.0.0.16/28"]
    space.note_review(conn, found[0], "IP-7", now + DAY)
    assert [str(one.prefix) for one in space.to_review(conn, ["lan"], now + DAY)] == ["10.0.0.16/28"]
    assert len(list(space.to_review(conn, ["lan"], now + 2 * DAY))) == 2
    assert list(space.to_review(conn, ["vlans"], now + DAY)) == []


BLOCKS = st.builds(lambda n, bits: f"10.0.0.{n >> bits << bits}/{32 - bits}", st.integers(0, 255), st.integers(0, 5))


@given(reports=st.lists(st.tuples(BLOCKS, st.integers(0, 300)), max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_idle_is_what_a_loop_over_all_reports_says(conn, pools, take, now, reports):
    pools(lan="10.0.0.0/24")
    held = list(space.allocations(conn, "lan")) or [take("lan", length) for length in (28, 30, 27, 32, 29)]
    conn.execute(delete(usage))
    for prefix, day in reports:
        see(conn, prefix, now + day * DAY)
    before = now + 150 * DAY
    seen = [(parse_space(prefix), now + day * DAY) for prefix, day in reports]
    expected = sorted(
        str(one.prefix)
        for one in held
        if reports and all(at < before for block, at in seen if block.overlaps(one.prefix))
    )
    assert sorted(idle(conn, before)) == expected


def test_rows_of_a_file_are_read_or_named():
    rows = [
        {"prefix": "10.0.0.0/28", "last_seen": "2026-11-01"},
        {"prefix": "10.0.0.1/28", "last_seen": "2026-11-01"},
        {"prefix": "10.0.0.16/28", "last_seen": "soon"},
        {"prefix": "10.0.0.16/28", "last_seen": "2962-11-01"},
    ]
    day = datetime.fromisoformat
    found = list(space.seen(enumerate(rows, 2), lambda text: day(text).replace(tzinfo=UTC), LATER))
    assert isinstance(found[0], space.Seen)
    assert str(found[0].prefix) == "10.0.0.0/28"
    assert [problem.partition(":")[0] for problem in found[1:]] == ["row 3", "row 4", "row 5"]
