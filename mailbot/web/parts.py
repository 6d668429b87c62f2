"""What the pages are made of: the bot's parts, as they are handed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from mailbot.config import Config
from mailbot.desk import Desk
from mailbot.desk.outlook import Outlooks
from mailbot.desk.query import Asker
from mailbot.process.rules import Rules
from mailbot.store import Connection, Store, Transaction
from mailbot.store.attachments import Files
from mailbot.store.space import Counted
from mailbot.target import Answer
from mailbot.web.maps import Maps
from mailbot.web.render import Renderer
from mailbot.web.session import Sessions

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """`rules` gives the processes as they are now, `now` the time.

    `release` and `retry` handle a mail that waits once more, and tell what became of it. `answered` takes what a target
    answers later, by the ids of network requests. Raises NotFound, NotPossible.
    """

    config: Config
    store: Store
    files: Files
    desk: Desk
    rules: Callable[[], Rules]
    now: Callable[[], datetime]
    release: Callable[[int], str]
    retry: Callable[[int], str]
    answered: Callable[[str, Mapping[str, Answer]], None]
    renderer: Renderer
    sessions: Sessions
    outlooks: Outlooks
    maps: Maps = field(default_factory=Maps)
    counted: Counted = field(default_factory=Counted)

    @property
    def url(self) -> str:
        """How people reach the pages; "" where the configuration does not say it."""
        return (self.config.web.url or "") if self.config.web else ""

    @property
    def root(self) -> str:
        """What all paths begin with as browsers see them: "" or "/ip"."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def is_secure(self) -> bool:
        return self.url.startswith("https:")

    def viewer(self, conn: Connection, person: str) -> Asker:
        """The one value by which everything is scoped that somebody reads."""
        pools = self.config.pools
        return Asker(
            person=person,
            directory=self.desk.present(Transaction(conn), self.now(), person),
            processes=self.rules().processes,
            owners=self.desk.owners,
            users={name: tuple(pool.users) for name, pool in pools.items()},
        )

    def committed(self, change: Callable[[Transaction], T]) -> T:
        """Make a change in one transaction, and again where a bot changed the same thing first."""
        return self.store.committed(change)
