"""Files that come with a form of a page: kept, read and refused as those of a mail are."""

from dataclasses import replace
from html import unescape

import pytest
from house import ANA, BILL, BOB, FORM, ROUTES, RULES, mail, only
from intake.test_tables_in_reply import LINKS, PORTS
from web_house import WEB

PLAN = ("../a plan.pdf", b"%PDF-1.7 a plan")
SIX = {"f__customer": "Acme", "f__size": "28", "f__reason": "Two firewalls"}
LINES = b"Customer,Prefix length\nAcme,28\nBeta,29\n"
NOTHING = ("", b"")
"""What a browser sends where no file was chosen."""


def files_of(house, reference="IP-1"):
    return [(one.name, one.type, one.by, one.late) for one in house.request(reference).attachments]


def said(page):
    return " ".join(unescape(page.text).split())


def test_a_request_by_page_with_a_file_is_the_request_that_a_mail_opens_but_for_its_channel(house, browser):
    message = mail(BOB, "attribution", FORM)
    message.add_attachment(PLAN[1], maintype="x", subtype="y", filename=PLAN[0])
    house.take(message)
    assert browser(BOB).fill("/new/attribution", PLAN, NOTHING, **SIX).headers["location"].startswith("/requests/IP-2")
    first, second = house.request("IP-1"), house.request("IP-2")
    assert files_of(house, "IP-2") == [("a plan.pdf", "application/pdf", BOB, False)]
    alike = {"reference": "", "channel": "", "version": 0}
    assert replace(second, **alike) == replace(first, **alike)
    assert "Attached: a plan.pdf (15 bytes)" in [one for one in house.send() if one.to == ANA][-1].text


def test_each_line_of_a_table_opens_a_request_and_the_form_holds_for_all(house, browser):
    done = browser(BOB).fill("/new/attribution", ("lines.csv", LINES), f__reason="A new office")
    assert done.headers["location"] == "/?told=lines"
    assert [dict(house.request(one).form) for one in house.requests()] == [
        {"customer": "Acme", "size": 28, "reason": "A new office"},
        {"customer": "Beta", "size": 29, "reason": "A new office"},
    ]
    assert {house.request(one).channel for one in house.requests()} == {"web"}
    assert only([one for one in house.send() if one.to == BOB], "answer").subject == "2 requests were opened"


def test_a_table_that_is_sent_off_twice_opens_its_requests_once(house, browser):
    bob = browser(BOB)
    for _ in range(2):
        assert bob.fill("/new/attribution", ("lines.csv", LINES), once="abc").headers["location"] == "/?told=lines"
    assert house.requests() == ["IP-1", "IP-2"]


def test_each_bad_cell_is_named_on_the_page_and_nothing_is_opened_or_mailed(house, browser):
    bad = LINES.replace(b"28", b"33").replace(b"29", b"big")
    page = browser(BOB).fill("/new/attribution", ("lines.csv", bad), f__reason="A new office")
    assert page.status_code == 422
    assert "lines.csv, row 2, Prefix length: 33 is above 30" in said(page)
    assert "lines.csv, row 3, Prefix length: big is not a whole number" in said(page)
    assert "A new office" in page.text
    assert (house.requests(), house.send()) == ([], [])


def test_a_file_that_is_no_table_is_told_where_the_form_is_not_whole_without_it(house, browser):
    broken = ("lines.xlsx", b"PK\3\4 and no more")
    page = browser(BOB).fill("/new/attribution", broken, f__reason="A new office")
    assert "lines.xlsx: is no XLSX file that can be read" in said(page)
    browser(BOB).fill("/new/attribution", broken, **SIX)
    assert [name for name, *_ in files_of(house)] == ["lines.xlsx"]


def test_files_of_a_form_that_is_not_right_must_be_chosen_again(house, browser):
    page = browser(BOB).fill("/new/attribution", PLAN, f__customer="Acme", f__size="8")
    assert (page.status_code, "choose them again" in page.text) == (422, True)
    assert house.rows("attachment") == []


@pytest.mark.parametrize("house", [{"rules": {**RULES, "plain": ROUTES}}], indirect=True)
def test_a_field_that_takes_many_makes_the_lines_one_request(house, browser):
    lines = ("l.csv", b"Site,Routes\nLyon,10.1.0.0/24\nLyon,10.2.0.0/24\n")
    done = browser(BOB).fill("/new/routes", lines)
    assert done.headers["location"] == "/requests/IP-1?told=opened"
    assert house.request().form["routes"] == ("10.1.0.0/24", "10.2.0.0/24")


# -- what is there already ---------------------------------------------------------------------------------------------


@pytest.fixture
def routes(house):
    """IP-1, of routes."""
    house.mail(BOB, "routes", "Site: Lyon\nRoutes: 10.1.0.0/24\n")
    return house


