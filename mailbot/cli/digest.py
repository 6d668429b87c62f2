"""`mailbot digest`: the weekly digest, now, beside the one that leaves by itself."""

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import printable
from mailbot.errors import Usage


@click.command()
@click.option("--to", metavar="ADDRESS", help="Send it there, instead of to those that [digest] names.")
@click.option("--print", "only_print", is_flag=True, help="Print its text, and send nothing.")
def digest(to: str | None, only_print: bool) -> None:
    """Send the digest now; the next one that leaves by itself tells the same time once more."""
    person = None if to is None else setting.address(to)
    with setting.bot() as bot:
        if only_print:
            _print(bot)
        else:
            _send(bot, person)


def _print(bot: Bot) -> None:
    with bot.store.reading() as conn:
        words = bot.digest.words(bot.digest.overview(conn, bot.now()))
    click.echo(printable(f"{words.subject}\n\n{words.text}"), nl=False)


def _send(bot: Bot, person: str | None) -> None:
    readers = [person] if person else bot.digest.readers()
    if not readers:
        raise Usage("nobody is named to send it to: write a section [digest], or --to ADDRESS")
    with bot.store.reading() as conn:
        shown = bot.digest.overview(conn, bot.now())
    setting.committed(bot, lambda tx: bot.digest.send(tx, shown, readers, bot.now()))
    bot.send()
    click.echo(f"The digest of week {shown.week} is on its way to {', '.join(readers)}.")
