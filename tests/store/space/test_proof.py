"""The proof finds what is broken, and rebuilding mends it."""

import pytest
from sqlalchemy import select, text

from mailbot.addresses import parse_prefix
from mailbot.store import space
from mailbot.store.space.tables import pool


def number(address):
    return parse_prefix(f"{address}/32").network.to_bytes(16, "big")


@pytest.fixture
def broken(conn, pools, take):
    """A pool of two prefixes, and a way to break its rows; mended at the end, so that the tiles are whole again."""
    pools(lan="10.0.0.0/24", wan="10.1.0.0/24")
    take("lan", 28)
    take("lan", 28)

    lan = conn.scalar(select(pool.c.id).where(pool.c.name == "lan"))

    def tear(statement, at=None):
        known = {"at": at and number(at), "lan": lan}
        conn.execute(text(statement), {name: value for name, value in known.items() if f":{name}" in statement})

    yield tear
    conn.execute(text("DELETE FROM allocation"))
    space.rebuild(conn, "lan")


@pytest.mark.parametrize(
    ("statement", "at", "faults"),
    [
        (
            "DELETE FROM free_block WHERE host_bits = 5",
            None,
            ["lan: nothing accounts for 10.0.0.32 to 10.0.0.63"],
        ),
        (
            "DELETE FROM free_block WHERE pool_id = :lan",
            None,
            ["lan: nothing accounts for 10.0.0.32 to 10.0.0.255"],
        ),
        (
            "DELETE FROM allocation WHERE network = :at",
            "10.0.0.0",
            ["lan: nothing accounts for 10.0.0.0 to 10.0.0.15"],
        ),
        (
            "INSERT INTO free_block VALUES (:lan, 3, :at)",
            "10.0.0.16",
            ["lan: 10.0.0.16/29 (free) overlaps 10.0.0.16/28 (allocated)"],
        ),
        (
            "UPDATE allocation SET host_bits = 5 WHERE network = :at",
            "10.0.0.16",
            [
                "lan: 10.0.0.16/27 (allocated) is no block of 10.0.0.0/24",
                "lan: 10.0.0.32/27 (free) overlaps 10.0.0.16/27 (allocated)",
            ],
        ),
        (
            "INSERT INTO free_block VALUES (:lan, 3, :at)",
            "10.7.0.0",
            ["lan: 10.7.0.0/29 (free) lies outside of the pool's prefixes"],
        ),
    ],
)
def test_what_is_broken_is_told_in_words(conn, broken, statement, at, faults):
    broken(statement, at)
    assert space.check(conn) == faults


def test_free_buddies_that_stayed_apart_are_told(conn, broken):
    broken("DELETE FROM free_block WHERE host_bits = 5")
    broken("INSERT INTO free_block VALUES (:lan, 4, :at)", "10.0.0.32")
    broken("INSERT INTO free_block VALUES (:lan, 4, :at)", "10.0.0.48")
    assert space.check(conn) == ["lan: 10.0.0.32/28 (free) and 10.0.0.48/28 (free) should be one block"]


def test_rebuilding_derives_the_free_blocks_anew(conn, broken, free):
    before = free("lan")
    broken("DELETE FROM free_block")
    space.rebuild(conn, "lan")
    space.rebuild(conn, "wan")
    assert free("lan") == before
    assert space.check(conn) == []


def test_trap_34_nothing_is_put_where_no_free_block_gave_way(broken, take):
    """Were a free block ever lost or doubled, taking fails loudly and overlaps nothing."""
    broken("DELETE FROM free_block WHERE pool_id = :lan")
    with pytest.raises(space.Untiled, match="lan: its free blocks do not match its allocations"):
        take("lan", "10.0.0.64/28")
