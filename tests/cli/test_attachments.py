"""Files that came with requests at the shell: listed, saved, taken along for a person, and gone with him."""

import zipfile
from datetime import timedelta
from email.message import EmailMessage

import pytest

from mailbot.bot import Bot
from mailbot.config import load

CARL = "carl@example.net"
PLAN = b"%PDF-1.7 a plan"
FIELDS = "Customer: Acme GmbH\nPrefix length: 28\nJustification: Seven cameras and a door in the Lyon office.\n"


def mail(*names):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = CARL, "ip-requests@example.net", "attribution"
    message["Message-ID"] = "<1@x>"
    message.set_content(FIELDS)
    for number, name in enumerate(names):
        message.add_attachment(PLAN + b"!" * number, maintype="application", subtype="pdf", filename=name)
    return bytes(message)


@pytest.fixture
def one(shell):
    shell.deliver(mail("plan.pdf", "plan.pdf"))
    return shell.json("requests", "list")[0]["reference"]


def test_they_are_listed_and_saved_and_nothing_is_overwritten(shell, one):
    [first, second] = shell.json("requests", "attachments", one)
    assert (first["name"], first["type"], first["from"], second["size"]) == (
        "plan.pdf", "application/pdf", CARL, len(PLAN) + 1,
    )  # fmt: skip
    assert "2 files in out" in shell("requests", "attachments", one, "--save", "out").err
    shell("requests", "attachments", one, "--save", "out")
    assert {path.name for path in (shell.home / "out").iterdir()} == {f"plan{n}.pdf" for n in ("", "-2", "-3", "-4")}
    assert (shell.home / "out" / "plan.pdf").read_bytes() == PLAN
    assert shell.json("requests", "attachments", shell.new()) == []


def test_what_is_missing_on_the_disk_is_told(shell, one):
    for path in (shell.home / "var" / "attachments").glob("??/*"):
        path.unlink()
    done = shell("requests", "attachments", one, "--save", "out")
    assert done.code == 1
    assert "not on the disk any more, or changed there: plan.pdf, plan.pdf" in done.err


def test_a_request_that_there_is_not_is_told(shell):
    done = shell("requests", "attachments", "IP-99")
    assert (done.code, "IP-99" in done.err) == (1, True)


@pytest.mark.usefixtures("one")
def test_a_backup_tells_that_they_are_no_part_of_it(shell):
    assert "var/attachments too" in shell.ok("db", "backup", "a.backup")


@pytest.mark.usefixtures("one")
def test_a_person_gets_his_files_with_all_that_is_kept_of_him(shell):
    assert "2 attachments" in shell.ok("privacy", "export", CARL)
    with zipfile.ZipFile(shell.home / f"{CARL}.zip") as archive:
        assert archive.read("attachments/1-plan.pdf") == PLAN


def test_who_is_erased_loses_them_too(shell, one):
    shell.ok("requests", "cancel", one, "--reason", "carl asked for it by phone")
    assert shell.json("privacy", "erase", CARL, "--yes")["attachments"] == 2
    assert shell.json("requests", "attachments", one) == []
    assert list((shell.home / "var" / "attachments").glob("??/*")) == []


def test_they_go_with_the_names_and_words_of_a_request_that_is_long_over(shell, one):
    shell.write("config.toml", (shell.home / "config.toml").read_text() + '\n[retention]\nperson = "30 days"\n')
    shell.ok("requests", "cancel", one, "--reason", "carl asked for it by phone")
    now = shell.bot().now()
    bot = Bot(load(shell.home / "config.toml"), clock=lambda: now + timedelta(days=31))
    bot.retain()
    bot.close()
    assert list((shell.home / "var" / "attachments").glob("??/*")) == []


def test_a_table_opens_requests_at_the_shell_all_or_none(shell):
    shell.write("lines.csv", "Customer,Prefix length\nAcme,28\nBeta,29\n")
    why = "justification=Two firewalls and a router in the new Lyon office."
    said = shell.ok("requests", "new", "attribution", why, "--file", "lines.csv", "--as", CARL)
    assert len(said.split()) == 2
    assert [one["name"] for one in shell.json("requests", "show", said.split()[1])["attachments"]] == ["lines.csv"]
    shell.write("bad.csv", "Customer,Prefix length\nAcme,28\nBeta,99\n")
    done = shell("requests", "new", "attribution", why, "--file", "bad.csv", "--as", CARL)
    assert done.code == 1
    assert "bad.csv, row 3, Prefix length: 99 is above" in done.err
    shell.write("other.csv", "Port,Speed\n1,10G\n")
    assert "is no table of lines" in shell("requests", "new", "attribution", "--file", "other.csv", "--as", CARL).err
    assert len(shell.json("requests", "list")) == 2


def test_files_are_attached_at_the_shell_and_shown_with_the_request_each_once(shell):
    shell.write("plan.txt", "a plan")
    values = ("customer=Acme", "size=28", "justification=Two firewalls and a router in the new Lyon office.")
    one = shell.ok(
        "requests", "new", "attribution", *values, "--attach", "plan.txt", "--attach", "plan.txt", "--as", CARL
    ).strip()
    shown = shell.json("requests", "show", one)
    assert [(file["name"], file["size"], file["from"]) for file in shown["attachments"]] == [("plan.txt", 6, CARL)]
    assert shown == {**shell.json("requests", "list")[0], "unreachable": []}
    page = " ".join(shell.ok("requests", "show", one).split())
    assert "plan.txt 6 bytes, text/plain" in page
    assert page.count("plan.txt (6 bytes)") == 1


def test_read_shows_what_it_understands_of_a_table(shell):
    message = EmailMessage()
    message["From"], message["Subject"] = CARL, "attribution"
    message.set_content("Justification: A new office\n")
    message.add_attachment(b"Customer,Prefix length\nAcme,28\n", maintype="text", subtype="csv", filename="lines.csv")
    shell.write("one.eml", message.as_string())
    found = shell.json("read", "one.eml")["lines"]
    assert found["become"] == "requests"
    assert found["rows"] == [{"place": "lines.csv, row 2", "fields": {"customer": "Acme", "size": "28"}}]
    assert "lines.csv, row 2: customer Acme; size 28" in shell.ok("read", "one.eml")
