"""Mail servers and the database fail at each moment in turn: each mail is handled once, each letter leaves once.

Or leaves again as the same bytes, in the one window that there is: the relay took it, and we were not told.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from house import TEMPLATES
from ready import put_database
from servers.dovecot import Dovecot, Person
from servers.proxy import Wire
from servers.smtp import SmtpServer
from sqlalchemy import event
from system.office import FORM, Letter, Office, mail
from system.wired import wired

from mailbot.bot import Bot
from mailbot.config import load
from mailbot.errors import Conflict
from mailbot.mail.mailbox import Unreachable
from mailbot.store import StoreUnreachable, engine, space, views

pytestmark = [pytest.mark.servers, pytest.mark.slow]

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
PASSES = 6
"""After a fault; between them passes more time than a letter that was put off waits for."""

STRIDE = {"imap": 7, "relay": 5}
"""Of what passes a wire, each so many-th moment is tried; the two harms begin at other ones."""

Lay = Callable[[int], Wire]


def mails() -> list[bytes]:
    request = mail("bob@example.net", "attribution", FORM)
    return [
        request,
        mail("carl@example.net", "attribution", FORM.replace("Acme", "Bravo")),
        b"Received: by the list\r\n" + request,
        mail("dora@example.net", "hello", "What can I ask for?"),
        mail("eve@elsewhere.example", "attribution", FORM),
        b"From: two@example.net, three@example.net\r\n\r\nwho am I?\r\n",
    ]


FILED = {"": 0, "Processed": 4, "Ignored": 1, "Quarantine": 1}
LETTERS = Counter(acknowledged=2, action=6, forms=1, alert=1)


@dataclass
class Line:
    """A wire that does its harm at the n-th thing that passes it (0: none)."""

    wire: Wire
    harm: str
    at: int = 0
    passed: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.wire.told = self.wire.answered = self._see

    def _see(self, _: bytes) -> None:
        self.passed += 1
        if self.passed == self.at:
            getattr(self.wire, self.harm)()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """An office between a person's mailbox and a relay; `now` goes on from pass to pass."""

    office: Office
    person: Person
    smtp: SmtpServer
    clock: list[datetime]

    def a_bot(self) -> Bot:
        bot = Bot(load(self.office.config), clock=lambda: self.clock[0])
        bot.__dict__["templates"] = TEMPLATES
        return bot

    def once(self, bot: Bot | None = None) -> None:
        """One pass of a bot of its own, as `run --once` makes it: a server that failed is not asked again at once."""
        self.clock[0] += timedelta(minutes=10)
        bot = bot or self.a_bot()
        with suppress(Unreachable, StoreUnreachable, Conflict):
            bot.once()
        bot.close()

    def come_to_rest(self) -> None:
        for _ in range(PASSES):
            self.once()
            if not self.faults():
                return

    def faults(self) -> list[str]:
        filed = {name: len(self.person.folder(name)) for name in FILED}
        letters = [Letter(sent.raw) for sent in self.smtp.office.letters]
        once = {letter.header("Message-ID"): letter for letter in letters}
        found = [] if filed == FILED else [f"filed: {filed}"]
        if len({letter.raw for letter in letters}) != len(once):
            found.append("one Message-ID stands for different letters")
        if (told := Counter(letter.kind for letter in once.values())) != LETTERS:
            found.append(f"letters: {told}")
        if len(letters) - len(once) > 1:
            found.append(f"{len(letters) - len(once)} letters left again")
        bot = self.a_bot()
        with bot.store.reading() as conn:
            found += [*map(str, space.check(conn)), *views.broken_chains(conn)]
        bot.close()
        return found


