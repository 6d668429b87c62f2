"""The servers as fixtures: each starts once a session, when a test first asks for it."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from servers.bind import Bind
from servers.dovecot import Dovecot, Person
from servers.ground import Certificates, Login, certificates, place
from servers.postfix import Postfix
from servers.postgres import Postgres
from servers.proxy import Wire
from servers.smtp import SmtpServer
from servers.tokens import TokenServer

from mailbot.mail.mailbox import Account, Mailbox, open_mailbox


@pytest.fixture(scope="session")
def tls() -> Iterator[Certificates]:
    """The tests' own authority, and localhost's certificate by it."""
    home = place("tls")
    yield certificates(home)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def token_server() -> Iterator[TokenServer]:
    server = TokenServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def dovecot(tls: Certificates, token_server: TokenServer) -> Iterator[Dovecot]:
    """A real Dovecot with all that it can do."""
    server = Dovecot(tls, token_server)
    yield server
    server.close()


@pytest.fixture(scope="session")
def old_dovecot(tls: Certificates, token_server: TokenServer) -> Iterator[Dovecot]:
    """A real server without MOVE, UIDPLUS and IDLE, whose folders are below "INBOX."."""
    server = Dovecot(tls, token_server, old=True)
    yield server
    server.close()


@pytest.fixture
def person(dovecot: Dovecot) -> Person:
    """A user of Dovecot whom no other test knows."""
    return dovecot.fresh()


@pytest.fixture
def tokens(token_server: TokenServer, person: Person) -> TokenServer:
    """The token server, giving tokens for `person`."""
    token_server.begin(person.user)
    return token_server


@pytest.fixture(scope="session")
def smtp_server(tls: Certificates, token_server: TokenServer) -> Iterator[SmtpServer]:
    server = SmtpServer(tls, token_server)
    yield server
    server.close()


@pytest.fixture
def smtp(smtp_server: SmtpServer) -> SmtpServer:
    """The SMTP server, with nothing yet taken and nothing to refuse."""
    smtp_server.begin()
    return smtp_server


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    """A real Postfix that takes the logins of Dovecot's users, and delivers to them."""
    if os.geteuid() != 0:
        pytest.skip("Postfix only starts for root; aiosmtpd and Dovecot test the same wire")
    server = Postfix(dovecot)
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL; `database()` makes one for a test."""
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(scope="session")
def bind_server() -> Iterator[Bind]:
    server = Bind()
    yield server
    server.close()


@pytest.fixture
def bind(bind_server: Bind) -> Bind:
    """A real BIND with zones that hold nothing of ours yet."""
    bind_server.begin()
    return bind_server


@pytest.fixture
def wire() -> Iterator[Callable[[int], Wire]]:
    """Makes wires to a port, to be cut or frozen."""
    wires: list[Wire] = []

    def lay(port: int) -> Wire:
        wires.append(Wire(port))
        return wires[-1]

    yield lay
    for one in wires:
        one.close()


@pytest.fixture
def cuttable(person: Person, wire: Callable[[int], Wire]) -> tuple[Login, Wire]:
    """The person's login by IMAP through a wire that can be cut."""
    line = wire(person.server.imaps)
    return person.with_login(url=f"imaps://localhost:{line.port}/INBOX"), line


@pytest.fixture
def opened() -> Iterator[Callable[..., Mailbox]]:
    """Opens mailboxes (as `open_mailbox`), closed at the end."""
    mailboxes: list[Mailbox] = []

    def enter(account: Account, **options: int) -> Mailbox:
        mailboxes.append(open_mailbox(account, **options))
        return mailboxes[-1]

    yield enter
    for mailbox in mailboxes:
        mailbox.close()
