"""Runs bots in warm forks of one process, so that starting one costs no import; each may be killed at a chosen moment.

A moment is any between two changes of the world outside: before each commit, each call to mailbox and relay, and each
rename within these. What comes after one of them and before the next leaves the same world as the latter, so that these
are all the places where a kill can make a difference.

Orders come as lines of JSON on standard input, and each is answered by a line: how many moments the bot lived
through, or null where it was killed.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command, config  # noqa: F401
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from system.office import Office
from system.story import GONE, STORY
from system.world import sent_once

import mailbot.mail.mailbox.maildir
import mailbot.mail.relay.maildir
import mailbot.process.expression.check
import mailbot.store.migrations.versions.v0001  # noqa: F401
from mailbot.bot import Bot
from mailbot.bot.rulebook import RuleBook
from mailbot.config import load
from mailbot.desk.samples import contexts
from mailbot.mail.letter import Templates
from mailbot.mail.mailbox import Folder, Mailbox, Waiting
from mailbot.mail.relay import Deferred, Refused, Relay
from mailbot.process.rules import Rules


class Fate:
    """Counts the moments of a life, and ends it at the chosen one."""

    def __init__(self, home: str, killed_at: int | None) -> None:
        self.moments = 0
        self._home = home
        self._killed_at = killed_at

    def moment(self) -> None:
        self.moments += 1
        if self.moments == self._killed_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def fated(*args: Any, **named: Any) -> Any:
            self.moment()
            return call(*args, **named)

        return fated

    def audit(self, event: str, words: tuple[object, ...]) -> None:
        if event == "os.rename" and str(words[0]).startswith(self._home):
            self.moment()


class FatedMailbox:
    """A mailbox whose every call is a moment."""

    def __init__(self, mailbox: Mailbox, fate: Fate) -> None:
        self._mailbox, self._fate = mailbox, fate

    def waiting(self, *, folder: Folder | None = None) -> Iterator[list[Waiting]]:
        self._fate.moment()
        for batch in self._mailbox.waiting(folder=folder):
            self._fate.moment()
            yield batch

    def file(self, handles: Sequence[str], folder: Folder) -> None:
        self._fate.moment()
        self._mailbox.file(handles, folder)

    def close(self) -> None:
        self._mailbox.close()


class FatedRelay:
    """A relay that takes no letter to some people now (4xx), and never one to others (5xx)."""

    def __init__(self, relay: Relay, fate: Fate, *, deferred: Sequence[str], refused: Sequence[str]) -> None:
        self._relay, self._fate, self._deferred, self._refused = relay, fate, deferred, refused

    def send(self, raw: bytes, *, sender: str, to: Sequence[str]) -> None:
        self._fate.moment()
        if to[0] in self._deferred:
            raise Deferred("450 4.2.1 try again later")
        if to[0] in self._refused:
            raise Refused("550 5.1.1 no such user", code=550)
        self._relay.send(raw, sender=sender, to=to)

    def close(self) -> None:
        self._relay.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Warmth:
    """What costs a life more than all else that it does: templates, rules and statements, each compiled."""

    templates: Templates
    files: Mapping[str, str]
    rules: Rules
    engine: Engine

    @classmethod
    def of(cls, home: Path) -> "Warmth":
        """What is compiled when a bot has been through the whole story there."""
        bot = Bot(load(home / "config.toml"))
        faults = bot.templates.check(contexts(bot.correspondent))
        assert not faults
        rules = bot.load_rules()
        warmth = cls(templates=bot.templates, files=rule_files(home), rules=rules, engine=bot.store._engine)
        office = Office(home=home)
        for part in STORY:
            office.deliver(*part.mails(sent_once(office)))
            order = {"now": part.now.isoformat(), "deferred": part.deferred, "refused": [GONE]}
            warmth.bot(home, order, Fate(str(home), None)).once()
        return warmth

    def bot(self, home: Path, order: dict[str, Any], fate: Fate) -> Bot:
        now = datetime.fromisoformat(order["now"])
        bot = Bot(load(home / "config.toml"), clock=lambda: now)
        bot.templates = self.templates
        if rule_files(home) == self.files:
            bot.rules = RuleBook(lambda: self.rules)
        bot.mailbox = FatedMailbox(bot.mailbox, fate)
        bot.relay = FatedRelay(bot.relay, fate, deferred=order["deferred"], refused=order["refused"])
        engine = bot.store._engine
        if bot.store.is_sqlite:  # statements are compiled for one dialect object, and kept with their engine
            engine.dialect, engine._compiled_cache = self.engine.dialect, self.engine._compiled_cache
        return bot


def rule_files(home: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (home / "rules").iterdir()}


def live(order: dict[str, Any], warmth: Warmth) -> int:
    """One `run --once` of the bot in `home`, at the moment `now`; how many moments it lived through."""
    fate = Fate(order["home"], order["killed_at"])
    DefaultDialect.do_commit = fate.before(DefaultDialect.do_commit)  # type: ignore[method-assign]
    sys.addaudithook(fate.audit)
    bot = warmth.bot(Path(order["home"]), order, fate)
    bot.once()
    bot.close()
    return fate.moments


def answer(order: dict[str, Any], warmth: Warmth) -> int | None:
    """Let one fork live as ordered, and wait for its end. Raises RuntimeError where it was a bad one."""
    reading, writing = os.pipe()
    fork = os.fork()
    if fork == 0:
        try:
            os.write(writing, str(live(order, warmth)).encode())
        except BaseException:  # noqa: BLE001 - whatever it was: a fork must not go on as its parent
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lived = pipe.read()
    _, status = os.waitpid(fork, 0)
    match os.waitstatus_to_exitcode(status):
        case 0:
            return int(lived)
        case ended if ended == -signal.SIGKILL:
            return None
        case ended:
            raise RuntimeError(f"a bot ended with {ended}: its words are above")


if __name__ == "__main__":
    WARMTH = Warmth.of(Path(sys.argv[1]))
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), WARMTH)), flush=True)  # noqa: T201 - that is its answer
