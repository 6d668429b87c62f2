"""Tables that come with a reply: the form again, what was wrong mended, or what somebody was asked to fill in."""

import pytest
from house import ANA, ATTRIBUTION, BILL, BOB, CONFIG, FORM, ROUTES, RULES, House, mail, only, reply

PORTS = """
may_change = ["routes"]
[[step]]
name = "ports"
kind = "form"
asks = ["billing"]
after = []
[[step.field]]
name = "links"
label = "Links"
type = "prefix"
many = true
required = true
[[step.field]]
name = "rack"
label = "Rack"
type = "text"
required = true
"""
ROUTES_FORM = "Site: Lyon\nRoutes: 10.1.0.0/24\n"
LINKS = b"Links,Rack\n10.9.0.0/31,B7\n10.9.0.2/31,\n"
NEEDY = ATTRIBUTION.replace('type = "attribution"', 'type = "needy"').replace('aliases = ["new block"]\n', "")
NEEDY = NEEDY.replace('type = "long-text"\n', 'type = "long-text"\nrequired = true\n')


@pytest.fixture
def house(tmp_path):
    config = CONFIG.replace("answers_per_hour = 5", "answers_per_hour = 50")
    return House(tmp_path, config=config, rules={**RULES, "routes": ROUTES + PORTS, "needy": NEEDY})


def with_file(message, content, name="lines.csv"):
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def answered(house, letter, content, text="", name="lines.csv", **options):
    """The letters that a reply with a table leads to."""
    return house.take(with_file(reply(letter, text, letter.to, **options), content, name))[1]


def told(letter):
    return " ".join(letter.text.replace("|", " ").split())


# -- to the letter that refuses the lines of a new request -------------------------------------------------------------


@pytest.fixture
def refused(house):
    """The letter about a table with a bad cell, which came with a word for all lines and a plan."""
    message = mail(BOB, "attribution", "Reason: A new office\n")
    with_file(message, b"%PDF-1.7 a plan", "plan.pdf")
    return only(house.take(with_file(message, b"Customer,Prefix length\nAcme,28\nBeta,33\n"))[1], "misunderstood", BOB)


MENDED = b"Customer,Prefix length\nAcme,28\nBeta,29\n"


@pytest.mark.parametrize("carriers", [("address", "In-Reply-To", "References"), ("In-Reply-To",), ("References",)])
@pytest.mark.parametrize("text", ["", "Sorry, here it is.\n"])
def test_a_mended_table_in_reply_opens_what_was_refused_with_all_that_came_before(house, refused, text, carriers):
    assert refused.subject == "attribution: Nothing was opened: 1 thing is not right"
    assert "Please mend this in your table, and reply with it." in told(refused)
    letter = only(answered(house, refused, MENDED, text, carriers=carriers), "answer", BOB)
    assert letter.subject == "2 requests were opened"
    assert dict(house.request("IP-2").form) == {"customer": "Beta", "size": 29, "reason": "A new office"}
    assert [one.name for one in house.request("IP-2").attachments] == ["plan.pdf", "lines.csv"]


def test_a_table_that_is_mended_twice_still_has_what_came_with_the_first(house, refused):
    again = only(answered(house, refused, b"Customer,Prefix length\nAcme,28\nBeta,34\n"), "misunderstood", BOB)
    assert "lines.csv, row 3, Prefix length: 34 is above 30" in told(again)
    only(answered(house, again, MENDED), "answer", BOB)
    assert house.request("IP-2").form["reason"] == "A new office"
    assert [one.size for one in house.request("IP-2").attachments] == [15, len(MENDED)]


def test_what_is_missing_beside_the_lines_is_written_without_sending_them_again(house):
    letters = house.take(with_file(mail(BOB, "needy"), MENDED))[1]
    refused = only(letters, "misunderstood", BOB)
    assert "Reason: is missing" in told(refused)
    only(house.reply(refused, "Reason: A new office"), "answer", BOB)
    assert [dict(house.request(one).form)["customer"] for one in house.requests()] == ["Acme", "Beta"]


def test_nobody_else_gets_at_what_was_sent_before(house, refused):
    message = with_file(reply(refused, "", ANA), MENDED)
    only(house.take(message)[1], "answer", ANA)
    assert dict(house.request("IP-1").form) == {"customer": "Acme", "size": 28}
    assert house.request("IP-1").requester == ANA


def test_a_mail_that_is_not_kept_any_more_is_asked_for_no_more(house, refused):
    with house.bot.store.transaction() as tx:
        tx.conn.exec_driver_sql("UPDATE inbox SET raw = NULL")
    only(answered(house, refused, MENDED), "answer", BOB)
    assert dict(house.request("IP-1").form) == {"customer": "Acme", "size": 28}


# -- the requester's form again ----------------------------------------------------------------------------------------


