"""One request, whatever way it comes by: the same record, the same people asked, the same trace."""

import warnings
from base64 import b64encode
from dataclasses import replace

import pytest
from house import BOB, FORM, House, kinds, mail
from web_house import WEB

from mailbot.desk.enclosed import kept
from mailbot.process.request import Submitted
from mailbot.store import keys
from mailbot.store.keys import Scope
from mailbot.web import build

with warnings.catch_warnings():  # starlette would rather have another library, which is none of ours
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

GIVEN = {"customer": "Acme", "size": "28", "reason": "Two firewalls"}
OF_THE_WAY = {"by the API", "opened at the shell", "letter"}
"""Entries that tell by which way it came."""


PLAN = ("a plan.pdf", b"%PDF-1.7 a plan")


def by_mail(house, *files):
    message = mail(BOB, "attribution", FORM)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    house.take(message)


def by_page(house, *files):
    browser = TestClient(build(house.bot.web_parts), base_url="http://ip.example.net", follow_redirects=False)
    cookie = house.bot.web_parts.sessions.cookie(BOB, house.now)
    browser.cookies.set("mailbot", cookie, domain="ip.example.net")
    word = browser.get("/new/attribution").text.partition('name="word" value="')[2].partition('"')[0]
    fields = {f"f.{name}": text for name, text in GIVEN.items()}
    assert (
        browser.post("/new/attribution", data={"word": word, "once": "1", **fields}, files=_sent(files)).status_code
        == 303
    )


def _sent(files):
    return [("files", file) for file in files]


def by_api(house, *files):
    system = TestClient(build(house.bot.web_parts), base_url="http://ip.example.net")
    with house.bot.store.transaction() as tx:
        key = keys.make(tx.conn, "crm", Scope.ORDER, (BOB,), None, house.now)[1]
    item = {
        "id": "1",
        "action": "add",
        "service": {
            "serviceSpecification": {"id": "attribution"},
            "serviceCharacteristic": [{"name": name, "value": value} for name, value in GIVEN.items()],
        },
    }
    path, said = "/tmf-api/serviceOrdering/v4/serviceOrder", {"serviceOrderItem": [item]}
    if files:  # orders of TM Forum's bring none
        attachments = [{"name": name, "content": b64encode(content).decode()} for name, content in files]
        path, said = "/api/requests", {"type": "attribution", "form": GIVEN, "attachments": attachments}
    answer = system.post(path, json=said, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 201, answer.text


def by_shell(house, *files):
    """As `mailbot requests new` does it."""
    rules = house.bot.rules.current
    process = rules.processes["attribution"]
    source = rules.sources[process.version]
    with house.bot.store.transaction() as tx:
        event = Submitted(given=GIVEN, attachments=kept(tx, house.bot.files, files, BOB))
        house.bot.desk.open(tx, process, source, event, requester=BOB, channel="cli", now=house.now)


def record(house):
    """What stands in the store, less by which way it came."""
    request = house.request()
    trace = [action for action in house.history() if action not in OF_THE_WAY]
    asked = [row for row in kinds(house.send() or house.relay.letters) if row[0] == "action"]
    files = [(row.name, row.size, row.type, row.digest, row.who, row.at) for row in house.rows("attachment")]
    return replace(request, channel="", version=0), trace, house.timers(), asked, files


WAYS = {"mail": by_mail, "web": by_page, "api": by_api, "cli": by_shell}


@pytest.fixture
def house(tmp_path):
    """A house for each way."""

    def made(way):
        home = tmp_path / way
        home.mkdir()
        return House(home, config=WEB)

    return made


@pytest.mark.parametrize("files", [(), (PLAN,)], ids=["the form alone", "a file with it"])
def test_a_request_by_mail_page_api_and_shell_is_the_same_but_for_its_channel(house, files):
    records = {}
    for way, opened in WAYS.items():
        of_this_way = house(way)
        opened(of_this_way, *files)
        assert len(of_this_way.request().attachments) == len(files)
        assert of_this_way.request().channel == way
        records[way] = record(of_this_way)
    for way, told in records.items():
        assert told == records["mail"], way
