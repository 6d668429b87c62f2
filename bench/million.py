"""A store with a million requests: four are played for real, as far as they go, and copied with other names and times.

So each of them is what the bot itself would have written. One waits, one was rejected, two were completed: each holds a
prefix, and was told to a target. The same department is asked in every one; the requesters of some are a customer's.
Letters and mail are copied without their bytes, which nobody counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from house import ANA, BILL, BOB, CONFIG, FORM, RULES, House
from sqlalchemy import Connection, Table, Text, func, select, text
from web_house import FURNISHED, ZOE

from bench.space import load, remember
from mailbot.addresses import parse_prefix
from mailbot.store import Store, space
from mailbot.store.base import Instant, metadata
from mailbot.store.space.tables import address_history, pool
from mailbot.store.tables import request

FIRST = 10
"""The number of the first copy."""
PEOPLE, CLERKS = 5_000, 200
"""So many of the house ask, and so many of the customer."""
STRIDE = 100
"""At least as many rows as one request has in any table."""
APART = timedelta(seconds=60)
BATCH = 20_000
LENGTH, ROOT = 28, "10.0.0.0/8"
RARE = "stood on its head"
"""What has happened once."""

BUSY = FURNISHED.replace(CONFIG, CONFIG.replace("10.20.0.0/24", ROOT)).replace("10.20.0.128/26", "10.255.255.0/26")
CALLS = "answers_per_hour = 5\ncalls_per_minute = 1000000"
CONFIGURE = '[[step]]\nname = "configure"\nkind = "activate"\ntargets = ["router"]\n'
ASKED = '[[step]]\nname = "review"\nkind = "approval"\nasks = ["noc"]\n'
TYPES = {
    **RULES,
    "attribution": RULES["attribution"] + CONFIGURE,
    "short": RULES["quick"]
    .replace('"quick"', '"short"')
    .replace('["*@example.net"]', '["*@example.net", "*@acme.example"]')
    .replace('[[step]]\nname = "allocate"', f'{ASKED}[[step]]\nname = "allocate"')
    .replace('label = "Customer"\ntype = "text"', 'label = "Customer"\ntype = "customer"')
    + CONFIGURE,
}
COPIED: Mapping[str, str] = {
    "request": "s.reference = :reference",
    "concern": "s.request_id = :id",
    "action": "s.request_id = :id",
    "history": "s.reference = :reference",
    "outbox": "s.reference = :reference",
    "inbox": "s.reference = :reference",
    "network_request": "s.reference = :reference",
}
"""Which rows of each table are a sample's."""
UNIQUE = frozenset({"message_id", "once"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A request that was played; `among` says of which numbers the copies are its (SQL), `person` who asks there."""

    reference: str
    requester: str
    person: str
    among: str
    prefix: str = ""


WAITS = "n % 50 = 0"
REFUSED = f"NOT ({WAITS}) AND n % 5 = 1"
ORDERED = f"NOT ({WAITS}) AND n % 5 = 2"
GRANTED = f"NOT ({WAITS}) AND n % 5 IN (0, 3, 4)"
OF_HOUSE = f"'p' || CAST(n % {PEOPLE} AS TEXT) || '@example.net'"
OF_CUSTOMER = f"'z' || CAST(n % {CLERKS} AS TEXT) || '@acme.example'"


def house(home: Path, url: str) -> House:
    """On this database, with all that pages show."""
    store = Store(url)
    store.upgrade()
    store.close()
    config = BUSY.replace("sqlite:///mailbot.db", url).replace("/bin/false", "/bin/true")
    return House(home, config=config.replace("answers_per_hour = 5", CALLS), rules=TYPES)


def fill(house: House, many: int) -> None:
    """Batch by batch, each committed: a database that is killed meanwhile is of no use."""
    store, samples = house.bot.store, list(played(house))
    with store.reading() as conn:
        copies = [Copy.of(conn, name, among) for name, among in COPIED.items()]
    for first in range(FIRST, many + FIRST, BATCH):
        with store.transaction() as tx:
            for copy in copies:
                for sample in samples:
                    copy.write(tx.conn, sample, first, min(first + BATCH, many + FIRST) - 1, many)
    with store.transaction() as tx:
        hold(tx.conn, many)
        rare = "UPDATE history SET action = :rare WHERE id = (SELECT max(id) / 2 FROM history)"
        tx.conn.execute(text(rare), {"rare": RARE})
        tx.conn.execute(
            text("UPDATE fact SET value = :last WHERE name = 'last reference'"), {"last": str(many + FIRST)}
        )


def played(house: House) -> Iterator[Sample]:
    """The one that waits, the one that was rejected, the two that were completed."""
    house.start(sender=BOB)
    yield Sample(reference="IP-1", requester=BOB, person=OF_HOUSE, among=WAITS)
    answered(house, house.start(sender=BOB), ANA, "reject too large")
    yield Sample(reference="IP-2", requester=BOB, person=OF_HOUSE, among=REFUSED)
    letters = house.start(sender=BOB)
    answered(house, letters, ANA, "approve")
    answered(house, letters, BILL, "approve\nAccount: A-77")
    house.bot.drive(None)
    yield Sample(reference="IP-3", requester=BOB, person=OF_HOUSE, among=GRANTED, prefix=taken(house, "IP-3"))
    answered(house, house.mail(ZOE, "short", FORM), ANA, "approve")
    house.bot.drive(None)
    yield Sample(reference="IP-4", requester=ZOE, person=OF_CUSTOMER, among=ORDERED, prefix=taken(house, "IP-4"))
    house.send()


def answered(house: House, letters: list, who: str, answer: str) -> None:
    house.reply(next(one for one in letters if one.to == who and one.kind == "action"), answer)


def taken(house: House, reference: str) -> str:
    request = house.request(reference)
    assert request.state == "completed", (reference, house.history(reference))
    return str(request.addresses[0].prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """How a table's rows are copied; `among` says which are a sample's, `least` is the lowest id that they have."""

    table: Table
    among: str
    least: int
    ids: Mapping[str, int]

    @classmethod
    def of(cls, conn: Connection, name: str, among: str) -> "Copy":
        table = metadata.tables[name]
        least = conn.execute(select(func.min(table.c.id))).scalar_one() if "id" in table.c else 0
        ids = {row.reference: row.id for row in conn.execute(select(request.c.reference, request.c.id))}
        return cls(table=table, among=among, least=least, ids=ids)

    def write(self, conn: Connection, sample: Sample, first: int, last: int, many: int) -> None:
        name, columns = self.table.name, list(self.table.c)
        told = ", ".join(expression(column, name, sample) for column in columns)
        counted = "SELECT CAST(:first AS BIGINT) UNION ALL SELECT n + 1 FROM number WHERE n < :last"
        numbers = f"WITH RECURSIVE number(n) AS ({counted})"
        rows = f"{numbers} SELECT {told} FROM number, {name} s WHERE {self.among} AND {sample.among}"
        statement = f"INSERT INTO {name} ({', '.join(column.name for column in columns)}) {rows}"
        known = {"reference": sample.reference, "id": self.ids[sample.reference], "least": self.least, "nothing": b""}
        values = {**known, "first": first, "last": last, "many": many}
        conn.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})


def expression(column, table: str, sample: Sample) -> str:
    """The column of a copy, of number n."""
    same = f"s.{column.name}"
    shifted = f"{same} + (n - :many) * {int(APART.total_seconds())}"
    match column.name:
        case "id" if table == "request":
            return "n"
        case "id":
            return f"n * {STRIDE} + {same} - :least"
        case "request_id":
            return "n"
        case "raw":
            return ":nothing"
        case "closed" if table == "request":  # every fourth was late
            late = f"n % 4 = 0 AND {same} IS NOT NULL"
            return f"CASE WHEN {late} THEN {shifted.replace('closed', 'due')} + 9 ELSE {shifted} END"
        case _ if isinstance(column.type, Instant):
            return shifted
        case _ if isinstance(column.type, Text):
            return renamed(same, sample) + (" || '.' || CAST(n AS TEXT)" if column.name in UNIQUE else "")
        case _:
            return same


def renamed(said: str, sample: Sample) -> str:
    for old, new in (
        (sample.reference, "'IP-' || CAST(n AS TEXT)"),
        (sample.requester, sample.person),
        (sample.prefix, f"'10.' || {octet(16)} || '.' || {octet(8)} || '.' || {octet(0)} || '/{LENGTH}'"),
    ):
        said = f"replace({said}, '{old}', {new})" if old else said
    return said


def octet(bits: int) -> str:
    """Of the network of number n."""
    return f"CAST(n * 16 / {1 << bits} % 256 AS TEXT)"


def hold(conn: Connection, many: int) -> None:
    """A prefix for each request that was granted."""
    of = conn.execute(select(pool.c.id).where(pool.c.name == "lan")).scalar_one()
    numbers = [n for n in range(FIRST, many + FIRST) if n % 50 and n % 5 != 1]
    load(conn, [held(of, n) for n in numbers])
    conn.execute(text("UPDATE allocation SET customer = 'Acme' WHERE holder LIKE 'z%'"))
    conn.execute(address_history.delete())
    remember(conn)
    conn.execute(text("UPDATE address_history SET customer = 'Acme' WHERE holder LIKE 'z%'"))
    space.rebuild(conn, "lan")


def held(of: int, n: int) -> tuple[int, bytes, int, str, str, str]:
    who = f"z{n % CLERKS}@acme.example" if n % 5 == 2 else f"p{n % PEOPLE}@example.net"
    return of, (parse_prefix(ROOT).network + n * 16).to_bytes(16, "big"), 32 - LENGTH, "allocated", f"IP-{n}", who
