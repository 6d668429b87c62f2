"""What is on record, as far as somebody may see it: requests, and who had an address; the same on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random  # noqa: TID251 (changes by chance, from one seed)
from typing import Any

import pytest
from servers.postgres import Postgres
from sqlalchemy import Connection, Row, select

from mailbot.addresses import Block, Family, parse_address, parse_prefix
from mailbot.delivered import asset
from mailbot.process.request import Entry, Request, State, Step
from mailbot.store import Store, Transaction, concerns, records, space, views
from mailbot.store.records import EVERYTHING, Place, Sight
from mailbot.store.space.tables import address_history

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BOB, EVE, ANA, LI = (f"{name}@example.net" for name in ("bob", "eve", "ana", "li"))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def conn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Of a store whose space has a history: 300 changes of one day each, by four requests of two people."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('records') / 'mailbot.db'}"
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.database()
    store = Store(url)
    store.upgrade()
    with store.transaction() as tx:
        requests(tx)
        change(tx)
        yield tx.conn
    store.close()


def requests(tx: Transaction) -> None:
    """IP-1 and IP-3 are bob's, IP-2 and IP-4 eve's; ana was asked about IP-1, noc about IP-2, li watches IP-3."""
    tx.keep_rules("v1", "quick", "", NOW)
    for number in (1, 2, 3, 4):
        request = Request(
            reference=f"IP-{number}",
            type="quick" if number < 4 else "other",
            rules="v1",
            state=State.ACKNOWLEDGED,
            requester=(EVE, BOB)[number % 2],
            channel="mail",
            created=NOW,
            steps=(Step(name="technical"),),
        )
        stored = tx.create(request)
        asked = {1: Step(name="technical", asked=(ANA,)), 2: Step(name="technical", departments=("noc",))}
        watchers = (LI,) if number == 3 else ()
        request = replace(request, steps=(asked.get(number, request.steps[0]),), watchers=watchers)
        entries = [Entry(actor=BOB, action=f"did {one}") for one in range(number)]
        tx.record(stored, request, entries=entries, threads={}, message_id=None, now=NOW)
    concerns.name(tx.conn, tx.load("IP-1"), ["PO 2026/17", "  "])


def change(tx: Transaction) -> None:
    pools = [
        space.PoolDefinition(name=name, title=name, prefixes=(f"10.{number}.0.0/24",), quarantine=3 * DAY)
        for number, name in enumerate(("lan", "wan"))
    ]
    space.sync_pools(tx.conn, pools, NOW)
    dice, held = Random(4), []  # noqa: S311
    for day in range(300):
        now = NOW + day * DAY
        space.end_quarantine(tx.conn, now)
        if held and dice.random() < 0.5:
            prefix = held.pop(dice.randrange(len(held)))
            space.give_back(tx.conn, prefix, reference=f"IP-{dice.randrange(1, 5)}", now=now)
            continue
        number = dice.randrange(1, 5)
        terms = {"reference": f"IP-{number}", "step": "allocate", "holder": (EVE, BOB)[number % 2], "now": now}
        try:
            held.append(space.take(tx.conn, dice.choice(["lan", "wan"]), dice.randrange(26, 32), **terms).prefix)
        except space.PoolFull:
            continue


def blocks() -> list[Block]:
    dice = Random(5)  # noqa: S311
    addresses = [parse_address(f"10.{dice.randrange(2)}.0.{dice.randrange(256)}") for _ in range(20)]
    return [parse_prefix("10.0.0.0/15"), *(one.ancestor(dice.randrange(9)) for one in addresses)]


@pytest.fixture(scope="module")
def every(conn: Connection) -> list[space.Held]:
    """Every time in which somebody had something, by a look at each single address."""
    addresses = [parse_address(f"10.{pool}.0.{last}") for pool in (0, 1) for last in range(256)]
    held = {(one.allocation.prefix, one.since): one for address in addresses for one in space.who_had(conn, address)}
    return sorted(held.values(), key=lambda one: one.since)


def brute(every: list[space.Held], place: Place) -> list[space.Held]:
    """Those that fit the place."""
    found = []
    for one in every:
        prefix = one.allocation.prefix
        around = place.around and prefix.covers(place.block)
        within = place.within and place.block.covers(prefix) and prefix != place.block
        then = not place.span or (one.since < place.span[1] and (one.ended is None or one.ended > place.span[0]))
        if (around or within) and then:
            found.append(one)
    return found


def test_who_had_what_and_when_equals_a_look_at_every_single_address(conn, every):
    for number, block in enumerate(blocks()):
        span = (NOW + 7 * number * DAY, NOW + (7 * number + 2) * DAY) if number % 2 else None
        for place in (
            Place(block=block, span=span),
            Place(block=block, span=span, within=False),
            Place(block=block, span=span, around=False),
        ):
            expected = brute(every, place)
            assert list(records.holders(conn, place, EVERYTHING).rows) == expected
            some = records.holders(conn, place, EVERYTHING, 3)
            assert (list(some.rows), some.more) == (expected[-3:], max(0, len(expected) - 3))


@pytest.mark.parametrize(
    ("sight", "seen"),
    [
        (EVERYTHING, {"IP-1", "IP-2", "IP-3", "IP-4"}),
        (Sight(selves={BOB}), {"IP-1", "IP-3"}),
        (Sight(selves={ANA}, names={ANA}), {"IP-1"}),
        (Sight(selves={"head@example.net"}, names={"noc"}), {"IP-2"}),
        (Sight(selves={LI}, names={LI, "noc"}), {"IP-2", "IP-3"}),
        (Sight(types={"other"}), {"IP-4"}),
        (Sight(selves={"somebody@example.net"}), set()),
    ],
)
def test_requests_and_addresses_are_seen_by_those_whom_they_concern(conn, every, sight, seen):
    found = {name for name in ("IP-1", "IP-2", "IP-3", "IP-4", "IP-5") if records.named(conn, name, sight, 9).rows}
    assert found == seen
    for user in (BOB, EVE):
        listed = records.requests(conn, user, sight, 1)
        own = sorted((name for name in seen if (int(name[3:]) % 2 == 1) == (user == BOB)), reverse=True)
        assert [request.reference for request in listed.rows] == own[:1]
        assert listed.more == max(0, len(own) - 1)
    whole = Place(block=parse_prefix("10.0.0.0/15"))
    had = records.holders(conn, whole, sight).rows
    assert {held.allocation.reference for held in had} == seen
    assert list(had) == [held for held in brute(every, whole) if held.allocation.reference in seen]


def test_who_cares_for_a_pool_sees_all_that_was_in_it(conn, every):
    whole = Place(block=parse_prefix("10.0.0.0/15"))
    had = records.holders(conn, whole, Sight(pools={"wan"})).rows
    assert list(had) == [held for held in brute(every, whole) if held.allocation.pool == "wan"]
    now = records.held_by(conn, {BOB}, Sight(pools={"wan"}), 100).rows
    assert now == [held for held in space.held_by(conn, BOB) if held.pool == "wan"]


def test_a_request_is_found_by_what_others_call_it_however_they_write_it(conn):
    for name in ("PO 2026/17", "po  2026/17 "):
        assert [r.reference for r in records.named(conn, name, EVERYTHING, 9).rows] == ["IP-1"]
        assert not records.named(conn, name, Sight(selves={EVE}), 9).rows


def test_the_last_entries_are_told_oldest_first(conn):
    found = records.trace(conn, "IP-4", 2)
    assert ([row["action"] for row in found.rows], found.more) == (["did 2", "did 3"], 2)
    assert records.trace(conn, "IP-4", 2, but={"did 3"}).more == 1


def test_the_history_of_an_address_is_that_of_all_who_took_it_or_gave_it_back(conn):
    for block in blocks()[:12]:
        rows = conn.execute(select(address_history)).all()
        touched = [row for row in rows if of(row).covers(block) or block.covers(of(row))]
        expected = {name for row in touched for name in (row.reference, row.cause) if name}
        wanted = views.HistoryFilter(place=Place(block=block))
        assert {entry["reference"] for entry in views.history(conn, wanted)} == expected


def of(row: Row[Any]) -> Block:
    return Block(family=Family(row.family), network=row.network, host_bits=row.host_bits)


def test_whoever_is_not_asked_any_more_is_forgotten(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'mailbot.db'}")
    store.upgrade()
    with store.transaction() as tx:
        requests(tx)
        stored = tx.load("IP-1")
        moved = replace(stored.request, steps=(Step(name="technical", asked=(LI,)),))
        tx.record(stored, moved, entries=[], threads={}, message_id=None, now=NOW)
        assert not records.named(tx.conn, "IP-1", Sight(names={ANA}), 9).rows
        assert records.named(tx.conn, "IP-1", Sight(names={LI}), 9).rows
    store.close()


def test_of_very_many_no_more_are_counted_than_are_said_to_be_at_least(conn, monkeypatch):
    monkeypatch.setattr(records, "COUNTED", 2)
    asked = [records.requests(conn, BOB, EVERYTHING, most).more for most in (0, 1, 2)]
    held = len(space.held_by(conn, BOB))
    assert (asked, held > 3) == ([2, 1, 0], True)
    assert [records.held_by(conn, {BOB}, EVERYTHING, most).more for most in (0, held - 1, held)] == [2, 1, 0]


@pytest.mark.parametrize("name", ["web/_parts.html", "mail/query/_words.txt"])
def test_templates_know_how_many_are_counted(name):
    assert f'" or" if count == {records.COUNTED} ' in (asset("templates") / name).read_text(encoding="utf-8")
