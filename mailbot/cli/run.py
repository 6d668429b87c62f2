"""`mailbot run`: the bot itself."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import click

from mailbot.bot import Bot
from mailbot.cli import log, notify, setting
from mailbot.errors import NotPossible, Usage
from mailbot.store import PAUSED, Transaction

logger = logging.getLogger(__name__)


@click.command()
@click.option("--once", is_flag=True, help="One complete pass, then exit.")
@click.option("-v", "--verbose", is_flag=True, help="Tell more on standard error.")
@click.option("-q", "--quiet", is_flag=True, help="Tell only what is wrong.")
def run(once: bool, verbose: bool, quiet: bool) -> None:
    """Read mail, fire timers, send what is due, serve the pages. Several at the same time share the work."""
    if verbose and quiet:
        raise Usage("--verbose and --quiet exclude each other")
    usual = logging.WARNING if once or quiet else logging.INFO
    config = setting.config()
    log.begin(logging.DEBUG if verbose else usual, config.log.format)
    with setting.bot(config) as bot:
        bot.prepare()  # what stops it is told before it says that it runs
        _announce(bot)
        if once:
            bot.once()
            return
        bot.stop_on_signals()
        bot.beat = notify.alive
        with _pages(bot):
            notify.ready(f"takes requests for {', '.join(bot.rules.current.processes)}")
            bot.forever()
            notify.stopping()
        logger.info("stopped")


@contextmanager
def _pages(bot: Bot) -> Iterator[None]:
    """The pages, where there are to be any. Of several bots on one machine the first one serves them."""
    if bot.config.web is None:
        yield
        return
    try:
        server = bot.web_server()
    except NotPossible as trouble:
        logger.warning("%s: the pages are not served by this bot", trouble)
        yield
        return
    with server:
        logger.info("the pages are served on %s", bot.config.web.listen)
        yield


def _announce(bot: Bot) -> None:
    config = bot.config
    logger.info("%s takes requests for: %s", config.bot.address, ", ".join(bot.rules.current.processes))
    logger.info("mail comes from %s and leaves by %s", config.mailbox.url, config.relay.url)
    with bot.store.reading() as conn:
        paused = Transaction(conn).fact(PAUSED)
    if paused:
        logger.warning("%s is paused: `mailbot resume` lets go of the brake", paused)
