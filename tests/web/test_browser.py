"""The pages in a real browser: by mouse, by keyboard, on a phone, in the dark, and for screen readers."""

import re

import pytest
from house import ANA, BOB, KIM, ROOT, only
from playwright.sync_api import sync_playwright
from web.seat import CHROMIUM, LOOKS, Seat
from web_house import ZOE, furnished

from mailbot.web import Server, build

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.xdist_group("chromium")]

PAGES = [
    (BOB, "/"),
    (ANA, "/"),
    (ZOE, "/"),
    (BOB, "/new"),
    (BOB, "/new/attribution"),
    (BOB, "/new/lab"),
    (BOB, "/requests/IP-1"),
    (ANA, "/requests/IP-1"),
    (BOB, "/requests/IP-2"),
    (ROOT, "/requests/IP-4"),
    (BOB, "/requests/IP-12"),
    (BOB, "/requests/IP-1/mail"),
    (BOB, "/requests/IP-1/form"),
    (ANA, "/requests/IP-1/steps/technical"),
    (ANA, "/requests/IP-10/steps/review"),
    (KIM, "/requests/IP-11/steps/room.1"),
    (ROOT, "/requests/IP-4/steps/configure"),
    (ANA, "/board"),
    (ROOT, "/pools"),
    (ANA, "/pools/lan"),
    (ROOT, f"/search?user={BOB}"),
    (ROOT, f"/search?user={BOB}&page=2"),
    (ANA, "/search?address=10.20.0.0/24"),
    (ROOT, "/admin"),
    (ROOT, "/admin/mail/14"),
    (ROOT, "/admin/systems"),
    (ROOT, "/admin/rules"),
    (ROOT, "/customers"),
    (ZOE, "/customers/C-1"),
    (BOB, "/nowhere"),
    (None, "/login"),
    (None, "/login/x"),
]


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def house(tmp_path):
    house = furnished(tmp_path)
    yield house
    house.bot.close()


@pytest.fixture
def seat(house, chromium):
    """Of somebody, at a browser of this look."""
    taken = []

    def sit(person=None, look="light"):
        taken.append(Seat(house, server.port, chromium, person, look))
        return taken[-1]

    with Server(build(house.bot.web_parts), ("127.0.0.1", 0)) as server:
        yield sit
        for one in taken:
            one.context.close()


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_wrong_and_no_page_is_wider_than_its_screen(seat, house, look):
    seats = {person: seat(person, look) for person, _ in PAGES}
    version = house.request("IP-1").rules
    for person, path in [*PAGES, (ROOT, f"/admin/rules/{version}")]:
        seats[person].goto(path)
        for part in seats[person].page.locator("details").all():
            part.evaluate("part => { part.open = true; }")
        assert seats[person].faults() == [], path
        assert not seats[person].is_wider_than_its_screen(), path
    for person, one in seats.items():
        assert [words for words in one.words if "404" not in words] == [], person


def test_a_request_is_opened_approved_and_seen_through_with_the_keyboard_alone(seat, house):
    page = seat(BOB).goto("/new/quick")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Acme")
    page.keyboard.press("Tab")
    page.keyboard.type("28")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests/IP-13?told=opened")
    assert house.request("IP-13").channel == "web"
    assert page.get_by_role("status").text_content() == "Your request is open."


def test_faults_lead_to_their_fields(seat, house):
    page = seat(BOB).goto("/new/attribution")
    page.get_by_label("Prefix length").fill("8")
    page.get_by_role("button", name="Send the request").click()
    assert "2 fields are not right" in page.get_by_role("alert").text_content()
    field = page.get_by_label("Prefix length")
    assert field.input_value() == "8"
    assert field.get_attribute("aria-invalid") == "true"
    page.get_by_role("alert").get_by_role("link", name="Customer").click()
    assert page.evaluate("document.activeElement.id") == "f-customer" or page.url.endswith("#f-customer")
    assert "IP-13" not in house.requests()


def test_files_are_chosen_sent_and_saved(seat, tmp_path):
    page = seat(BOB).goto("/new/quick")
    page.get_by_label("Customer").fill("Acme")
    page.get_by_label("Prefix length").fill("28")
    page.get_by_label("Files").set_input_files([{"name": "a.html", "mimeType": "text/html", "buffer": b"<script>"}])
    page.get_by_role("button", name="Send the request").click()
    page.wait_for_url("**/requests/IP-13?told=opened")
    with page.expect_download() as download:
        page.get_by_role("link", name="a.html").click()
    download.value.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == b"<script>"
    page.get_by_text("Attach files").click()
    page.get_by_label("Files").set_input_files([{"name": "b", "mimeType": "x/y", "buffer": b"x" * 27_000_000}])
    page.get_by_role("button", name="Send the comment").click()
    page.get_by_text("The files are too large: together at most 25 MiB.").wait_for()


def test_an_approval_asks_before_it_decides(seat, house):
    page = seat(ANA, "phone").goto("/")
    page.get_by_role("link", name=re.compile("IP-1 ")).click()
    assert house.states()["technical"] == "open"
    page.get_by_role("button", name="I approve").click()
    page.wait_for_url("**/requests/IP-1?told=approve")
    assert house.states()["technical"] == "done"


def test_a_link_that_was_mailed_logs_in_by_its_button(seat, house):
    one = seat()
    page = one.goto("/board")
    page.get_by_label("Your mail address").fill(ANA)
    page.get_by_role("button", name="Send me a link").click()
    page.get_by_role("heading", name="Look into your mailbox").wait_for()
    link = re.search(r"(/login/\S+)", only(house.send(), "answer", ANA).text)[1]
    one.goto(link)
    page.get_by_role("button", name="Log me in").click()
    page.wait_for_url("**/board")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")


def test_on_a_phone_the_drawing_keeps_its_size_and_is_moved_in_a_box_that_the_keyboard_reaches(seat):
    page = seat(BOB, "phone").goto("/requests/IP-1")
    box = page.get_by_role("region", name=re.compile("The process as a diagram"))
    page.locator("img.drawn").evaluate("img => img.decode()")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    box.focus()
    assert page.evaluate("document.activeElement.className") == "scrolls"


def test_the_drawing_is_shown_with_its_styles_under_the_policy_of_the_pages(seat):
    one = seat(BOB, "dark")
    page = one.goto("/requests/IP-1")
    drawn = page.locator("img.drawn")
    drawn.evaluate("img => img.decode()")
    assert drawn.evaluate("img => img.naturalWidth") > 200
    assert one.words == []
