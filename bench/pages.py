"""Every page with a million requests in the store: the median is to stay under 50 ms.

Browser, pages and store run in one process, and its CPU is taken: what a page lets its reader wait for where nothing
else runs on the machine.

Three requests are played for real, as far as they go (one waits, one is completed, one is rejected), and copied with
other names and times: so each of a million is what the bot itself would have written. Filling takes minutes; that is
why these figures are only taken where they are named. `quick`: fifty thousand.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from house import ANA, BOB, EVE, ROOT, House
from starlette.testclient import TestClient
from web_house import WEB

from bench.figure import Figure
from mailbot.web import build

MANY, QUICK = 1_000_000, 50_000
BOUND = 50.0
"""Milliseconds."""
TURNS = 9
OPEN, REJECTED = 50, 5
"""Of so many requests one is still open, or was rejected; the others are completed."""
PEOPLE = 5_000
RARE = "stood on its head"
BATCH = 20_000
APART = timedelta(seconds=60)
TABLES = ("request", "concern", "action", "history")

PATHS = {
    ROOT: (
        *("/", "/board", "/board?department=noc", "/pools", "/pools/lan", "/pools/lan/map.svg", "/new", "/admin"),
        *("/requests/IP-1000", "/requests/IP-1000/mail", "/search", f"/search?user={BOB}", "/search?ref=IP-1000"),
        *(f"/search?action={RARE}", "/search?action=completed", "/search?address=10.20.0.0/28"),
        *(
            "/search?action=completed&page=40",
            f"/search?user={BOB}&page=2",
            "/admin/systems",
            "/admin/rules",
            "/customers",
        ),
    ),
    ANA: (
        *("/", "/board", "/pools", "/pools/lan", "/requests/IP-1000", f"/search?action={RARE}"),
        *("/search?action=completed", f"/search?user={EVE}", "/search?since=2026-11-20"),
    ),
    BOB: ("/", "/board", "/pools", "/new/attribution", "/requests/IP-2", "/search?action=completed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A request as its rows, each by column."""

    reference: str
    rows: Mapping[str, Sequence[Mapping[str, Any]]]


def figures(*, quick: bool) -> Iterator[Figure]:
    many = QUICK if quick else MANY
    with TemporaryDirectory() as folder:
        house = House(Path(folder), config=WEB)
        fill(house, many)
        for person, paths in PATHS.items():
            for path in paths:
                took = 1_000 * visited(house, person, path)
                what = f"{path}, for {person.partition('@')[0]}, {many:,} requests"
                yield Figure(what=what, value=took, unit="ms", bound=BOUND)
        house.bot.close()


def fill(house: House, many: int) -> None:
    samples = played(house)
    with house.bot.store.transaction() as tx:
        raw: Connection = tx.conn.connection.driver_connection
        raw.execute("PRAGMA cache_size = -400000")
        copy(raw, samples, many)
        raw.execute("UPDATE history SET action = ? WHERE id % ? = 7", (RARE, many))
        raw.execute("UPDATE fact SET value = ? WHERE name = 'last reference'", (str(many + 10),))
    with house.bot.store.transaction() as tx:
        tx.conn.exec_driver_sql("ANALYZE")


def played(house: House) -> list[Sample]:
    """The one that waits, the one that is completed, the one that is rejected."""
    house.start(sender=BOB)
    house.allocated(sender=BOB)
    letters = house.start(sender=BOB)
    asked = next(letter for letter in letters if letter.to == ANA and letter.kind == "action")
    house.reply(asked, "reject too large")
    with house.bot.store.reading() as conn:
        return [sample(conn.connection.driver_connection, f"IP-{number}") for number in (1, 2, 3)]


def sample(raw: Connection, reference: str) -> Sample:
    (of,) = raw.execute("SELECT id FROM request WHERE reference = ?", (reference,)).fetchone()
    where = {"request": "id = ?", "concern": "request_id = ?", "action": "request_id = ?", "history": "reference = ?"}
    rows = {}
    for table in TABLES:
        found = raw.execute(f"SELECT * FROM {table} WHERE {where[table]}", (reference if table == "history" else of,))
        names = [column[0] for column in found.description]
        rows[table] = [dict(zip(names, row, strict=True)) for row in found]
    return Sample(reference=reference, rows=rows)


def copy(raw: Connection, samples: Sequence[Sample], many: int) -> None:
    """Each an hour later than the one before it, by another of many people."""
    waits, granted, refused = samples
    entry = raw.execute("SELECT max(id) FROM history").fetchone()[0]
    gathered: dict[str, list[tuple[Any, ...]]] = {table: [] for table in TABLES}
    for number in range(10, many + 10):
        of = waits if number % OPEN == 0 else refused if number % REJECTED == 0 else granted
        shift = int((number - many) * APART.total_seconds())
        for table in TABLES:
            for row in of.rows[table]:
                entry += table == "history"
                gathered[table].append(tuple(renamed(row, table, of, number, entry, shift).values()))
        if len(gathered["request"]) >= BATCH:
            insert(raw, samples, gathered)
    insert(raw, samples, gathered)


def renamed(row: Mapping[str, Any], table: str, of: Sample, number: int, entry: int, shift: int) -> Mapping[str, Any]:
    """The same of another request."""
    reference, person = f"IP-{number}", f"p{number % PEOPLE}@example.net"
    changed: dict[str, Any] = {}
    for name, value in row.items():
        match name:
            case "id":
                changed[name] = number if table == "request" else entry
            case "request_id":
                changed[name] = number
            case "reference":
                changed[name] = reference
            case "created" | "due" | "closed" | "at":
                changed[name] = value + shift if value else value
            case "requester" | "actor" | "who" | "seat" if value == BOB:
                changed[name] = person
            case "body":
                changed[name] = value.replace(f'"{of.reference}"', f'"{reference}"').replace(BOB, person)
            case _:
                changed[name] = value
    return changed


def insert(raw: Connection, samples: Sequence[Sample], gathered: dict[str, list[tuple[Any, ...]]]) -> None:
    for table, rows in gathered.items():
        names = next(list(one.rows[table][0]) for one in samples if one.rows[table])
        marks = ", ".join("?" * len(names))
        raw.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
        rows.clear()


def visited(house: House, person: str, path: str) -> float:
    """Seconds of CPU until a page is there, the median of some turns."""
    parts = house.bot.web_parts
    browser = TestClient(build(parts), base_url="http://ip.example.net", follow_redirects=False)
    browser.cookies.set("mailbot", parts.sessions.cookie(person, house.now), domain="ip.example.net")
    took = []
    for _ in range(TURNS):
        began = process_time()
        answer = browser.get(path)
        took.append(process_time() - began)
        assert answer.status_code == 200, (path, answer.status_code)
    return median(took)
