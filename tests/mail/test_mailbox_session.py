"""Getting into an IMAP server, a real Dovecot: TLS, passwords, tokens, and the words when it fails."""

import time
from collections.abc import Callable

import pytest
from servers.dovecot import Person
from servers.ground import Plain
from servers.proxy import Wire
from servers.tokens import TokenServer

from mailbot.errors import Usage
from mailbot.mail.account import Attempts
from mailbot.mail.mailbox import Account, Mailbox, Unreachable, Waiting, open_mailbox

pytestmark = [pytest.mark.servers, pytest.mark.timeout(60)]

Open = Callable[..., Mailbox]


def mail(number: int) -> bytes:
    return b"Subject: %d\r\n\r\n" % number


def read(mailbox: Mailbox) -> list[Waiting]:
    return [one for batch in mailbox.waiting() for one in batch]


def test_starttls_and_plain_on_this_machine_work(person: Person, opened: Open) -> None:
    port = person.server.imap
    for scheme, host in (("imap+starttls", "localhost"), ("imap", "127.0.0.1")):
        lines = opened(person.with_login(url=f"{scheme}://{host}:{port}/INBOX")).check()
        assert lines[0] == f"{scheme}://{host}:{port}: connected and logged in"


def test_without_tls_no_other_machine_is_spoken_to(person: Person) -> None:
    with pytest.raises(Usage, match="without TLS only on this machine"):
        open_mailbox(person.with_login(url="imap://mail.example.net/INBOX"))


def test_check_tells_what_works(person: Person, opened: Open) -> None:
    person.deliver(mail(1))
    assert opened(person.login).check() == [
        f"imaps://localhost:{person.server.imaps}: connected and logged in",
        "INBOX: mail that waits: 1",
        "its folders: Processed, Ignored, Quarantine",
        "new mail is seen as it arrives (IDLE), and moved in one step (MOVE)",
    ]


def test_a_wrong_password_is_told_in_words_and_not_tried_again_at_once(
    cuttable: tuple[Account, Wire], opened: Open, person: Person
) -> None:
    line = cuttable[1]
    url = f"imaps://localhost:{line.port}/INBOX"
    mailbox = opened(person.with_login(url=url, password=Plain("wrong")))
    words = r"the login was refused: .*Are user and password right"
    for _ in range(3):
        with pytest.raises(Unreachable, match=words) as told:
            read(mailbox)
        assert told.value.lasting
        assert "wrong" not in str(told.value)
        assert not mailbox.wait(0.1)
    assert line.connections == 1


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
@pytest.mark.parametrize("stranger", ["its authority", "its name"])
def test_a_certificate_that_is_not_believed_is_told_in_words(
    person: Person, opened: Open, scheme: str, stranger: str
) -> None:
    port = person.server.imaps if scheme == "imaps" else person.server.imap
    if stranger == "its authority":
        login = person.with_login(url=f"{scheme}://localhost:{port}", ca=None)
    else:  # the same machine by a name that the certificate does not have
        login = person.with_login(url=f"{scheme}://127.1:{port}")
    with pytest.raises(Unreachable, match=r"certificate is not believed: .*as `ca`") as told:
        opened(login).check()
    assert told.value.lasting


def test_the_wrong_port_is_told_in_words(person: Person, opened: Open) -> None:
    with pytest.raises(Unreachable, match=r"no TLS there .*Is it the port for imaps://"):
        opened(person.with_login(url=f"imaps://localhost:{person.server.imap}")).check()


def test_a_login_cut_off_is_not_taken_for_a_wrong_password(
    person: Person, opened: Open, wire: Callable[[int], Wire]
) -> None:
    line = wire(person.server.imap)
    line.told = lambda said: line.cut() if b"AUTHENTICATE" in said else None
    mailbox = opened(person.with_login(url=f"imap://localhost:{line.port}/INBOX"))
    with pytest.raises(Unreachable) as told:
        read(mailbox)
    assert not told.value.lasting


def test_a_folder_that_is_not_there_is_told_in_words(person: Person, opened: Open) -> None:
    mailbox = opened(person.with_login(url=f"imaps://localhost:{person.server.imaps}/Nonesuch"))
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(Unreachable, match=r"the server said no: .*[Nn]onesuch"):
            read(mailbox)
        assert mailbox.wait(20)
    assert time.monotonic() - began > 0.5 + 1  # it backs off


# -- OAuth 2


@pytest.mark.parametrize("grant", ["client_credentials", "refresh_token"])
def test_a_token_opens_the_mailbox(person: Person, tokens: TokenServer, opened: Open, grant: str) -> None:
    person.deliver(mail(1))
    mailbox = opened(person.with_login(auth="oauth2", password=None, oauth2=tokens.settings(grant)))
    assert [one.raw for one in read(mailbox)] == [mail(1)]
    mailbox.close()
    assert len(read(mailbox)) == 1
    assert [form["grant_type"] for form in tokens.forms] == [grant]  # the token was kept


def test_a_token_revoked_before_its_time_is_renewed_once(person: Person, tokens: TokenServer, opened: Open) -> None:
    mailbox = opened(person.with_login(auth="oauth2", oauth2=tokens.settings()))
    read(mailbox)
    mailbox.close()
    tokens.revoke()
    assert read(mailbox) == []
    assert len(tokens.forms) == 2


def test_a_user_whom_the_token_does_not_open_is_told_in_words(
    person: Person, tokens: TokenServer, opened: Open
) -> None:
    tokens.user = "somebody else"
    mailbox = opened(person.with_login(auth="oauth2", oauth2=tokens.settings()))
    with pytest.raises(Unreachable, match="the login was refused"):
        read(mailbox)
    assert len(tokens.forms) == 2


def test_back_off_doubles_up_to_a_minute() -> None:
    attempts = Attempts()
    pauses = []
    for _ in range(10):
        with pytest.raises(Unreachable), attempts.watched():
            raise Unreachable("x")
        pauses.append(round(attempts.left, 1))
    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    with attempts.watched():
        pass
    assert attempts.left == 0
