"""What other systems call a matter: the numbers in the subjects of their mails."""

import re
import unicodedata
from collections.abc import Iterator

MOST = 3
"""Numbers of one subject that are kept."""

_NUMBER = r"(?P<number>[A-Z]{0,12}[-_]?\d[A-Z0-9]*(?:[-./_][A-Z0-9]+){0,3})"
_NOUN = r"(?:ticket|case|incident|order|request|ref(?:erence)?|sr|inc|id)"
_SIGN = r"(?:\s*(?:no|nr|number|id)\b\.?)?\s*[:#]?\s*#?\s*"

# Bracketed as ticket systems bracket it ("[#1234]", "[Ticket 1234]", "[INC0012345]"), or named as one names it in words
# ("Ticket 1234", "Ref: ABC-1"). A number that merely stands in a subject may be anything.
_FORMS = (
    re.compile(rf"\[\s*(?:{_NOUN}\b{_SIGN})?#?{_NUMBER}\s*\]", re.IGNORECASE),
    re.compile(rf"\(\s*#{_NUMBER}\s*\)", re.IGNORECASE),
    re.compile(rf"\b{_NOUN}\b{_SIGN}{_NUMBER}(?![\w@])", re.IGNORECASE),
)
_DIGITS = 2
_LONGEST = 30


def names_in(subject: str, own: str) -> tuple[str, ...]:
    """The numbers by which the sender's system knows what this subject is about, as they are written there.

    `own` begins our own references ("IP"), which are none of theirs. Conservative: what may be a date, a size or an
    address is none either.
    """
    text = unicodedata.normalize("NFKC", subject)[:500]
    ours = re.compile(rf"{re.escape(own)}-\d+", re.IGNORECASE)
    found = (number for number in _numbers(text) if not ours.fullmatch(number) and _is_name(number))
    return tuple(dict.fromkeys(found))[:MOST]


def _numbers(text: str) -> Iterator[str]:
    matches = [match for form in _FORMS for match in form.finditer(text)]
    for match in sorted(matches, key=lambda match: match.start("number")):
        yield match["number"]


def _is_name(number: str) -> bool:
    is_date = re.fullmatch(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}", number)
    is_address = re.match(r"\d{1,3}(?:\.\d{1,3}){2}", number)
    enough = sum(character.isdigit() for character in number) >= _DIGITS or not number[0].isdigit()
    return enough and len(number) <= _LONGEST and not is_date and not is_address
