"""A requester who writes the worst wherever he may write, through a whole request: every letter, page, export, command
and target's file is looked at. Traps 8c, 22, 40, 43, 44.
"""

import csv
import io
import json
import logging
import re
import warnings

import pytest
from hostile.arsenal import PAYLOADS, csv_faults, html_faults, letter_faults, text_faults
from house import ANA, ATTRIBUTION, BILL, BOB, LI, ROOT, RULES, House, mail
from web_house import WEB

from mailbot.cli import main
from mailbot.cli.log import begin
from mailbot.web import build

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

CONFIG = (
    WEB.replace("answers_per_hour = 5", "answers_per_hour = 500")
    + """
[digest]
when = "mon 08:00"
to = ["root@example.net"]
[targets.folder]
kind = "file"
folder = "out"
[targets.neteng]
kind = "mail"
to = "neteng@example.net"
"""
)
LAST = """set = { customer = "{form.customer}", device = "{steps.billing.account}" }
[[step]]
name = "configure"
kind = "activate"
targets = ["folder", "neteng"]
lead_time = "1 hour"
"""
COMMANDS = (
    ("requests", "list"),
    ("requests", "actions"),
    ("history",),
    ("history", "--csv"),
    ("history", "--address", "10.20.0.0/24"),
    ("pools", "show", "lan"),
    ("pools", "export"),
    ("billing", "2026-11"),
    ("billing", "2026-11", "--csv"),
    ("inbox", "list"),
    ("targets", "list"),
    ("stats",),
    ("digest", "--print"),
)
OF_ONE = (("requests", "show"), ("requests", "attachments"), ("why",))
PATHS = (
    "/",
    "/board",
    "/pools/lan",
    "/pools/lan/map.svg",
    "/search?address=10.20.0.0/24",
    f"/search?user={BOB}",
    "/admin",
)
PATHS_OF_ONE = ("", "/mail", "/form", "/process.svg")


@pytest.fixture
def house(tmp_path):
    (tmp_path / "out").mkdir()
    return House(tmp_path, config=CONFIG, rules={**RULES, "attribution": ATTRIBUTION + LAST})


STEPS = ((ANA, "technical"), (BILL, "billing"), (ROOT, "billing"))


def whole_life(house, evil):
    """Everybody writes it, everywhere; where a form refuses it, something harmless follows.

    (what, page) of the pages that ask, while they ask, and of those that tell what is wrong with what stands there.
    """
    header = " ".join(evil.split())
    first = mail(BOB, f"attribution {header}", f"Customer: {evil}\nPrefix length: 29\nReason: {evil}\n")
    del first["From"]
    quoted = re.sub(r'[^ -~]|["\\]', "", header)
    first["From"] = f'"{quoted}" <{BOB}>'
    first.add_attachment(evil.encode(), maintype="text", subtype="x", filename=re.sub(r"[\r\n]", "", evil))
    before = len(house.relay.letters)
    house.take(first)
    for letter in [one for one in house.relay.letters[before:] if one.kind == "incomplete"]:
        house.reply(letter, "Customer: Acme\nReason: a new office")
    sent = house.relay.letters[before:]
    asked = next(one for one in reversed(sent) if one.kind == "action" and one.to == ANA)
    bills = next(one for one in reversed(sent) if one.kind == "action" and one.to == BILL)
    house.reply(asked, evil)
    house.reply(asked, f"ask {evil}")
    for letter in [one for one in house.relay.letters[before:] if one.kind == "question" and one.to == BOB]:
        house.reply(letter, f"{evil}\n{evil}")
    house.reply(asked, f"comment {evil}")
    pages = [*steps(house, evil), *refused(house, evil)]
    house.reply(bills, f"Account: {evil}", BILL)
    house.reply(bills, "Account: A-77", BILL)
    house.reply(asked, "delay 2 days " + header)
    sent = house.relay.letters[before:]
    house.reply(next(one for one in reversed(sent) if one.kind == "action" and one.to in {ANA, LI}), "approve")
    house.bot.drive(None)
    house.send()
    house.wait(days=8)
    house.bot.report()
    house.send()
    return pages


def seat(house, person):
    """A browser of this person's, and what its forms hold that others cannot know."""
    client = TestClient(build(house.bot.web_parts), base_url="http://ip.example.net", follow_redirects=False)
    client.cookies.set("mailbot", house.bot.web_parts.sessions.cookie(person, house.now), domain="ip.example.net")
    return client, re.search(r'name="word" value="(\w+)"', client.get("/new/quick").text)[1]


