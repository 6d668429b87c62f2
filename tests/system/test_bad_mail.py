"""Any bytes in the mailbox: each mail ends in a folder and in an inbox row, and none stops those behind it."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.dovecot import Person
from servers.smtp import SmtpServer
from sqlalchemy import select
from system.office import ANA, BOB, BOT, FORM, Letter, Office, digests, mail, only, reply
from system.wired import wired

from mailbot.config import load
from mailbot.mail.message import read
from mailbot.store import Store, space, tables, views

pytestmark = pytest.mark.slow

CORPORA = Path(__file__).parents[2] / ".." / "shared" / "corpora"
FOLDERS = ("", "Processed", "Ignored", "Quarantine")

HEAD = b"From: bob@example.net\r\nTo: ip-requests@example.net\r\n"
HORRORS = (
    b"",
    b"\n",
    b"\r\n\r\n\r\n",
    b"\x00" * 5000,
    bytes(range(256)) * 40,
    b"From",
    b"From: \r\n",
    b": : :\r\n\r\n",
    b"\xff\xfe" + "From: bob@example.net\n\nhello".encode("utf-16-le"),
    b"From bob@example.net Mon Nov 23\r\n" + HEAD + b"\r\nan mbox line",
    HEAD,
    HEAD + b"Subject: " + b"x" * 200_000 + b"\r\n\r\n",
    HEAD + b"Subject: =?utf-8?B?" + b"/" * 999 + b"?=\r\n\r\n",
    HEAD + b"Subject: =?nonesuch?Q?=00=FF?= attribution\r\n\r\nCustomer: \xff\xfe\x00\r\n",
    HEAD + b"Date: Thu, 99 Foo 99999 99:99:99 +99999999\r\nMessage-ID: <>\r\n\r\nhelp\r\n",
    HEAD + b"Message-ID: <" + b"a" * 100_000 + b"@x>\r\nReferences: " + b"<b@x> " * 20_000 + b"\r\n\r\nhelp\r\n",
    HEAD + b"From: eve@example.net\r\nSubject: attribution\r\n\r\nCustomer: two senders\r\n",
    b"From: undisclosed:;\r\nTo: a:b@c,d;\r\n\r\nhelp\r\n",
    b"From: ana@example.net <evil@x.example>\r\n\r\napprove\r\n",
    b'From: "a\\"@b" <"q\\ "@example.net>\r\n\r\nhelp\r\n',
    b"From: bob@example.net\r\nX: " + b"(" * 50_000 + b"\r\nAuthentication-Results: " + b"(" * 9_000 + b"\r\n\r\nx",
    HEAD + b"Content-Type: multipart/mixed\r\n\r\n--\r\n--\r\n",
    HEAD + b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx\r\n----\r\n',
    HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 3_000 + b"--b--\r\n",
    HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300)),
    HEAD + b"Content-Type: message/rfc822\r\n\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 2_000,
    HEAD + b"Content-Type: text/plain; charset=" + b"x" * 5_000 + b"\r\n\r\nhelp",
    HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n+AGgAZQBsAHA-",
    HEAD + b"Content-Type: text/plain; charset*=utf-8''%FF%FE\r\n\r\nhelp",
    HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"=" * 10_000,
    HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: uuencode\r\n\r\nbegin 666 \xff\r\n#!!!\r\n",
    HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 20_000 + b"help",
    HEAD + b"Content-Type: text/html\r\n\r\n<!--" + b"<table><tr><td>" * 5_000,
    HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>\xed\xa0\x80\xed\xb0\x80 &#55296; &#0; &#1114112;</p>",
    HEAD + b"Subject: attribution\r\n\r\n" + b"> " * 60_000 + b"\r\n",
    HEAD + b"Subject: attribution\r\n\r\n" + b"Customer: " * 30_000 + b"\r\n",
    HEAD + b"Subject: attribution\r\n\r\n" + b"Customer: x\r\n" * 20_000,
    HEAD + "Subject: attribution\r\n\r\nCustomer: \u202e\u0000\ufeff\U0010ffff\r\nPrefix length: ٢٨\r\n".encode(),
    HEAD
    + b"Subject: attribution\r\n\r\nCustomer: {{ 7 * 7 }} {% for %} ${x} %s %(x)s <script>\r\nPrefix length: 1e9\r\n",
    HEAD + b"Subject: attribution\r\n\r\nPrefix length: " + b"9" * 10_000 + b"\r\nCustomer: x\r\n",
    HEAD + b"Subject: liberation\r\n\r\nPrefix: 10.20.0.0/99999999999\r\n",
    HEAD + b"Subject: liberation\r\n\r\nPrefix: ::ffff:10.20.0.0/124\r\n",
    HEAD + b"Subject: [IP-1] [IP-999999999999999999999999]\r\n\r\nstatus\r\n",
    HEAD + b"Subject: [IP-1]\r\n\r\ndelay until 9999-12-31 for 99999999999 working days\r\n",
    HEAD + b"Subject: [IP-1]\r\n\r\nassign " + b"a" * 70_000 + b"@example.net\r\n",
    HEAD + b"Subject: [IP-1]\r\n\r\nhold " + b"because\r\n" * 20_000,
)


def damaged(raw: bytes, number: int) -> bytes:
    """One of the many ways in which a mail breaks: cut off, bytes changed, doubled or left out. The same each time."""
    dice = hashlib.sha256(b"%d" % number).digest()
    place = int.from_bytes(dice[:4]) % max(1, len(raw))
    length = dice[4] % 40
    match number % 5:
        case 0:
            return raw[:place]
        case 1:
            return raw[:place] + dice + raw[place + length :]
        case 2:
            return raw[:place] + raw[place + length :]
        case 3:
            return raw[:place] + raw[max(0, place - length) :]
        case _:
            return raw[:place] + b"\r\n\r\n\x00\xff" + raw[place:]


@pytest.fixture
def office(build: Callable[..., Office], database: str) -> Office:
    """An office with an open request, which ana is asked to approve. PostgreSQL takes less than SQLite (trap 40)."""
    made = build(database=database)
    made.deliver(mail(BOB, "attribution", FORM))
    made.run("run", "--once")
    return made


def assert_nothing_is_lost(office: Office, mails: list[bytes]) -> None:
    """The bot takes all of them in one pass, without a word of complaint; a good mail behind them is answered."""
    last = mail("last@example.net", "attribution", FORM)
    office.deliver(*mails, last)
    before = [raw for name in FOLDERS[1:] for raw in office.folder(name)]
    office.run("run", "--once")
    only(office.letters(), "acknowledged", "last@example.net")
    assert office.folder("") == []
    filed = [raw for name in FOLDERS for raw in office.folder(name)]
    assert digests(filed) == digests([*before, *mails, last])
    assert list(without_row(office, mails)) == []


def without_row(office: Office, mails: list[bytes]) -> Iterator[bytes]:
    """Mails of which no inbox row knows: neither their bytes, nor that they came before by another way."""
    box = tables.inbox.c
    store = Store(load(office.config).database_url())
    with store.reading() as conn:
        rows = conn.execute(select(box.raw, box.message_id, box.sender, box.state, box.reason)).all()
        assert [*space.check(conn), *views.broken_chains(conn)] == []
    store.close()
    assert [row.reason for row in rows if row.state == "quarantined"] == []
    raws, ids = {row.raw for row in rows}, {(row.message_id, row.sender) for row in rows}
    for raw in mails:
        if raw not in raws:
            message = read(raw)
            if message.message_id is None or (message.message_id, message.sender) not in ids:
                yield raw


def test_horrors(office: Office) -> None:
    assert_nothing_is_lost(office, list(HORRORS))


def test_damaged_requests_and_replies(office: Office) -> None:
    request = mail("carol@example.net", "attribution", FORM)
    answer = reply(only(office.letters(), "action", ANA), "approve")
    assert_nothing_is_lost(office, [damaged(raw, n) for n in range(150) for raw in (request, answer)])


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the public test mails are not here")
def test_public_mails_of_many_programs(office: Office) -> None:
    mails = [path.read_bytes() for path in sorted(CORPORA.glob("*/mails/**/*.eml"))]
    assert len(mails) > 600
    assert_nothing_is_lost(office, mails)


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the public test mails are not here")
def test_public_replies_as_answers_to_our_letter(office: Office) -> None:
    action = only(office.letters(), "action", ANA)
    head = f"From: {ANA}\r\nTo: {action.header('Reply-To')}\r\nSubject: Re: x\r\nMessage-ID: <%d@x>\r\n".encode()
    plain = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    bodies = [path.read_bytes() for path in sorted(CORPORA.glob("*/mails/**/*.txt"))]
    assert len(bodies) > 100
    assert_nothing_is_lost(office, [head % n + plain + body for n, body in enumerate(bodies)])


@pytest.mark.servers
def test_horrors_by_imap(build: Callable[..., Office], person: Person, smtp: SmtpServer, tmp_path: Path) -> None:
    """A server changes such bytes, so that they are counted only."""
    office = build(post=wired(tmp_path / "secrets", person.login, smtp.login()))
    mails = [raw for raw in HORRORS if raw.strip()]  # Dovecot does not show mail of no bytes
    person.deliver(*mails, mail("last@example.net", "attribution", FORM))
    office.run("run", "--once")
    only((Letter(sent.raw) for sent in smtp.office.letters), "acknowledged", "last@example.net")
    assert person.folder("") == []
    assert len([raw for name in FOLDERS for raw in person.folder(name)]) == len(mails) + 1


def test_the_bots_own_letters_come_back_and_are_no_news(office: Office) -> None:
    letters = office.letters()
    assert_nothing_is_lost(office, [letter.raw for letter in letters])
    assert {Letter(raw).kind for raw in office.folder("Ignored")} == {letter.kind for letter in letters}
    assert BOT in letters[0].header("From")
