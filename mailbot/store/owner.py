"""Who is sending: a bot's claims are its own while a lock proves that it lives, and free the moment it does not.

No clock decides, so that a bot that is slow, stopped or suspended never has its letters sent by two.
"""

import fcntl
import os
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, func, insert, select

from mailbot.store import tables
from mailbot.store.engine import writing

SPACE = 0x6D626F74
"""“mbot”: the first half of our advisory locks' keys."""


class Owner(Protocol):
    """One bot's life. `id` is written into what it claims."""

    id: int

    def lives(self, other: int) -> bool:
        """Whether the bot of that id still holds its lock."""
        ...

    def close(self) -> None: ...


def new_owner(engine: Engine, now: datetime) -> Owner:
    """A new life, proven by a file lock beside a SQLite database, else by a session's advisory lock."""
    with writing(engine) as conn:
        number = conn.execute(insert(tables.owner).values(since=now).returning(tables.owner.c.id))
        life = int(number.scalar_one())
    if engine.dialect.name == "sqlite":
        return _FileOwner(life, Path(str(engine.url.database)))
    return _SessionOwner(life, engine)


class _FileOwner:
    def __init__(self, number: int, database: Path) -> None:
        self.id = number
        self._database = database
        self._file = self._locked()
        self._sweep()

    def _locked(self) -> int:
        """Our file, open and locked. Another bot's sweep may take it away between the two: then once more."""
        path = self._path(self.id)
        while True:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and os.fstat(file).st_ino == path.stat().st_ino:
                return file
            os.close(file)

    def _sweep(self) -> None:
        """Take away what bots that were killed have left."""
        for path in self._database.parent.glob(f"{self._database.name}-owner-*"):
            number = path.name.rpartition("-")[2]
            if number.isdecimal():
                self.lives(int(number))

    def _path(self, number: int) -> Path:
        return self._database.with_name(f"{self._database.name}-owner-{number}")

    def lives(self, other: int) -> bool:
        if other == self.id:
            return True
        try:
            file = os.open(self._path(other), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            self._path(other).unlink(missing_ok=True)
            return False
        finally:
            os.close(file)

    def close(self) -> None:
        self._path(self.id).unlink(missing_ok=True)
        os.close(self._file)


class _SessionOwner:
    def __init__(self, number: int, engine: Engine) -> None:
        self.id = number
        self._conn: Connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._conn.execute(select(func.pg_advisory_lock(SPACE, number)))

    def lives(self, other: int) -> bool:
        if other == self.id:
            return True
        taken = self._conn.execute(select(func.pg_try_advisory_lock(SPACE, other))).scalar_one()
        if taken:
            self._conn.execute(select(func.pg_advisory_unlock(SPACE, other)))
        return not taken

    def close(self) -> None:
        self._conn.close()