def test_a_table_completes_a_form_that_waits(house):
    waits = only(house.mail(BOB, "attribution", "Customer: Acme\n"), "incomplete")
    only(answered(house, waits, b"Prefix length\n28\n"), "acknowledged", BOB)
    assert dict(house.request().form) == {"customer": "Acme", "size": 28}


def test_a_table_with_other_values_amends_the_form_and_those_asked_are_asked_anew(house):
    letters = house.mail(BOB, "routes", ROUTES_FORM)
    asked, known = only(letters, "action", ANA), only(letters, "acknowledged", BOB)
    text = "Please take these instead:\n"
    anew = only(answered(house, known, b"Routes\n10.1.0.0/24\n10.2.0.0/24\n", text), "action", ANA)
    assert house.request().form["routes"] == ("10.1.0.0/24", "10.2.0.0/24")
    house.reply(asked, "approve", ANA)
    assert house.states()["look"] == "open"
    house.reply(anew, "approve", ANA)
    assert house.states()["look"] == "done"


def test_each_bad_cell_of_it_is_named_nothing_changes_and_the_mended_one_counts(house):
    known = only(house.mail(BOB, "routes", ROUTES_FORM), "acknowledged", BOB)
    bad = only(answered(house, known, b"Site,Routes\nNice,10.2.0.1/24\nLyon,far away\n"), "misunderstood", BOB)
    assert bad.subject == "[IP-1] Nothing has changed: 3 things are not right"
    assert "lines.csv, row 2, Routes: 10.2.0.1/24 is no prefix" in told(bad)
    assert "lines.csv, row 3, Routes: " in told(bad)
    assert "lines.csv, row 3, Site: 'Lyon' is not 'Nice'" in told(bad)
    assert house.request().form["site"] == "Lyon"
    answered(house, bad, b"Site,Routes\nNice,10.2.0.0/24\n")
    assert dict(house.request().form) == {"site": "Nice", "routes": ("10.2.0.0/24",)}


def test_another_table_is_a_file_and_no_answer(house):
    known = only(house.mail(BOB, "routes", ROUTES_FORM), "acknowledged", BOB)
    answered(house, known, b"Port,Speed\n1,10G\n", name="ports.csv")
    assert [one.text for one in house.request().remarks] == ["Attached: ports.csv (17 bytes)"]
    assert house.request().form["routes"] == ("10.1.0.0/24",)


# -- who is asked ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "Here they are, best regards\n", "done\n"])
def test_a_table_fills_in_the_form_of_who_is_asked(house, text):
    asked = only(house.mail(BOB, "routes", ROUTES_FORM), "action", BILL)
    answered(house, asked, LINKS, text)
    assert house.states()["ports"] == "done"
    assert dict(house.request().step("ports").fields) == {"links": ("10.9.0.0/31", "10.9.0.2/31"), "rack": "B7"}
    assert [(one.name, one.late) for one in house.request().attachments] == [("lines.csv", True)]


def test_a_bad_cell_in_it_is_named_and_the_letter_can_be_answered(house):
    asked = only(house.mail(BOB, "routes", ROUTES_FORM), "action", BILL)
    bad = only(answered(house, asked, b"Links,Rack\n10.9.0.0/31,B7\ntwo,\n"), "misunderstood", BILL)
    assert "lines.csv, row 3, Links: two lacks its length" in told(bad)
    assert house.states()["ports"] == "open"
    answered(house, bad, LINKS)
    assert house.states()["ports"] == "done"


def test_what_an_approver_may_change_is_read_from_his_table_and_only_with_his_approval(house):
    asked = only(house.mail(BOB, "routes", ROUTES_FORM), "action", ANA)
    table = b"Routes\n10.3.0.0/24\n"
    answered(house, asked, table)
    assert (house.states()["look"], house.request().form["routes"]) == ("open", ("10.1.0.0/24",))
    answered(house, asked, table, "approve\n")
    assert (house.states()["look"], house.request().form["routes"]) == ("done", ("10.3.0.0/24",))


def test_a_file_that_cannot_be_read_is_told_where_nothing_else_was_said(house):
    asked = only(house.mail(BOB, "routes", ROUTES_FORM), "action", BILL)
    bad = only(answered(house, asked, b"PK\3\4 and no more", name="lines.xlsx"), "misunderstood", BILL)
    assert "lines.xlsx: is no XLSX file that can be read" in told(bad)


def test_an_answer_to_a_question_is_in_its_words(house):
    letters = house.mail(BOB, "attribution", FORM)
    asks = only(house.reply(only(letters, "action", ANA), "ask which office?"), "question", BOB)
    answered(house, asks, b"Customer,Prefix length\nAcme,29\n", "Lyon\n")
    assert house.request().questions[0].answer.startswith("Lyon")
    assert house.request().form["size"] == 28
