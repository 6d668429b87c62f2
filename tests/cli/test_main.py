"""`mailbot` itself: help, mistakes, and trouble, which is told in words."""

# ruff: noqa: S603 - the commands are our own

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mailbot.cli import COMMANDS

MAILBOT = [sys.executable, "-m", "mailbot"]
SLOW = ("sqlalchemy", "pydantic", "rich", "jinja2", "alembic", "imapclient", "structlog", "mailbot.bot")


def outside(*args: str, home: Path, **kwargs: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MAILBOT, *args], cwd=home, capture_output=True, text=True, check=False, **kwargs)


def test_help_names_every_command(shell):
    told = shell.ok("--help")
    assert all(f"\n  {name} " in told for name in COMMANDS)


def test_help_imports_nothing_that_is_slow():
    words = f"""
import sys
from mailbot.cli import main
try:
    main(["--help"])
except SystemExit:
    print([name for name in {SLOW!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "demo"])
def test_every_command_has_help(shell, name):
    assert "Usage: mailbot" in shell.ok(name, "--help")


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (["rn"], "run"),
        (["requsts", "list"], "requests"),
        (["requests", "lst"], "list"),
        (["run", "--onse"], "--once"),
        (["wy", "IP-1"], "why"),
        (["pools", "show", "customer-v4"], "customers-v4"),
    ],
)
def test_a_slip_of_the_hand_is_answered_by_what_was_probably_meant(shell, args, meant):
    done = shell(*args)
    assert done.code in {1, 2}
    assert f"'{meant}'" in done.err.lower().partition("did you mean")[2]
    assert done.out == ""


def test_without_a_configuration_the_way_to_one_is_told(shell):
    (shell.home / "config.toml").unlink()
    done = shell("requests", "list")
    assert done.code == 2
    assert "mailbot init" in done.err


def test_every_fault_of_a_configuration_is_told_with_its_place(shell):
    shell.edit("config.toml", 'strategy   = "sparse"', 'strategy   = "spars"')
    shell.edit("config.toml", "[relay] ", "[rely] ")
    done = shell("requests", "list")
    assert done.code == 2
    assert "config.toml:" in done.err
    assert "did you mean 'sparse'" in done.err
    assert "did you mean 'relay'" in done.err


def test_the_configuration_is_also_named_by_the_environment(shell, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILBOT_CONFIG", str(shell.home / "config.toml"))
    assert shell.json("requests", "list") == []


def test_a_reader_who_has_enough_is_no_trouble(shell):
    for _ in range(3):
        shell.new()
    words = f"'{sys.executable}' -m mailbot history | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", words], cwd=shell.home, capture_output=True, text=True, check=True)  # noqa: S607
    assert done.stderr == ""
    assert done.stdout.strip() in {"0", "1"}


def test_a_full_disk_is_told_in_words(shell):
    shell.new()
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*MAILBOT, "history"], cwd=shell.home, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_database_is_told_in_words(shell):
    (shell.home / "var" / "mailbot.db").write_bytes(b"this is something else" * 100)
    done = shell("requests", "list")
    assert done.code == 1
    assert "not a database" in done.err


def test_a_locked_database_is_told_in_words(shell, monkeypatch):
    import sqlite3  # noqa: PLC0415

    monkeypatch.setattr("mailbot.store.engine.BUSY", 0.01)
    with sqlite3.connect(shell.home / "var" / "mailbot.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        done = shell("pause")
    other.close()
    assert done.code == 1
    assert "locked" in done.err


def test_a_terminal_that_cannot_show_a_letter_still_gets_its_answer(shell):
    shell.new("customer=Zürich 株式会社", "size=28", "justification=A second line for the office.")
    where = {"home": shell.home, "env": {"PYTHONIOENCODING": "latin-1"}, "encoding": "latin-1"}
    assert "Zürich ????" in outside("requests", "list", **where).stdout
    assert json.loads(outside("requests", "list", "--json", **where).stdout)[0]["form"]["customer"] == "Zürich 株式会社"


@pytest.mark.parametrize(
    "args",
    [
        ["history", "--action", "\udcff"],
        ["requests", "show", "\udcff"],
        ["requests", "list", "--requester", "\udcff"],
        ["inbox", "show", "9" * 30],
        ["history", "--reference", "IP-" + "9" * 5000],
        ["pools", "show", "a\x1b[2J"],
        ["\udcff"],
    ],
    ids=ascii,
)
def test_whatever_is_written_at_the_shell_is_answered_in_words(shell, args):
    done = shell(*args)
    assert done.code in {0, 1, 2}
    assert "\x1b" not in done.said


def test_a_fault_of_our_own_is_one_line_that_says_so(shell, monkeypatch):
    def broken(*_args):
        raise ZeroDivisionError("a\x1b[2J")

    monkeypatch.setattr("mailbot.cli.setting.bot", broken)
    monkeypatch.delenv("MAILBOT_TRACEBACK")
    monkeypatch.setattr("logging.root.handlers", [])
    done = shell("requests", "list")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "a fault of mailbot's own: ZeroDivisionError: a\ufffd[2J" in done.err
