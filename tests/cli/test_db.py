"""`mailbot db`: copies, and the way back from one, as one needs it at three in the morning."""

import io
import os
import re
import sqlite3
import stat
from contextlib import closing

import pytest

from mailbot.bot import REREAD


@pytest.fixture
def copy(shell):
    """A copy of a database that holds IP-1."""
    shell.new()
    shell.ok("db", "backup", "copy")
    return shell


def facts(shell):
    with closing(sqlite3.connect(shell.home / "var" / "mailbot.db")) as conn:
        return dict(conn.execute("SELECT name, value FROM fact"))


def kept(shell):
    return sorted((shell.home / "var").glob("mailbot.db.before-restore-*"))


def test_upgrade_tells_whether_there_was_something_to_do(shell):
    assert "already" in shell.ok("db", "upgrade")
    (shell.home / "var" / "mailbot.db").unlink()
    assert "now" in shell.ok("db", "upgrade")


def test_a_copy_is_one_file_that_only_its_owner_reads(copy):
    assert stat.S_IMODE((copy.home / "copy").stat().st_mode) == 0o600
    assert [path.name for path in copy.home.glob("*copy*")] == ["copy"]
    with closing(sqlite3.connect(copy.home / "copy")) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert conn.execute("SELECT reference FROM request").fetchall() == [("IP-1",)]


def test_a_copy_never_overwrites_another(copy):
    was = (copy.home / "copy").read_bytes()
    done = copy("db", "backup", "copy")
    assert done.code == 1
    assert "there already" in done.err
    assert (copy.home / "copy").read_bytes() == was


def test_without_a_name_the_copy_is_named_by_the_time(shell):
    shell.ok("db", "backup")
    assert len(list(shell.home.glob("mailbot-2*Z.backup"))) == 1


def test_a_copy_is_made_while_a_bot_writes(shell):
    with closing(sqlite3.connect(shell.home / "var" / "mailbot.db", isolation_level=None)) as bot:
        bot.execute("BEGIN IMMEDIATE")
        bot.execute("INSERT INTO fact VALUES ('half', 'done')")
        shell.ok("db", "backup", "copy")
        bot.execute("COMMIT")
    with closing(sqlite3.connect(shell.home / "copy")) as conn:
        assert conn.execute("SELECT * FROM fact WHERE name = 'half'").fetchall() == []


def test_a_copy_that_could_not_be_made_leaves_nothing(shell):
    (shell.home / "var" / "mailbot.db").write_bytes(b"damaged" * 1000)
    assert shell("db", "backup", "copy").code == 1
    assert list(shell.home.glob("*copy*")) == []
    (shell.home / "var" / "mailbot.db").unlink()
    assert shell("db", "backup", "copy").code == 1
    assert not (shell.home / "var" / "mailbot.db").exists()


class Terminal(io.TextIOWrapper):
    """A person at the keyboard."""

    def isatty(self):
        return True


@pytest.mark.parametrize(("typed", "code", "there"), [(b"n\n", 1, 2), (b"y\n", 0, 1)])
def test_a_person_is_asked_before_requests_that_are_there_are_replaced(copy, monkeypatch, typed, code, there):
    copy.new()
    with monkeypatch.context() as patch:
        patch.setattr(io, "TextIOWrapper", Terminal)
        done = copy("db", "restore", "copy", stdin=typed)
    assert done.code == code
    assert "holds 2 requests" in done.err
    assert len(copy.json("requests", "list")) == there


def test_a_script_is_not_asked_as_what_was_there_is_kept(copy):
    copy.new()
    copy.ok("db", "restore", "copy")
    assert len(copy.json("requests", "list")) == 1
    assert kept(copy)


def test_a_restored_bot_is_paused_and_reads_processed_again(copy):
    told = copy.ok("db", "restore", "copy", "--yes")
    assert "1 request," in told
    assert "paused" in told
    assert "mailbot resume" in told
    assert facts(copy)["paused"] == "all"
    assert REREAD in facts(copy)
    assert copy.json("history")[-1]["action"] == "restored"
    assert copy("history", "--verify").code == 0


