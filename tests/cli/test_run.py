"""`mailbot run`: exit codes, and what it says while it runs."""

# ruff: noqa: S603 - the commands are our own

import signal
import subprocess
import sys
import time

import pytest

from mailbot.cli import log

pytestmark = pytest.mark.slow  # each is a process of its own

MAILBOT = [sys.executable, "-m", "mailbot"]


def test_one_pass_takes_in_mail_and_sends_letters_and_says_nothing(shell):
    (shell.home / "var" / "mail" / "new" / "1").write_bytes(shell.mail())
    done = subprocess.run([*MAILBOT, "run", "--once"], cwd=shell.home, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(shell.letters()) == 1


@pytest.mark.parametrize(
    ("name", "text", "code", "words"),
    [
        ("rules/update.toml", "nonsense", 2, "update.toml:1:"),
        ("config.toml", "nonsense", 2, "config.toml:1:"),
        ("var/secret", "", 1, "a secret is missing"),
        ("var/secret", "short", 1, "too short"),
        ("var/mailbot.db", "no database" * 100, 1, "not a database"),
    ],
)
def test_what_keeps_it_from_starting_is_told_in_words(shell, name, text, code, words):
    shell.write(name, text)
    done = subprocess.run([*MAILBOT, "run"], cwd=shell.home, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mailbox_that_does_not_answer_ends_a_pass_in_words(shell):
    shell.edit(
        "config.toml",
        'url = "maildir:var/mail"',
        'url = "imaps://127.0.0.1:1/INBOX"\nuser = "a"\npassword = "file:var/secret"',
    )
    done = subprocess.run([*MAILBOT, "run", "--once"], cwd=shell.home, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_it_says_what_it_does_and_ends_when_it_is_told_to(shell):
    shell.ok("pause")
    with subprocess.Popen([*MAILBOT, "run"], cwd=shell.home, stderr=subprocess.PIPE, text=True) as bot:
        said = [bot.stderr.readline() for _ in range(3)]
        time.sleep(0.5)
        bot.send_signal(signal.SIGTERM)
        assert bot.wait(timeout=30) == 0
        said += bot.stderr.readlines()
    assert "ip-requests@example.net takes requests for: attribution" in said[0]
    assert "warning" in said[2]
    assert "mailbot resume" in said[2]
    assert "stopped" in said[-1]


def test_quiet_and_verbose_exclude_each_other(shell):
    assert shell("run", "-q", "-v", "--once").code == 2


def test_trap_8a_the_log_masks_tokens_and_begins_no_line_with_words_of_others():
    event = {
        "timestamp": "T",
        "level": "info",
        "logger": "x",
        "event": "a\nb k7mxq2vnh5ta.r3wcyd6bpzl4fs2e\x1b",
        "to": "a b",
    }
    assert log._line(None, "", event) == 'T info x: a ↵ b k7mx…\ufffd  to="a b"'  # noqa: SLF001 (it has no other face)
