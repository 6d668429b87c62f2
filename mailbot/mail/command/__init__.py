"""The command a person wrote: the whole first line of his own words, or nothing (contract §4)."""

from mailbot.mail.command.parse import COMMANDS_MAX, parse
from mailbot.mail.command.plain import is_courtesy
from mailbot.mail.command.release import Mercy, releases
from mailbot.mail.command.values import Command, Commands, Items, Query, Unclear, Verb

__all__ = [
    "COMMANDS_MAX",
    "Command",
    "Commands",
    "Items",
    "Mercy",
    "Query",
    "Unclear",
    "Verb",
    "is_courtesy",
    "parse",
    "releases",
]
