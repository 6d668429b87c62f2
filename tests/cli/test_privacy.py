"""`mailbot privacy`, and what the daily job takes out by age."""

import json
import sqlite3
import zipfile
from datetime import timedelta

import pytest

from mailbot.store import keys, orders, unreachable

ADMIN = "hostmaster@example.net"
CARL = "carl@example.net"
WORDS = "Seven cameras and a door"


@pytest.fixture
def ended(shell):
    """A request of Carl's that was cancelled, and one that still runs."""
    shell.deliver(full(b"1"))
    over = shell.json("requests", "list")[0]["reference"]
    shell.ok("requests", "cancel", over, "--reason", "carl asked for it by phone")
    running = shell.new(as_=CARL)
    return over, running


def full(id_, sender=b"carl@example.net"):
    head = b"From: %b\r\nTo: ip-requests@example.net\r\nSubject: attribution\r\nMessage-ID: <%b@x>\r\n\r\n" % (
        sender,
        id_,
    )
    return head + b"Customer: Acme GmbH\r\nPrefix length: 28\r\nJustification: " + WORDS.encode() + b" in Lyon.\r\n"


def test_what_is_kept_of_a_person_is_written_for_himself(shell, ended):
    assert "2 requests" in shell.ok("privacy", "export", CARL)
    with zipfile.ZipFile(shell.home / f"{CARL}.zip") as archive:
        said = json.loads(archive.read("kept.json"))
        mails = [archive.read(name) for name in archive.namelist() if name.startswith("mail/from")]
    assert [one["reference"] for one in said["requests"]] == list(ended)
    assert said["history"]
    assert any(WORDS.encode() in raw for raw in mails)
    assert (shell.home / f"{CARL}.zip").stat().st_mode & 0o077 == 0
    assert shell("privacy", "export", CARL).code == 2  # nothing is overwritten


def test_a_person_is_erased_from_what_is_over_and_the_history_still_proves_itself(shell, ended):
    over, running = ended
    done = shell.json("privacy", "erase", CARL, "--yes")
    assert done["requests"] == 1
    assert done["kept"] == [{"what": running, "why": "it is still running"}]
    found = shell.json("requests", "show", over)
    assert (found["state"], found["requester"], found["form"]) == ("cancelled", "erased@mailbot.invalid", {})
    assert all(entry["actor"] is None for entry in shell.json("history", "--reference", over))
    shell.ok("history", "--verify")
    assert shell.json("requests", "show", running)["requester"] == CARL
    assert CARL not in json.dumps(shell.json("inbox", "list", "--all"))


def test_nothing_of_him_is_left_in_database_and_mailbox_when_all_is_over(shell, ended):
    _, running = ended
    shell.ok("requests", "cancel", running)
    shell.ok("privacy", "erase", CARL, "--yes")
    shell.ok("db", "backup", "copy.db")
    copy = (shell.home / "copy.db").read_bytes()
    assert CARL.encode() not in copy
    assert WORDS.encode() not in copy
    assert b"phone" not in copy
    assert not any(WORDS.encode() in path.read_bytes() for path in (shell.home / "var" / "mail").rglob("*:2,S"))
    shell.ok("history", "--verify")
    shell.ok("requests", "show", running)
    shell.ok("history", "--reference", running)


def test_nothing_of_him_is_left_in_what_was_to_be_told_and_in_what_an_order_said(shell):
    shell.edit("config.toml", "[calendar]", '[subscribers.feed]\nkind = "file"\nfolder = "feed"\n[calendar]')
    bot = shell.bot()
    bot.prepare()
    own, others = shell.new(as_=CARL), shell.new(as_="dora@example.net")
    shell.ok("requests", "cancel", others, "--reason", f"{CARL} says that it is not needed")
    with bot.store.transaction() as tx:
        key, _ = keys.make(tx.conn, "crm", keys.Scope.ORDER, ["*@example.net"], None, bot.now())
        orders.keep_sheet(tx.conn, own, key.id, {"description": WORDS, "notificationContact": CARL})
    shell.ok("privacy", "export", CARL)
    with zipfile.ZipFile(shell.home / f"{CARL}.zip") as archive:
        assert WORDS in archive.read("kept.json").decode()
    shell.ok("requests", "cancel", own)
    shell.ok("privacy", "erase", CARL, "--yes")
    shell.ok("db", "backup", "copy.db")
    with sqlite3.connect(shell.home / "copy.db") as copy:
        told = [*copy.execute("SELECT * FROM event"), *copy.execute("SELECT * FROM snapshot")]
        said = [*copy.execute("SELECT * FROM service_order")]
    assert CARL not in str(told + said)
    assert WORDS not in str(told + said)
    assert "dora@example.net" in str(told)
    bot.close()


