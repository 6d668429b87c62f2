"""Files that come with mails: kept with the request, part of what is approved, and nothing but files."""

from hashlib import sha256

import pytest
from house import ANA, BILL, BOB, FORM, LI, mail, only, reply

from mailbot.store import attachments

PLAN = b"%PDF-1.7 a plan"


def with_file(message, content=PLAN, name="plan.pdf"):
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def kept(house, reference="IP-1"):
    with house.bot.store.reading() as conn:
        return attachments.of_request(conn, reference)


@pytest.fixture
def asked(house):
    """The letter that asks Ana about a request with a plan."""
    _, letters = house.take(with_file(mail(BOB, "attribution", FORM)))
    return only(letters, "action", ANA)


def test_an_attachment_is_kept_with_its_request_by_what_it_holds(house, asked):
    [file] = kept(house)
    assert (file.name, file.size, file.type, file.who) == ("plan.pdf", len(PLAN), "application/pdf", BOB)
    path = house.bot.files.path(file.digest)
    assert (path.read_bytes(), file.digest) == (PLAN, sha256(PLAN).hexdigest())
    assert path.stat().st_mode & 0o777 == 0o600
    assert [row.inbox_id for row in house.rows("attachment")] == [1]


def test_the_letter_that_asks_shows_its_name_and_size(asked):
    assert f"Attached: plan.pdf ({len(PLAN)} bytes)" in asked.text


def test_the_same_content_is_on_the_disk_once(house, asked):
    house.take(with_file(mail(BOB, "attribution", FORM), name="again.pdf"))
    assert [kept(house, name)[0].name for name in ("IP-1", "IP-2")] == ["plan.pdf", "again.pdf"]
    assert len(list(house.bot.files.folder.glob("??/*"))) == 1


def test_an_exchanged_file_is_asked_about_anew_and_the_old_answer_decides_nothing(house, asked):
    acknowledged = next(one for one in house.relay.letters if one.kind == "acknowledged")
    _, letters = house.take(with_file(reply(acknowledged, "Customer: Acme", BOB), b"%PDF-1.7 another"))
    anew = only(letters, "action", ANA)
    assert "what came with it" in anew.text
    house.reply(asked, "approve", ANA)
    assert house.states()["technical"] == "open"
    house.reply(anew, "approve", ANA)
    assert house.states()["technical"] == "done"


def test_s4_6_what_comes_with_a_later_reply_is_added_and_told_and_asks_nobody_anew(house, asked):
    _, letters = house.take(with_file(reply(asked, "comment see this", ANA), b"a note", "note.txt"))
    told = only(letters, "comment", BOB)
    assert "Attached: note.txt (6 bytes)" in told.text
    assert [(one.name, one.type, one.who) for one in kept(house)][1:] == [("note.txt", "text/plain", ANA)]
    assert "attached" in house.history()
    house.reply(asked, "approve", ANA)
    assert house.states()["technical"] == "done"


def test_a_file_without_a_word_is_a_comment(house, asked):
    house.take(with_file(reply(asked, "", ANA), b"a note", "note.txt"))
    assert [one.text for one in house.request().remarks] == ["Attached: note.txt (6 bytes)"]


def test_what_a_stranger_sends_is_not_kept(house, asked):
    house.take(with_file(reply(asked, "comment hm", "mallory@evil.example"), b"worm", "worm.exe"))
    assert len(kept(house)) == 1


def test_files_that_no_request_names_are_swept(house, asked):
    with house.bot.store.transaction() as tx:
        house.bot.files.keep(tx, b"of a mail whose handling was undone")
    with house.bot.store.transaction() as tx:
        assert house.bot.files.sweep(tx) == 1
    assert house.bot.files.read(kept(house)[0].digest) == PLAN


def test_a_file_that_was_changed_on_the_disk_is_not_given_out(house, asked):
    [file] = kept(house)
    house.bot.files.path(file.digest).write_bytes(b"something else")
    assert house.bot.files.read(file.digest) is None


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/cron.d/x", "x"),
        ("C:\\Users\\bob\\plan.pdf", "plan.pdf"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("gpj.\u202eexe", "gpj. exe"),
        ("a\r\nBcc: eve@example.net", "a Bcc_ eve@example.net"),
        ('a"; filename="b.exe', "a_; filename=_b.exe"),
        ("\x1b[2J.txt", "[2J.txt"),
        ("", "unnamed"),
        ("....", "unnamed"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_trap_44_a_files_name_is_nothing_but_a_name(house, name, cleaned):
    from mailbot.mail.content import cleaned as clean  # noqa: PLC0415

    assert clean(name) == cleaned


def test_a_type_is_by_content_whatever_the_name_says():
    from mailbot.mail.content import type_of  # noqa: PLC0415

    assert type_of(b"MZ\x90\0", "plan.pdf") == "application/vnd.microsoft.portable-executable"
    assert type_of(b"a,b\n1,2\n", "x.csv") == "text/plain"
    assert type_of(b"\0\1", "x.csv") == type_of(b"", "") == "application/octet-stream"


def test_others_who_are_asked_and_bill_see_it_too(house, asked):
    assert {one.to for one in house.relay.letters if "plan.pdf" in one.text} == {ANA, LI, BILL, BOB}
