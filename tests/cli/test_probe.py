"""`mailbot probe`: one line, and an exit code that a monitoring system understands."""

import re
import socket
import ssl
from contextlib import suppress
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import insert, update

from mailbot.cli import TRACEBACK
from mailbot.cli.probe import PROBES
from mailbot.store import subscribers, tables
from mailbot.store.health import LAST_PASS


def note(shell, **ago):
    """The last pass was so long ago."""
    bot = shell.bot()
    with bot.store.transaction() as tx:
        tx.set_fact(LAST_PASS, (bot.now() - timedelta(**ago)).isoformat())
    bot.close()


def quarantined(shell, count):
    bot = shell.bot()
    rows = [
        {"once": f"m{n}", "received": bot.now(), "subject": "", "class": "", "verdict": "", "state": "quarantined"}
        for n in range(count)
    ]
    with bot.store.transaction() as tx:
        tx.conn.execute(insert(tables.inbox), rows)
    bot.close()


def test_a_bot_that_never_ran_is_critical(shell):
    done = shell("probe", "punctual")
    assert done.code == 2
    assert done.out == "CRITICAL - punctual: it has never run\n"


def test_the_alarm_rings_after_the_age_and_not_before(shell):
    note(shell, minutes=4)
    assert shell("probe", "punctual", "--max-age", "5 minutes").code == 0
    note(shell, minutes=6)
    done = shell("probe", "punctual", "--max-age", "5 minutes")
    assert done.code == 2
    assert "6 min ago" in done.out


def test_the_exit_code_changes_at_the_number_of_errors(shell):
    assert shell("probe", "errors").code == 0
    quarantined(shell, 3)
    assert shell("probe", "errors", "--max", "3").code == 1
    done = shell("probe", "errors", "--max", "2")
    assert done.code == 2
    assert done.out == "CRITICAL - errors: 3 mail in quarantine | errors=3\n"


def test_a_run_of_the_bot_is_a_pass(shell):
    shell.ok("run", "--once")
    assert shell("probe", "punctual").code == 0


def test_without_a_name_the_worst_of_all_counts_and_only_what_is_wrong_is_told(shell):
    shell.ok("run", "--once")
    done = shell("probe")
    words, _, figures = done.out.partition(" | ")
    assert (done.code, words) == (0, "OK - all is well")
    labels = [figure.partition("=")[0] for figure in figures.split()]
    assert {"age", "overdue", "waiting"} <= set(labels)
    assert len(labels) == len(set(labels))
    quarantined(shell, 11)
    done = shell("probe")
    assert done.code == 2
    assert done.out.startswith("CRITICAL - errors: 11 mail in quarantine | ")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("queue", "--max-age", "soon"), "--max-age: "),
        (("errors", "--max", "abc"), "'abc' is not a valid integer range"),
        (("zzz",), "'zzz' is not one of"),
        (("--zzz",), "No such option"),
    ],
)
def test_what_cannot_be_asked_so_is_unknown_in_one_line(shell, args, words):
    done = shell("probe", *args)
    assert done.code == 3
    assert done.out.startswith("UNKNOWN - ")
    assert done.out.count("\n") == 1
    assert words in done.out


def test_without_a_configuration_that_holds_all_is_unknown(shell):
    shell.edit("config.toml", '"sparse"', '"spars"')
    done = shell("probe", "queue")
    assert (done.code, done.out.count("\n")) == (3, 1)
    assert done.out.startswith("UNKNOWN - ")
    assert "config.toml:" in done.out
    (shell.home / "config.toml").unlink()
    done = shell("probe")
    assert done.code == 3
    assert done.out.startswith("UNKNOWN - there is no config.toml")


