"""The Maildir as mailbox; no server is needed."""

import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.ground import Login

from mailbot.errors import Usage
from mailbot.mail.mailbox import Folder, Mailbox, Unreachable, Waiting, open_mailbox
from mailbot.mail.mailbox.base import BATCH_BYTES, BATCH_MAILS, batches


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "mail"


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return open_mailbox(Login(url="maildir:mail", home=tmp_path))


def drop(root: Path, name: str, raw: bytes = b"Subject: x\n\nx\n", at: int | None = None) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    if at is not None:
        os.utime(path, (at, at))
    return path


def read(mailbox: Mailbox, folder: Folder | None = None) -> list[Waiting]:
    return [mail for batch in mailbox.waiting(folder=folder) for mail in batch]


def names(root: Path, folder: Folder) -> list[str]:
    return sorted(path.name for path in (root / f".{folder}" / "cur").iterdir())


def test_a_maildir_that_is_not_there_is_made_and_empty(mailbox: Mailbox, root: Path) -> None:
    assert read(mailbox) == []
    assert {path.name for path in root.iterdir()} == {"tmp", "new", "cur"}


def test_new_and_cur_both_wait_in_order_of_arrival(mailbox: Mailbox, root: Path) -> None:
    drop(root, "new/a", b"third", at=30)
    drop(root, "cur/z:2,S", b"first", at=10)
    drop(root, "new/c", b"second", at=20)
    drop(root, "cur/d:2,RS", b"second, by name", at=20)
    assert [mail.raw for mail in read(mailbox)] == [b"first", b"second", b"second, by name", b"third"]


def test_what_is_being_delivered_and_what_is_no_mail_does_not_wait(mailbox: Mailbox, root: Path) -> None:
    drop(root, "tmp/half")
    drop(root, "new/.nfs0001")
    (root / "new" / "directory").mkdir()
    assert read(mailbox) == []


@pytest.mark.parametrize("folder", Folder)
def test_filed_mail_stands_in_a_maildir_plus_plus_folder_as_read(mailbox: Mailbox, root: Path, folder: Folder) -> None:
    drop(root, "new/1.M2P3.host,S=9", b"one")
    drop(root, "cur/2.M2P3.host:2,F", b"two")
    mailbox.file([mail.handle for mail in read(mailbox)], folder)
    assert names(root, folder) == ["1.M2P3.host,S=9:2,S", "2.M2P3.host:2,S"]
    assert {path.name for path in (root / f".{folder}").iterdir()} == {"tmp", "new", "cur", "maildirfolder"}
    assert read(mailbox) == []
    assert [mail.raw for mail in read(mailbox, folder)] == [b"one", b"two"]


def test_mail_can_be_filed_on_from_a_folder(mailbox: Mailbox, root: Path) -> None:
    drop(root, "new/1")
    mailbox.file([mail.handle for mail in read(mailbox)], Folder.PROCESSED)
    mailbox.file([mail.handle for mail in read(mailbox, Folder.PROCESSED)], Folder.QUARANTINE)
    assert (names(root, Folder.PROCESSED), names(root, Folder.QUARANTINE)) == ([], ["1:2,S"])


def test_trap_15_mail_is_found_again_after_a_mail_program_moved_and_flagged_it(mailbox: Mailbox, root: Path) -> None:
    path = drop(root, "new/1")
    (mail,) = read(mailbox)
    path.rename(root / "cur" / "1:2,FS")
    mailbox.file([mail.handle], Folder.PROCESSED)
    assert names(root, Folder.PROCESSED) == ["1:2,S"]


def test_filing_twice_or_what_is_gone_is_no_error(mailbox: Mailbox, root: Path) -> None:
    drop(root, "new/1")
    drop(root, "new/2").unlink()
    mailbox.file(["new/1", "new/2"], Folder.PROCESSED)
    mailbox.file(["new/1", "new/2"], Folder.PROCESSED)
    assert names(root, Folder.PROCESSED) == ["1:2,S"]


def test_two_mails_of_one_name_are_both_kept(mailbox: Mailbox, root: Path) -> None:
    for raw in (b"one", b"two"):
        drop(root, "new/mail.eml", raw)
        mailbox.file([mail.handle for mail in read(mailbox)], Folder.PROCESSED)
    assert sorted(mail.raw for mail in read(mailbox, Folder.PROCESSED)) == [b"one", b"two"]


def test_mail_that_another_bot_takes_while_we_read_is_left_out(mailbox: Mailbox, root: Path) -> None:
    for number in range(BATCH_MAILS + 2):
        drop(root, f"new/{number:04}", at=number)
    reading = mailbox.waiting()
    first = next(reading)
    (root / "new" / f"{BATCH_MAILS:04}").unlink()
    rest = [mail.handle for batch in reading for mail in batch]
    assert (len(first), rest) == (BATCH_MAILS, [f"new/{BATCH_MAILS + 1:04}"])


def test_trap_28_a_mail_that_cannot_be_read_does_not_stop_the_others(mailbox: Mailbox, root: Path) -> None:
    drop(root, "new/1")
    drop(root, "new/2").chmod(0)
    (root / "new" / "3").symlink_to(root / "new" / "3")
    readable = {"new/1", "new/2"} if os.geteuid() == 0 else {"new/1"}
    assert {mail.handle for mail in read(mailbox)} == readable
    assert not mailbox.wait(0)


