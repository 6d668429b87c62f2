"""Mail that opens something: which process it means, and who may ask for it."""

import re
from collections.abc import Iterator

from mailbot.config import address
from mailbot.mail.message import Message
from mailbot.process import form
from mailbot.process.definition import Process
from mailbot.process.directory import Directory
from mailbot.process.reader import is_among
from mailbot.process.rules import Rules

MOST_WATCHERS = 20
"""The first that a mail names: a longer list was not chosen one by one."""

_TYPE_LINE = re.compile(r"\s*type\s*[:\uff1a]\s*(\S.*?)\s*", re.IGNORECASE)


def may_ask(process: Process, person: str, directory: Directory) -> bool:
    """Whether this person is of those who may ask: by address, pattern or group. Nobody else hears of it."""
    return is_among(person, process.who, directory)


def offered(rules: Rules, person: str, directory: Directory) -> tuple[Process, ...]:
    """All that this person may ask for."""
    return tuple(p for p in rules.processes.values() if may_ask(p, person, directory))


def meant(message: Message, own: str, bot: str, separator: str, rules: Rules) -> Process | None:
    """By the sub-address, else the subject's first words, else a `Type:` line (contract §4)."""
    names = [*_details(message, bot, separator), message.subject, *_type_lines(own)]
    return next(filter(None, map(rules.find, names)), None)


def watchers(message: Message, person: str, directory: Directory, separator: str) -> tuple[str, ...]:
    """Those beside us in To and Cc of somebody's request who may see it: people of our domains or groups."""
    others = (one for one in (*message.to, *message.cc) if address.without_detail(one, separator) != directory.bot)
    people = dict.fromkeys(directory.person(one) for one in others)
    return tuple(one for one in people if directory.knows(one) and one != person)[:MOST_WATCHERS]


def given_in(process: Process, own: str, quoted: str) -> dict[str, str]:
    """What the mail says for the fields of a form; a `Type:` line belongs to none of them."""
    lines = [line for line in own.splitlines() if not _TYPE_LINE.fullmatch(line)]
    return dict(form.read("\n".join(lines), quoted, process.fields))


def _details(message: Message, bot: str, separator: str) -> Iterator[str]:
    """The sub-addresses that were written to."""
    local, _, domain = bot.rpartition("@")
    for recipient in message.recipients:
        name, _, host = recipient.rpartition("@")
        if separator and host == domain and name.startswith(local + separator):
            yield name.removeprefix(local + separator)


def _type_lines(own: str) -> Iterator[str]:
    for line in own.splitlines():
        if match := _TYPE_LINE.fullmatch(line):
            yield match[1]
