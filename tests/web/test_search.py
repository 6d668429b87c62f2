"""The search, leafed through and narrowed to a customer."""

import html
import re

import pytest
from house import ANA, BOB, EVE
from web_house import ZOE, furnished

from mailbot.store.lists import seen
from mailbot.web import search

pytestmark = pytest.mark.parametrize("house", [furnished], indirect=True)


@pytest.mark.parametrize("few", [0, 1, 1000])
def test_the_search_finds_by_customer_as_far_as_one_may_see_his_requests(browser, monkeypatch, few):
    monkeypatch.setattr(seen, "FEW", few)
    for text in ("acme", "C-1"):
        found = browser(ANA).get(f"/search?customer={text}&action=received").text
        assert all(f"/requests/{reference}" in found for reference in ("IP-10", "IP-11", "IP-12"))
        assert '/requests/IP-4"' not in found
    assert "/requests/IP-11" in browser(ZOE).get("/search?customer=Acme").text
    assert "Nothing was found" in browser(EVE).get("/search?customer=Acme").text
    assert "Nothing was found" in browser(ANA).get("/search?customer=Nobody").text


def test_what_a_search_finds_is_leafed_through(browser, monkeypatch):
    monkeypatch.setattr(search, "MOST", 4)
    bob, seen = browser(BOB), []
    path = "/search?action=received"
    while path:
        page = bob.get(path).text
        seen += re.findall(r'href="/requests/(IP-\d+)"', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older and html.unescape(older[1])
    assert seen == [f"IP-{number}" for number in (12, *range(10, 0, -1))]
    assert 'rel="prev"' in page


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 5000, "\u0663"])
def test_a_page_that_is_no_number_is_the_first_or_the_last_one(browser, page):
    assert browser(BOB).get("/search", params={"action": "received", "page": page}).status_code == 200
