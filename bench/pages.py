"""Every page, and every answer of the API, with a million requests in the store: the median is to stay under 50 ms.

Of each caller the slowest is told, and all that are slower than they may be. Browser, pages and store run in one
process on SQLite, and its CPU is taken: what a reader waits for where nothing else runs on the machine. PostgreSQL
works beside it, so that there it is the time that passes.

Filling takes minutes; that is why these figures are only taken where they are named. `BENCH_DATABASE` names a database
that is kept, to be filled once ("sqlite:////var/tmp/million.db"); without it there are two, thrown away afterwards.
`quick`: fifty thousand.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from house import ANA, BOB, EVE, ROOT, House
from servers.postgres import Postgres
from sqlalchemy import func, select
from starlette.testclient import TestClient
from web_house import ZOE

from bench import million
from bench.figure import Figure
from mailbot.store import Store, keys, tables
from mailbot.store.keys import Scope
from mailbot.web import build

MANY, QUICK = 1_000_000, 50_000
BOUND = 50.0
"""Milliseconds."""
TURNS = 9
BASE = "http://ip.example.net"

PAGES: Mapping[str, tuple[str, ...]] = {
    ROOT: (
        *("/", "/board", "/board?department=noc", "/pools", "/pools/lan", "/pools/lan/map.svg", "/new", "/admin"),
        *("/requests/IP-1000", "/requests/IP-1003", "/requests/IP-1003/mail", "/requests/IP-1000/steps/technical"),
        *("/search", "/search?user=p1@example.net", "/search?ref=IP-1000", f"/search?action={million.RARE}"),
        *("/search?action=completed", "/search?address=10.0.39.0/28", "/search?action=completed&page=40"),
        *("/search?user=p1@example.net&page=2", "/search?customer=Acme", "/search?since=2026-11-20&until=2026-11-21"),
        *("/search?since=2025-11-20&until=2025-11-21&action=completed", "/search?until=2025-01-01"),
        *("/admin/systems", "/admin/rules", "/customers", "/customers/C-1", "/healthz", "/readyz", "/metrics"),
    ),
    ANA: (
        *("/", "/board", "/pools", "/pools/lan", "/requests/IP-1000", "/requests/IP-1000/steps/technical"),
        *("/search?action=completed", f"/search?user={EVE}", "/search?since=2026-11-20", "/search?customer=Acme"),
        *(f"/search?action={million.RARE}", "/search?address=10.0.39.0/28", "/search?user=p1@example.net"),
    ),
    ZOE: ("/", "/pools", "/requests/IP-1002", "/search?action=completed", "/customers", "/customers/C-1"),
    BOB: ("/", "/board", "/pools", "/new/attribution", "/requests/IP-2", "/search?action=completed"),
}
V4, V3 = (f"/tmf-api/serviceOrdering/v{version}/serviceOrder" for version in (4, 3))
SERVICES = "/tmf-api/serviceInventory/v4/service"
RESOURCES = "/tmf-api/resourceOrdering/v4/resourceOrder"
LISTS = (
    *(V4, f"{V4}?state=completed", f"{V4}?state=rejected", f"{V4}?state=failed", f"{V4}?state=held,inProgress"),
    *(f"{V4}?category=attribution", f"{V4}?category=quick", f"{V4}?category=short&state=rejected"),
    *(f"{V4}?category=attribution,short&state=completed,inProgress", f"{V4}?relatedParty.id=p3@example.net"),
    *(f"{V4}?relatedParty.id=z2@acme.example&state=completed", f"{V4}?orderDate.gte=2026-11-20"),
    *(f"{V4}?orderDate.lt=2026-01-01", f"{V4}?orderDate.lt=2026-01-01&state=rejected&sort=orderDate"),
    *(f"{V4}?completionDate.gte=2026-06-01&state=rejected", f"{V4}?expectedCompletionDate.lt=2026-06-01"),
    *(f"{V4}?externalId=CRM-1", f"{V4}?id=IP-1003,IP-1002", f"{V4}?limit=100&fields=state", f"{V4}?sort=orderDate"),
    *(f"{V4}?offset=1000&limit=50", f"{V3}?state=completed&limit=20", f"{V4}?category=short&offset=1000"),
    *("/api/requests", "/api/requests?open=true", "/api/requests?late=true", "/api/requests?late=true&open=true"),
    *("/api/requests?type=attribution&state=completed", "/api/requests?after=IP-25002", "/api/requests?order=oldest"),
    *("/api/requests?late=true&type=short&state=rejected", "/api/requests?requester=p3@example.net"),
    *(SERVICES, f"{SERVICES}?state=active", f"{SERVICES}?state=terminated", f"{SERVICES}?category=lan&state=reserved"),
    *(
        f"{SERVICES}?offset=1000",
        f"{SERVICES}?after=lan~10.96.0.0~28",
        RESOURCES,
        f"{RESOURCES}?state=completed",
        f"{RESOURCES}?state=failed",
    ),
    *(
        f"{RESOURCES}?externalReference.id=IP-1003",
        f"{RESOURCES}?offset=1000",
        f"{RESOURCES}?after=IP-25002~configure~router~1",
    ),
    *("/tmf-api/serviceOrdering/v4/cancelServiceOrder", "/tmf-api/serviceOrdering/v4/hub"),
    *("/api/history", "/api/history?action=completed", "/api/history?reference=IP-1002", "/api/history?type=short"),
    *("/api/history?user=p3@example.net", "/api/history?address=10.0.39.32/28", "/api/history?until=2025-06-01"),
    *("/api/holders?address=10.0.39.0/28", "/api/types"),
)
HIS = tuple(path for path in LISTS if "after=" not in path)
OF_NOC = (
    "/api/pools",
    "/api/pools/lan",
    "/api/pools/lan?offset=1000",
    "/api/pools/lan?after=10.96.0.0/28",
    "/api/pools/lan/room?length=28",
)
ONE = ("/api/requests/IP-1002", f"{V4}/IP-1002", f"{V3}/IP-1002", f"{RESOURCES}/IP-1002~configure~router~1")
STEP = ("/api/requests/IP-1000/steps/technical",)
OPEN = ("/openapi.json", "/schemas/mailbot.xsd", "/api")

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody, or a system by its key, and what is asked."""

    name: str
    client: TestClient
    paths: tuple[str, ...]


