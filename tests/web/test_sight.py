"""Everybody sees what concerns him, and nothing else: another's request is just what none at all is."""

import pytest
from house import ANA, BILL, BOB, CAROL, EVE, HEAD, KIM, LI, ROOT, mail
from web_house import WEB

from mailbot.intake.answering import concerns
from mailbot.store.lists import seen

SECRET = "Secret Customer"
FORM = f"Customer: {SECRET}\nPrefix length: 28\nReason: hush\n"

PATHS = (
    "/requests/{}",
    "/requests/{}/form",
    "/requests/{}/mail",
    "/requests/{}/attachments/1",
    "/requests/{}/process.svg",
    "/requests/{}/steps/technical",
    "/requests/{}/steps/nonsense",
)


@pytest.fixture
def secret(house):
    """Bob's request, and a file with it."""
    message = mail(BOB, "attribution", FORM)
    message.add_attachment(SECRET.encode(), maintype="text", subtype="plain", filename=f"{SECRET}.txt")
    house.take(message)
    return house


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.usefixtures("secret")
def test_anothers_request_looks_like_one_that_is_not_there(browser, path):
    eve = browser(EVE)
    there, nowhere = eve.get(path.format("IP-1")), eve.get(path.format("IP-999"))
    assert (there.status_code, there.text, there.headers) == (404, nowhere.text, nowhere.headers)


@pytest.mark.parametrize(
    "word",
    ["comment", "cancel", "watch", "amend", "extend", "end", "hold", "steps/technical/approve", "steps/x/approve"],
)
def test_nothing_can_be_done_to_it_either(secret, browser, word):
    eve = browser(EVE)
    before = len(secret.history())
    there, nowhere = (eve.fill(f"/requests/{ref}/{word}", text="hello") for ref in ("IP-1", "IP-999"))
    assert (there.status_code, there.text) == (404, nowhere.text)
    assert len(secret.history()) == before


@pytest.mark.parametrize(
    "path",
    ["/admin", "/admin/systems", "/admin/rules", "/admin/mail/1", "/admin/rules/x", "/admin/rules/x/process.svg",
     "/customers/C-1", "/pools/lan", "/pools/lan/map.svg", "/board?department=noc"],
)  # fmt: skip
@pytest.mark.usefixtures("secret")
def test_what_is_for_others_is_not_there(browser, path):
    eve = browser(EVE)
    assert eve.get(path).status_code == 404
    assert eve.get(path).text == eve.get("/nonsense").text


@pytest.mark.parametrize(
    "path",
    ["/", "/board", "/pools", "/search", "/search?ref=IP-1", f"/search?user={BOB}", f"/search?user={ANA}",
     "/search?action=received", "/search?address=10.20.0.0/24", "/search?since=2020-01-01&until=2030-01-01",
     "/search?action=received&page=2", f"/search?customer={SECRET.lower()}", "/customers",
     f"/customers?name={SECRET.lower()}"],
)  # fmt: skip
def test_no_list_no_search_and_no_count_tells_of_it(house, browser, path):
    eve = browser(EVE)
    before = eve.get(path).text
    house.start(FORM)
    house.mail(CAROL, "quick", FORM)
    assert eve.get(path).text == before
    assert SECRET not in before


def test_who_sees_a_page_is_who_may_know_of_the_request_by_mail(secret, browser):
    request = secret.request()
    for person in (ANA, BILL, BOB, CAROL, EVE, HEAD, KIM, LI, ROOT):
        told = concerns(person, request, secret.bot.directory)
        assert (browser(person).get("/requests/IP-1").status_code == 200) is told, person


@pytest.mark.usefixtures("secret")
def test_who_is_logged_out_learns_nothing(browser):
    anybody = browser()
    for path in ("/requests/IP-1", "/requests/IP-999", "/admin", "/pools/lan"):
        assert anybody.get(path).status_code == 303
        assert anybody.get(path).headers["location"] == f"/login?next={path}"


@pytest.mark.usefixtures("secret")
def test_the_requester_does_not_read_what_others_wrote_to_each_other(browser):
    browser(BILL).answer("IP-1", "billing", "fill", f__account="INTERNAL-77")
    assert "INTERNAL-77" not in browser(BOB).get("/requests/IP-1").text
    assert "INTERNAL-77" in browser(ANA).get("/requests/IP-1").text


@pytest.mark.usefixtures("secret")
def test_mail_to_others_stands_in_no_thread_but_an_admins(browser):
    letter = f"<summary>to {ANA}"
    assert letter not in browser(BOB).get("/requests/IP-1/mail").text
    assert letter not in browser(LI).get("/requests/IP-1/mail").text
    assert letter in browser(ROOT).get("/requests/IP-1/mail").text


def test_a_request_that_ended_badly_names_no_address_of_ours(house, browser):
    house.mail(BOB, "quick", FORM)
    prefix = house.request().addresses[0].prefix
    assert prefix in browser(BOB).get("/requests/IP-1").text
    house.start(FORM)
    browser(BILL).answer("IP-2", "billing", "fill", f__account="A-77")
    browser(ANA).answer("IP-2", "technical", "reject", text="10.20.0.64/28 is for others")
    page = browser(BOB).get("/requests/IP-2").text
    assert "10.20.0.64" not in page
    assert "(an address)" in page


def test_nobody_hears_of_a_process_that_he_may_not_ask_for(browser):
    customer = browser("bob@customer.example")
    assert customer.get("/new").text.count('class="card"') == 1
    assert customer.get("/new/quick").text == customer.get("/new/nonsense").text


@pytest.mark.parametrize("few", [0, 1, 2, 1000])
def test_who_sees_many_requests_finds_the_same_as_who_sees_few(house, browser, monkeypatch, few):
    for _ in range(3):
        house.start(FORM)
    house.mail(BOB, "quick", FORM)
    seats = {who: browser(who) for who in (ANA, BOB, EVE)}
    found = {who: seat.get("/search?since=2020-01-01").text for who, seat in seats.items()}
    monkeypatch.setattr(seen, "FEW", few)
    for who, text in found.items():
        assert seats[who].get("/search?since=2020-01-01").text == text
    assert "/requests/IP-3" in found[ANA]
    assert "/requests/IP-4" not in found[ANA]
    assert "/requests/IP-4" in found[BOB]
    assert "/requests/" not in found[EVE]


MANAGED = WEB + '[groups.managers]\nmembers = ["carol@example.net"]\n'


@pytest.mark.parametrize("house", [{"config": MANAGED}], indirect=True)
def test_managers_see_the_requests_of_their_types(house, browser):
    rules = house.home / "rules" / "attribution.toml"
    rules.write_text(
        rules.read_text().replace(
            'lead_time = "3 working days"', 'lead_time = "3 working days"\nmanagers = ["managers"]', 1
        )
    )
    house.bot.reload_rules()
    house.start(FORM)
    assert SECRET in browser(CAROL).get("/requests/IP-1").text
    assert "IP-1" in browser(CAROL).get("/search?action=received").text
    house.mail(BOB, "quick", FORM)
    assert browser(CAROL).get("/requests/IP-2").status_code == 404
