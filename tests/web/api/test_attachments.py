"""Files that came with a request: told with it, and fetched by whoever may see them, to be saved."""

from hashlib import sha256
from io import BytesIO

import pytest
from house import ANA, BILL, BOB, EVE, FORM, mail, only, reply
from lxml import etree

from mailbot.store.keys import Scope

EVIL = b"<script>alert(1)</script>"
ONE = "/api/requests/IP-1"


@pytest.fixture
def attached(house):
    """IP-1 with a page of Bob's as its file, and a note of Ana's."""
    first = mail(BOB, "attribution", FORM)
    first.add_attachment(EVIL, maintype="text", subtype="html", filename='a "plan"; x.html')
    asked = only(house.take(first)[1], "action", ANA)
    second = reply(asked, "comment see this", ANA)
    second.add_attachment(b"secret", maintype="text", subtype="x", filename="note.txt")
    house.take(second)
    return house


PLAN = {
    "id": 1,
    "name": "a _plan_; x.html",
    "size": len(EVIL),
    "type": "text/plain",
    "sha256": sha256(EVIL).hexdigest(),
    "from": BOB,
    "at": "2026-11-23T09:00:00Z",
}


def test_a_request_tells_its_files_alone_and_in_a_list(attached, crm):
    assert crm.get(ONE).json()["attachments"] == [PLAN]
    assert [one["attachments"] for one in crm.get("/api/requests").json()] == [[PLAN]]
    with attached.bot.store.reading() as conn:
        told = attached.bot.shape(conn, attached.request())["attachments"]
    assert [one["name"] for one in told] == ["a _plan_; x.html", "note.txt"]


@pytest.mark.usefixtures("attached")
def test_in_xml_they_are_told_as_the_published_schema_has_them(system):
    crm = system()
    answer = crm.get(ONE, headers={"Accept": "application/xml"})
    schema = etree.XMLSchema(etree.parse(BytesIO(crm.get("/schemas/mailbot.xsd").content)))
    schema.assertValid(etree.fromstring(answer.content))
    [file] = etree.fromstring(answer.content).iter("{urn:mailbot:api:1}attachments")
    assert {one.tag.partition("}")[2]: one.text for one in file} == {n: str(v) for n, v in PLAN.items()}


@pytest.mark.usefixtures("attached")
def test_a_file_is_fetched_to_be_saved_and_is_powerless_in_a_browser(crm):
    answer = crm.get(f"{ONE}/attachments/1")
    assert (answer.status_code, answer.content) == (200, EVIL)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20_plan_%3B%20x.html"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.usefixtures("attached")
def test_what_departments_send_among_themselves_is_theirs(crm, system):
    assert crm.get(f"{ONE}/attachments/2").status_code == 404
    assert system(ANA, scope=Scope.READ).get(f"{ONE}/attachments/2").content == b"secret"
    assert [one["name"] for one in system(BILL, scope=Scope.READ).get(ONE).json()["attachments"]][1:] == ["note.txt"]


def test_for_others_it_is_not_there(attached, system):
    attached.start(sender=EVE)
    eve = system(EVE)
    nothing = eve.get(f"{ONE}/attachments/999")
    assert nothing.status_code == 404
    for path in ("IP-1/attachments/1", "IP-2/attachments/1", "IP-2/attachments/x", "IP-999/attachments/1"):
        assert eve.get(f"/api/requests/{path}").json() == nothing.json()
    assert system(BOB).get(f"{ONE}/attachments/1?x=1").status_code == 400


def test_a_file_that_is_gone_from_the_disk_is_not_there(attached, crm):
    attached.bot.files.path(PLAN["sha256"]).unlink()
    assert crm.get(f"{ONE}/attachments/1").status_code == 404


@pytest.mark.usefixtures("attached")
def test_who_is_to_answer_a_step_is_told_what_came_with_the_form(system):
    step = system(ANA, scope=Scope.APPROVE).get(f"{ONE}/steps/technical").json()
    assert [one["name"] for one in step["attachments"]] == ["a _plan_; x.html", "note.txt"]


@pytest.mark.usefixtures("attached")
def test_it_is_described_as_a_file(crm):
    of_it = crm.get("/openapi.json").json()["paths"]["/api/requests/{reference}/attachments/{number}"]["get"]
    assert list(of_it["responses"]["200"]["content"]) == ["application/octet-stream"]


def test_a_file_comes_along_with_a_comment_in_json_and_in_xml(house, crm):
    house.start()
    sent = [{"name": "../plan.txt", "content": "YSBwbGFu"}]
    assert crm.post(f"{ONE}/comment", json={"attachments": sent}).status_code == 200
    body = (
        '<deed xmlns="urn:mailbot:api:1"><text>and this</text><attachments><name>b.txt</name><content>Yg==</content>'
        "</attachments></deed>"
    )
    answer = crm.post(f"{ONE}/comment", content=body, headers={"Content-Type": "application/xml"})
    assert [(one["name"], one["size"]) for one in answer.json()["attachments"]] == [("plan.txt", 6), ("b.txt", 1)]
    assert [one.text for one in house.request().remarks] == [
        "Attached: plan.txt (6 bytes)",
        "and this\n\nAttached: b.txt (1 byte)",
    ]


def test_a_file_comes_along_with_an_answer_to_a_step(house, crm, system):
    crm.order()
    ana = system(ANA, scope=Scope.APPROVE)
    content = ana.get(f"{ONE}/steps/technical").json()["content"]
    said = {"content": content, "attachments": [{"name": "survey.txt", "content": "ZnJlZQ=="}]}
    answer = ana.post(f"{ONE}/steps/technical/approve", json=said)
    assert [(one["name"], one["from"]) for one in answer.json()["attachments"]] == [("survey.txt", ANA)]
    assert house.states()["technical"] == "done"


def test_what_is_no_base64_is_told_with_its_place(house, crm):
    said = {"type": "quick", "form": {}, "attachments": [{"name": "x", "content": "?"}]}
    details = crm.post("/api/requests", json=said).json()["details"]
    assert [one["field"] for one in details] == ["attachments[0].content"]
    assert house.requests() == []
