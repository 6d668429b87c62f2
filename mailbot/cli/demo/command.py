"""`mailbot demo`: where the play is staged, and what to try after it."""

import shutil
import sys
from pathlib import Path

import click

from mailbot.errors import Usage

EPILOGUE = """
That was all of it: {letters} letters, and everything that was said is in the history.

The files are in {home}
  config.toml    who is asked, which space there is, where mail comes in and leaves
  rules/         what is asked, of whom, in which order: attribution.toml is the process you saw
  templates/     the words of every letter
  var/           the mailbox (mail), what was sent (sent), the database

See what it knows:
  cd {home}
  {program} requests show IP-1
  {program} history --reference IP-1
  {program} pools show customers-v4

Write to it by hand: put a mail into its mailbox and let it run once.
  printf 'From: bob@example.net\\nSubject: help\\n\\n' > var/mail/new/1
  {program} run --once && ls var/sent/new

What to edit next: the [groups] of config.toml are the people who are asked; put yours there.
Then point [mailbox] and [relay] at your mail server, and type: {program} check
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False, metavar="[DIR]")
@click.option("--quick", is_flag=True, help="No pauses.")
def demo(folder: Path | None, quick: bool) -> None:
    """Play a whole conversation on an embedded mailbox in DIR (default: ./mailbot-demo), shown mail by mail."""
    from mailbot.cli.demo.office import Office  # noqa: PLC0415 (imports the whole program)
    from mailbot.cli.demo.play import play  # noqa: PLC0415
    from mailbot.cli.demo.stage import Stage  # noqa: PLC0415
    from mailbot.cli.start import parts_written  # noqa: PLC0415

    home = _empty(folder) if folder else _free(Path("mailbot-demo"))
    list(parts_written(home))
    office, stage = Office(home), Stage(quick=quick)
    stage.say(
        "mailbot: requests for address space, by mail. Everybody below has a mail program and nothing else.", "bold"
    )
    play(office, stage)
    stage.say(EPILOGUE.format(letters=len(office.seen), home=home, program=_program()))


def _empty(folder: Path) -> Path:
    if folder.exists() and any(folder.iterdir()):
        raise Usage(f"{folder} is not empty: name a new folder for the demonstration")
    return folder


def _free(folder: Path) -> Path:
    """That folder, or the first numbered one: an earlier demonstration is left as it is."""
    number, free = 1, folder
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free


def _program() -> str:
    """How this program is called from within the new folder."""
    called = Path(sys.argv[0])
    return "mailbot" if shutil.which("mailbot") else str(called.resolve())
