"""What a hostile requester writes, at the doors that lead to other systems: each has it as a value, or is not told.

Each template stands there as a careful operator writes it, and as a careless one does. Trap 44.
"""

import json
import re
from email import message_from_bytes, policy

import pytest
from hostile.arsenal import PAYLOADS, letter_faults, text_faults
from house import BOB, House, Letter
from lxml import etree
from servers.bind import FORWARD, KEY, SECRET, V4
from web.api.conftest import System, key_of
from web_house import WEB

from mailbot.store import views

pytestmark = [pytest.mark.servers, pytest.mark.slow]

TOLD = '#!/bin/sh\nprintf "%s\\n" "$#" "$(env | cut -d= -f1 | sort | xargs)" >> argued\ncat >> told\necho >> told\n'
INETNUM = """inetnum:  {{ prefix }}
netname:  EX-{{ prefix | replace(".", "-") | replace("/", "-") }}
descr:    VALUE
country:  FR
admin-c:  EX1-RIPE
tech-c:   EX1-RIPE
status:   ASSIGNED PA
mnt-by:   EXAMPLE-MNT
source:   RIPE
"""
CUSTOMER = """<customer xmlns="http://www.arin.net/regrws/core/v1">
  <customerName>VALUE</customerName>
  <iso3166-1><code2>US</code2></iso3166-1>
  <streetAddress><line number="1">1 Main Street</line></streetAddress>
  <city>Chantilly</city>
  <iso3166-2>VA</iso3166-2>
  <postalCode>20151</postalCode>
</customer>
"""
TXT = f"{{{{ reference | lower }}}}.{FORWARD} TXT VALUE\n"
TEMPLATES = {
    "acl": "description {{ form.customer | line }}\n{{ form.reason | bar }}\n",
    "acl-careless": "description {{ form.customer }}\n{{ form.reason }}\n",
    "host": TXT.replace("VALUE", "{{ form.customer | quoted }}"),
    "host-careless": f"{{{{ form.customer }}}}.{FORWARD} A 10.20.9.9\n",
    "inetnum": INETNUM.replace("VALUE", "{{ form.customer | line }}"),
    "inetnum-careless": INETNUM.replace("VALUE", "{{ form.reason }}"),
    "customer": CUSTOMER.replace("VALUE", "{{ form.customer | line | e }}"),
    "customer-careless": CUSTOMER.replace("VALUE", "{{ form.customer }}"),
}
DNS = 'kind = "dns"\nserver = "127.0.0.1"\nport = {port}\nkey = "{key}"\nsecret = "file:dns.key"\nzones = {zones}\n'
TARGETS = {
    "program": 'kind = "command"\ncommand = ["./told.sh"]\n',
    "acl": 'kind = "file"\nfolder = "acl"\ntemplate = "acl"\n',
    "acl-careless": 'kind = "file"\nfolder = "acl-careless"\ntemplate = "acl-careless"\n',
    "delegation": DNS,
    "host": f'{DNS}template = "host"\n',
    "host-careless": f'{DNS}template = "host-careless"\n',
    "ripe": 'kind = "file"\nfolder = "ripe"\ntemplate = "inetnum"\ncheck = "rpsl"\n',
    "ripe-careless": 'kind = "file"\nfolder = "ripe-careless"\ntemplate = "inetnum-careless"\ncheck = "rpsl"\n',
    "arin": 'kind = "file"\nfolder = "arin"\ntemplate = "customer"\ncheck = "arin"\n',
    "arin-careless": 'kind = "file"\nfolder = "arin-careless"\ntemplate = "customer-careless"\ncheck = "arin"\n',
    "neteng": 'kind = "mail"\nto = "neteng@example.net"\n',
}
STEP = """[[step]]
name = "{name}"
kind = "activate"
targets = ["{target}"]
after = ["allocate"]
on_failure = "continue"
prefix = "steps.allocate.prefix"
set = {{ customer = "{{form.customer}}", nameservers = "{{form.customer}}" }}
"""
PROCESS = """
type = "hostile"
title = "Hostile"
who = ["*@example.net"]
[[field]]
name = "customer"
label = "Customer"
type = "text"
required = true
[[field]]
name = "reason"
label = "Reason"
type = "long-text"
required = true
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = 29
"""


