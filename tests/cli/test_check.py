"""`mailbot check`: everything tried, told line by line."""

import shutil
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest

from mailbot.mail.relay.maildir import MaildirRelay

PARTS = ["config", "rules", "templates", "keys", "database", "pools", "mailbox", "relay"]


def told(done):
    """Part → what was said of it first."""
    found = {}
    for line in done.out.splitlines():
        found.setdefault(line[:12].strip(), line[13:20].strip())
    return found


def test_what_init_writes_holds(shell):
    done = shell("check")
    assert (done.code, done.err) == (0, "")
    assert {part: told(done)[part] for part in PARTS} == dict.fromkeys(PARTS, "ok")


def test_a_faulty_configuration_is_told_whole_and_nothing_else_is_tried(shell):
    shell.edit("config.toml", '"sparse"', '"spars"')
    done = shell("check")
    assert done.code == 2
    assert told(done) == {"config": "failed"}
    assert "config.toml:" in done.err


def test_what_is_only_unwise_is_a_warning(shell):
    shell.edit(
        "config.toml", 'url = "maildir:var/mail"', 'url = "imaps://127.0.0.1:1/INBOX"\nuser = "a"\npassword = "env:X"'
    )
    done = shell("check")
    assert "warning:" in done.err
    assert told(done)["config"] == "ok"


def test_every_part_is_tried_whatever_is_wrong_with_another(shell):
    shell.write("rules/update.toml", "nonsense")
    (shell.home / "var" / "secret").unlink()
    (shell.home / "var" / "mailbot.db").write_bytes(b"damaged" * 1000)
    shutil.rmtree(shell.home / "var" / "sent")
    (shell.home / "var" / "sent").write_text("in the way")
    done = shell("check")
    assert done.code == 2
    failed = [part for part, word in told(done).items() if word == "failed"]
    assert failed == ["rules", "keys", "database", "relay"]
    assert told(done)["mailbox"] == "ok"
    assert "update.toml:1:" in done.err


def test_a_server_that_does_not_answer_is_exit_1(shell):
    shell.edit("config.toml", 'url = "maildir:var/sent"', 'url = "smtp://127.0.0.1:1"')
    done = shell("check")
    assert done.code == 1
    assert told(done)["relay"] == "failed"
    assert "127.0.0.1" in done.out


def test_an_undefined_name_in_a_template_is_told_with_its_place(shell):
    own = shell.home / "templates" / "mail" / "acknowledged" / "subject.txt"
    own.parent.mkdir(parents=True)
    own.write_text("{{ refrence }}")
    done = shell("check")
    assert done.code == 1
    assert told(done)["templates"] == "failed"
    assert "subject.txt:1:" in done.err
    assert "did you mean 'reference'" in done.err


def test_to_check_changes_no_pool(shell):
    shell.ok("check")
    bot = shell.bot()
    with bot.store.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM pool").scalar_one() == 0
    bot.close()


# -- --loop ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def round_trip(shell, monkeypatch):
    """A relay that delivers into the bot's own mailbox; what it is called with changes the letter on its way."""
    shell.edit("config.toml", "maildir:var/sent", "maildir:var/mail")
    send = MaildirRelay.send

    def through(change):
        def altered(self, raw, **envelope):
            letter = message_from_bytes(raw, policy=SMTP.clone(max_line_length=998))
            change(letter)
            send(self, letter.as_bytes(), **envelope)

        monkeypatch.setattr(MaildirRelay, "send", altered)
        return shell

    return through


def unharmed(_letter):
    """A way that does nothing to a letter."""


def lost(_relay, _raw, **_envelope):
    """A relay that takes a letter, and that is the last that is heard of it."""


def test_a_letter_that_comes_back_unharmed_has_all_its_tokens(round_trip):
    done = round_trip(unharmed)("check", "--loop")
    assert done.code == 0
    for carrier in ("the address", "the Message-ID", "References", "the subject", "the text"):
        assert f"the token survived in {carrier}" in done.out
    assert "not believed" in done.out
    assert list(Path("var/mail/new").iterdir()) == []


def test_what_the_way_has_taken_away_is_told(round_trip):
    def harm(letter):
        letter.replace_header("Message-ID", "<rewritten@ses.example>")
        del letter["References"]
        letter["Authentication-Results"] = "mx.example.net; dmarc=pass header.from=example.net"

    shell = round_trip(harm)
    shell.edit("config.toml", "[trust]", '[trust]\nauthentication_results = "mx.example.net"')
    done = shell("check", "--loop")
    assert done.code == 0
    assert "lost in the Message-ID" in done.out
    assert "lost in References" in done.out
    assert "survived in the subject" in done.out
    assert "believed: our border says dmarc=pass" in done.out
    assert "Authentication-Results: mx.example.net" in done.out


def test_a_way_on_which_no_token_survives_is_exit_1(round_trip):
    def strip(letter):
        for name in ("To", "Message-ID", "References"):
            del letter[name]
        letter.replace_header("Subject", str(letter["Subject"]).partition(" [")[0])
        letter.set_content(str(letter.get_content()).partition("\n")[0])

    shell = round_trip(strip)
    shell.edit("config.toml", 'subaddress = "+"', 'subaddress = ""')
    done = shell("check", "--loop")
    assert done.code == 1
    assert "no reply could be matched" in done.out
    assert "the token was lost in the text" in done.out


def test_a_bot_that_is_quicker_than_we_are_leaves_the_letter_in_its_inbox(round_trip, monkeypatch):
    shell = round_trip(unharmed)
    send = MaildirRelay.send

    def taken_in(self, raw, **envelope):
        send(self, raw, **envelope)
        bot = shell.bot()
        bot.take_in()
        bot.close()

    monkeypatch.setattr(MaildirRelay, "send", taken_in)
    assert "the token survived in the text" in shell.ok("check", "--loop", "--timeout", "5")


def test_a_letter_that_does_not_come_back_is_told_after_the_timeout(round_trip, monkeypatch):
    shell = round_trip(unharmed)
    monkeypatch.setattr(MaildirRelay, "send", lost)
    done = shell("check", "--loop", "--timeout", "1")
    assert done.code == 1
    assert "did not come back within 1 s" in done.out


def test_the_embedded_mailbox_brings_nothing_back_and_says_so_at_once(shell):
    done = shell("check", "--loop")
    assert done.code == 1
    assert "needs a real relay" in done.out