def test_a_fault_of_our_own_is_unknown_and_no_warning(shell, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setitem(PROBES, "queue", broken)
    monkeypatch.delenv(TRACEBACK)
    done = shell("probe")
    assert (done.code, done.out) == (3, "UNKNOWN - a fault of mailbot's own: ZeroDivisionError: by nothing\n")


def test_help_is_no_probe(shell):
    assert "CRITICAL" in shell.ok("probe", "--help")


def test_a_database_that_is_not_there_is_critical_and_none_is_made(shell):
    file = shell.home / "var" / "mailbot.db"
    file.unlink()
    for name in ("database", "errors", "pools", "queue", "subscribers"):
        done = shell("probe", name)
        assert (done.code, done.out) == (2, f"CRITICAL - {name}: there is no database {file}: is its volume mounted?\n")
    assert shell("probe").out.count("there is no database") == 1
    assert not file.exists()


def test_a_database_of_another_version_is_critical_and_not_brought_to_this_one(shell):
    (shell.home / "var" / "mailbot.db").write_bytes(b"")
    for _ in range(2):
        done = shell("probe", "database")
        assert done.code == 2
        assert "not of this version" in done.out


# -- certificates, targets, subscribers --------------------------------------------------------------------------------


class Secured:
    """A server that speaks a few lines, and then TLS."""

    def __init__(self, tls, *lines):
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(tls.certificate, tls.key)
        self._lines = lines
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with suppress(OSError):
            line, _ = self._listener.accept()
            with line:
                for number, words in enumerate(self._lines):
                    if number:
                        line.recv(1000)
                    line.sendall(words)
                with self._context.wrap_socket(line, server_side=True) as secured:
                    secured.recv(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()


@pytest.mark.parametrize(
    ("section", "url", "lines"),
    [
        ("mailbox", "imaps://localhost:{port}/INBOX", ()),
        ("mailbox", "imap+starttls://localhost:{port}/INBOX", (b"* OK\r\n", b"* and so on\r\nm OK begin\r\n")),
        ("relay", "smtps://localhost:{port}", ()),
        (
            "relay",
            "smtp+starttls://localhost:{port}",
            (b"220-hello\r\n220 x\r\n", b"250-x\r\n250 STARTTLS\r\n", b"220 go\r\n"),
        ),
    ],
)
def test_a_certificate_that_ends_soon_is_told_in_days(shell, tls, section, url, lines):
    login = 'user = "bot"\npassword = "file:var/secret"'
    before = {"mailbox": "maildir:var/mail", "relay": "maildir:var/sent"}[section]
    with Secured(tls, *lines) as server:
        shell.edit("config.toml", f'"{before}"', f'"{url.format(port=server.port)}"\nca = "{tls.ca}"\n{login}')
        done = shell("probe", "certificates")
    assert done.code == 2, done.said
    assert re.search(rf"the certificate of the {section} \(localhost\) ends in ([12]) days \| {section}=\1d", done.out)


def test_a_certificate_that_nobody_believes_is_critical(shell, tls):
    with Secured(tls) as server:
        shell.edit("config.toml", '"maildir:var/sent"', f'"smtps://localhost:{server.port}"')
        done = shell("probe", "certificates")
    assert done.code == 2
    assert "unable to get local issuer certificate" in done.out


def test_without_tls_no_certificate_ends(shell):
    assert shell("probe", "certificates").code == 0


def test_a_target_that_could_not_be_told_is_critical(shell):
    assert shell("probe", "targets").code == 0
    with (shell.home / "config.toml").open("a") as config:
        config.write('\n[targets.drop]\nkind = "file"\nfolder = "nowhere"\n')
    done = shell("probe", "targets")
    assert done.code == 2
    assert "drop: there is no folder" in done.out


def test_a_subscriber_that_takes_nothing_is_a_warning_and_after_the_age_critical(shell):
    with (shell.home / "config.toml").open("a") as config:
        config.write('\n[subscribers.feed]\nkind = "file"\nfolder = "nowhere"\n')
    shell.ok("run", "--once")
    assert shell("probe", "subscribers").code == 0
    shell.new()
    shell.ok("run", "--once")
    done = shell("probe", "subscribers")
    assert done.code == 1
    assert "feed takes nothing since" in done.out
    bot = shell.bot()
    with bot.store.transaction() as tx:
        tx.conn.execute(update(tables.subscriber).values(failing_since=bot.now() - timedelta(hours=1)))
    bot.close()
    assert shell("probe", "subscribers").code == 2


def test_callbacks_of_others_that_take_nothing_are_a_warning_a_key_and_never_critical(shell):
    bot = shell.bot()
    with bot.store.transaction() as tx:
        for n in range(11):
            callback = f"https://{n}.example/"
            subscribers.subscribe(tx.conn, key="bob", callback=callback, scope={}, now=bot.now())
        tx.conn.execute(update(tables.subscriber).values(failing_since=bot.now() - timedelta(days=1)))
    bot.close()
    done = shell("probe", "subscribers")
    assert done.code == 1
    assert "callbacks of the key bob that take nothing: 11 |" in done.out