def test_of_a_mail_too_large_only_the_beginning_is_read(tmp_path: Path, root: Path) -> None:
    drop(root, "new/1", b"Subject: large\n\n" + b"x" * 5000, at=1)
    drop(root, "new/2", b"Subject: small\n\n", at=2)
    large, small = read(open_mailbox(Login(url="maildir:mail", home=tmp_path), largest=1000))
    assert (large.truncated, len(large.raw), large.raw[:14]) == (True, 1000, b"Subject: large")
    assert (small.truncated, small.raw) == (False, b"Subject: small\n\n")


def test_several_bots_on_one_maildir_file_each_mail_once(tmp_path: Path, root: Path) -> None:
    for number in range(300):
        drop(root, f"new/{number:04}")
    troubles: list[Exception] = []

    def work() -> None:
        mailbox = open_mailbox(Login(url="maildir:mail", home=tmp_path))
        try:
            for batch in mailbox.waiting():
                mailbox.file([mail.handle for mail in batch], Folder.PROCESSED)
        except Exception as error:  # noqa: BLE001 - told below
            troubles.append(error)

    bots = [threading.Thread(target=work) for _ in range(4)]
    for bot in bots:
        bot.start()
    for bot in bots:
        bot.join()
    assert troubles == []
    assert names(root, Folder.PROCESSED) == [f"{number:04}:2,S" for number in range(300)]
    assert list((root / "new").iterdir()) == []


def test_wait_tells_of_new_mail_at_once_and_of_none_in_time(mailbox: Mailbox, root: Path) -> None:
    drop(root, "new/left alone")
    assert mailbox.wait(0)  # nothing has been listed yet
    read(mailbox)
    began = time.monotonic()
    assert not mailbox.wait(0.3)
    assert 0.3 <= time.monotonic() - began < 5
    later = threading.Timer(0.2, drop, (root, "new/2"))
    later.start()
    assert mailbox.wait(10)
    assert time.monotonic() - began < 8
    later.join()


def test_own_filing_and_others_flags_are_no_new_mail(mailbox: Mailbox, root: Path) -> None:
    drop(root, "new/1")
    path = drop(root, "new/2")
    read(mailbox)
    mailbox.file(["new/1"], Folder.PROCESSED)
    path.rename(root / "cur" / "2:2,S")
    assert not mailbox.wait(0)


def test_check_tells_what_works(mailbox: Mailbox, root: Path) -> None:
    drop(root, "new/1")
    assert mailbox.check() == [
        f"{root}: a Maildir; mail that waits: 1",
        "its folders: .Processed, .Ignored, .Quarantine",
    ]


def test_a_maildir_that_cannot_be_is_told_in_words(mailbox: Mailbox, root: Path) -> None:
    root.write_text("a file")
    for use in (mailbox.check, lambda: read(mailbox), lambda: mailbox.file(["new/1"], Folder.IGNORED)):
        with pytest.raises(Unreachable, match=r"The Maildir .*mail cannot be used"):
            use()
    assert not mailbox.wait(0)


@pytest.mark.parametrize(
    "url", ["pop3://host/", "imaps:///INBOX", "imaps://host:x/", "mail", "", "imap://far.example/", "imaps://[x/"]
)
def test_a_url_that_names_no_mailbox_is_refused(url: str) -> None:
    with pytest.raises(Usage, match=r".+"):
        open_mailbox(Login(url=url))


def test_a_password_in_a_url_is_refused_and_not_shown() -> None:
    with pytest.raises(Usage, match="do not belong into a url") as told:
        open_mailbox(Login(url="imaps://bot:geheim@mail.example.net/INBOX"))
    assert "geheim" not in str(told.value)


@given(st.lists(st.integers(0, 3 * BATCH_BYTES // 2), max_size=300))
def test_batches_keep_order_and_stay_small_in_mails_and_bytes(sizes: list[int]) -> None:
    cut = list(batches(enumerate(sizes)))
    assert [name for batch in cut for name in batch] == list(range(len(sizes)))
    for batch in cut:
        assert 1 <= len(batch) <= BATCH_MAILS
        assert len(batch) == 1 or sum(sizes[name] for name in batch) <= BATCH_BYTES


def test_what_is_removed_is_gone_under_whatever_name_its_flags_give_it(mailbox: Mailbox, root: Path) -> None:
    drop(root, "new/a")
    drop(root, "cur/b:2,S")
    handles = [one.handle for one in read(mailbox)]
    (root / "cur" / "b:2,S").rename(root / "cur" / "b:2,RS")
    mailbox.remove([*handles, "new/never-there"])
    assert read(mailbox) == []


def test_a_folder_is_cleared_of_what_arrived_before_a_day(mailbox: Mailbox, root: Path) -> None:
    drop(root, ".Processed/cur/old:2,S", at=1_000_000)
    drop(root, ".Processed/cur/young:2,S", at=2_000_000)
    drop(root, "new/old", at=1_000_000)
    assert mailbox.clear(Folder.PROCESSED, datetime.fromtimestamp(1_500_000, UTC)) == 1
    assert names(root, Folder.PROCESSED) == ["young:2,S"]
    assert len(read(mailbox)) == 1
