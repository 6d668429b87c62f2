"""Copies of a whole database: made while bots work on it, and put in its place again. All or nothing, both ways."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert

from mailbot.errors import MailbotError, NotFound, NotPossible
from mailbot.store import tables
from mailbot.store.engine import BUSY
from mailbot.store.owner import SPACE
from mailbot.store.store import Store
from mailbot.store.transaction import Transaction

Change = Callable[[Transaction], None]

SIDE_FILES = ("-wal", "-shm")
"""What SQLite keeps beside a database in use; a stale one beside another database would be read into it."""


def backup(url: str, to: Path) -> None:
    """A copy of the database as it is now, in a new file of mode 600. Raises NotPossible, NotFound."""
    with new_file(to) as draft:
        if is_sqlite(url):
            _copy_sqlite(_existing(url), draft)
        else:
            _postgres("pg_dump", url, "--format=custom", f"--file={draft}")
        _sync(draft)


def restore(url: str, source: Path, *, facts: Mapping[str, str], kept: Path) -> None:
    """Put a copy in the place of the database, which holds these facts from its first moment on.

    What stood there is kept in a new file. Raises NotPossible where the copy is none, or somebody works on it.
    """
    if is_sqlite(url):
        _restore_sqlite(url, source, facts, kept)
    else:
        _restore_postgres(url, source, facts, kept)


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite:")


def sqlite_file(url: str) -> Path:
    return Path(str(make_url(url).database))


@contextmanager
def new_file(to: Path) -> Iterator[Path]:
    """A draft beside `to`, which takes its place when all went well. What is there already is never overwritten."""
    try:
        os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise NotPossible(f"{to} is there already: nothing was written") from None
    try:
        with _draft(to) as draft:
            yield draft
            draft.replace(to)
    except BaseException:
        to.unlink(missing_ok=True)
        raise


@contextmanager
def _draft(beside: Path) -> Iterator[Path]:
    """An empty file of mode 600 that is gone at the end, with all that SQLite puts beside it."""
    number, name = tempfile.mkstemp(dir=beside.parent, prefix=f".{beside.name}.")
    os.close(number)
    draft = Path(name)
    try:
        yield draft
    finally:
        for path in (draft, *_beside(draft)):
            path.unlink(missing_ok=True)


def _beside(database: Path) -> list[Path]:
    return [database.with_name(database.name + end) for end in SIDE_FILES]


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


# -- SQLite ------------------------------------------------------------------------------------------------------------


def _existing(url: str) -> Path:
    database = sqlite_file(url)
    if not database.exists():
        raise NotFound(f"there is no database {database} yet")
    return database


def _copy_sqlite(source: Path, to: Path) -> None:
    """By SQLite's online backup, in one step: one moment of the source, while others go on writing to it."""
    try:
        with closing(sqlite3.connect(source, timeout=BUSY)) as old, closing(sqlite3.connect(to)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file, whole in itself
            faults = new.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise NotPossible(f"{source} cannot be copied: {error}") from error
    if faults != "ok":
        raise NotPossible(f"{source} is damaged: {faults}")


def _restore_sqlite(url: str, source: Path, facts: Mapping[str, str], kept: Path) -> None:
    database = sqlite_file(url)
    database.parent.mkdir(parents=True, exist_ok=True)
    with _draft(database) as draft:
        # 1. The copy, brought to this version and told what it is: nobody sees it yet.
        _copy_sqlite(source, draft)
        _known_as_ours(source, draft)
        _made_ready(draft, facts)
        _owned_like(draft, database)
        _sync(draft)
        # 2. What stands there is set aside, whole, once nobody works on it.
        if database.exists():
            _set_aside(database, kept)
        # 3. One rename: there is never no database, which a bot would begin anew with IP-1.
        draft.replace(database)
        _sync(database.parent)


def _known_as_ours(source: Path, draft: Path) -> None:
    with closing(sqlite3.connect(draft)) as conn:
        tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"alembic_version", "request", "history"} <= tables:
        raise NotPossible(f"{source} is no copy of a mailbot's database")


