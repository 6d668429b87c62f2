"""`mailbot read`: any bytes get an answer, with or without a configuration."""

import json
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

KEYS = {"sender", "verdict", "class", "token", "request", "text", "command", "fields", "attachments", "bounce"}
BOUNCE = b"""From: mailer-daemon@example.net
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; bob@example.net
Action: failed
Status: 5.1.1
--b--
"""
CORPORA = Path(__file__).parents[2] / ".." / "shared" / "corpora"


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_request_is_read_with_its_fields(shell):
    raw = b"From: Bob <BOB@example.net>\nSubject: attribution for Lyon\n\nCustomer: Acme\nPrefix length: 28\n"
    (found,) = lines(shell.ok("read", "--json", "-", stdin=raw))
    assert found.keys() >= KEYS
    assert (found["sender"], found["class"], found["bounce"]) == ("bob@example.net", "human", None)
    assert found["fields"] == {"customer": "Acme", "size": "28"}
    assert (found["token"], found["request"], found["command"]) == (None, None, None)
    assert found["verdict"]["believed"] is False


def test_a_reply_to_a_letter_is_read_with_its_token_request_command_and_fields(shell):
    shell.new()
    shell.ok("run", "--once")
    (letter,) = (raw for raw in shell.letters() if b"X-Mailbot-Step: billing" in raw)
    to = message_from_bytes(letter, policy=default)["Reply-To"]
    reply = f"From: bill@example.net\nTo: {to}\nSubject: Re: x\n\nAccount: A-77\n".encode()
    (found,) = lines(shell.ok("read", "--json", "-", stdin=reply))
    assert found["token"] in to
    assert (found["request"], found["fields"]) == ("IP-1", {"account": "A-77"})
    delay = reply.replace(b"Account: A-77", b"delay for 2 working days\nno time")
    (found,) = lines(shell.ok("read", "--json", "-", stdin=delay))
    assert found["command"] == "delay"
    assert found["arguments"]["duration"] == "2 working days"


def test_a_token_that_is_none_of_ours_is_none(shell):
    raw = b"From: bill@example.net\nTo: ip-requests+k7mxq2vnh5ta.r3wcyd6bpzl4fs2e@example.net\n\napprove\n"
    (found,) = lines(shell.ok("read", "--json", "-", stdin=raw))
    assert (found["token"], found["command"]) == (None, "approve")


def test_a_bounce_is_read_as_one(shell):
    (found,) = lines(shell.ok("read", "--json", "-", stdin=BOUNCE))
    assert found["class"] == "bounce"
    assert found["bounce"]["recipient"] == "bob@example.net"
    assert found["bounce"]["status"] == "5.1.1"


def test_without_a_configuration_a_mail_is_read_as_ours_reads_it(shell, tmp_path, monkeypatch):
    (tmp_path / "mail").write_bytes(b"From: a@b.example\nSubject: allocation\n\nCustomer: Acme\n")
    monkeypatch.chdir(tmp_path)
    (found,) = lines(shell.ok("read", "mail", "--json"))
    assert found["fields"] == {"customer": "Acme"}
    assert [path.name for path in tmp_path.iterdir() if path.name != "office"] == ["mail"]


def test_a_configuration_that_was_named_must_be_there(shell):
    assert shell("--config", "nowhere.toml", "read", "-").code == 2


def test_to_read_makes_no_database(shell):
    (shell.home / "var" / "mailbot.db").unlink()
    shell.ok("read", "-", stdin=b"From: a@b.example\n\nhello")
    assert not (shell.home / "var" / "mailbot.db").exists()


def test_rule_files_with_errors_keep_no_mail_from_being_read(shell):
    shell.write("rules/update.toml", "nonsense")
    done = shell("read", "--json", "-", stdin=b"From: a@b.example\nSubject: attribution\n\nCustomer: Acme\n")
    assert (done.code, done.json["fields"]) == (0, {})
    assert "mailbot rules check" in done.err


@pytest.mark.parametrize(
    "raw", [b"", b"\n\n", b"\xff\xfe\x00", b"From: \xff\nSubject: =?x?q?=80?=\n\n\x00\x9b31m", b"a" * 9]
)
def test_any_bytes_get_an_answer(raw, shell):
    (found,) = lines(shell.ok("read", "--json", "-", stdin=raw))
    assert found.keys() >= KEYS
    assert "\x9b" not in shell.ok("read", "-", stdin=raw)


def test_several_mails_are_one_object_a_line(shell):
    for name in ("one", "two"):
        shell.write(name, f"From: {name}@b.example\n\nhello")
    assert [found["sender"] for found in lines(shell.ok("read", "one", "two", "--json"))] == [
        "one@b.example",
        "two@b.example",
    ]
    told = shell.ok("read", "one", "two")
    assert "one:\n" in told
    assert "two@b.example" in told


def test_a_file_that_is_not_there_is_exit_2(shell):
    assert shell("read", "nowhere").code == 2


def test_tokens_are_masked_for_people(shell):
    token = "k7mxq2vnh5ta.r3wcyd6bpzl4fs2e"
    told = shell.ok("read", "-", stdin=f"From: a@b.example\nSubject: {token}\n\n{token}".encode())
    assert token not in told
    assert "k7mx…" in told


def test_every_mail_of_the_corpora_gets_an_answer(shell):
    mails = sorted(map(str, CORPORA.glob("*/mails/*")))
    if not mails:
        pytest.skip("the corpora are not beside this checkout")
    assert len(lines(shell.ok("read", "--json", *mails))) == len(mails)
