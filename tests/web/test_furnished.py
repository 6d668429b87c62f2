"""Pages of a house that has a bit of everything: items, ends, a tree of pools, other systems."""

from datetime import timedelta

import pytest
from house import ANA, BOB, KIM, ROOT
from web_house import ZOE, furnished

from mailbot.store import subscribers

pytestmark = pytest.mark.parametrize("house", [furnished], indirect=True)


def test_pools_are_a_tree_of_those_that_one_cares_for(browser):
    page = browser(ROOT).get("/pools").text
    below = page[page.index('<ul class="below">') :]
    assert "/pools/floor" in below[: below.index("</ul>")]
    assert "0 of 16,777,216 /64" in page
    assert "/pools/floor" in browser(ROOT).get("/pools/lan").text
    assert "/pools/floor" not in browser(ANA).get("/pools").text
    assert "/pools/floor" not in browser(ANA).get("/pools/lan").text


def test_an_admin_sees_who_is_told_of_events_whose_keys_there_are_and_what_netbox_is_to_hear(browser):
    page = browser(ROOT).get("/admin/systems").text
    for text in ("tickets@example.net", "crm", "order", "of Acme alone", "/pools/mirror"):
        assert text in page
    assert "mbk_" not in page


def test_callbacks_of_one_key_are_told_apart_by_what_the_shell_calls_them(house, browser):
    with house.bot.store.transaction() as tx:
        terms = {"key": "crm", "scope": {}, "now": house.now}
        ids = [subscribers.subscribe(tx.conn, callback=f"https://{n}.example/", **terms) for n in range(2)]
    page = browser(ROOT).get("/admin/systems").text
    assert all(id_ in page for id_ in ids)


def test_an_admin_sees_legal_holds(browser):
    page = browser(ROOT).get("/admin").text
    assert "A lawsuit" in page


def test_customers_are_searched_by_what_they_are_called(browser):
    root = browser(ROOT)
    for name in ("", "acm", "C-1"):
        assert "/customers/C-1" in root.get(f"/customers?name={name}").text
    assert "called so" in root.get("/customers?name=zzz").text
    assert "/customers/C-1" in browser(ZOE).get("/customers?name=zzz").text


def test_what_is_for_a_time_is_kept_longer_or_ended_by_its_requester(house, browser):
    bob = browser(BOB)
    assert "Keep it longer" in bob.get("/requests/IP-12").text
    assert "Keep it longer" not in bob.get("/requests/IP-3").text
    assert "Keep it longer" not in browser(ANA).get("/requests/IP-12").text
    assert "Write how much longer" in bob.fill("/requests/IP-12/extend").text
    assert bob.fill("/requests/IP-12/extend", text="a fortnight").status_code == 409
    before = house.request("IP-12").addresses[0].until
    assert bob.fill("/requests/IP-12/extend", text="2 weeks").headers["location"].endswith("?told=extend")
    assert house.request("IP-12").addresses[0].until == before + timedelta(weeks=2)
    assert browser(ANA).fill("/requests/IP-12/end").status_code == 409
    assert bob.fill("/requests/IP-12/end").headers["location"].endswith("?told=end")
    assert house.request("IP-12").addresses[0].state == "quarantined"
    assert "Keep it longer" not in bob.get("/requests/IP-12").text


def test_one_answer_is_given_for_several_items(house, browser):
    kim, asked = browser(KIM), house.request("IP-11").step("room.2")
    assert "The same for" in kim.get("/requests/IP-11/steps/room.1").text
    assert kim.answer("IP-11", "room.1", "approve", **{"also__room.2": asked.content}).status_code == 303
    assert {house.states("IP-11")[name] for name in ("room.1", "room.2", "room")} == {"done"}


def test_an_item_that_is_not_ticked_or_has_changed_is_not_answered(house, browser):
    kim = browser(KIM)
    assert kim.answer("IP-11", "room.1", "reject", text="full", **{"also__room.2": "0"}).status_code == 409
    assert [house.states("IP-11")[name] for name in ("room.1", "room.2")] == ["refused", "open"]
