"""The API asks PostgreSQL the same, and gets the same answers."""

import pytest
from house import ANA, BOB, EVE, ROOT, House
from web.api.conftest import FORM, V3, V4, service, shown
from web.api.test_following import CANCELLATIONS, SERVICES, followed
from web_house import WEB

from mailbot.store import Store
from mailbot.store.keys import Scope

pytestmark = [pytest.mark.servers]


@pytest.fixture
def house(tmp_path, postgres):
    url = postgres.database()
    store = Store(url)
    store.upgrade()
    store.close()
    house = House(tmp_path, config=WEB.replace("sqlite:///mailbot.db", url))
    yield house
    house.bot.close()


def test_every_call_answers_on_postgresql_too(house, crm, system):
    assert crm.order(externalId="CRM-7", note=[{"text": "hello"}]).status_code == 201
    again = crm.order(externalId="CRM-7", note=[{"text": "hello"}])
    assert (again.status_code, again.json()["id"]) == (200, "IP-1")
    assert crm.order("quick", path=V3, headers={"Idempotency-Key": "k"}).status_code == 201
    crm.post("/tmf-api/serviceOrdering/v4/hub", json={"callback": "https://crm.example/"})
    crm.post("/tmf-api/serviceOrdering/v4/cancelServiceOrder", json={"serviceOrder": {"id": "IP-2"}})
    root, eve = system(ROOT, scope=Scope.ADMIN), system(EVE)
    for path, count in {
        f"{V4}?state=inProgress,completed&orderDate.gte=2026-01-01": 2,
        f"{V4}?relatedParty.id={BOB}&limit=1": 2,
        "/api/requests?late=false&open=true": 1,
        "/tmf-api/serviceInventory/v4/service": 1,
        "/tmf-api/serviceInventory/v4/service?category=lan&state=active": 1,
        "/tmf-api/resourceOrdering/v4/resourceOrder": 0,
        "/tmf-api/serviceOrdering/v4/cancelServiceOrder": 1,
        "/api/holders?address=10.20.0.0/24": 1,
    }.items():
        for caller in (crm, root):
            answer = caller.get(path)
            assert answer.headers["x-total-count"] == str(count), (path, shown(answer))
        assert eve.get(path).headers["x-total-count"] == "0"
    assert crm.get("/api/history?type=quick&action=allocated").json()[0]["reference"] == "IP-2"
    assert [pool["used"] for pool in system(ANA).get("/api/pools").json()] == [16]
    assert crm.change("IP-1", priority="2").json()["priority"] == "2"
    assert [one["id"] for one in crm.get(f"{V4}?priority=2").json()] == ["IP-1"]
    items = [{"id": str(number), "action": "add", "service": service("attribution", FORM)} for number in (1, 2)]
    crm.post(V4, json={"serviceOrderItem": items, "category": "Lyon"})
    for caller in (crm, root):
        assert [one["id"] for one in caller.get(f"{V4}?category=Lyon&state=inProgress").json()] == ["IP-3"]
        assert [one["id"] for one in caller.get(f"{V4}?id=IP-4").json()] == ["IP-3"]
        assert caller.get(V4).headers["x-total-count"] == "3"
    assert house.request().form == FORM


def test_links_are_followed_on_postgresql_too(crm, system):
    for number in range(3):
        assert crm.order("quick", headers={"Idempotency-Key": str(number)}).status_code == 201
        crm.post(CANCELLATIONS, json={"serviceOrder": {"id": f"IP-{number + 1}"}})
    for caller in (crm, system(ROOT, scope=Scope.ADMIN)):
        for path in (V4, SERVICES, CANCELLATIONS):
            found, pages = followed(caller, f"{path}?limit=1")
            assert [one["id"] for one in found] == [one["id"] for one in caller.get(path).json()], path
            assert pages == len(found) == 3
