"""A pool as a picture."""

from datetime import UTC, datetime

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from mailbot.addresses import Block, Family, parse_prefix, parse_spaces
from mailbot.spacemap import MOST, STRETCHES, Use, stretches, summary, svg
from mailbot.store import space
from mailbot.store.base import metadata
from mailbot.store.engine import open_engine

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def conn():
    engine = open_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as conn:
        yield conn
    engine.dispose()


def pool(conn: Connection, *rows: str, **keys):
    space.sync_pools(conn, [space.PoolDefinition(name="lan", title="", **keys)], NOW)
    cells = [dict(zip(("prefix", "state"), row.split(), strict=False), pool="lan") for row in rows]
    assert space.import_rows(conn, cells, NOW) == []
    return space.picture(conn, "lan")


@given(n=st.integers(0, 127), bits=st.integers(0, 120))
def test_a_root_of_any_size_is_drawn_in_at_most_so_many_squares_that_make_it_up(n, bits):
    root = Block(family=Family.V6, network=n << bits, host_bits=bits)
    [one], more = stretches([root])
    assert more == 0
    assert len(one.cells) <= MOST
    assert sum(one.size_of(cell) for cell in one.cells) == root.size


def test_what_touches_is_one_stretch_and_only_so_many_are_drawn():
    [one], _ = stretches(parse_spaces(["200-3999"]))
    assert (one.first, one.last, one.cell_bits) == (200, 3999, 4)
    shown, more = stretches(parse_prefix(f"10.{n}.0.0/24") for n in range(STRETCHES + 5))
    assert (len(shown), more) == (STRETCHES, 5)


@pytest.mark.parametrize(
    ("roots", "square"),
    [("10.0.0.0/8", 16), ("10.0.0.0/22", 2), ("192.0.2.0/24", 0), ("192.0.2.0/30", 0), ("2001:db8::/32", 88)],
)
def test_squares_are_as_small_as_can_be_read(roots, square):
    [one], _ = stretches([parse_prefix(roots)])
    assert one.cell_bits == square


def test_each_square_tells_exactly_what_is_held_in_it(conn):
    drawn = pool(
        conn,
        *("10.0.0.0/15", "10.3.0.0/24 reserved", "10.3.1.0/24 quarantined", "10.3.2.0/23 foreign", "10.4.0.0/17"),
        prefixes=("10.0.0.0/8",),
    )
    first = 10 << 8
    assert drawn.used == [
        {
            first: {Use.ALLOCATED: 1 << 16},
            first + 1: {Use.ALLOCATED: 1 << 16},
            first + 3: {Use.RESERVED: 256, Use.QUARANTINED: 256, Use.KEPT: 512},
            first + 4: {Use.ALLOCATED: 1 << 15},
        }
    ]
    held = sum(count for cell in drawn.used[0].values() for count in cell.values())
    assert held == space.figures(conn, "lan").used


def test_of_squares_that_are_no_whole_digits_each_is_counted_too(conn):
    drawn = pool(conn, "10.0.0.4/32", "10.0.0.6/31", "10.0.0.8/30", prefixes=("10.0.0.0/22",))
    first = 10 << 22
    assert drawn.used == [{first + 1: {Use.ALLOCATED: 3}, first + 2: {Use.ALLOCATED: 4}}]


def test_a_picture_is_xml_that_says_in_words_what_it_shows(conn):
    drawn = pool(conn, "10.0.0.0/25", "10.0.0.128/26 reserved", prefixes=("10.0.0.0/24",))
    root = fromstring(svg(drawn))
    assert root.find(f"{SVG}desc").text == summary(drawn)
    assert summary(drawn) == "Of the space of lan, in order of address: 50% allocated, 25% reserved."
    assert not list(root.iter(f"{SVG}script"))
    assert not [one for one in root.iter() if "style" in one.attrib]
    titles = {title.text for title in root.iter(f"{SVG}title")}
    assert "10.0.0.128/32: 100% reserved" in titles
    assert "10.0.0.255/32: free" in titles
    labels = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "at"]
    assert labels[:2] == ["10.0.0.0/28", "10.0.0.16/28"]


def test_a_picture_without_letters_needs_no_fonts(conn):
    drawn = pool(conn, "200", numbers=("200-215",))
    assert not list(fromstring(svg(drawn, letters=False)).iter(f"{SVG}text"))


def test_fragmentation_is_how_much_smaller_the_largest_free_block_is_than_it_could_be(conn):
    pool(conn, "10.0.0.0/28", prefixes=("10.0.0.0/24",))
    assert space.figures(conn, "lan").fragmentation == 0


def test_free_space_in_pieces_is_fragmented(conn):
    drawn = [f"10.0.0.{at}/32" for at in (0, 64, 128, 192)]
    pool(conn, *drawn, prefixes=("10.0.0.0/24",))
    # 252 addresses are free: a /25 they could be, a /27 is the largest that there is.
    figures = space.figures(conn, "lan")
    assert (str(figures.largest_free), figures.fragmentation) == ("10.0.0.32/27", 75)
