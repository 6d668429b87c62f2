"""The command in a person's own words: one, or the answers to a list."""

import re
from dataclasses import replace
from datetime import date

from mailbot.mail.command.plain import first_words, plain
from mailbot.mail.command.sentence import NOT_OURS, sentence
from mailbot.mail.command.values import Command, Commands, Items, Unclear
from mailbot.words import say

COMMANDS_MAX = 100
"""commands in one mail (trap 12), unless the configuration says otherwise"""


def parse(
    own_words: str, today: date | None = None, *, most: int = COMMANDS_MAX
) -> Command | Commands | Unclear | None:
    """The command in a person's own words (`Reply.own`); `today` gives their year to dates without one.

    `most` is how many commands one mail may hold.

    None where the first line is no attempt at one: a field line, prose, nothing. Unclear where it begins with a
    word of the vocabulary, sounds like an answer, or names an item of a list, but is not one of its sentences
    as a whole (trap 21). Free text goes on over the following lines, up to a blank line or a leave-taking (trap 25).
    """
    lines = [plain(line) for line in own_words.split("\n")]
    start = first_words(lines)
    if start is None:
        return None
    first, below = lines[start], lines[start + 1 :]
    if _ITEM.match(first):
        return _list_answer(lines[start:], own_words.split("\n")[start:], today, most)
    found = sentence(first, below, today)
    if isinstance(found, Command):
        return replace(found, rest="\n".join(own_words.split("\n")[start + 1 :]).strip("\n"))
    return found


NUMBERS = r"\d{1,3}(?: ?- ?\d{1,3})?"
ITEMS = rf"all|{NUMBERS}(?: ?(?:,|&|and) ?#?{NUMBERS})*"
"""what a line of an answer to a list begins with"""
_ITEM = re.compile(
    rf"(?i)#?(?P<items>{ITEMS})[.):]? ?[:-]? "
    r"(?P<says>(?:not? |please |i )?(?:approv|accept|ok\b|okay\b|yes\b|no\b|reject|done\b|delay\b|assign\b"
    r"|ask\b|comment\b|hold\b|resume\b"
    r"|cancel\b|extend\b|retry\b|skip\b|fail\b|watch\b|unwatch\b|status\b|why\b|decline|maybe\b).*)$",
)
_NUMBERED = re.compile(r"(?i)#?(?:all|\d{1,3})(?:[ .,:)-]|$)")


def _list_answer(lines: list[str], written: list[str], today: date | None, most: int) -> Commands | Unclear:
    """One command a line that begins with a number; all of them, or none where one is unclear. `written` are the same
    lines as they came.
    """
    found: list[Command] = []
    for n, line in enumerate(lines):
        match = _ITEM.match(line)
        if match is None:
            if _NUMBERED.match(line):
                return Unclear(line=line, reason=NOT_OURS)
            continue
        items = items_of(match["items"])
        below = _up_to_next_item(lines[n + 1 :])
        said = sentence(match["says"], below, today)
        if items is None or not isinstance(said, Command):
            return said if isinstance(said, Unclear) else Unclear(line=line, reason=NOT_OURS)
        found.append(replace(said, items=items, rest="\n".join(written[n + 1 : n + 1 + len(below)])))
    return _without_contradiction(found, most)


def _up_to_next_item(lines: list[str]) -> list[str]:
    end = next((n for n, line in enumerate(lines) if not line or _NUMBERED.match(line)), len(lines))
    return lines[:end]


def items_of(text: str) -> Items | None:
    """The numbers of "1, 3-5"; None where a range runs backwards."""
    if text.lower() == "all":
        return "all"
    numbers: list[int] = []
    for piece in re.split(r",|&|and", text.lower()):
        first, _, last = piece.replace("#", "").partition("-")
        low, high = int(first), int(last or first)
        if low > high:
            return None
        numbers.extend(range(low, high + 1))
    return tuple(dict.fromkeys(numbers))


def _without_contradiction(commands: list[Command], most: int) -> Commands | Unclear:
    named = [item for command in commands for item in command.items if command.items != "all"]
    has_all = any(command.items == "all" for command in commands)
    if len(named) != len(set(named)) or (has_all and len(commands) > 1):
        return Unclear(line="", reason=say("commands.the_same_action_is"))
    if len(commands) > most:
        return Unclear(line="", reason=say("commands.more_than_answers_in", most=most))
    return Commands(commands=tuple(commands))
