"""`mailbot run`: the bot itself."""

import logging

import click

from mailbot.bot import Bot
from mailbot.cli import log, setting
from mailbot.errors import Usage
from mailbot.store import PAUSED, Transaction

logger = logging.getLogger(__name__)


@click.command()
@click.option("--once", is_flag=True, help="One complete pass, then exit.")
@click.option("-v", "--verbose", is_flag=True, help="Tell more on standard error.")
@click.option("-q", "--quiet", is_flag=True, help="Tell only what is wrong.")
def run(once: bool, verbose: bool, quiet: bool) -> None:
    """Read mail, fire timers, send what is due. Several at the same time share the work."""
    if verbose and quiet:
        raise Usage("--verbose and --quiet exclude each other")
    usual = logging.WARNING if once or quiet else logging.INFO
    log.begin(logging.DEBUG if verbose else usual)
    with setting.bot() as bot:
        bot.prepare()  # what stops it is told before it says that it runs
        _announce(bot)
        if once:
            bot.once()
            return
        bot.stop_on_signals()
        bot.forever()
        logger.info("stopped")


def _announce(bot: Bot) -> None:
    config = bot.config
    logger.info("%s takes requests for: %s", config.bot.address, ", ".join(bot.rules.current.processes))
    logger.info("mail comes from %s and leaves by %s", config.mailbox.url, config.relay.url)
    with bot.store.reading() as conn:
        paused = Transaction(conn).fact(PAUSED)
    if paused:
        logger.warning("%s is paused: `mailbot resume` lets go of the brake", paused)