WITH_ROUTES = {"config": WEB, "rules": {**RULES, "routes": ROUTES + PORTS}}


@pytest.mark.parametrize("house", [WITH_ROUTES], indirect=True)
def test_a_table_fills_in_what_is_asked_and_its_bad_cells_are_named(routes, browser):
    bill = browser(BILL)
    page = bill.answer("IP-1", "ports", "fill", ("l.csv", b"Links,Rack\n10.9.0.0/31,B7\ntwo,\n"))
    assert (page.status_code, "l.csv, row 3, Links: two lacks its length" in said(page)) == (422, True)
    assert (routes.states()["ports"], files_of(routes)) == ("open", [])
    bill.answer("IP-1", "ports", "fill", ("l.csv", LINKS))
    assert dict(routes.request().step("ports").fields)["rack"] == "B7"
    assert files_of(routes) == [("l.csv", "text/plain", BILL, True)]


@pytest.mark.parametrize("house", [WITH_ROUTES], indirect=True)
def test_a_table_changes_the_form_and_goes_before_what_stands_in_it(routes, browser):
    shown = {"f__site": "Lyon", "f__routes": "10.1.0.0/24"}
    page = browser(BOB).fill("/requests/IP-1/amend", ("l.csv", b"Routes\nnowhere\n"), **shown)
    assert (page.status_code, "l.csv, row 2, Routes: nowhere lacks" in said(page)) == (422, True)
    assert browser(BOB).fill("/requests/IP-1/amend", ("l.csv", b"Routes\n10.2.0.0/24\n"), **shown).status_code == 303
    assert dict(routes.request().form) == {"site": "Lyon", "routes": ("10.2.0.0/24",)}
    assert files_of(routes) == [("l.csv", "text/plain", BOB, False)]


def test_a_file_with_an_approval_is_kept_and_asks_nobody_anew(started, browser):
    browser(ANA).answer("IP-1", "technical", "approve", PLAN)
    assert started.states()["technical"] == "done"
    assert files_of(started) == [("a plan.pdf", "application/pdf", ANA, True)]


def test_a_comment_may_be_a_file_alone(started, browser):
    assert browser(ANA).fill("/requests/IP-1/comment", PLAN).status_code == 303
    assert [one.text for one in started.request().remarks] == ["Attached: a plan.pdf (15 bytes)"]
    assert browser(ANA).fill("/requests/IP-1/comment", NOTHING).status_code == 422


def test_a_question_may_be_answered_by_a_file_alone(started, browser):
    browser(ANA).answer("IP-1", "technical", "ask", text="Is there a plan?")
    browser(BOB).fill("/requests/IP-1/reply", PLAN)
    assert started.request().questions[0].answer == "Attached: a plan.pdf (15 bytes)"


# -- and what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/new/attribution", "/requests/IP-1/comment", "/requests/IP-1/steps/technical/approve"]
)
def test_a_file_in_a_form_that_is_not_ours_is_not_taken(started, browser, path):
    ana = browser(ANA)
    for foreign in ({}, {"word": "x"}):
        assert ana.post(path, data=foreign, files=[("files", PLAN)]).status_code == 403
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert ana.post(path, data={"word": ana.word()}, files=[("files", PLAN)], headers=elsewhere).status_code == 403
    assert browser().post(path, files=[("files", PLAN)]).headers["location"] == "/login?next=/"
    assert not started.rows("attachment")
    assert not started.bot.files.is_used


SMALL = {"config": WEB.replace("[limits]\n", "[limits]\nmessage_size = 65536\nparts = 2\n")}


@pytest.mark.parametrize("house", [SMALL], indirect=True)
def test_files_are_no_more_and_no_larger_than_those_of_a_mail(started, browser):
    ana = browser(ANA)
    assert "Together at most 64 KiB" in ana.get("/requests/IP-1").text
    large = ana.fill("/requests/IP-1/comment", ("x.bin", b"x" * 65_536))
    assert (large.status_code, "together at most 64 KiB" in large.text) == (413, True)
    assert ana.fill("/requests/IP-1/comment", PLAN, PLAN, PLAN).status_code == 400
    assert ana.post("/requests/IP-1/comment", content=iter([b"x"])).status_code == 413
    assert not started.rows("attachment")
    assert ana.fill("/requests/IP-1/comment", PLAN).status_code == 303


def test_other_forms_take_no_files(browser):
    ana = browser(ANA)
    assert ana.post("/search", data={"word": ana.word()}, files=[("files", PLAN)]).status_code in {400, 404, 405}
    assert ana.post("/logout", data={"word": ana.word()}, files=[("files", PLAN)]).status_code == 400


def test_who_may_not_see_a_request_leaves_nothing_with_it(started, browser):
    mallory = browser("eve@example.net")
    assert mallory.fill("/requests/IP-1/comment", PLAN).status_code == 404
    assert not started.bot.files.is_used