@pytest.fixture
def play(dovecot: Dovecot, smtp: SmtpServer, wire: Lay, tmp_path: Path) -> Callable[..., Setting]:
    """Builds a setting, with wires to both servers where these are given."""
    homes = count()

    def build(imap: Callable[[Wire], Line] | None = None, relay: Callable[[Wire], Line] | None = None) -> Setting:
        person = dovecot.fresh()
        smtp.begin()
        login, out = person.login, smtp.login(url=f"smtps://localhost:{smtp.smtps}")
        if imap:
            login = person.with_login(url=f"imaps://localhost:{imap(wire(dovecot.imaps)).wire.port}/INBOX")
        if relay:
            out = smtp.login(url=f"smtps://localhost:{relay(wire(smtp.smtps)).wire.port}")
        home = tmp_path / str(next(homes))
        office = Office.build(home / "office", post=wired(home / "secrets", login, out))
        put_database(office.home / "var" / "mailbot.db")
        person.deliver(*mails())
        return Setting(office=office, person=person, smtp=smtp, clock=[MONDAY])

    return build


@pytest.mark.parametrize("harm", ["cut", "half_close"])
@pytest.mark.parametrize("side", ["imap", "relay"])
def test_a_connection_lost_at_any_moment_loses_nothing_and_doubles_nothing(
    play: Callable[..., Setting], side: str, harm: str
) -> None:
    wrong: dict[int, list[str]] = {}
    for at in count(1 if harm == "cut" else 3, STRIDE[side]):
        lines: list[Line] = []

        def lay(line: Wire, at: int = at, lines: list[Line] = lines) -> Line:
            lines.append(Line(line, harm, at))
            return lines[-1]

        setting = play(**{side: lay})
        setting.come_to_rest()
        if faults := setting.faults():
            wrong[at] = faults
        if lines[0].passed < at:  # it came to its end before the harm
            break
    assert at > 10
    assert wrong == {}


@pytest.mark.parametrize(
    ("verb", "answer"),
    [("MAIL", "451 4.3.0 not now"), ("RCPT", "421 4.3.2 going down"), ("DATA", "451 4.3.0 not now")],
)
def test_a_relay_that_says_not_now_gets_the_same_letter_later(
    play: Callable[..., Setting], verb: str, answer: str
) -> None:
    setting = play()
    setting.smtp.office.answers[verb] = answer
    setting.once()
    assert setting.smtp.office.letters == []
    setting.smtp.office.answers.clear()
    setting.come_to_rest()
    assert setting.faults() == []


def test_new_uids_amid_a_pass_move_nothing_wrong(play: Callable[..., Setting], dovecot: Dovecot) -> None:
    setting = play()
    bot = setting.a_bot()
    file = bot.mailbox.file
    validity = count(7)

    def renumbered(handles: list[str], folder: str) -> None:
        said = ("--uid-validity", str(next(validity)), "-u", setting.person.user, "INBOX")
        dovecot.doveadm("mailbox", "update", *said)
        file(handles, folder)

    bot.mailbox.file = renumbered
    setting.once(bot)
    setting.come_to_rest()
    assert setting.faults() == []


def test_a_full_disk_at_any_moment_leaves_the_mail_where_it_is(play: Callable[..., Setting]) -> None:
    wrong: dict[int, list[str]] = {}
    for pages in range(0, 40, 8):
        setting = play()
        bot = setting.a_bot()
        _fill_up(bot, pages)
        setting.once(bot)
        setting.come_to_rest()
        if faults := setting.faults():
            wrong[pages] = faults
    assert wrong == {}


def _fill_up(bot: Bot, pages: int) -> None:
    """The database may grow by so many pages (4 KiB) and no more: SQLite's own "database or disk is full"."""
    bot.prepare()

    def limit(connection: sqlite3.Connection, _: object) -> None:
        [now] = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {now + pages}")

    store = bot.store._engine  # noqa: SLF001 (nobody else needs to fill a disk)
    store.dispose()
    event.listen(store, "connect", limit)


def test_a_database_that_is_locked_is_waited_for_and_no_mail_is_lost(
    play: Callable[..., Setting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY", 0.1)
    setting = play()
    setting.a_bot().prepare()
    with closing(sqlite3.connect(setting.office.home / "var" / "mailbot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        setting.once()
        assert len(setting.person.folder("")) == len(mails())
        assert setting.smtp.office.letters == []
        other.execute("ROLLBACK")
    setting.come_to_rest()
    assert setting.faults() == []
