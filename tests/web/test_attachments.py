"""Files on a request's page: for who may see them, and only to be saved."""

import pytest
from house import ANA, BILL, BOB, EVE, FORM, ROOT, mail, reply

EVIL = b"<script>alert(1)</script>"


@pytest.fixture
def attached(house):
    """IP-1 with a page of Bob's as its file, and a note of Ana's."""
    first = mail(BOB, "attribution", FORM)
    first.add_attachment(EVIL, maintype="text", subtype="html", filename='a "plan"; x.html')
    house.take(first)
    asked = next(one for one in house.relay.letters if one.to == ANA)
    second = reply(asked, "comment see this", ANA)
    second.add_attachment(b"secret", maintype="text", subtype="x", filename="note.txt")
    house.take(second)
    return house


@pytest.mark.parametrize("person", [BOB, ANA, BILL, ROOT])
@pytest.mark.usefixtures("attached")
def test_a_file_is_saved_and_never_shown(browser, person):
    page = browser(person).get("/requests/IP-1/attachments/1")
    assert (page.status_code, page.content) == (200, EVIL)
    assert page.headers["Content-Type"] == "application/octet-stream"
    assert page.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20_plan_%3B%20x.html"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.usefixtures("attached")
def test_the_pages_of_the_request_and_of_its_step_lead_to_it(browser):
    for path in ("/requests/IP-1", "/requests/IP-1/steps/technical"):
        assert 'href="/requests/IP-1/attachments/1">a _plan_; x.html</a>' in browser(ANA).get(path).text


@pytest.mark.usefixtures("attached")
def test_what_others_send_among_themselves_is_not_the_requesters(browser):
    assert browser(ANA).get("/requests/IP-1/attachments/2").content == b"secret"
    assert browser(BOB).get("/requests/IP-1/attachments/2").status_code == 404
    assert "note.txt</a>" not in browser(BOB).get("/requests/IP-1").text


def test_for_others_and_by_another_requests_name_it_is_not_there(attached, browser):
    attached.start(sender=EVE)
    eve = browser(EVE)
    nothing = eve.get("/requests/IP-1/attachments/999")
    for path in ("/requests/IP-1/attachments/1", "/requests/IP-2/attachments/1", "/requests/IP-1/attachments/x"):
        assert (eve.get(path).status_code, eve.get(path).text) == (404, nothing.text)


def test_a_file_that_is_gone_from_the_disk_is_not_there(attached, browser):
    for path in attached.bot.files.folder.glob("??/*"):
        path.unlink()
    assert browser(BOB).get("/requests/IP-1/attachments/1").status_code == 404
