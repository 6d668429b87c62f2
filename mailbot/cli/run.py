"""`mailbot run`: the bot itself."""

import logging

import click

from mailbot.cli import setting


@click.command()
@click.option("--once", is_flag=True, help="One complete pass, then exit.")
@click.option("-v", "--verbose", is_flag=True, help="Tell more on standard error.")
def run(once: bool, verbose: bool) -> None:  # noqa: FBT001 (click passes flags so)
    """Read mail, fire timers, send what is due. Several at the same time share the work."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO if not once else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    with setting.bot() as bot:
        if once:
            bot.once()
            return
        bot.stop_on_signals()
        bot.forever()
