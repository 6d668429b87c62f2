"""`mailbot rules`: are the rule files right, what do they do, and what would they have done?"""

import click

from mailbot.cli.group import Group
from mailbot.cli.rules.check import check
from mailbot.cli.rules.replay import replay
from mailbot.cli.rules.show import show
from mailbot.cli.rules.test import test


@click.group(cls=Group)
def rules() -> None:
    """The rule files: one trade process each."""


for command in (check, test, show, replay):
    rules.add_command(command)
