"""The main job over real servers: from a request by mail to an address in the answer, and the address given back."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from servers.dovecot import Dovecot, Person
from servers.ground import Login, until
from servers.postfix import Postfix
from servers.postgres import Postgres
from servers.smtp import SmtpServer
from servers.tokens import TokenServer
from sqlalchemy import func, select
from system.office import ANA, BILL, BOB, BOT, FORM, LI, Letter, Office, kinds, mail, only, reply
from system.wired import wired

from mailbot.config import load
from mailbot.mail.relay import open_relay
from mailbot.store import Store, tables

pytestmark = [pytest.mark.servers, pytest.mark.slow]

Build = Callable[..., Office]

VERIFIED = 'authentication_results = "mx.example.net"'
BORDER = b"Authentication-Results: mx.example.net; dmarc=pass header.from=example.net\r\n"


@dataclass(slots=True, kw_only=True)
class Post:
    """How mail reaches the bot of an office, and its letters their readers."""

    office: Office
    deliver: Callable[[bytes], object]
    letters: Callable[[], list[Letter]]
    folder: Callable[[str], list[bytes]]
    _seen: set[bytes] = field(default_factory=set)

    def exchange(self, *mails: bytes) -> list[Letter]:
        """People write, the bot runs once; the letters that they have then, less those that they had before."""
        for raw in mails:
            self.deliver(raw)
        self.office.run("run", "--once")
        until(lambda: len(self.letters()) == _sent(self.office), "the letters' delivery")
        new = [letter for letter in self.letters() if letter.raw not in self._seen]
        self._seen.update(letter.raw for letter in new)
        return new


def _sent(office: Office) -> int:
    store = Store(load(office.config).database_url())
    with store.reading() as conn:
        counted = conn.execute(select(func.count()).where(tables.outbox.c.state == "sent"))
        number = int(counted.scalar_one())
    store.close()
    return number


def converse(post: Post) -> None:
    """bob asks, ana and bill answer, bob gets a prefix, and gives it back."""
    asked = post.exchange(mail(BOB, "attribution", FORM))
    assert kinds(asked) == [("acknowledged", BOB), ("action", ANA), ("action", BILL), ("action", LI)]

    approval = reply(only(asked, "action", ANA), "approve")
    account = reply(only(asked, "action", BILL), "Account: A-77")
    decided = post.exchange(approval, account)
    assert kinds(decided) == [("completed", BOB), ("settled", LI)]
    assert "10.20.0.0/28" in only(decided, "completed", BOB).text
    request = json.loads(post.office.run("requests", "show", "IP-1", "--json"))
    assert (request["state"], request["addresses"][0]["state"]) == ("completed", "allocated")

    asked = post.exchange(mail(BOB, "liberation", "Prefix: 10.20.0.0/28\n"))
    released = post.exchange(reply(only(asked, "action", LI), "approve"))
    assert kinds(released) == [("completed", BOB), ("settled", ANA)]
    request = json.loads(post.office.run("requests", "show", "IP-1", "--json"))
    assert request["addresses"][0]["state"] == "quarantined"

    assert {name: len(post.folder(name)) for name in ("", "Processed", "Ignored", "Quarantine")} == {
        "": 0, "Processed": 5, "Ignored": 0, "Quarantine": 0,
    }  # fmt: skip


def by_starttls(person: Person) -> str:
    return f"imap+starttls://localhost:{person.server.imap}/INBOX"


@pytest.fixture
def post(build: Build, person: Person, smtp: SmtpServer, tmp_path: Path) -> Callable[..., Post]:
    """Opens an office behind Dovecot and our own SMTP server, with those changes to both logins."""

    def opened(relay: Login, **changes: object) -> Post:
        mailbox = person.with_login(url=by_starttls(person), **changes)
        return Post(
            office=build(post=wired(tmp_path / "secrets", mailbox, relay), trust=VERIFIED),
            deliver=lambda raw: person.deliver(BORDER + raw),
            letters=lambda: [Letter(sent.raw) for sent in smtp.office.letters],
            folder=person.folder,
        )

    return opened


def test_the_main_job_by_imap_and_smtp_with_starttls_and_passwords(post: Callable[..., Post], smtp: SmtpServer) -> None:
    converse(post(smtp.login()))
    assert set(smtp.office.verbs) >= {"AUTH PLAIN", "MAIL", "RCPT", "DATA"}


def test_the_main_job_with_oauth2_on_both_sides(
    post: Callable[..., Post], smtp: SmtpServer, person: Person, tokens: TokenServer
) -> None:
    login = {"auth": "oauth2", "password": None, "oauth2": tokens.settings()}
    converse(post(smtp.login(user=person.login.user, **login), **login))
    assert "AUTH XOAUTH2" in smtp.office.verbs
    assert {form["grant_type"] for form in tokens.forms} == {"client_credentials"}


def test_the_main_job_through_postfix_where_everybody_reads_and_writes_in_his_own_mailbox(
    build: Build, dovecot: Dovecot, postfix: Postfix, tmp_path: Path
) -> None:
    bot = dovecot.person(BOT)
    readers = [dovecot.person(name) for name in (BOB, ANA, LI, BILL)]

    def write(raw: bytes) -> None:
        sender, before = Letter(raw).header("From"), len(bot.folder(""))
        relay = open_relay(postfix.login(sender))
        relay.send(raw, sender=sender, to=[Letter(raw).to])
        relay.close()
        until(lambda: len(bot.folder("")) > before, "the mail's delivery")

    mailbox = bot.with_login(url=by_starttls(bot))
    office = build(post=wired(tmp_path / "secrets", mailbox, postfix.login(BOT)))
    converse(
        Post(
            office=office,
            deliver=write,
            letters=lambda: [Letter(raw) for person in readers for raw in person.folder("")],
            folder=bot.folder,
        )
    )


def test_the_main_job_on_postgresql(build: Build, postgres: Postgres) -> None:
    office = build(database=postgres.database())
    converse(Post(office=office, deliver=office.deliver, letters=office.letters, folder=office.folder))
