"""`mailbot run`, left alone: it answers at once, survives its mail server, and ends when it is told to."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.dovecot import Person
from servers.ground import until
from servers.smtp import SmtpServer
from system.office import FORM, Letter, Office, mail
from system.wired import wired

pytestmark = [pytest.mark.servers, pytest.mark.slow]

AT_ONCE = 8
"""Seconds: less than the 10 after which a mailbox is asked that tells nothing by itself (IDLE)."""


@pytest.fixture
def office(build: Callable[..., Office], person: Person, smtp: SmtpServer, tmp_path: Path) -> Office:
    return build(post=wired(tmp_path / "secrets", person.login, smtp.login()))


@pytest.fixture
def bot(office: Office) -> Iterator["subprocess.Popen[str]"]:
    running = office.start("run")
    yield running
    running.kill()
    running.communicate()


def answered(smtp: SmtpServer, person: Person, number: int, within: float) -> None:
    """Deliver a request, and wait for its acknowledgment and for its being filed."""
    sender = f"user{number}@example.net"
    person.deliver(mail(sender, "attribution", FORM))
    acknowledged(smtp, sender, within)
    until(lambda: person.folder("") == [], "filing", within)


def acknowledged(smtp: SmtpServer, sender: str, within: float) -> None:
    def there() -> bool:
        letters = [Letter(sent.raw) for sent in list(smtp.office.letters)]
        return [letter.kind for letter in letters if letter.to == sender] == ["acknowledged"]

    until(there, f"the acknowledgment to {sender}", within)


def ends(bot: "subprocess.Popen[str]") -> str:
    """SIGTERM, and a good end; what it said meanwhile."""
    bot.terminate()
    _, words = bot.communicate(timeout=15)
    assert bot.returncode == 0, words
    assert "Traceback" not in words
    return words


def test_mail_is_answered_at_once_and_sigterm_ends_it_well(
    bot: "subprocess.Popen[str]", person: Person, smtp: SmtpServer
) -> None:
    answered(smtp, person, 1, within=30)  # it starts
    time.sleep(3)  # it waits, longer than from one heartbeat to the next
    answered(smtp, person, 2, within=AT_ONCE)
    answered(smtp, person, 3, within=AT_ONCE)
    ends(bot)
    assert len(person.folder("Processed")) == 3


def test_a_mail_server_that_goes_and_comes_back_loses_nothing(
    bot: "subprocess.Popen[str]", person: Person, smtp: SmtpServer
) -> None:
    answered(smtp, person, 1, within=30)
    person.server.crash()
    try:
        person.deliver(mail("user2@example.net", "attribution", FORM))  # it lies there when the server comes back
        time.sleep(3)  # the bot notices, and tries again
        assert bot.poll() is None
    finally:
        person.server.start()
    acknowledged(smtp, "user2@example.net", within=30)
    answered(smtp, person, 3, within=AT_ONCE)
    words = ends(bot)
    assert "connection" in words or "listens" in words  # an operator is told of it
    assert len(person.folder("Processed")) == 3


def test_sigterm_ends_it_well_while_its_mail_server_is_away(
    bot: "subprocess.Popen[str]", person: Person, smtp: SmtpServer
) -> None:
    answered(smtp, person, 1, within=30)
    person.server.crash()
    try:
        time.sleep(2)
        ends(bot)
    finally:
        person.server.start()