def steps(house, evil):
    """The steps that are open, as they ask, and as they are shown again with what is not right."""
    reference = house.requests()[-1]
    is_open = [(person, step) for person, step in STEPS if house.states(reference)[step] == "open"]
    for person, step in is_open:
        client, word = seat(house, person)
        path = f"/requests/{reference}/steps/{step}"
        page = client.get(path)
        assert page.status_code == 200
        yield f"{path} for {person}", page.text
        if person != ROOT:
            wrong = {"word": word, "content": "x", "text": evil, "f.account": evil, "until": evil, "to": evil}
            for deed in ("delay", "assign", "reject"):
                yield f"{path}/{deed}", client.post(f"{path}/{deed}", data=wrong).text


def refused(house, evil):
    """Forms and tables that are not right, shown again to who wrote them."""
    client, word = seat(house, BOB)
    form = {"word": word, "f.customer": evil, "f.size": evil, "f.reason": evil}
    yield "the form", client.post("/new/attribution", data=form).text
    table = io.StringIO()
    csv.writer(table).writerows([("Customer", "Prefix length", "Reason"), (evil, evil, evil)])
    name = re.sub(r'[\r\n"\\]', "", evil)
    for content in (table.getvalue(), f"Customer,Prefix length,{name}\nAcme,28,x\n"):
        page = client.post("/new/attribution", data=form, files=[("files", (f"{name}.csv", content.encode()))])
        assert page.status_code == 422
        yield "a table", page.text


def looked_at(house, references):
    """(what, page) of all that people of each kind may open."""
    app = build(house.bot.web_parts)
    ones = [f"/requests/{reference}{path}" for reference in references for path in PATHS_OF_ONE]
    mails = [f"/admin/mail/{row.id}" for row in house.rows("inbox")]
    for person, paths in ((ROOT, [*PATHS, *ones, *mails]), (ANA, PATHS), (BOB, [*PATHS, *ones])):
        with TestClient(app, base_url="http://ip.example.net", follow_redirects=False) as client:
            cookie = house.bot.web_parts.sessions.cookie(person, house.now)
            client.cookies.set("mailbot", cookie, domain="ip.example.net")
            for path in paths:
                yield f"{path} for {person}", client.get(path).text


def commanded(house, capsys, references):
    """(what, output) of all commands that print what others wrote."""
    for command in [*COMMANDS, *((*words, reference) for words in OF_ONE for reference in references)]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--config", str(house.home / "config.toml"), *command])
        said = capsys.readouterr()
        assert ended.value.code in {0, None}, said.err
        yield " ".join(command), said.out + said.err


@pytest.mark.slow
def test_traps_8c_22_40_43_44_what_a_hostile_requester_writes_stays_what_he_wrote(house, capsys, monkeypatch):
    monkeypatch.chdir(house.home)
    asked = [page for evil in PAYLOADS.values() for page in whole_life(house, evil)]
    references = house.requests()
    assert [house.request(one).state.value for one in references] == ["completed"] * len(PAYLOADS)
    faults = [(repr(one), one.reference, fault) for one in house.relay.letters for fault in letter_faults(one)]
    faults += [(what, fault) for what, page in (*asked, *looked_at(house, references)) for fault in html_faults(page)]
    for what, said in commanded(house, capsys, references):
        faults += [(what, fault) for fault in text_faults(said)]
        faults += [(what, fault) for fault in csv_faults(said) if "--csv" in what or "export" in what]
    assert faults == []
    assert not list(house.home.rglob("owned"))
    assert all(one.to.endswith("@example.net") and not one.to.startswith("eve@") for one in house.relay.letters)
    told = [json.loads(path.read_text()) for path in (house.home / "out").iterdir()]
    assert len(told) == len(PAYLOADS)
    assert not any(sign in str(one["form"]["customer"]) for one in told for sign in "\r\n\x1b")
    assert house.broken() == []


def test_what_he_writes_begins_no_line_of_the_log(capsys):
    before = logging.getLogger().handlers, logging.getLogger().level, logging.getLogger("mailbot").level
    try:
        begin(logging.INFO)
        logging.getLogger("mailbot.intake").warning("a mail by %s", PAYLOADS["log"])
        assert "\n2026-11-23" not in capsys.readouterr().err
    finally:
        logging.getLogger().handlers, level, own = before
        logging.getLogger().setLevel(level)
        logging.getLogger("mailbot").setLevel(own)
