"""`mailbot serve`: the pages alone, beside bots that run elsewhere."""

import logging

import click

from mailbot.cli import log, notify, setting

logger = logging.getLogger(__name__)


@click.command()
def serve() -> None:
    """Serve the pages, and do nothing else. What is done on them leaves by a `mailbot run`."""
    config = setting.config()
    log.begin(logging.INFO, config.log.format)
    with setting.bot(config) as bot:
        bot.prepare()
        server = bot.web_server()
        bot.stop_on_signals()
        with server:
            web = bot.config.web
            logger.info("the pages are served on %s", web.listen if web else "")
            notify.ready("serves the pages")
            bot.wait_for_stop()
            notify.stopping()
        logger.info("stopped")
