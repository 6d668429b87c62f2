"""`mailbot requests attachments`: the files that came with a request, listed or saved."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import counted, json_option, print_json, print_table, say, when
from mailbot.errors import NotPossible
from mailbot.process.request import Kept
from mailbot.process.shape import file_shape
from mailbot.store import attachments as kept
from mailbot.store import views


@click.command("attachments")
@click.argument("reference", metavar="REF")
@click.option(
    "--save", "folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Write them into DIR."
)
@json_option
def attachments(reference: str, folder: Path | None, as_json: bool) -> None:
    """The files that came with a request, and from whom. With --save, the files themselves, too.

    They are others' files: look at them as at any attachment.
    """
    with setting.bot() as bot:
        with bot.store.reading() as conn:
            request = views.request(conn, setting.one_reference(conn, reference, bot))
            found = kept.of_request(conn, request.reference)
        if folder is not None:
            _save(bot, found, folder)
        if as_json:
            print_json([file_shape(one) for one in found])
            return
        zone = bot.config.bot.zone
    rows = [[one.name, f"{one.size:,}", one.type, one.who, when(one.at, zone)] for one in found]
    print_table(["file", "bytes", "type", "from", "since"], rows, "Nothing came with it.")


def _save(bot: Bot, found: Sequence[Kept], folder: Path) -> None:
    """All that are there; what is there already is never overwritten. NotPossible, at the end, where one is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = []
    for one in found:
        content = bot.files.read(one.digest)
        if content is None:
            missing.append(one.name)
        else:
            _write(folder, one.name, content)
    say(f"{counted(len(found) - len(missing), 'file')} in {folder}")
    if missing:
        raise NotPossible(f"not on the disk any more, or changed there: {', '.join(missing)}")


def _write(folder: Path, name: str, content: bytes) -> None:
    """Two files of one name get numbers."""
    stem, ending = os.path.splitext(name)  # noqa: PTH122 (a name, not a path)
    number = 1
    while True:
        path = folder / (name if number == 1 else f"{stem}-{number}{ending}")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            number += 1
            continue
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return
