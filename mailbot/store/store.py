"""The store as the doors see it: transactions to write in, connections to read from, and its schema."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from mailbot.errors import Conflict
from mailbot.store.engine import StoreUnreachable, open_engine, reading, rehearsing, writing
from mailbot.store.migrations import is_current, upgrade
from mailbot.store.owner import Owner, new_owner
from mailbot.store.transaction import Transaction

T = TypeVar("T")

TRIES = 5
"""How often a change is begun that other bots come in between."""


class Store:
    """One database. Opening it connects to nothing yet."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = open_engine(url)
        self._opened: os.stat_result | None = None

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """Of SQLite, where it keeps a file."""
        name = self._engine.url.database if self.is_sqlite else None
        return Path(name) if name else None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """The block's end commits, an exception undoes. Raises Conflict, StoreUnreachable."""
        with writing(self._engine) as conn:
            yield Transaction(conn)

    def committed(self, change: Callable[[Transaction], T]) -> T:
        """Make a change in one transaction, and again where another bot changed the same thing first.

        Raises StoreUnreachable; Conflict where others are always faster.
        """
        for _ in range(TRIES - 1):
            with suppress(Conflict), self.transaction() as tx:
                return change(tx)
        with self.transaction() as tx:
            return change(tx)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with reading(self._engine) as conn:
            yield conn

    @contextmanager
    def rehearsing(self) -> Iterator[Connection]:
        """To see what a change would make of it: at the block's end it is undone."""
        with rehearsing(self._engine) as conn:
            yield conn

    def upgrade(self) -> None:
        """Bring the tables to this version of mailbot; several bots may try at the same time."""
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        if not self.is_current():
            upgrade(self._engine)
        self._opened = self.file.stat() if self.file else None

    def is_current(self) -> bool:
        """Whether its tables are of this version. Raises StoreUnreachable, also where its file is another by now:
        what is open still would go on answering.
        """
        if self.file and self._opened and not _is_same(self.file, self._opened):
            raise StoreUnreachable(f"{self.file} is not the database that was opened: is its volume mounted?")
        with reading(self._engine) as conn:
            return is_current(conn)

    def looks_current(self) -> bool:
        """`is_current` for who must not make a file, as SQLite would. Raises StoreUnreachable."""
        if self.file and not self.file.exists():
            raise StoreUnreachable(f"there is no database {self.file}: is its volume mounted?")
        return self.is_current()

    def new_owner(self, now: datetime) -> Owner:
        """The life by which this process claims what it sends."""
        return new_owner(self._engine, now)

    def close(self) -> None:
        self._engine.dispose()


def _is_same(file: Path, opened: os.stat_result) -> bool:
    try:
        return os.path.samestat(file.stat(), opened)
    except OSError:
        return False