@pytest.fixture
def house(tmp_path, bind):
    names = {"port": bind.port, "key": KEY, "zones": json.dumps([V4, FORWARD])}
    targets = "".join(f"[targets.{name}]\npause_after = 0\n{keys}" for name, keys in TARGETS.items())
    for name, value in names.items():
        targets = targets.replace(f"{{{name}}}", str(value))
    steps = [STEP.format(name=name.replace("-", "_"), target=name) for name in TARGETS]
    folder = tmp_path / "templates" / "target"
    folder.mkdir(parents=True)
    for name, text in TEMPLATES.items():
        folder.joinpath(f"{name}.txt").write_text(text)
    for name in ("acl", "ripe", "arin"):
        tmp_path.joinpath(name).mkdir()
        tmp_path.joinpath(f"{name}-careless").mkdir()
    tmp_path.joinpath("dns.key").write_text(SECRET)
    tmp_path.joinpath("told.sh").write_text(TOLD)
    tmp_path.joinpath("told.sh").chmod(0o755)
    config = WEB.replace("answers_per_hour = 5", "answers_per_hour = 500") + targets
    house = House(tmp_path, config=config, rules={"hostile": PROCESS + "".join(steps)})
    yield house
    house.bot.close()


def opened(house, evil):
    """The reference of a request in which all of it stands that the form takes."""
    house.mail(BOB, "hostile", f"Customer: {evil}\nReason: {evil}\n{evil}\n")
    reference = house.requests()[-1]
    if house.request(reference).faults:
        waits = [one for one in house.relay.letters if one.kind == "incomplete"][-1]
        house.reply(waits, "Customer: Acme\nReason: A new office\n")
    return reference


def outcomes(house):
    with house.bot.store.reading() as conn:
        return list(views.network_requests(conn))


def texts(house, folder):
    return {path.name: path.read_text() for path in house.home.joinpath(folder).iterdir()}


def forms(house):
    return {reference: house.request(reference).form for reference in house.requests()}


def one_line(text):
    return " ".join(text.split())


@pytest.fixture
def driven(house):
    """All payloads, each in a request of its own, brought to every target."""
    for evil in PAYLOADS.values():
        opened(house, evil)
    for _ in range(3):
        house.bot.drive(None)
    return house


def test_trap_44_every_target_has_it_as_a_value_or_is_not_told_and_says_why(driven, bind):
    house = driven
    assert [house.request(one).state.value for one in house.requests()] == ["completed"] * len(PAYLOADS)
    rows = outcomes(house)
    assert len(rows) == len(PAYLOADS) * len(TARGETS)
    assert {row["state"] for row in rows} <= {"confirmed", "failed"}, [dict(row) for row in rows]
    assert all(row["detail"] and not list(text_faults(row["detail"])) for row in rows if row["state"] == "failed")
    careful = ("program", "acl", "host", "ripe", "arin", "neteng")
    assert [dict(row) for row in rows if row["target"] in careful and row["state"] != "confirmed"] == []
    _the_program(house)
    _the_files(house)
    _the_zones(house, bind)
    _the_registries(house)
    _the_mails(house, len(PAYLOADS))
    assert not list(house.home.rglob("owned"))


def _the_program(house):
    """One line of JSON a request; nothing on its command line, nothing of ours in its environment."""
    lines = house.home.joinpath("told").read_text().splitlines()
    told = [json.loads(line) for line in lines if line]
    assert {one["reference"]: one["form"]["customer"] for one in told} == {
        reference: form["customer"] for reference, form in forms(house).items()
    }
    argued = house.home.joinpath("argued").read_text().splitlines()
    assert set(argued[::2]) == {"0"}
    assert set(argued[1::2]) == {"LANG PATH PWD TZ"} or set(argued[1::2]) == {"LANG OLDPWD PATH PWD SHLVL TZ _"}


def _the_files(house):
    """A value stands on its line, or behind a bar; whoever has forgotten that gets no file."""
    for folder in ("acl", "acl-careless"):
        for name, text in texts(house, folder).items():
            first, *others = text.rstrip("\n").split("\n")
            assert first.startswith("description "), name
            assert all(line.startswith("| ") or line == "|" for line in others) or folder == "acl-careless", text
            assert folder == "acl" or len(others) == 1, text
            assert not list(text_faults(text))