def _made_ready(draft: Path, facts: Mapping[str, str]) -> None:
    store = Store(f"sqlite:///{draft}")
    try:
        _upgraded(store)
        with store.transaction() as tx:
            for name, value in facts.items():
                tx.set_fact(name, value)
    finally:
        store.close()
    with closing(sqlite3.connect(draft)) as conn:
        conn.execute("PRAGMA journal_mode = DELETE")


def _owned_like(draft: Path, database: Path) -> None:
    """Whoever restores may be root, and the bot is not: it must be able to open what stands there then."""
    model = database if database.exists() else database.parent
    status = model.stat()
    if os.geteuid() == 0:
        os.chown(draft, status.st_uid, status.st_gid)
    if model is database:
        draft.chmod(status.st_mode & 0o777)


def _set_aside(database: Path, kept: Path) -> None:
    """Keep the old one under another name. Its side files are folded into it; of a damaged one they go along."""
    try:
        with closing(sqlite3.connect(database, timeout=1)) as conn:
            conn.execute("PRAGMA journal_mode = DELETE")  # refused while anybody else has it open
    except sqlite3.OperationalError as error:
        raise NotPossible(f"somebody works on {database} ({error}): stop mailbot first, then restore again") from error
    except sqlite3.DatabaseError:
        for path in filter(Path.exists, _beside(database)):
            path.rename(kept.with_name(kept.name + path.name.removeprefix(database.name)))
    _linked(database, kept)


def _linked(database: Path, kept: Path) -> None:
    try:
        os.link(database, kept)
    except FileExistsError:
        raise NotPossible(f"{kept} is there already: nothing was changed") from None
    except OSError:  # a file system without links
        shutil.copy2(database, kept)


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


def _restore_postgres(url: str, source: Path, facts: Mapping[str, str], kept: Path) -> None:
    """One script in one transaction, the facts within it: no bot ever sees the copy without them."""
    _nobody_works(url)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "restore.sql"
        _run(["pg_restore", "--clean", "--if-exists", "--no-owner", f"--file={script}", str(source)], {})
        with script.open("a", encoding="utf-8") as file:
            file.write("\nRESET search_path;\n" + "".join(_fact_sql(*fact) for fact in facts.items()))
        backup(url, kept)
        _postgres("psql", url, "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={script}")
    store = Store(url)
    try:
        _upgraded(store)
    finally:
        store.close()


def _fact_sql(name: str, value: str) -> str:
    """For psql, which takes no parameters; names and values are our own words."""
    row = insert(tables.fact).values(name=name, value=value)
    row = row.on_conflict_do_update(index_elements=["name"], set_={"value": value})
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects have no types
    return f"{row.compile(dialect=dialect, compile_kwargs={'literal_binds': True})};\n"


def _nobody_works(url: str) -> None:
    """Each bot that sends holds an advisory lock."""
    store = Store(url)
    try:
        with store.reading() as conn:
            ours = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = :space AND granted")
            alive = conn.execute(ours, {"space": SPACE}).scalar_one()
    finally:
        store.close()
    if alive:
        raise NotPossible(f"{alive} mailbot{'s work' if alive > 1 else ' works'} on it: stop them first")


def _postgres(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs on the database; the password travels by the environment."""
    parts = make_url(url)
    _run([program, *arguments, f"--dbname={_libpq(parts)}"], {"PGPASSWORD": str(parts.password or "")})


def _libpq(parts: URL) -> str:
    """As libpq reads it, without the password: any user of the machine may list what runs, arguments and all."""
    bare = parts.set(drivername="postgresql", password=None)
    return bare.render_as_string(hide_password=False)


def _run(command: list[str], secrets: Mapping[str, str]) -> None:
    given = {name: value for name, value in secrets.items() if value}
    try:
        done = subprocess.run(  # noqa: S603 (our own words, and no shell)
            command, env={**os.environ, **given}, capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError:
        raise NotPossible(f"{command[0]} is not installed: it comes with PostgreSQL's client programs") from None
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise NotPossible(f"{command[0]}: {words[0]}")


def _upgraded(store: Store) -> None:
    try:
        store.upgrade()
    except MailbotError:
        raise
    except Exception as error:  # alembic's own: it does not know the copy's version
        raise NotPossible(f"the copy was made by a newer mailbot: {error}") from error