def figures(*, quick: bool) -> Iterator[Figure]:
    many = QUICK if quick else MANY
    with ExitStack() as end:
        home = Path(end.enter_context(TemporaryDirectory()))
        kept = os.environ.get("BENCH_DATABASE")
        if kept is None:
            server = Postgres(local=True)
            end.callback(server.close)
            urls = [f"sqlite:///{home / 'million.db'}", server.database()]
        else:
            urls = [kept]
        for number, url in enumerate(urls):
            yield from on(url, home / str(number), many)


def on(url: str, home: Path, many: int) -> Iterator[Figure]:
    home.mkdir()
    house = million.house(home, url)
    if is_empty(house.bot.store):
        million.fill(house, many)
    database, clock = ("SQLite", process_time) if house.bot.store.is_sqlite else ("PostgreSQL", perf_counter)
    for caller in callers(house):
        took = {path: 1_000 * answered(caller.client, path, clock) for path in caller.paths}
        whose = f"for {caller.name} on {database}, {many:,} requests"
        yield Figure(what=f"the slowest of {len(took)} {whose}", value=max(took.values()), unit="ms", bound=BOUND)
        for path in (path for path in caller.paths if took[path] > BOUND):
            yield Figure(what=f"{path}, {whose}", value=took[path], unit="ms", bound=BOUND)
    house.bot.close()


def is_empty(store: Store) -> bool:
    with store.reading() as conn:
        return conn.execute(select(func.count()).select_from(tables.fact)).scalar_one() == 0


def callers(house: House) -> Iterator[Caller]:
    for person, paths in PAGES.items():
        yield Caller(name=person.partition("@")[0], client=browser(house, person), paths=paths)
    yield Caller(name="an admin's key", client=system(house, Scope.ADMIN, ROOT), paths=(*LISTS, *OF_NOC, *ONE, *STEP))
    yield Caller(name="ana's key", client=system(house, Scope.APPROVE, ANA), paths=(*LISTS, *OF_NOC, *ONE, *STEP))
    yield Caller(name="a customer's key", client=system(house, Scope.ORDER, customer="Acme"), paths=(*LISTS, *ONE))
    yield Caller(name="a requester's key", client=system(house, Scope.ORDER, "p3@example.net"), paths=HIS)
    yield Caller(name="nobody", client=client(house), paths=OPEN)


def client(house: House) -> TestClient:
    parts = house.bot.web_parts
    return TestClient(build(parts), base_url=BASE, follow_redirects=False, client=("127.0.0.1", 50_000))


def browser(house: House, person: str) -> TestClient:
    made = client(house)
    made.cookies.set("mailbot", house.bot.web_parts.sessions.cookie(person, house.now), domain="ip.example.net")
    return made


def system(house: House, scope: Scope, *people: str, customer: str | None = None) -> TestClient:
    made = client(house)
    with house.bot.store.transaction() as tx:
        name = f"bench {len(keys.known(tx.conn))}"
        _, text = keys.make(tx.conn, name, scope, people, customer, house.now)
    made.headers["Authorization"] = f"Bearer {text}"
    return made


def answered(client: TestClient, path: str, clock: Clock) -> float:
    """Seconds until an answer is there, the median of some turns."""
    took = []
    for _ in range(TURNS):
        began = clock()
        answer = client.get(path)
        took.append(clock() - began)
        assert answer.status_code in {200, 206}, (path, answer.status_code, answer.text)
    return median(took)
