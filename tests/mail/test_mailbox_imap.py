"""IMAP as mailbox, on a real Dovecot."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from servers.dovecot import Dovecot, Person
from servers.ground import free_ports
from servers.proxy import Wire

from mailbot.mail.mailbox import Account, Folder, Mailbox, Unreachable, Waiting
from mailbot.mail.mailbox import session as session_module
from mailbot.mail.mailbox.base import BATCH_BYTES, BATCH_MAILS

pytestmark = [pytest.mark.servers, pytest.mark.timeout(60)]

Open = Callable[..., Mailbox]


@pytest.fixture
def mailbox(person: Person, opened: Open) -> Mailbox:
    return opened(person.login)


@pytest.fixture
def old_person(old_dovecot: Dovecot) -> Person:
    return old_dovecot.fresh()


def mail(number: int, size: int = 0) -> bytes:
    return b"Subject: %d\r\n\r\n%s\r\n" % (number, b"x" * size)


def read(mailbox: Mailbox, folder: Folder | None = None) -> list[Waiting]:
    return [one for batch in mailbox.waiting(folder=folder) for one in batch]


def file_all(mailbox: Mailbox, folder: Folder = Folder.PROCESSED) -> None:
    for batch in mailbox.waiting():
        mailbox.file([one.handle for one in batch], folder)


def after(seconds: float, act: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


# -- reading and filing


def test_mail_is_read_in_order_as_its_bytes_and_no_flag_changes(mailbox: Mailbox, person: Person) -> None:
    person.deliver(mail(1), b"Subject: 2\r\n\r\n8-bit \xe9, NUL-free\r\n")
    assert [one.raw for one in read(mailbox)] == [mail(1), b"Subject: 2\r\n\r\n8-bit \xe9, NUL-free\r\n"]
    assert "seen" not in person.server.doveadm("fetch", "-u", person.user, "flags", "all").lower()


@pytest.mark.parametrize("folder", Folder)
def test_filed_mail_is_gone_from_the_inbox_and_stands_in_its_folder(
    mailbox: Mailbox, person: Person, folder: Folder
) -> None:
    person.deliver(mail(1), mail(2))
    file_all(mailbox, folder)
    assert (person.folder(""), person.folder(folder)) == ([], [mail(1), mail(2)])
    assert [one.raw for one in read(mailbox, folder)] == [mail(1), mail(2)]


@pytest.mark.parametrize("whose", ["person", "old_person"])
def test_what_is_removed_is_gone_and_no_other_mail(opened: Open, request: pytest.FixtureRequest, whose: str) -> None:
    person: Person = request.getfixturevalue(whose)
    mailbox = opened(person.login)
    person.deliver(mail(1), mail(2))
    file_all(mailbox)
    first, _ = read(mailbox, Folder.PROCESSED)
    mailbox.remove([first.handle])
    assert person.folder(Folder.PROCESSED) == [mail(2)]


def test_a_folder_is_cleared_of_what_arrived_before_a_day(mailbox: Mailbox, person: Person) -> None:
    person.deliver(mail(1), mail(2))
    file_all(mailbox)
    now = datetime.now(UTC)  # noqa: TID251 (the server's own clock dates what arrives)
    assert mailbox.clear(Folder.PROCESSED, now - timedelta(days=2)) == 0
    assert mailbox.clear(Folder.PROCESSED, now + timedelta(days=2)) == 2
    assert person.folder(Folder.PROCESSED) == []


def test_the_folders_are_made_and_subscribed(mailbox: Mailbox, person: Person) -> None:
    mailbox.check()
    listed = person.server.doveadm("mailbox", "list", "-s", "-u", person.user).split()
    assert set(Folder) <= set(listed)


def test_a_folder_deleted_meanwhile_is_made_again(mailbox: Mailbox, person: Person) -> None:
    person.deliver(mail(1))
    file_all(mailbox)
    person.server.doveadm("mailbox", "delete", "-u", person.user, "Processed")
    person.deliver(mail(2))
    file_all(mailbox)
    assert person.folder("Processed") == [mail(2)]


def test_an_old_server_without_move_uidplus_idle_and_with_a_prefix_is_served_as_well(
    old_person: Person, opened: Open
) -> None:
    old_person.deliver(mail(1), mail(2), mail(3))
    mailbox = opened(old_person.login)
    first, _, third = read(mailbox)
    user = old_person.user
    old_person.server.doveadm("flags", "add", "-u", user, r"\Deleted", "mailbox", "INBOX", "uid", "2")
    mailbox.file([first.handle, third.handle], Folder.PROCESSED)
    # A mail that somebody marked is still a mail that waits (trap 15), and no EXPUNGE of ours takes it.
    assert [one.raw for one in read(mailbox)] == [mail(2)]
    assert old_person.folder("Processed") == [mail(1), mail(3)]
    assert "its folders: INBOX.Processed, INBOX.Ignored, INBOX.Quarantine" in mailbox.check()


def test_what_is_gone_is_neither_read_nor_an_error_to_file(mailbox: Mailbox, person: Person, opened: Open) -> None:
    person.deliver(*(mail(number) for number in range(BATCH_MAILS + 1)))
    reading = mailbox.waiting()
    handles = [one.handle for one in next(reading)]
    file_all(opened(person.login))  # another bot
    assert list(reading) == []
    mailbox.file(handles, Folder.PROCESSED)
    assert len(person.folder("Processed")) == BATCH_MAILS + 1


def test_trap_39_a_changed_uidvalidity_moves_nothing_and_all_is_read_again(mailbox: Mailbox, person: Person) -> None:
    person.deliver(mail(1))
    (stale,) = read(mailbox)
    person.server.doveadm("mailbox", "update", "--uid-validity", "7", "-u", person.user, "INBOX")
    person.server.doveadm("kick", person.user)
    mailbox.file([stale.handle], Folder.PROCESSED)
    assert (person.folder("Processed"), person.folder("")) == ([], [mail(1)])
    assert mailbox.wait(0)
    (fresh,) = read(mailbox)
    assert (fresh.raw, fresh.handle) == (mail(1), ":7:1")
    mailbox.file([fresh.handle], Folder.PROCESSED)
    assert person.folder("Processed") == [mail(1)]


# -- size


def test_a_huge_inbox_comes_in_batches_small_in_mails_and_bytes(mailbox: Mailbox, person: Person) -> None:
    small = [mail(number) for number in range(230)]
    large = [mail(number, size=BATCH_BYTES // 3) for number in range(4)]
    person.deliver(*small, *large)
    cut = list(mailbox.waiting())
    assert [one.raw for batch in cut for one in batch] == [*small, *large]
    assert max(map(len, cut)) == BATCH_MAILS
    assert max(sum(len(one.raw) for one in batch) for batch in cut) <= BATCH_BYTES


def test_a_search_of_more_mail_than_fits_one_answer_goes_by_pieces(
    mailbox: Mailbox, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailbot.mail.mailbox.imap.SEARCHED", 3)
    person.deliver(*(mail(number) for number in range(10)))
    assert [one.raw for one in read(mailbox)] == [mail(number) for number in range(10)]


def test_of_a_mail_too_large_only_the_beginning_is_fetched(person: Person, opened: Open) -> None:
    person.deliver(mail(1), mail(2, size=50_000), mail(3))
    mailbox = opened(person.login, largest=10_000)
    first, second, third = read(mailbox)
    assert (first.truncated, second.truncated, third.truncated) == (False, True, False)
    assert second.raw == mail(2, size=50_000)[:10_000]
    mailbox.file([second.handle], Folder.QUARANTINE)
    assert person.folder("Quarantine") == [mail(2, size=50_000)]


def test_imaplib_formats_no_mail_for_a_log(mailbox: Mailbox, person: Person, caplog: pytest.LogCaptureFixture) -> None:
    """IMAPClient asks it to, which makes FETCH cost 4 times as much."""
    caplog.set_level(logging.DEBUG)
    person.deliver(mail(1, size=100))
    assert len(read(mailbox)) == 1
    assert "x" * 100 not in caplog.text


# -- waiting


def test_new_mail_wakes_idle_within_two_seconds(mailbox: Mailbox, person: Person) -> None:
    assert mailbox.wait(0)  # nothing has been listed yet
    assert read(mailbox) == []
    began = time.monotonic()
    later = after(0.3, lambda: person.deliver(mail(1)))
    assert mailbox.wait(20)
    assert time.monotonic() - began < 0.3 + 2
    later.join()
    assert [one.raw for one in read(mailbox)] == [mail(1)]


def test_idle_goes_on_between_short_waits_and_is_left_for_commands(mailbox: Mailbox, person: Person) -> None:
    read(mailbox)
    began = time.monotonic()
    assert [mailbox.wait(0.2) for _ in range(3)] == [False, False, False]
    assert 0.6 <= time.monotonic() - began < 10
    person.deliver(mail(1))
    assert len(read(mailbox)) == 1
    assert not mailbox.wait(0.1)


def test_mail_that_came_between_listing_and_waiting_is_told_at_once(mailbox: Mailbox, person: Person) -> None:
    person.deliver(mail(1))
    (first,) = read(mailbox)
    person.deliver(mail(2))
    mailbox.file([first.handle], Folder.PROCESSED)  # the server tells of the second here already
    began = time.monotonic()
    assert mailbox.wait(20)
    assert time.monotonic() - began < 10


def test_idle_is_renewed_before_the_server_hangs_up(
    mailbox: Mailbox, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "IDLE", 0.2)
    read(mailbox)
    assert not mailbox.wait(1)
    later = after(0.5, lambda: person.deliver(mail(1)))
    assert mailbox.wait(20)
    later.join()


def test_without_idle_the_server_is_asked_now_and_then(
    old_person: Person, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "POLL", 0.1)
    mailbox = opened(old_person.login)
    assert read(mailbox) == []
    assert not mailbox.wait(0.3)
    later = after(0.3, lambda: old_person.deliver(mail(1)))
    began = time.monotonic()
    assert mailbox.wait(20)
    assert time.monotonic() - began < 10
    later.join()


# -- broken connections


def test_trap_39_a_server_restarted_amid_idle_is_found_again_with_its_new_mail(person: Person, opened: Open) -> None:
    mailbox = opened(person.login)
    assert read(mailbox) == []

    def restart() -> None:
        person.server.stop()
        person.deliver(mail(1))
        time.sleep(0.7)
        person.server.start()

    later = after(0.3, restart)
    found: list[Waiting] = []
    troubles = 0
    while not found:  # as the bot does
        assert mailbox.wait(20)
        try:
            found = read(mailbox)
        except Unreachable:
            troubles += 1
    later.join()
    assert [one.raw for one in found] == [mail(1)]
    assert troubles <= 2  # it backs off


def test_a_server_that_is_down_is_told_in_words_and_wait_waits(person: Person, opened: Open) -> None:
    (nobody,) = free_ports(1)
    mailbox = opened(person.with_login(url=f"imaps://localhost:{nobody}/INBOX"))
    with pytest.raises(Unreachable, match="nothing listens there") as told:
        read(mailbox)
    assert not told.value.lasting
    began = time.monotonic()
    assert not mailbox.wait(0.3)
    assert mailbox.wait(20)  # the back-off is over
    assert 0.3 < time.monotonic() - began < 10


def test_a_connection_lost_between_batches_goes_on_where_it_was(
    cuttable: tuple[Account, Wire], person: Person, opened: Open
) -> None:
    login, line = cuttable
    person.deliver(*(mail(number) for number in range(2 * BATCH_MAILS)))
    found: list[bytes] = []
    mailbox = opened(login)
    for batch in mailbox.waiting():
        found += [one.raw for one in batch]
        line.cut()
        mailbox.file([one.handle for one in batch], Folder.PROCESSED)
    assert found == [mail(number) for number in range(2 * BATCH_MAILS)]
    assert len(person.folder("Processed")) == 2 * BATCH_MAILS
    assert line.connections == 3


def test_a_connection_cut_amid_idle_wakes_the_bot_which_connects_again(
    cuttable: tuple[Account, Wire], person: Person, opened: Open
) -> None:
    login, line = cuttable
    mailbox = opened(login)
    read(mailbox)
    cut = after(0.2, line.cut)
    assert mailbox.wait(20)
    assert read(mailbox) == []
    came = after(0.2, lambda: person.deliver(mail(1)))
    assert mailbox.wait(20)
    assert len(read(mailbox)) == 1
    assert line.connections == 2
    for timer in (cut, came):
        timer.join()


def test_trap_39_a_connection_that_died_silently_is_found_out_when_idle_is_renewed(
    cuttable: tuple[Account, Wire], person: Person, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "IDLE", 0.3)
    monkeypatch.setattr(session_module, "PATIENCE", 0.3)
    login, line = cuttable
    mailbox = opened(login)
    read(mailbox)
    assert not mailbox.wait(0.1)
    line.freeze()
    person.deliver(mail(1))
    began = time.monotonic()
    assert mailbox.wait(1)
    assert time.monotonic() - began < 10
    line.cut()
    line.thaw()
    assert len(read(mailbox)) == 1