def _the_zones(house, bind):
    """Every TXT says what he wrote; no name and no address is there that a template did not mean."""
    held = bind.holds(FORWARD)
    said = {name.partition(".")[0]: _joined(text) for name, type_, text in held if type_ == "TXT"}
    assert said == {reference.lower(): form["customer"] for reference, form in forms(house).items()}
    addresses = {(name, text) for name, type_, text in held if type_ == "A"}
    assert all(re.fullmatch(rf"[\w.-]+\.{re.escape(FORWARD)}\.", name) for name, _ in addresses), addresses
    assert {text for _, text in addresses} <= {"10.20.9.9"}
    assert {type_ for _, type_, _ in held} <= {"TXT", "A"}
    assert {text for _, type_, text in bind.holds(V4) if type_ != "CNAME"} == {"gpj.exe."}  # his only host's name


def _joined(text):
    """The words of a TXT record, as a resolver has them."""
    parts = re.findall(r'"((?:\\.|[^"\\])*)"', text)
    octets = b"".join(
        bytes([int(sign[1:])]) if sign[1:].isdigit() else sign[-1:].encode()
        for part in parts
        for sign in re.findall(r"\\\d{3}|\\.|.", part, re.DOTALL)
    )
    return octets.decode()


def _the_registries(house):
    """The object has the lines that its template has, and nothing behind them is anybody else's."""
    names = [line.partition(":")[0] for line in INETNUM.splitlines()]
    for folder in ("ripe", "ripe-careless"):
        for name, text in texts(house, folder).items():
            assert [line.partition(":")[0] for line in text.splitlines()] == names, (folder, name)
    shape = [element.tag for element in etree.fromstring(CUSTOMER).iter()]
    customers = {one_line(form["customer"]) for form in forms(house).values()}
    for folder in ("arin", "arin-careless"):
        for name, text in texts(house, folder).items():
            read = etree.fromstring(text.encode())
            assert [element.tag for element in read.iter()] == shape, (folder, name)
            assert read.findtext("{*}customerName") in customers
    assert len(texts(house, "ripe")) == len(texts(house, "arin")) == len(forms(house))


def _the_mails(house, count):
    """One mail a request, to the one mailbox, with one of each header; what he wrote stands on its line, or behind a
    bar.
    """
    files = [path for path in house.home.joinpath("sent").rglob("*") if path.is_file()]
    mails = [Letter(path.read_bytes(), "", "neteng@example.net") for path in files]
    assert len(mails) == count
    known = (
        r"(Request|Step|Action|Prefix|Id|To set|Form|Addresses): ?.*|  \w+: .*|  [\d./]+ from lan \(\w+\)|\|.*|  \w+:|"
    )
    for one in mails:
        assert list(letter_faults(one)) == [], one.reference
        message = message_from_bytes(one.raw, policy=policy.default)
        assert set(message.keys()) == set(message_from_bytes(mails[0].raw).keys())
        body = message.get_content()
        assert all(re.fullmatch(known, line) for line in body.splitlines()), body
        assert f"  customer: {one_line(house.request(one.reference).form['customer'])}" in body.splitlines()


def test_a_name_server_is_told_nothing_by_a_value_that_is_more_than_a_name(house, bind):
    """A name with a record behind it, and a comment that hides the template's own."""
    crm = System(house, key_of(house, "crm"))
    for evil in (f"www.{FORWARD} A 192.0.2.66 ;", "*", f"x.{FORWARD} NS ns.evil.example ;", "a\\.b", '"'):
        form = {"customer": evil, "reason": "x"}
        assert crm.post("/api/requests", json={"type": "hostile", "form": form}).status_code == 201
        house.bot.drive(None)
    failed = [row["detail"] for row in outcomes(house) if row["target"] == "host-careless"]
    assert [detail for detail in failed if "`| quoted` makes one text of it" not in detail] == []
    assert {type_ for _, type_, _ in bind.holds(FORWARD)} == {"TXT"}


def test_a_value_of_several_lines_adds_no_line_to_what_is_read_line_by_line(house):
    crm = System(house, key_of(house, "crm"))
    form = {"customer": "Acme", "reason": "Acme\nmnt-by: EVIL-MNT\n\ninetnum: 192.0.2.0/24"}
    assert crm.post("/api/requests", json={"type": "hostile", "form": form}).status_code == 201
    house.bot.drive(None)
    _the_registries(house)
    _the_files(house)
    _the_mails(house, 1)
