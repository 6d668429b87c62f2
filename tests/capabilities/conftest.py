"""A house around one bot whose clock stands where the test puts it; driven by mail, asked by what it shows outside."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from ready import put_database
from system.office import FORM, Letter, Office, mail, only, reply

from mailbot.bot import Bot
from mailbot.config import load
from mailbot.store import views

_serial = count(1)

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass(slots=True)
class House:
    """`run` is one pass of the bot, a minute after the last one or at a time; it returns the letters that left."""

    office: Office
    now: datetime = MONDAY
    bot: Bot = field(init=False)
    seen: int = 0

    def __post_init__(self) -> None:
        self.bot = Bot(load(self.office.config), clock=lambda: self.now)

    def run(self, at: str | None = None) -> list[Letter]:
        self.now = datetime.fromisoformat(f"{at}+00:00") if at else self.now + timedelta(minutes=1)
        self.bot.once()
        letters = self.office.letters()
        new, self.seen = letters[self.seen :], len(letters)
        return new

    def say(self, *mails: bytes, at: str | None = None) -> list[Letter]:
        """These mails arrive, and the bot runs."""
        self.office.deliver(*mails)
        return self.run(at)

    def ask(self, body: str = FORM, subject: str = "attribution", sender: str = "bob@example.net") -> list[Letter]:
        return self.say(mail(sender, subject, body, Message_ID=f"<{next(_serial)}@people.example>"))

    def granted(self, body: str = FORM) -> str:
        """A request to its good end; its prefix."""
        letters = self.ask(body)
        answers = [reply(only(letters, "action", "bill@example.net"), "Account: A-77")]
        if any(x.to == "ana@example.net" for x in letters):
            answers.append(reply(only(letters, "action", "ana@example.net"), "approve"))
        self.say(*answers)
        prefix: str = self.request(letters[0].reference)["addresses"][0]["prefix"]
        return prefix

    def request(self, reference: str) -> dict[str, Any]:
        with self.bot.store.reading() as conn:
            return self.bot.shape(conn, views.request(conn, reference))

    def requests(self) -> list[dict[str, Any]]:
        with self.bot.store.reading() as conn:
            return [self.bot.shape(conn, r) for r in views.requests(conn, views.RequestFilter(), self.now)]

    def history(self, reference: str) -> list[tuple[str, str, str]]:
        """(actor, action, detail), oldest first."""
        with self.bot.store.reading() as conn:
            rows = views.history(conn, views.HistoryFilter(reference=reference))
            return [(row["actor"], row["action"], row["detail"]) for row in rows]

    def states(self, reference: str) -> dict[str, str]:
        return {step["name"]: step["state"] for step in self.request(reference)["steps"]}


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Builds a house: with other rule files (name → text), or other lines in the configuration."""
    made: list[House] = []

    def build_(rules: dict[str, str] | None = None, config: Callable[[str], str] = str) -> House:
        office = Office.build(tmp_path / "office")
        for name, text in (rules or {}).items():
            (office.home / "rules" / f"{name}.toml").write_text(text)
        office.config.write_text(config(office.config.read_text()))
        put_database(office.home / "var" / "mailbot.db")
        made.append(House(office))
        return made[-1]

    yield build_
    for house in made:
        house.bot.close()


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    return build()
