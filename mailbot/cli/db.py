"""`mailbot db`: the database's schema, its copies, and the way back from one."""

import sys
from itertools import chain, count
from pathlib import Path

import click

from mailbot.activation import DOUBTED
from mailbot.bot import REFERENCES_GIVEN_OUT, REREAD, Bot
from mailbot.cli import setting
from mailbot.cli.group import Group
from mailbot.cli.output import counted, printable
from mailbot.config import Config
from mailbot.errors import MailbotError, NotPossible
from mailbot.store import PAUSED, Store, Transaction, copies, views

_ABOUT_TARGETS = (
    "  mailbot targets list     what targets were to be told may have been done before: it is unknown, and is not\n"
    "                           told again by itself\n"
)

_file = click.Path(path_type=Path, dir_okay=False)


@click.group(cls=Group)
def db() -> None:
    """Upgrade, back up and restore the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables to this version of mailbot. `run` does so by itself with SQLite."""
    store = Store(setting.config().database_url())
    try:
        before = _is_current(store)
        store.upgrade()
    finally:
        store.close()
    click.echo("The database was of this version already." if before else "The database is of this version now.")


@db.command()
@click.argument("file", type=_file, required=False)
def backup(file: Path | None) -> None:
    """Copy the database into FILE, while bots work on it. By default the file's name tells the time.

    The signing keys (var/secret, or wherever [bot] secrets says) are no part of it: keep these, too.
    """
    with setting.bot() as bot:
        to = file or Path(f"mailbot-{_stamp(bot)}.backup")
        copies.backup(bot.config.database_url(), to)
        files = bot.files.folder if bot.files.is_used else None
    size = to.stat().st_size / 2**20
    click.echo(f"{printable(str(to))}: {size:.1f} MiB; `mailbot db restore` puts it back")
    if files:
        click.echo(f"Files that came with requests are no part of it: copy {printable(str(files))} too, after it.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--yes", is_flag=True, help="Do not ask, on a terminal, whether requests may be replaced.")
def restore(file: Path, yes: bool) -> None:
    """Put the copy in FILE in the place of the database. What stood there is kept beside it.

    The restored bot is paused, and reads the mail in Processed again, so that no reference and no prefix is given out
    twice: run it, look at what it has, then `mailbot resume`.
    """
    with setting.bot() as bot:
        config = bot.config
        if not yes and sys.stdin.isatty() and (there := _what_is_there(config)):
            question = f"{there}. Is {file} to take its place (what is there now is kept)?"
            if not click.confirm(question, err=True):
                raise NotPossible("nothing was replaced")
        kept = _kept(config, file, _stamp(bot))
        facts = {PAUSED: "all", **dict.fromkeys((REREAD, DOUBTED), bot.now().isoformat()), **_given_out(config)}
        copies.restore(config.database_url(), file, facts=facts, kept=kept)
        with bot.store.transaction() as tx:
            setting.house_note(tx, bot, "restored", f"from {file.name}")
        _report(bot, kept)


def _given_out(config: Config) -> dict[str, str]:
    """How many references the replaced database has given out, where it can still tell: some stand in no mail."""
    url = config.database_url()
    if copies.is_sqlite(url) and not copies.sqlite_file(url).exists():
        return {}
    store = Store(url)
    try:
        with store.reading() as conn:
            last = Transaction(conn).fact("last reference")
    except Exception:  # noqa: BLE001 (damaged, or none at all)
        return {}
    finally:
        store.close()
    return {REFERENCES_GIVEN_OUT: last} if last else {}


def _is_current(store: Store) -> bool:
    try:
        return store.is_current()
    except MailbotError:  # there is nothing yet; else the upgrade tells what is wrong
        return False


def _stamp(bot: Bot) -> str:
    return bot.now().strftime("%Y%m%dT%H%M%SZ")


def _kept(config: Config, file: Path, stamp: str) -> Path:
    """Where what is replaced goes: beside SQLite's file, else beside the copy."""
    url = config.database_url()
    beside = copies.sqlite_file(url) if copies.is_sqlite(url) else file
    names = chain([stamp], (f"{stamp}-{number}" for number in count(2)))
    paths = (beside.with_name(f"{beside.name}.before-restore-{name}") for name in names)
    return next(path for path in paths if not path.exists())


def _what_is_there(config: Config) -> str:
    """In words what a restore would replace; "" where that is nothing."""
    url = config.database_url()
    if copies.is_sqlite(url) and not copies.sqlite_file(url).exists():
        return ""
    store = Store(url)
    try:
        with store.reading() as conn:
            known = views.totals(conn)
    except Exception:  # noqa: BLE001 (damaged, of an older version, no database at all: the operator decides)
        return f"{config.database.url} is there, and is no database that can be looked into"
    finally:
        store.close()
    words = f"{config.database.url} holds {counted(known.requests, 'request')}, {known.open} of them open"
    return words if known.requests else ""


def _report(bot: Bot, kept: Path) -> None:
    with bot.store.reading() as conn:
        known = views.totals(conn)
        last = views.last_reference(conn)
    click.echo(
        f"Restored: {counted(known.requests, 'request')}, {known.open} of them open; the last is {last or 'none'}."
    )
    if kept.exists():
        click.echo(f"What stood there before: {printable(str(kept))}")
    click.echo(
        "It is paused: nothing leaves. Next:\n"
        "  mailbot run --once       reads the mail in Processed again, which came after the copy was made\n"
        "  mailbot requests list    is everything there?\n"
        f"{_ABOUT_TARGETS if bot.config.targets else ''}"
        f"  mailbot resume           lets go of {counted(known.letters, 'letter')} that wait, and of all that follow;\n"
        "                           those that left after the copy was made leave once more, the same as then"
    )
