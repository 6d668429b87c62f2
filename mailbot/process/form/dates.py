"""Dates as people write them in forms: ISO, or any way that can be read in one way only."""

import re
from datetime import date

from mailbot.words import say

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_EXAMPLE = say("fields.write_it_like_2026")

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", re.ASCII)
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[ -]([a-z]{3,9})\.?,?[ -](\d{4})", re.ASCII)
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.ASCII)


def read_date(text: str) -> date:
    """The day that is meant; ValueError, in words for its writer, when there is none or more than one."""
    written = text.strip().lower()
    if match := _YEAR_FIRST.fullmatch(written):
        return _day(text, match[1], match[2], match[3])
    if match := _DOTTED.fullmatch(written):
        return _day(text, match[3], match[2], match[1])
    if match := _DAY_MONTH.fullmatch(written):
        return _day(text, match[3], _month(text, match[2]), match[1])
    if match := _MONTH_DAY.fullmatch(written):
        return _day(text, match[3], _month(text, match[1]), match[2])
    if match := _SLASHED.fullmatch(written):
        return _slashed(text, match[1], match[2], match[3])
    raise ValueError(say("fields.is_no_date", text=text[:40], example=_EXAMPLE))


def _slashed(text: str, first: str, second: str, year: str) -> date:
    """Half of the world writes the day first, half the month: only what has one reading is taken."""
    if int(first) == int(second) or int(first) > len(_MONTHS):
        return _day(text, year, second, first)
    if int(second) > len(_MONTHS):
        return _day(text, year, first, second)
    raise ValueError(say("fields.can_be_read_in", text=text, example=_EXAMPLE))


def _month(text: str, word: str) -> int:
    for number, month in enumerate(_MONTHS, 1):
        if month.startswith(word) or word == "sept" == month[:4]:
            return number
    raise ValueError(say("fields.names_no_month", text=text, example=_EXAMPLE))


def _day(text: str, year: str, month: str | int, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(say("fields.is_not_in_the", text=text, example=_EXAMPLE)) from None