def test_mail_that_came_after_the_copy_comes_back_with_the_same_reference(copy):
    copy.deliver(copy.mail(id_=b"after"))
    assert copy.json("requests", "show", "IP-2")["requester"] == "bob@example.net"
    copy.ok("db", "restore", "copy", "--yes")
    assert len(copy.json("requests", "list")) == 1
    sent = len(copy.letters())
    copy.ok("run", "--once")
    assert copy.json("requests", "show", "IP-2")["requester"] == "bob@example.net"
    assert len(copy.letters()) == sent
    assert REREAD not in facts(copy)


def test_a_request_that_was_confirmed_after_the_copy_comes_back_too(shell):
    shell.edit("config.toml", 'requests = "from" ', 'requests = "confirm" ')
    shell.new()
    shell.ok("db", "backup", "copy")
    shell.deliver(shell.mail(id_=b"after"))
    [confirm] = [letter for letter in shell.letters() if b"X-Mailbot-Kind: confirm" in letter]
    address = re.search(rb"<([^<>@]+\+[^<>@]+@[^<>]+)>", confirm)[1]
    shell.deliver(b"From: bob@example.net\r\nTo: %b\r\nMessage-ID: <yes@x>\r\n\r\nyes\r\n" % address)
    assert shell.json("requests", "show", "IP-2")["state"] == "pending"
    shell.ok("db", "restore", "copy")
    shell.ok("run", "--once")
    assert shell.json("requests", "show", "IP-2")["state"] == "pending"


def test_what_was_replaced_is_kept_and_can_be_restored_itself(copy):
    copy.new()
    copy.ok("db", "restore", "copy", "--yes")
    (old,) = kept(copy)
    copy.ok("db", "restore", str(old), "--yes")
    assert len(copy.json("requests", "list")) == 2


def test_a_damaged_database_can_be_replaced(copy):
    database = copy.home / "var" / "mailbot.db"
    database.write_bytes(b"damaged" * 1000)
    copy.ok("db", "restore", "copy")
    assert len(copy.json("requests", "list")) == 1
    assert kept(copy)[0].read_bytes() == b"damaged" * 1000


def test_where_there_is_no_database_a_copy_is_put_without_more_ado(copy):
    (copy.home / "var" / "mailbot.db").unlink()
    copy.ok("db", "restore", "copy")
    assert len(copy.json("requests", "list")) == 1
    assert kept(copy) == []


def test_a_database_that_somebody_works_on_is_not_replaced_even_with_yes(copy):
    database = copy.home / "var" / "mailbot.db"
    was = database.stat().st_ino
    with closing(sqlite3.connect(database, isolation_level=None)) as bot:
        bot.execute("PRAGMA journal_mode = WAL")
        bot.execute("SELECT * FROM fact").fetchall()
        done = copy("db", "restore", "copy", "--yes")
    assert done.code == 1
    assert "stop mailbot first" in done.err
    assert database.stat().st_ino == was
    assert kept(copy) == []


@pytest.mark.parametrize("content", [b"", b"nonsense", b"SQLite format 3\x00" + bytes(500)])
def test_what_is_no_copy_is_refused_and_nothing_has_changed(copy, content):
    (copy.home / "other").write_bytes(content)
    done = copy("db", "restore", "other", "--yes")
    assert done.code == 1
    assert copy.json("requests", "show", "IP-1")["state"] == "inProgress"
    assert "paused" not in facts(copy)
    assert sorted(path.name for path in (copy.home / "var").iterdir()) == ["mail", "mailbot.db", "secret", "sent"]


def test_a_copy_of_a_newer_mailbot_is_refused(copy):
    with closing(sqlite3.connect(copy.home / "copy")) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
        conn.commit()
    done = copy("db", "restore", "copy", "--yes")
    assert done.code == 1
    assert "newer mailbot" in done.err
    assert "paused" not in facts(copy)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_restore_by_root_leaves_the_database_to_the_bots_own_user(copy):
    database = copy.home / "var" / "mailbot.db"
    os.chown(database, 65534, 65534)
    database.chmod(0o640)
    copy.ok("db", "restore", "copy", "--yes")
    status = database.stat()
    assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (65534, 0o640)
