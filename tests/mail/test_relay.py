"""Relays: a Maildir, a real SMTP server (aiosmtpd), and Postfix."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.dovecot import Dovecot
from servers.ground import Login, Plain, free_ports, until
from servers.postfix import Postfix
from servers.proxy import Wire
from servers.smtp import PASSWORD, USER, SmtpServer
from servers.tokens import TokenServer

from mailbot.errors import Usage
from mailbot.mail.relay import Account, Deferred, Refused, Relay, Unreachable, open_relay
from mailbot.mail.relay.smtp import BARE

pytestmark = pytest.mark.timeout(60)

LETTER = b"Message-ID: <1@example.net>\r\nSubject: x\r\n\r\n.a dot\r\n..two\r\n.\r\n\r\nend\r\n"
BOT, BOB = "bot+b@example.net", "bob@example.net"


@pytest.fixture
def opened() -> Iterator[Callable[[Account], Relay]]:
    """Opens relays, closed at the end."""
    relays: list[Relay] = []

    def enter(account: Account) -> Relay:
        relays.append(open_relay(account))
        return relays[-1]

    yield enter
    for relay in relays:
        relay.close()


@pytest.fixture
def relay(smtp: SmtpServer, opened: Callable[[Account], Relay]) -> Relay:
    return opened(smtp.login())


# -- a Maildir


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    return tmp_path / "var" / "sent"


def test_a_maildir_takes_letters_as_delivered_with_their_envelope(sent: Path, tmp_path: Path) -> None:
    open_relay(Login(url="maildir:var/sent", home=tmp_path)).send(LETTER, sender=BOT, to=[BOB, "li@example.net"])
    (path,) = (sent / "new").iterdir()
    assert path.read_bytes() == (
        b"Return-Path: <bot+b@example.net>\r\nEnvelope-To: bob@example.net, li@example.net\r\n" + LETTER
    )
    assert list((sent / "tmp").iterdir()) == []
    assert (sent / "cur").is_dir()


def test_names_in_a_maildir_sort_in_order_of_sending(sent: Path, tmp_path: Path) -> None:
    relay = open_relay(Login(url=f"maildir:{sent}", home=tmp_path / "elsewhere"))
    for number in range(50):
        relay.send(b"%d" % number, sender="", to=[BOB])
    bodies = [path.read_bytes().splitlines()[-1] for path in sorted((sent / "new").iterdir())]
    assert bodies == [b"%d" % number for number in range(50)]


def test_a_maildir_that_cannot_be_is_told_in_words(sent: Path, tmp_path: Path) -> None:
    relay = open_relay(Login(url="maildir:var/sent", home=tmp_path))
    assert relay.check() == [f"{sent}: a Maildir, where letters are put"]
    for name in ("tmp", "new", "cur"):
        (sent / name).rmdir()
    sent.rmdir()
    sent.write_text("a file")
    with pytest.raises(Unreachable, match="cannot be made"):
        relay.check()
    with pytest.raises(Deferred, match="cannot be written"):
        relay.send(LETTER, sender=BOT, to=[BOB])


# -- letters by SMTP


def test_bytes_arrive_unchanged_dots_and_all(relay: Relay, smtp: SmtpServer) -> None:
    relay.send(LETTER, sender=BOT, to=[BOB, "li@example.net"])
    (letter,) = smtp.office.letters
    assert (letter.sender, letter.to, letter.raw) == (BOT, (BOB, "li@example.net"), LETTER)


def test_the_null_sender_is_null(relay: Relay, smtp: SmtpServer) -> None:
    relay.send(LETTER, sender="", to=[BOB])
    assert smtp.office.letters[0].sender == ""


def test_one_connection_and_one_login_serve_many_letters(relay: Relay, smtp: SmtpServer) -> None:
    before = smtp.connections
    for _ in range(20):
        relay.send(LETTER, sender=BOT, to=[BOB])
    assert len(smtp.office.letters) == 20
    assert smtp.connections == before + 1
    assert smtp.office.verbs.count("AUTH PLAIN") == 1


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"a"]), max_size=12).map(b"".join))
def test_bare_line_ends_become_whole_and_whole_ones_stay(raw: bytes) -> None:
    whole = BARE.sub(b"\r\n", raw)
    assert whole.replace(b"\r\n", b"").translate(None, b".a") == b""
    assert whole.split(b"\r\n") == raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


# -- no for an answer


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "no"),
    [
        ("450 4.2.0 greylisted", Deferred),
        ("550 5.1.1 no such user", Refused),
        ("530 5.7.0 authentication required", Deferred),
        ("552 5.3.4 too large", Refused),
    ],
)
def test_trap_38_a_5xx_is_final_and_a_4xx_is_not(
    relay: Relay, smtp: SmtpServer, verb: str, answer: str, no: type[Exception]
) -> None:
    smtp.office.answers[verb] = answer
    with pytest.raises(no, match=answer) as told:
        relay.send(LETTER, sender=BOT, to=[BOB])
    match told.value:
        case Refused() as error:
            assert error.code == int(answer[:3])
        case Deferred() as error:
            assert not error.unknown
    smtp.office.answers.clear()
    before = smtp.connections
    relay.send(LETTER, sender=BOT, to=[BOB])  # the connection is as good as new
    assert len(smtp.office.letters) == 1
    assert smtp.connections == before


def test_one_recipient_refused_means_the_letter_goes_to_nobody(relay: Relay, smtp: SmtpServer) -> None:
    smtp.office.answers["RCPT nobody@example.net"] = "550 5.1.1 no such user"
    with pytest.raises(Refused, match=r"<nobody@example.net>: 550 5.1.1 no such user"):
        relay.send(LETTER, sender=BOT, to=[BOB, "nobody@example.net"])
    relay.send(LETTER, sender=BOT, to=["li@example.net"])
    assert [letter.to for letter in smtp.office.letters] == [("li@example.net",)]


@pytest.mark.parametrize(
    "odd",
    [
        "ümlaut@example.net",
        "two\r\nlines@example.net",
        "ana@example.net <evil@example.com>",
        "a@example.net>\r\nRCPT TO:<b@example.net",
        "two words@example.net",
        "nowhere",
    ],
)
def test_trap_16_an_odd_address_is_refused_and_not_read_as_another(relay: Relay, smtp: SmtpServer, odd: str) -> None:
    for sender, to in ((BOT, [BOB, odd]), (odd, [BOB])):
        with pytest.raises(Refused, match="no address for SMTP") as told:
            relay.send(LETTER, sender=sender, to=to)
        assert told.value.code == 553
    assert smtp.office.verbs == []


def test_a_server_that_has_enough_of_a_connection_gets_another(relay: Relay, smtp: SmtpServer) -> None:
    relay.send(LETTER, sender=BOT, to=[BOB])
    smtp.office.answers["MAIL"] = "421 4.7.0 too many letters on this connection"
    with pytest.raises(Deferred, match=r"421 .*too many letters"):
        relay.send(LETTER, sender=BOT, to=[BOB])
    assert smtp.office.verbs.count("AUTH PLAIN") == 2
    smtp.office.answers.clear()
    relay.send(LETTER, sender=BOT, to=[BOB])
    assert len(smtp.office.letters) == 2


# -- broken connections


@pytest.fixture
def cuttable(smtp: SmtpServer, wire: Callable[[int], Wire], opened: Callable[[Account], Relay]) -> tuple[Relay, Wire]:
    """A relay behind a wire that can be cut; without TLS, so that the wire can be listened to."""
    line = wire(smtp.plain)
    return opened(smtp.login(url=f"smtp://localhost:{line.port}", user=None)), line


def test_an_idle_connection_that_the_server_closed_costs_nothing(
    cuttable: tuple[Relay, Wire], smtp: SmtpServer
) -> None:
    relay, line = cuttable
    for _ in range(3):
        relay.send(LETTER, sender=BOT, to=[BOB])
        line.cut()
    assert len(smtp.office.letters) == 3
    assert line.connections == 3


@pytest.mark.parametrize("verb", [b"MAIL", b"RCPT", b"DATA"])
def test_a_connection_lost_before_the_text_is_deferred_and_surely_not_sent(
    cuttable: tuple[Relay, Wire], smtp: SmtpServer, verb: bytes
) -> None:
    relay, line = cuttable
    line.told = lambda said: line.cut() if said.startswith(verb) else None
    with pytest.raises(Deferred, match="the connection broke") as told:
        relay.send(LETTER, sender=BOT, to=[BOB])
    assert not told.value.unknown
    assert smtp.office.letters == []


def test_a_connection_lost_after_the_final_dot_is_unknown_and_not_tried_at_once(
    cuttable: tuple[Relay, Wire], smtp: SmtpServer
) -> None:
    relay, line = cuttable
    relay.send(LETTER, sender=BOT, to=[BOB])
    smtp.office.taken = lambda _: line.cut()  # it has the letter, and we never hear so
    with pytest.raises(Deferred, match="amid the letter") as told:
        relay.send(LETTER, sender=BOT, to=[BOB])
    assert told.value.unknown
    assert len(smtp.office.letters) == 2
    assert line.connections == 1


def test_a_server_that_is_down_is_told_in_words_and_not_asked_for_each_letter(
    opened: Callable[[Account], Relay], smtp: SmtpServer
) -> None:
    (nobody,) = free_ports(1)
    relay = opened(smtp.login(url=f"smtps://localhost:{nobody}"))
    with pytest.raises(Unreachable, match="nothing listens there"):
        relay.check()
    with pytest.raises(Deferred, match="nothing listens there") as told:
        relay.send(LETTER, sender=BOT, to=[BOB])
    assert not told.value.unknown


# -- getting in


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_tls_and_login_work_and_check_tells_so(
    smtp: SmtpServer, opened: Callable[[Account], Relay], scheme: str
) -> None:
    url = f"{scheme}://localhost:{smtp.smtps if scheme == 'smtps' else smtp.starttls}"
    relay = opened(smtp.login(url=url))
    assert relay.check() == [f"{url}: connected", "its certificate is believed; TLSv1.3", "logged in"]
    relay.send(LETTER, sender=BOT, to=[BOB])
    assert len(smtp.office.letters) == 1


def test_a_server_that_only_knows_login_is_logged_in_to(smtp: SmtpServer, opened: Callable[[Account], Relay]) -> None:
    url = f"smtp+starttls://localhost:{smtp.login_only}"
    smtp.office.password = "secret"
    opened(smtp.login(url=url, password=Plain("secret"))).send(LETTER, sender=BOT, to=[BOB])
    assert smtp.office.verbs.count("AUTH LOGIN") == len(smtp.office.letters) == 1
    with pytest.raises(Deferred, match="no letters beyond ASCII"):
        opened(smtp.login(url=url)).send(LETTER, sender=BOT, to=[BOB])


@pytest.mark.parametrize("user", [None, USER])
def test_starttls_that_is_not_offered_is_not_gone_without(
    smtp: SmtpServer, opened: Callable[[Account], Relay], user: str | None
) -> None:
    login = smtp.login(url=f"smtp+starttls://localhost:{smtp.plain}", user=user and Plain(user))
    with pytest.raises(Unreachable, match="STARTTLS extension not supported"):
        opened(login).check()
    assert not any(verb.startswith("AUTH") for verb in smtp.office.verbs)


def test_a_password_does_not_leave_this_machine_without_tls(smtp: SmtpServer) -> None:
    with pytest.raises(Usage, match="over TLS only"):
        open_relay(smtp.login(url="smtp://mail.example.net"))


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
@pytest.mark.parametrize("stranger", ["its authority", "its name"])
def test_a_certificate_that_is_not_believed_is_told_in_words(
    smtp: SmtpServer, opened: Callable[[Account], Relay], scheme: str, stranger: str
) -> None:
    port = smtp.smtps if scheme == "smtps" else smtp.starttls
    if stranger == "its authority":
        login = smtp.login(url=f"{scheme}://localhost:{port}", ca=None)
    else:
        login = smtp.login(url=f"{scheme}://127.1:{port}")
    with pytest.raises(Unreachable, match=r"certificate is not believed: .*as `ca`"):
        opened(login).check()


def test_a_wrong_password_defers_all_letters_and_is_tried_once(
    smtp: SmtpServer, opened: Callable[[Account], Relay]
) -> None:
    relay = opened(smtp.login(password=Plain(f"not {PASSWORD}")))
    for _ in range(3):
        with pytest.raises(Deferred, match=r"the login was refused: 535.*password right") as told:
            relay.send(LETTER, sender=BOT, to=[BOB])
        assert PASSWORD not in str(told.value)
    assert smtp.office.verbs.count("AUTH PLAIN") == 1


def test_a_token_logs_in_and_one_revoked_is_renewed_once(
    smtp: SmtpServer, opened: Callable[[Account], Relay], token_server: TokenServer
) -> None:
    token_server.begin("bot@example.net")
    settings = token_server.settings()
    relay = opened(smtp.login(user=Plain("bot@example.net"), auth="oauth2", oauth2=settings))
    relay.send(LETTER, sender=BOT, to=[BOB])
    relay.close()
    token_server.revoke()
    relay.send(LETTER, sender=BOT, to=[BOB])
    assert len(smtp.office.letters) == 2
    assert len(token_server.forms) == 2
    relay.close()
    token_server.revoke()
    token_server.user = "somebody else"
    with pytest.raises(Deferred, match="the login was refused: 535"):
        relay.send(LETTER, sender=BOT, to=[BOB])


@pytest.mark.parametrize("url", ["smtp:/host", "smtp+starttls://", "sendmail:", "smtps://host:none"])
def test_a_url_that_names_no_relay_is_refused(url: str) -> None:
    with pytest.raises(Usage, match=r".+"):
        open_relay(Login(url=url))


# -- Postfix


@pytest.mark.servers
@pytest.mark.parametrize("auth", ["password", "oauth2"])
def test_postfix_takes_a_letter_and_delivers_it(
    postfix: Postfix,
    dovecot: Dovecot,
    token_server: TokenServer,
    opened: Callable[[Account], Relay],
    auth: str,
) -> None:
    bob = dovecot.person(f"bob-{auth}@example.net")
    token_server.begin("bot@example.net")
    relay = opened(postfix.login("bot@example.net", auth=auth, oauth2=token_server.settings()))
    relay.send(LETTER, sender=BOT, to=[f"bob-{auth}+token@example.net"])
    until(lambda: bool(bob.folder("")), "delivery by Postfix")
    (arrived,) = bob.folder("")
    assert arrived.startswith(b"Return-Path: <bot+b@example.net>\nDelivered-To: bob-")
    assert arrived.endswith(LETTER.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n"))


@pytest.mark.servers
def test_postfix_says_no_for_good_to_a_letter_too_large(postfix: Postfix, opened: Callable[[Account], Relay]) -> None:
    relay = opened(postfix.login("bot@example.net"))
    with pytest.raises(Refused, match="552"):
        relay.send(LETTER + b"x" * 21_000_000, sender=BOT, to=[BOB])
