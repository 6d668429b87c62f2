"""Three bots on one mailbox and one database do each mail once, and lose none."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.dovecot import Person
from servers.smtp import SmtpServer
from sqlalchemy import func, select
from system.office import FORM, Letter, Office, digests, ended, mail
from system.wired import wired

from mailbot.config import load
from mailbot.store import Store, space, tables, views

pytestmark = [pytest.mark.slow]

BOTS = 3
REQUESTS = 40
QUERIES = 10
STRANGERS = 10
UNREADABLE = 5

Build = Callable[..., Office]


def mails() -> list[bytes]:
    """Requests, each from somebody else, and twice by two ways; what gets another answer, none, or is held."""
    requests = [
        mail(f"user{n}@example.net", "attribution", FORM.replace("Acme", f"Customer {n}").replace("28", "30"))
        for n in range(REQUESTS)
    ]
    queries = [mail(f"user{n}@example.net", "hello", f"I am new here, number {n}.") for n in range(QUERIES)]
    strangers = [mail(f"user{n}@elsewhere.example", "attribution", FORM) for n in range(STRANGERS)]
    unreadable = [b"From: two@example.net, three@example.net\r\n\r\nnumber %d\r\n" % n for n in range(UNREADABLE)]
    all_ = [*requests, *queries, *strangers, *unreadable]
    again = [b"Received: by the list\r\n" + raw for raw in requests[::8]]
    return [raw for n in range(10) for raw in all_[n::10]] + again


AGAIN = len(range(0, REQUESTS, 8))


def run_together(office: Office) -> None:
    ended(*(office.start("run", "--once") for _ in range(BOTS)))


def assert_each_was_done_once(office: Office, letters: list[Letter], folders: dict[str, list[bytes]]) -> None:
    assert {name: len(found) for name, found in folders.items()} == {
        "": 0, "Processed": REQUESTS + QUERIES + AGAIN, "Ignored": STRANGERS, "Quarantine": UNREADABLE,
    }  # fmt: skip
    assert digests([raw for found in folders.values() for raw in found]) == digests(mails())
    store = Store(load(office.config).database_url())
    with store.reading() as conn:
        references = conn.execute(select(tables.request.c.reference)).scalars().all()
        mine = conn.execute(select(func.count()).select_from(tables.inbox)).scalar_one()
        states = Counter(conn.execute(select(tables.inbox.c.state)).scalars())
        left = conn.execute(select(tables.outbox.c.state, tables.outbox.c.attempts)).all()
        assert [*space.check(conn), *views.broken_chains(conn)] == []
    store.close()
    assert sorted(references) == sorted(f"IP-{n}" for n in range(1, REQUESTS + 1))
    assert mine == len(mails()) - AGAIN
    assert states == {"handled": REQUESTS + QUERIES, "ignored": STRANGERS, "held": UNREADABLE}
    assert set(map(tuple, left)) == {("sent", 1)}
    ids = Counter(letter.header("Message-ID") for letter in letters)
    assert [id_ for id_, number in ids.items() if number > 1] == []
    assert Counter(letter.kind for letter in letters) == {
        "acknowledged": REQUESTS, "action": REQUESTS, "forms": QUERIES, "alert": 1,
    }  # fmt: skip


def folders_of(folder: Callable[[str], list[bytes]]) -> dict[str, list[bytes]]:
    return {name: folder(name) for name in ("", "Processed", "Ignored", "Quarantine")}


def test_three_bots_on_one_maildir_do_each_mail_once(build: Build, database: str) -> None:
    office = build(database=database)
    office.deliver(*mails())
    run_together(office)
    assert_each_was_done_once(office, office.letters(), folders_of(office.folder))


@pytest.mark.servers
def test_three_bots_on_one_imap_mailbox_do_each_mail_once(
    build: Build, person: Person, smtp: SmtpServer, tmp_path: Path
) -> None:
    office = build(post=wired(tmp_path / "secrets", person.login, smtp.login()))
    person.deliver(*mails())
    run_together(office)
    letters = [Letter(sent.raw) for sent in smtp.office.letters]
    assert_each_was_done_once(office, letters, folders_of(person.folder))