def test_it_is_not_done_by_a_slip_of_the_hand(shell):
    refused = shell("privacy", "erase", CARL)
    assert refused.code == 2
    assert "--yes" in refused.err


def test_what_is_under_legal_hold_is_kept_until_it_is_released(shell, ended):
    over, _ = ended
    shell.ok("privacy", "hold", over, "--reason", "case 7 of the court at Lyon")
    assert [one["what"] for one in shell.json("privacy", "holds")] == [over]
    assert shell.json("privacy", "erase", CARL, "--yes")["requests"] == 0
    assert shell.json("requests", "show", over)["requester"] == CARL
    shell.ok("privacy", "release", over)
    assert shell.json("privacy", "erase", CARL, "--yes")["requests"] == 1
    assert shell("privacy", "release", over).code == 1


def test_a_person_under_legal_hold_is_kept_whole(shell):
    shell.deliver(full(b"1"))
    shell.ok("privacy", "hold", CARL, "--reason", "case 8")
    done = shell.json("privacy", "erase", CARL, "--yes")
    assert (done["requests"], done["mails"], done["files"]) == (0, 0, 0)
    assert done["kept"] == [{"what": CARL, "why": "legal hold: case 8"}]


def test_a_hold_on_nothing_is_told(shell):
    assert shell("privacy", "hold", "IP-99", "--reason", "x").code == 1
    assert "IP-99" in shell("privacy", "hold", "IP-99", "--reason", "x").err


def aged(shell, monkeypatch, days):
    """One pass of the bot so many days later."""
    bot = shell.bot()
    later = bot.now() + timedelta(days=days)
    monkeypatch.setattr(bot, "_clock", lambda: later)
    bot.once()
    bot.close()


def test_mail_goes_after_its_time_and_words_after_theirs(shell, ended, monkeypatch):
    over, running = ended
    shell.edit("config.toml", "[calendar]", '[retention]\nmail = "30 days"\nperson = "90 days"\n[calendar]')
    aged(shell, monkeypatch, 20)
    assert "Seven cameras" in shell.ok("inbox", "show", "1")
    aged(shell, monkeypatch, 40)
    assert "kept no more" in shell.ok("inbox", "show", "1")
    assert shell.json("requests", "show", over)["requester"] == CARL
    aged(shell, monkeypatch, 100)
    assert shell.json("requests", "show", over)["requester"] == "erased@mailbot.invalid"
    assert shell.json("requests", "show", running)["requester"] == CARL
    shell.ok("history", "--verify")
    assert "retention" in {entry["action"] for entry in shell.json("history")}


def test_who_held_an_address_stands_until_the_records_time_is_over(shell, monkeypatch):
    shell.edit("config.toml", "[calendar]", '[retention]\nperson = "90 days"\nrecord = "400 days"\n[calendar]')
    (shell.home / "rules" / "quick.toml").write_text(
        'type = "quick"\nwho = ["*@example.net"]\n[[field]]\nname = "why"\ntype = "text"\n'
        '[[step]]\nname = "get"\nkind = "allocate"\n'
        'pool = "customers-v4"\nlength = "28"\nfor = "2 days"\n'
    )
    shell.ok("requests", "new", "quick", "why=x", "--as", CARL)
    aged(shell, monkeypatch, 3)
    address = shell.json("requests", "list", "--type", "quick")[0]["addresses"][0]["prefix"].partition("/")[0]
    aged(shell, monkeypatch, 150)
    had = shell.ok("history", "--address", address)
    assert CARL in had
    aged(shell, monkeypatch, 500)
    assert CARL not in shell.ok("history", "--address", address)
    shell.ok("history", "--verify")


def test_that_letters_did_not_reach_him_is_told_and_forgotten_too(shell):
    bot = shell.bot()
    with bot.store.transaction() as tx:
        unreachable.note(tx.conn, CARL, "5.1.1", bot.now())
    shell.ok("privacy", "export", CARL)
    with zipfile.ZipFile(shell.home / f"{CARL}.zip") as archive:
        said = json.loads(archive.read("kept.json"))
    assert [(row["person"], row["status"]) for row in said["unreachable"]] == [(CARL, "5.1.1")]
    shell.ok("privacy", "erase", CARL, "--yes")
    with bot.store.reading() as conn:
        assert unreachable.all_(conn) == {}
    bot.close()
