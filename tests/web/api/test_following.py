"""Long lists are read to their end by following their links: each page begins behind the last row of the one before."""

import pytest
from house import ANA, CAROL, ROOT
from web.api.conftest import V4, shown
from web.api.test_network import RESOURCE_ORDERS, SERVICES, TARGETS, WIRED

from mailbot.store.keys import Scope

CANCELLATIONS = "/tmf-api/serviceOrdering/v4/cancelServiceOrder"

pytestmark = pytest.mark.parametrize("house", [{"config": TARGETS, "rules": {"wired": WIRED}}], indirect=True)


@pytest.fixture
def wired(house, crm):
    """Four orders, each with two resource orders and a prefix, and each cancelled."""
    (house.home / "out").mkdir()
    for number in range(1, 5):
        assert crm.order("wired").status_code == 201
        answer = crm.post(CANCELLATIONS, json={"serviceOrder": {"id": f"IP-{number}"}})
        assert answer.status_code == 201, shown(answer)
    return house


def followed(client, path, rows=lambda answer: answer.json()):
    """All rows, page by page as the links lead."""
    found, pages, totals = [], 0, set()
    while path:
        answer = client.get(path)
        assert answer.status_code in {200, 206}, shown(answer)
        found, pages = [*found, *rows(answer)], pages + 1
        totals.add(answer.headers["x-total-count"])
        path = answer.links["next"]["url"].removeprefix("http://ip.example.net") if "next" in answer.links else ""
        assert "offset" not in path
    assert totals == {str(len(found))}
    return found, pages


@pytest.mark.usefixtures("wired")
@pytest.mark.parametrize("path", [V4, RESOURCE_ORDERS, SERVICES, CANCELLATIONS])
@pytest.mark.parametrize("scope", [Scope.ADMIN, Scope.ORDER])
def test_following_the_links_shows_each_row_once(crm, system, path, scope):
    reader = system(ROOT, scope=scope) if scope is Scope.ADMIN else crm
    whole = reader.get(path).json()
    found, pages = followed(reader, f"{path}?limit=3")
    assert [one["id"] for one in found] == [one["id"] for one in whole]
    assert len(whole) == len({one["id"] for one in whole}) >= 4
    assert pages == -(-len(whole) // 3)


@pytest.mark.usefixtures("wired")
def test_what_a_pool_gives_out_is_followed_by_prefix(system):
    ana = system(ANA)
    found, pages = followed(ana, "/api/pools/lan?limit=3", lambda answer: answer.json()["allocations"])
    assert [one["prefix"] for one in found] == [f"10.20.0.{16 * n}/28" for n in range(4)]
    assert pages == 2


@pytest.mark.usefixtures("wired")
def test_a_page_goes_on_behind_what_nobody_holds_any_more(crm):
    """As where a prefix left the list between two pages."""
    behind = crm.get(f"{SERVICES}?after=lan~10.20.0.24~29").json()
    assert [one["name"] for one in behind] == ["10.20.0.32/28", "10.20.0.48/28"]


@pytest.mark.usefixtures("wired")
@pytest.mark.parametrize(
    ("path", "after"),
    [
        (SERVICES, "nowhere"),
        (SERVICES, "other~10.20.0.0~28"),
        (RESOURCE_ORDERS, "IP-99~configure~router~1"),
        (CANCELLATIONS, "first"),
        ("/api/pools/lan", "here"),
    ],
)
def test_a_page_behind_nothing_is_refused_with_what_would_do(system, path, after):
    answer = system(ROOT, scope=Scope.ADMIN).get(f"{path}?after={after}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalidQuery"), shown(answer)


def test_a_resource_order_that_a_key_may_not_see_is_no_place_to_begin_behind(wired, system):
    assert wired.request("IP-1")
    stranger = system(CAROL)
    for name in ("IP-1~configure~router~1", "IP-99~configure~router~1"):
        assert stranger.get(f"{RESOURCE_ORDERS}?after={name}").status_code == 400


@pytest.mark.usefixtures("wired")
def test_a_pool_that_a_key_may_not_see_is_no_place_either(crm, system):
    stranger = system(CAROL)
    for pool in ("lan", "none"):
        answer = stranger.get(f"{SERVICES}?after={pool}~10.20.0.0~28")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalidQuery"), pool
    assert crm.get(f"{SERVICES}?after=lan~10.20.0.0~28").status_code == 206  # whoever holds of it knows it


def test_what_is_there_whole_is_left_out_by_any_number(system):
    root = system(ROOT, scope=Scope.ADMIN)
    assert root.get("/api/holders?address=10.0.0.0/8&offset=5000").json() == []


def test_rows_are_left_out_by_number_only_where_they_are_few(crm):
    answer = crm.get(f"{V4}?offset=1001")
    assert answer.status_code == 400
    assert "follow the Link to the next page" in shown(answer)
    assert crm.get(f"{V4}?offset=1000").status_code == 200
    assert crm.get(f"{V4}?limit=101").status_code == 400
