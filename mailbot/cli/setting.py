"""What commands share: the configuration they were called with, and the bot that it makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mailbot.bot import Bot
from mailbot.config import Config, load
from mailbot.errors import Usage


def config() -> Config:
    """The configuration of this call. Usage where there is no such file, Faulty with all its faults."""
    path: Path = click.get_current_context().find_root().obj
    if not path.exists():
        raise Usage(f"there is no {path}: write one with `mailbot init`, or name yours with --config FILE")
    return load(path)


@contextmanager
def bot() -> Iterator[Bot]:
    """The bot of this call; what it opened is closed at the end."""
    made = Bot(config())
    try:
        yield made
    finally:
        made.close()
