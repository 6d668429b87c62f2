"""The answer to a summary of held mail: which of it is let in, and which is left."""

import re
from enum import StrEnum

from mailbot.mail.command.parse import ITEMS, items_of
from mailbot.mail.command.plain import first_words, is_courtesy, plain
from mailbot.mail.command.values import Items


class Mercy(StrEnum):
    """What an admin says of a mail that was held."""

    RELEASE = "release"
    DROP = "drop"


_LINE = re.compile(rf"(?i)#?(?P<items>{ITEMS})[.):]? ?[:-]? (?P<says>release|drop)(?: (?:it|them|please))?[.!,;]?")


def releases(own_words: str, most: int) -> dict[int, Mercy] | None:
    """What is said of each number from 1 to `most`: "1 release", "2-4 drop", "all release".

    The whole of each line counts, up to the first blank one or a leave-taking. None where one is nothing of the kind,
    or a number is named twice, or there is no such number: then nothing is done.
    """
    lines = [plain(line) for line in own_words.split("\n")]
    start = first_words(lines)
    said: dict[int, Mercy] = {}
    for line in lines[start:] if start is not None else ():
        if not line or is_courtesy(line):
            break
        match = _LINE.fullmatch(line)
        numbers = _numbers(items_of(match["items"]), most) if match else ()
        if not numbers or match is None or not said.keys().isdisjoint(numbers):
            return None
        said |= dict.fromkeys(numbers, Mercy(match["says"].lower()))
    return said or None


def _numbers(items: Items | None, most: int) -> tuple[int, ...]:
    numbers = tuple(range(1, most + 1)) if items == "all" else items or ()
    return numbers if all(1 <= number <= most for number in numbers) else ()
