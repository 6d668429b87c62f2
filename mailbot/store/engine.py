"""Connections: one way to begin on SQLite and PostgreSQL, so that a transaction means the same on both."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError

from mailbot.errors import Conflict, MailbotError

VIEW = "mailbot_view"
READING, REHEARSING = "reading", "rehearsing"
BUSY = 30
"""Seconds that SQLite waits for another bot's transaction to end."""

IDLE = 1.0
"""Seconds after which a connection to a server is asked whether it still lives before it is used again."""

REPEATABLE_READ = 3
"""As psycopg.IsolationLevel has it, which whoever keeps to SQLite need not load."""

_LOST_RACES = {"40001", "40P01"}  # serialization_failure, deadlock_detected


class StoreUnreachable(MailbotError):
    """The database does not answer, in words for an operator."""


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql+psycopg://…`; nothing is connected yet."""
    if not url.startswith("sqlite"):
        engine = create_engine(url)
        event.listen(engine, "connect", _keep_to_small_plans)
        event.listen(engine, "begin", _begin_as_is_meant)
        _ask_the_idle(engine)
        return engine
    engine = create_engine(url, connect_args={"timeout": BUSY, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _keep_to_small_plans(connection: Any, _record: object) -> None:
    # To compile a plan, or to start others who help with it, pays for what takes seconds: ours took 20 ms longer by it.
    # Said here and not in the options of the connection, which PgBouncer refuses.
    connection.execute("SET jit = off")
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.commit()


def _begin_as_is_meant(conn: Connection) -> None:
    raw: Any = conn.connection.dbapi_connection
    reads = conn.get_execution_options().get(VIEW) == READING
    wanted = (REPEATABLE_READ, True) if reads else (None, None)
    if (raw.isolation_level, raw.read_only) != wanted:
        raw.isolation_level, raw.read_only = wanted


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own idea of when to begin would let two bots read first and write later (280 doubles in 100 rows).
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(conn: Connection) -> None:
    if VIEW in conn.get_execution_options():
        raw: Any = conn.connection.dbapi_connection
        raw.execute("BEGIN")  # which takes no lock, and so cannot fail; past SQLAlchemy it takes an eighth of the time
    else:
        conn.exec_driver_sql("BEGIN IMMEDIATE")


def _ask_the_idle(engine: Engine) -> None:
    """As pool_pre_ping, which asks every time: a round trip more than "who has this address" itself needs."""

    def left(_raw: object, record: Any) -> None:
        record.info["left"] = time.monotonic()

    def taken(raw: Any, record: Any, _proxy: object) -> None:
        if time.monotonic() - record.info.get("left", time.monotonic()) > IDLE:
            try:
                engine.dialect.do_ping(raw)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error

    event.listen(engine, "checkin", left)
    event.listen(engine, "checkout", taken)


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
    with _viewing(engine, READING) as conn:
        try:
            yield conn
        finally:
            if _is_sound(conn):  # with a rollback psycopg would forget all that is prepared
                conn.commit()


@contextmanager
def rehearsing(engine: Engine) -> Iterator[Connection]:
    """Where something is changed to see what would be: at its end all of it is undone."""
    with _viewing(engine, REHEARSING) as conn:
        yield conn


def _is_sound(conn: Connection) -> bool:
    """Whether a transaction on PostgreSQL is under way in which nothing has failed."""
    if conn.dialect.name != "postgresql" or conn.closed or conn.invalidated:
        return False
    raw: Any = conn.connection.dbapi_connection
    return bool(raw.info.transaction_status.name == "INTRANS")


@contextmanager
def _viewing(engine: Engine, view: str) -> Iterator[Connection]:
    try:
        with engine.connect().execution_options(**{VIEW: view}) as conn:
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
