"""`mailbot privacy`: what is kept of a person, taken out for him or erased; legal holds."""

import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.group import Group
from mailbot.cli.output import is_terminal, json_option, print_json, print_line, print_table, say, when
from mailbot.errors import NotPossible, Usage
from mailbot.mail.mailbox import Folder
from mailbot.mail.message import read
from mailbot.process.shape import file_shape, instant
from mailbot.store import privacy as kept
from mailbot.store import views

_person = click.argument("person", metavar="ADDRESS")
_what = click.argument("what", metavar="ADDRESS|REF")


@click.group(cls=Group)
def privacy() -> None:
    """What is kept of a person: for himself, or to be erased; and what must not be erased."""


@privacy.command()
@_person
@click.option(
    "--to", "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Default: ADDRESS.zip"
)
def export(person: str, file: Path | None) -> None:
    """Write all that is kept of a person into a zip: his requests, what he did, what he held, his mail."""
    with setting.bot() as bot, bot.store.reading() as conn:
        names = _names(bot, person)
        found = kept.about(conn, names)
        target = file or Path(f"{names[0]}.zip")
        said = {
            "addresses": list(names),
            "requests": found.requests,
            "orders": found.orders,
            "history": found.entries,
            "space": found.addresses,
            "absences": found.absences,
            "attachments": [file_shape(one) for one in found.attachments],
            "unreachable": found.unreachable,
        }
        mails = 0
        with _private(target) as archive:
            archive.writestr("kept.json", json.dumps(said, default=_plain, ensure_ascii=False, indent=1))
            for name, raw in found.mails:
                archive.writestr(f"mail/{name}", raw)
                mails += 1
            for one in found.attachments:
                if (content := bot.files.read(one.digest)) is not None:
                    archive.writestr(f"attachments/{one.id}-{one.name}", content)
    told = (
        f"{len(found.requests)} requests",
        f"{len(found.entries)} entries of the history",
        f"{mails} mails",
        f"{len(found.attachments)} attachments",
    )
    print_line((str(target), "bold"), ", ".join(told))


@privacy.command()
@_person
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def erase(person: str, *, yes: bool, as_json: bool) -> None:
    """Take a person out of all that is over: names, words and mail. The history stays verifiable."""
    with setting.bot() as bot:
        names = _names(bot, person)
        _sure(names, yes=yes)
        with bot.store.transaction() as tx:
            done = kept.erase(tx.conn, names)
            counts = {
                "requests": done.requests,
                "entries": done.entries,
                "mails": done.mails,
                "letters": done.letters,
            }
            setting.house_note(tx, bot, "erased a person", ", ".join(f"{n} {what}" for what, n in counts.items()))
        with bot.store.transaction() as tx:
            counts["attachments"] = bot.files.sweep(tx)
        counts["files"] = 0 if _is_held(done, names) else _removed(bot, names)
    if as_json:
        print_json(counts | {"kept": [{"what": what, "why": why} for what, why in done.kept]})
        return
    print_line((f"{names[0]}", "bold"), ", ".join(f"{n} {what}" for what, n in counts.items()), "erased")
    print_table(["kept", "because"], [[what, why] for what, why in done.kept])


@privacy.command()
@_what
@click.option("--reason", required=True, metavar="TEXT", help="Whose order, which case.")
def hold(what: str, reason: str) -> None:
    """Put a legal hold on a person or a request: nothing of it is erased, by nobody and by no age."""
    with setting.bot() as bot, bot.store.transaction() as tx:
        name = _named(bot, what)
        if "@" not in name and not views.is_known(tx.conn, name):
            raise NotPossible(f"there is no request {name}")
        held = kept.LegalHold(what=name, reason=reason, by=setting.operator(), since=bot.now())
        kept.put_hold(tx, held)
        setting.house_note(tx, bot, "legal hold", f"{name}: {reason}")
    say(f"{name} is under legal hold; `mailbot privacy release {name}` ends it")


@privacy.command()
@_what
@click.option("--reason", default="", metavar="TEXT", help="Why it ends.")
def release(what: str, reason: str) -> None:
    """End a legal hold."""
    with setting.bot() as bot, bot.store.transaction() as tx:
        name = _named(bot, what)
        kept.release_hold(tx, name)
        setting.house_note(tx, bot, "legal hold ended", f"{name}: {reason}" if reason else name)
    say(f"{name} is under legal hold no more")


@privacy.command()
@json_option
def holds(as_json: bool) -> None:
    """All legal holds."""
    with setting.bot() as bot, bot.store.reading() as conn:
        found = kept.holds(conn)
        zone = bot.config.bot.zone
    if as_json:
        print_json([{"what": h.what, "reason": h.reason, "by": h.by, "since": instant(h.since)} for h in found])
        return
    rows = [[one.what, when(one.since, zone), one.by, one.reason] for one in found]
    print_table(["on", "since", "by", "reason"], rows, "There is no legal hold.")


# -- pieces ------------------------------------------------------------------------------------------------------------


def _names(bot: Bot, person: str) -> tuple[str, ...]:
    """All addresses of a person, the one that he is known by first."""
    known = bot.directory.person(setting.address(person))
    entry = bot.config.people.get(known)
    return (known, *(entry.aliases if entry else ()))


def _named(bot: Bot, what: str) -> str:
    return _names(bot, what)[0] if "@" in what else setting.reference(what, bot)


def _sure(names: Sequence[str], *, yes: bool) -> None:
    if yes:
        return
    if not is_terminal():
        raise Usage("this cannot be undone: add --yes")
    click.confirm(f"What is erased of {', '.join(names)} cannot be brought back. Go on?", abort=True, err=True)


def _is_held(done: kept.Erasure, names: Sequence[str]) -> bool:
    return any(what in names for what, _ in done.kept)


def _removed(bot: Bot, names: Sequence[str]) -> int:
    """Delete his mail from the mailbox's folders, less what still belongs to something that is kept."""
    count = 0
    for folder in (Folder.PROCESSED, Folder.IGNORED):
        for batch in bot.mailbox.waiting(folder=folder):
            his = [mail.handle for mail in batch if read(mail.raw).sender in names]
            bot.mailbox.remove(his)
            count += len(his)
    return count


@contextmanager
def _private(path: Path) -> Iterator[zipfile.ZipFile]:
    """A new zip that only its owner may read. Usage where there is such a file already."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Usage(f"{path} is there already: name another with --to") from None
    with os.fdopen(number, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        yield archive


def _plain(value: Any) -> str | None:
    return instant(value)
