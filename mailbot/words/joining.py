"""Phrases put together from phrases: what stands behind a colon, in brackets, after a semicolon."""

from collections.abc import Iterable, Sequence
from functools import reduce

from mailbot.words.phrase import say


def behind(words: str, more: str | None) -> str:
    """ "on hold: the building is not ready"; the words alone where there is no more."""
    return say("joining.behind", words=words, more=more) if more else words


def aside(words: str, more: str | None) -> str:
    """ "router failed (no route)"; the words alone where there is no more."""
    return say("joining.aside", words=words, more=more) if more else words


def in_turn(parts: Iterable[str]) -> str:
    """ "router failed; switch failed"; "" for none."""
    found = list(parts)
    return reduce(lambda first, rest: say("joining.in_turn", first=first, rest=rest), found) if found else ""


def first_of(parts: Sequence[str], most: int) -> list[str]:
    """So many of them, and how many more there are."""
    more = len(parts) - most
    return [*parts[:most], *([say("lines.and_more", count=more)] if more > 0 else [])]


def listed(parts: Iterable[str]) -> str:
    """ "4 x /28, 3 x /29"; "" for none."""
    found = tuple(parts)
    return say("joining.listed", parts=found) if found else ""
