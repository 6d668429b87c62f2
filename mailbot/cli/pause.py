"""`mailbot pause` and `mailbot resume`: the brake. Mail is still taken in, requests go on, nothing leaves."""

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import counted
from mailbot.dispatch import release
from mailbot.store import PAUSED, Transaction, views

ALL = "all"
_WORDS = {"sending": "no letter leaves", "targets": "no network request leaves", ALL: "nothing leaves"}


@click.command()
@click.argument("what", type=click.Choice([*_WORDS]), default=ALL)
def pause(what: str) -> None:
    """Let nothing leave: no letters (sending), no network requests (targets), or neither (all, the default)."""

    def change(tx: Transaction) -> tuple[str, bool]:
        before = tx.fact(PAUSED)
        after = what if before in {None, what} else ALL
        if after != before:
            tx.set_fact(PAUSED, after)
            setting.house_note(tx, bot, "paused", after)
        return after, after != before

    with setting.bot() as bot:
        after, is_new = setting.committed(bot, change)
    click.echo(f"{'' if is_new else 'Already '}paused: {_WORDS[after]} until `mailbot resume`.".capitalize())


@click.command()
def resume() -> None:
    """Let go of the brake: what waits leaves with the next pass of `mailbot run`."""

    def change(tx: Transaction) -> str | None:
        before = tx.fact(PAUSED)
        if before is not None:
            release(tx, bot.now())
            setting.house_note(tx, bot, "resumed", before)
        return before

    with setting.bot() as bot:
        before = setting.committed(bot, change)
        waiting = _waiting(bot)
    if before is None:
        click.echo("Nothing was paused.")
    else:
        click.echo(f"Resumed ({before}): {waiting} to leave.")


def _waiting(bot: Bot) -> str:
    with bot.store.reading() as conn:
        known = views.totals(conn)
    more = f" and {counted(known.network_requests, 'network request')}" if known.network_requests else ""
    return counted(known.letters, "letter") + more
