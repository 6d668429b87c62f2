"""Logging in: by a link that works once, in one browser, for a quarter of an hour; or by a proxy that is ours."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from house import ANA, BOB, KIM, MALLORY, only
from web_house import WEB

PROXY = ("192.0.2.80", 4711)


def link_for(house, browser, address=BOB):
    """The path of the link that is mailed to who asks for it in this browser."""
    assert browser.post("/login", data={"address": address, "next": "/board"}).status_code == 200
    letter = only(house.send(), "answer", address)
    return re.search(r"http://ip\.example\.net(/login/\S+)", letter.text)[1]


def test_a_mailed_link_logs_in_after_a_button_and_leads_to_where_one_wanted_to_go(house, browser):
    bob = browser()
    wanted = bob.get("/board")
    assert (wanted.status_code, wanted.headers["location"]) == (303, "/login?next=/board")
    link = link_for(house, bob)
    assert "Log me in" in bob.get(link).text
    entered = bob.post(link)
    assert (entered.status_code, entered.headers["location"]) == (303, "/board")
    assert bob.get("/board").status_code == 200


def test_opening_the_link_logs_nobody_in_however_often(house, browser):
    bob = browser()
    link = link_for(house, bob)
    scanner = browser()
    for _ in range(3):
        assert "Open it where you asked for it" in scanner.get(link).text
        assert "Log me in" in bob.get(link).text
    assert scanner.get("/").status_code == bob.get("/").status_code == 303
    assert bob.post(link).status_code == 303


def test_the_link_works_once(house, browser):
    bob = browser()
    link = link_for(house, bob)
    kept = dict(bob.cookies)
    assert bob.post(link).status_code == 303
    thief = browser()
    thief.cookies.update(kept)
    assert thief.post(link).status_code == 403
    assert thief.get("/").status_code == 303


def test_another_browser_cannot_use_the_link_nor_use_it_up(house, browser):
    bob, thief = browser(), browser()
    link = link_for(house, bob)
    thief.post("/login", data={"address": MALLORY})  # has a cookie of its own
    assert thief.post(link).status_code == 403
    assert bob.post(link).status_code == 303


def test_the_link_lasts_a_quarter_of_an_hour(house, browser):
    bob = browser()
    link = link_for(house, bob)
    house.now += timedelta(minutes=15)
    assert bob.post(link).status_code == 403


def test_who_is_not_known_gets_the_same_answer_and_no_letter(house, browser):
    known, unknown = (browser().post("/login", data={"address": who}) for who in (BOB, MALLORY))
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(BOB, "X") == unknown.text.replace(MALLORY, "X")
    assert known.headers.keys() == unknown.headers.keys()
    assert [letter.to for letter in house.send()] == [BOB]


def test_links_are_capped_for_each_person(house, browser):
    for _ in range(8):
        assert browser().post("/login", data={"address": BOB}).status_code == 200
    assert len(house.send()) == 5
    browser().post("/login", data={"address": ANA})
    assert len(house.send()) == 1
    house.now += timedelta(minutes=16)
    browser().post("/login", data={"address": BOB})
    assert len(house.send()) == 1


def test_a_reply_token_is_worthless_here(started, browser):
    bob = browser()
    link = link_for(started, bob, ANA)
    for letter in started.relay.letters:
        assert bob.post(f"/login/{letter.token}").status_code == 403
    bob.cookies.set("mailbot", started.relay.letters[0].token)
    assert bob.get("/").status_code == 303
    assert bob.post(link).status_code == 303


def test_the_letter_with_the_link_opens_nothing_by_a_reply(house, browser):
    bob = browser()
    bob.post("/login", data={"address": BOB})
    letter = only(house.send(), "answer", BOB)
    assert letter.reply_to == ""
    assert not letter.reference


def test_an_alias_logs_in_as_its_owner_and_is_written_to_itself(house, browser):
    ana = browser()
    link = link_for(house, ana, "a.ruiz@example.net")
    ana.post(link)
    assert ANA in ana.get("/").text


def test_a_session_ends_after_its_hours_and_by_logging_out(house, browser):
    bob = browser(BOB)
    assert bob.get("/").status_code == 200
    house.now += timedelta(hours=12)
    assert bob.get("/").status_code == 303
    again = browser(BOB)
    assert again.fill("/logout").headers["location"] == "/login"
    assert again.get("/").status_code == 303


def test_a_cookie_that_was_kept_is_worthless_after_the_log_out_and_other_log_ins_go_on(browser):
    bob, phone = browser(BOB), browser(BOB)
    thief = browser()
    thief.cookies.update(bob.cookies)
    assert thief.get("/").status_code == 200
    assert bob.fill("/logout").status_code == 303
    assert thief.get("/").status_code == 303
    assert thief.get("/login").status_code == 200
    assert phone.get("/").status_code == 200


def test_sessions_that_were_ended_are_forgotten_with_their_hours(house, browser):
    browser(BOB).fill("/logout")
    house.now += timedelta(hours=13)
    browser(ANA).fill("/logout")
    with house.bot.store.transaction() as tx:
        assert len(tx.facts("ended ")) == 1


def test_a_log_in_leads_to_the_very_page_that_was_wanted(house, browser):
    bob = browser()
    wanted = bob.get("/search?user=bob%40example.net&page=2").headers["location"]
    assert parse_qs(urlsplit(wanted).query)["next"] == ["/search?user=bob%40example.net&page=2"]
    bob.post("/login", data={"address": BOB, "next": "/search?user=bob%40example.net&page=2"})
    link = re.search(r"(/login/\S+)", only(house.send(), "answer").text)[1]
    assert bob.post(link).headers["location"] == "/search?user=bob%40example.net&page=2"


@pytest.mark.parametrize("place", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/a\nb", "evil"])
def test_a_log_in_leads_to_pages_of_ours_alone(house, browser, place):
    bob = browser()
    bob.post("/login", data={"address": BOB, "next": place})
    link = re.search(r"(/login/\S+)", only(house.send(), "answer").text)[1]
    assert bob.post(link).headers["location"] == "/"


def test_cookies_are_out_of_reach_for_scripts_and_other_pages(house, browser):
    bob = browser()
    entered = bob.post(link_for(house, bob))
    cookie = next(text for text in entered.headers.get_list("set-cookie") if text.startswith("mailbot="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


@pytest.mark.parametrize("house", [{"config": WEB.replace("http://ip", "https://ip")}], indirect=True)
def test_where_the_pages_are_reached_by_https_cookies_go_nowhere_else(browser):
    asked = browser().post("/login", data={"address": BOB})
    cookie = asked.headers["set-cookie"]
    assert cookie.startswith("__Host-mailbot-login=")
    assert "Secure" in cookie


def test_a_proxy_of_ours_says_who_is_there(house, browser):
    kim = browser(client=PROXY, headers={"X-Remote-User": KIM})
    page = kim.get("/")
    assert page.status_code == 200
    assert KIM in page.text
    assert kim.fill("/new/quick", once="1", f__customer="Acme", f__size="28").status_code == 303
    assert house.request().requester == KIM


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        (("192.0.2.81", 1), {"X-Remote-User": KIM}),
        (PROXY, {}),
        (PROXY, {"X-Remote-User": "kim"}),
        (PROXY, {"X-Remote-User": f"{KIM}, {BOB}"}),
        (("192.0.2.81", 1), {"X-Remote-User": KIM, "X-Forwarded-For": "192.0.2.80"}),
    ],
)
def test_nobody_else_does(browser, client, headers):
    assert browser(client=client, headers=headers).get("/").status_code == 303


@pytest.mark.parametrize("headers", [{}, {"X-Remote-User": ""}])
def test_whom_the_proxy_does_not_name_logs_in_by_mail(house, browser, headers):
    bob = browser(client=PROXY, headers=headers)
    bob.post(link_for(house, bob))
    assert BOB in bob.get("/").text


def test_a_form_of_another_site_does_nothing(started, browser):
    ana = browser(ANA)
    path, content = "/requests/IP-1/steps/technical/approve", started.request().step("technical").content
    good = {"word": ana.word(), "content": content}
    assert ana.post(path, data={"content": content}).status_code == 403
    assert ana.post(path, data=good | {"word": browser(BOB).word()}).status_code == 403
    assert ana.post(path, data=good, headers={"Origin": "https://evil.example"}).status_code == 403
    assert ana.post(path, data=good, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert ana.get(path).status_code == 404
    assert started.states()["technical"] == "open"
    assert ana.post(path, data=good, headers={"Origin": "http://ip.example.net"}).status_code == 303


def test_opening_pages_decides_nothing(started, browser):
    ana, before = browser(ANA), started.request()
    page = ana.get("/requests/IP-1/steps/technical").text + ana.get("/requests/IP-1").text
    for link in re.findall(r'(?:href|action|src)="(/[^"]*)"', page):
        ana.get(link)
    assert started.request() == before


def test_a_form_that_is_too_large_is_not_read(browser):
    answer = browser(BOB).fill("/new/attribution", once="1", f__reason="x" * 1_100_000)
    assert (answer.status_code, "This form is too large" in answer.text, "<main" in answer.text) == (413, True, True)
