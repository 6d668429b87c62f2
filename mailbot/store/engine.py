"""Connections: one way to begin on SQLite and PostgreSQL, so that a transaction means the same on both."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from mailbot.errors import Conflict, MailbotError

READING = "mailbot_reading"
BUSY = 30
"""Seconds that SQLite waits for another bot's transaction to end."""

_LOST_RACES = {"40001", "40P01"}  # serialization_failure, deadlock_detected


class StoreUnreachable(MailbotError):
    """The database does not answer, in words for an operator."""


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql+psycopg://…`; nothing is connected yet."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own idea of when to begin would let two bots read first and write later (280 doubles in 100 rows).
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(conn: Connection) -> None:
    reading = conn.get_execution_options().get(READING, False)
    conn.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction; the block's end commits. Conflict where another bot came first: begin again."""
    try:
        with engine.begin() as conn:
            yield conn
    except DBAPIError as error:
        raise told(error) from error
    except sqlite3.Error as error:  # from the first words to a new connection, which SQLAlchemy does not wrap
        raise StoreUnreachable(f"the database cannot be used: {error}") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view that holds nobody up."""
    try:
        with engine.connect().execution_options(**{READING: True}) as conn:
            yield conn
    except DBAPIError as error:
        raise told(error) from error
    except sqlite3.Error as error:  # from the first words to a new connection, which SQLAlchemy does not wrap
        raise StoreUnreachable(f"the database cannot be used: {error}") from error


def told(error: DBAPIError) -> Exception:
    """What a door is told of it: Conflict where another bot came first, StoreUnreachable; else the fault itself."""
    original: Any = error.orig
    if getattr(original, "sqlstate", None) in _LOST_RACES:
        return Conflict(str(original))
    if isinstance(original, sqlite3.OperationalError) and "locked" in str(original):
        return Conflict(str(original))
    if isinstance(error, OperationalError):
        return StoreUnreachable(f"the database does not answer: {str(original).strip()}")
    return error
