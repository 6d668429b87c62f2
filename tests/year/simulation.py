"""Runs the year: from one moment at which something is due to the next, on a real store, with an invented clock."""

import heapq
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from house import FakeRelay, Letter, mail, reply
from ready import put_database
from sqlalchemy import func, select

from mailbot.bot import Bot
from mailbot.config import load
from mailbot.store import space, tables
from year import people, provider

START = datetime(2026, 1, 5, 6, tzinfo=UTC)
YEAR = timedelta(days=364)
AFTERWARDS = timedelta(days=200)
"""In which nobody begins anything, and all comes to its end."""


@dataclass
class Year:
    """One year of `requests` requests, spread over the working days."""

    home: Path
    requests: int
    seed: int = 1
    size: provider.Size = field(default_factory=provider.Size)
    now: datetime = START
    kinds: Counter[str] = field(default_factory=Counter)
    passes: int = 0

    def __post_init__(self) -> None:
        self.home.joinpath("config.toml").write_text(provider.config(self.size))
        self.home.joinpath("secret").write_text("correct horse battery staple")
        self.home.joinpath("rules").mkdir()
        self.home.joinpath("out").mkdir()
        for name, text in provider.rules().items():
            self.home.joinpath("rules", f"{name}.toml").write_text(text)
        put_database(self.home / "mailbot.db")
        self.relay = FakeRelay()
        self.bot = Bot(load(self.home / "config.toml"), clock=lambda: self.now)
        self.bot.__dict__["relay"] = self.relay
        self.people = people.People(self.seed)
        self._order = itertools.count()
        self._coming: list[tuple[datetime, int, str, object]] = []
        self._read = 0

    def run(self) -> None:
        self.bot.prepare()
        self.bot.report()
        for at in self._beginnings():
            self._plan(at, "begin", None)
        end = START + YEAR + AFTERWARDS
        while (at := self._next()) is not None and at <= end:
            self.now = max(self.now, at)
            self._write_what_is_due()
            self._pass()

    def _beginnings(self) -> Iterator[datetime]:
        for _ in range(self.requests):
            day = START + timedelta(days=self.people.dice.randrange(YEAR.days), hours=self.people.dice.randrange(12))
            yield day + timedelta(minutes=self.people.dice.randrange(60), seconds=self.people.dice.randrange(60))

    def _plan(self, at: datetime, what: str, matter: object) -> None:
        heapq.heappush(self._coming, (at, next(self._order), what, matter))

    # -- time ----------------------------------------------------------------------------------------------------------

    def _next(self) -> datetime | None:
        """The next moment at which a mail comes or a timer, a letter or the digest is due."""
        box, timer = tables.outbox.c, tables.timer.c
        waiting = select(func.min(box.not_before)).where(box.state == "waiting", box.not_before > self.now)
        with self.bot.store.reading() as conn:
            found = [conn.scalar(select(func.min(timer.at))), conn.scalar(waiting)]
        found += [self._coming[0][0] if self._coming else None, self._next_monday()]
        return min(filter(None, found), default=None)

    def _next_monday(self) -> datetime | None:
        """The digest's hour is 08:00 in Paris; by 07:00 UTC it has come in winter and in summer."""
        ahead = (7 - self.now.weekday()) % 7
        at = (self.now + timedelta(days=ahead)).replace(hour=7, minute=0, second=0)
        at = at if at > self.now else at + timedelta(days=7)
        return at if at <= START + YEAR else None

    def _pass(self) -> None:
        self.passes += 1
        for _ in range(100):
            if (
                not self.bot.follow_up()
                + self.bot.review()
                + self.bot.drive(None)
                + self.bot.send()
                + self.bot.report()
            ):
                break
        else:
            raise AssertionError(f"never quiet at {self.now}")
        for letter in self.relay.letters[self._read :]:
            self._receive(letter)
        self.relay.letters.clear()

    # -- people --------------------------------------------------------------------------------------------------------

    def _write_what_is_due(self) -> None:
        while self._coming and self._coming[0][0] <= self.now:
            _, _, what, matter = heapq.heappop(self._coming)
            raw = self._request() if what == "begin" else matter
            if isinstance(raw, bytes):
                self.bot.intake.take(raw, self.now)

    def _request(self) -> bytes | None:
        who = self.people.dice.choice(provider.requesters(self.size))
        type_ = people.types(self.people.dice)
        text = self.people.form(type_, self._held_by(who), self.now)
        return None if text is None else bytes(mail(who, type_, text))

    def _held_by(self, who: str) -> list[str]:
        with self.bot.store.reading() as conn:
            held = space.held_by(conn, who)
        return [str(one.prefix) for one in held if one.state is space.State.ALLOCATED and "/" in str(one.prefix)]

    def _receive(self, letter: Letter) -> None:
        if self.now <= START + YEAR or letter.kind != "digest":
            self.kinds[letter.kind] += 1
        answer = self.people.answer(letter.kind, letter.reference or "", letter.step or "", letter.text)
        if answer is None:
            return
        raw = bytes(reply(letter, answer.text, quote=self.people.dice.random() < 0.5))
        self._plan(self.now + answer.after, "mail", raw)
        if answer.twice:
            self._plan(self.now + answer.after + timedelta(minutes=1), "mail", raw)
