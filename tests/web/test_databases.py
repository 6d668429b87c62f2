"""The pages ask PostgreSQL the same, and get the same answers."""

import pytest
from house import ANA, BOB, EVE, ROOT, House
from web_house import WEB

from mailbot.store import Store
from mailbot.store.lists import seen

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


@pytest.mark.parametrize("few", [0, 1000])
def test_every_page_answers_on_postgresql_too(house, browser, monkeypatch, few):
    monkeypatch.setattr(seen, "FEW", few)
    house.start()
    prefix = house.allocated()
    ana, bob, root = browser(ANA), browser(BOB), browser(ROOT)
    for path in (
        "/",
        "/board",
        "/pools",
        "/admin",
        "/admin/systems",
        "/admin/rules",
        "/customers?name=a",
        "/requests/IP-1",
        "/requests/IP-1/mail",
        "/search?customer=Acme&page=2",
    ):
        assert root.get(path).status_code == 200, path
    assert "/requests/IP-1/steps/technical" in ana.get("/").text
    assert "Technical review" in ana.get("/board").text
    for sought in (f"address={prefix}", f"user={BOB}&action=allocated", "ref=2", "since=2026-11-23&until=2026-11-23"):
        assert "/requests/IP-2" in bob.get(f"/search?{sought}").text, sought
        assert "/requests/" not in browser(EVE).get(f"/search?{sought}").text, sought
    assert ana.answer("IP-1", "technical", "approve").status_code == 303
    assert browser().post("/login", data={"address": BOB}).status_code == 200
    assert [letter.kind for letter in house.send() if letter.to == BOB][-1] == "answer"
