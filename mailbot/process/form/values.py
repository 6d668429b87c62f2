"""What a form's values mean, by field type: raw text → value, or words that say what to write instead."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from ipaddress import ip_address, ip_network

from mailbot.config.address import normal
from mailbot.errors import near_miss
from mailbot.process.customers import NOBODY, Nameable
from mailbot.process.definition import Field, FieldType, Value
from mailbot.process.duration import Duration
from mailbot.process.form.dates import read_date
from mailbot.process.form.reading import holds_marker

LONGEST = {FieldType.TEXT: 200, FieldType.LONG_TEXT: 5000}
"""Characters, where the field says nothing."""
LONGEST_LENGTH = 128
"""Bits of the longest prefix there is (IPv6)."""

MOST_FAULTS = 10
"""Wrong values of a field that are named: whoever pastes a wrong column sees it by then."""

MOST_VALUES = 500
"""Values of a field that takes many."""

_SEPARATOR = re.compile(r"[,;\n]+")
_YES = frozenset({"yes", "y", "true", "ja", "oui", "si", "sí", "1"})
_NO = frozenset({"no", "n", "false", "nein", "non", "0"})
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


class _Wrong(Exception):
    """The value does not do; the text says what to write."""


def parse(
    given: Mapping[str, str], fields: Iterable[Field], held: Collection[str] = (), nameable: Nameable = NOBODY
) -> tuple[dict[str, Value], dict[str, str]]:
    """What was written for these fields → (field name → value, field name → what to write instead).

    A field is in at most one of the two; in none when it is optional and has neither value nor default.
    `held` are the prefixes that the requester holds, `nameable` the customers that he may name. Faults name no prefix
    that was not written (trap 20).
    """
    values: dict[str, Value] = {}
    faults: dict[str, str] = {}
    known = {field.name: field for field in fields}
    for name, field in known.items():
        try:
            value = _value(field, given.get(name, ""), held, nameable)
        except _Wrong as wrong:
            faults[name] = str(wrong)
        else:
            values |= {} if value is None else {name: value}
    faults |= {name: _unknown(name, known) for name in given if name not in known}
    return values, faults


def written(value: Value) -> str:
    """A value as it stands in a form; `parse` reads it as the same value again."""
    match value:
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(value)
        case _:
            return str(value)


def hint(field: Field) -> str:
    """What to write, in a few words: "required: a number from 26 to 30"."""
    needed = "required" if field.required and field.default is None else "optional"
    wanted = f"{_wanted(field)}; several with commas between them" if field.many else _wanted(field)
    return needed if wanted == _ANY_TEXT else f"{needed}: {wanted}"


def pieces(raw: str) -> list[str]:
    """What was written for a field that takes several: with commas between them, or one on a line."""
    return [text for piece in _SEPARATOR.split(raw) if (text := one_line(piece))]


def one_line(text: str) -> str:
    """Text without line ends, unseen characters and runs of blanks."""
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", text)).split())


def _unknown(name: str, known: Collection[str]) -> str:
    meant = near_miss(name, known)
    return f"there is no field {name!r}" + (f"; did you mean {meant!r}?" if meant else "")


def _value(field: Field, raw: str, held: Collection[str], nameable: Nameable) -> Value | None:
    text = one_line(raw)
    if field.type is FieldType.CUSTOMER and (text or nameable.own):
        return _customer(text, nameable)
    if not text and field.default is not None:
        return field.default
    if not text and field.required:
        raise _Wrong(f"is missing; write {_wanted(field)}")
    if not text:
        return None
    if field.many:
        return _several(field, raw, held)
    return _one(field, text, raw, held)


def _several(field: Field, raw: str, held: Collection[str]) -> tuple[str, ...]:
    """Values with commas between them, or one on a line; each of them once."""
    texts = pieces(raw)
    if len(texts) > MOST_VALUES:
        raise _Wrong(f"holds {len(texts)} values; write at most {MOST_VALUES}")
    found: list[str] = []
    faults = []
    for text in texts:
        try:
            found.append(written(_one(field, text, text, held)))
        except _Wrong as wrong:
            faults.append(str(wrong))
    if faults:
        rest = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise _Wrong("; ".join(faults[:MOST_FAULTS]) + rest)
    return tuple(dict.fromkeys(found))


def _one(field: Field, text: str, raw: str, held: Collection[str]) -> Value:
    if field.type is FieldType.ALLOCATION:
        return _allocation(text, held)
    return _READERS[field.type](field, text if field.type is FieldType.LONG_TEXT else _plain(text, raw))


def _plain(text: str, raw: str) -> str:
    """The value of a one-line field. A line end could add a line to whatever it is written into (trap 44)."""
    if len(raw.strip().splitlines()) > 1:
        raise _Wrong("is more than one line; write it on one")
    return text


# -- one reader a type -------------------------------------------------------------------------------


def _text(field: Field, text: str) -> str:
    """Text that may be shown to others, and come back in their replies, without becoming more than text."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise _Wrong("holds a control character; write it without")
    if holds_marker(text):
        raise _Wrong("holds a line that a form begins or ends with; write it without")
    least, most = field.min_length or 0, field.max_length or LONGEST[field.type]
    if len(text) < least:
        raise _Wrong(f"is too short, with {len(text)} characters; write at least {least}")
    if len(text) > most:
        raise _Wrong(f"is too long, with {len(text)} characters; write at most {most}")
    return text


def _number(field: Field, text: str) -> int:
    digits = text.removeprefix("/").strip() if field.type is FieldType.PREFIX_LENGTH else text
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", digits):
        raise _Wrong(f"{_shown(text)} is not a whole number; write {_wanted(field)}")
    number, (least, most) = int(digits), _bounds(field)
    if least is not None and number < least:
        raise _Wrong(f"{number} is below {least}; write {_wanted(field)}")
    if most is not None and number > most:
        raise _Wrong(f"{number} is above {most}; write {_wanted(field)}")
    return number


def _choice(field: Field, text: str) -> str:
    by_key = {_key(choice): choice for choice in field.choices}
    if found := by_key.get(_key(text)):
        return found
    meant = near_miss(_key(text), by_key)
    hinted = f" (did you mean {by_key[meant]!r}?)" if meant else ""
    raise _Wrong(f"{_shown(text)} is not offered{hinted}; write {_wanted(field)}")


def _yes_no(field: Field, text: str) -> bool:
    word = text.casefold().rstrip(".!")
    if word not in _YES | _NO:
        raise _Wrong(f"{_shown(text)} is neither yes nor no; write {_wanted(field)}")
    return word in _YES


def _date(_: Field, text: str) -> str:
    try:
        return read_date(text).isoformat()
    except ValueError as error:
        raise _Wrong(str(error)) from None


def _duration(_: Field, text: str) -> str:
    try:
        return str(Duration.parse(text))
    except ValueError as error:
        raise _Wrong(str(error)) from None


def _email(field: Field, text: str) -> str:
    address = normal(text.removeprefix("<").removesuffix(">").removeprefix("mailto:"))
    if address is None:
        raise _Wrong(f"{_shown(text)} is no mail address; write {_wanted(field)}")
    return address


def _address(field: Field, text: str) -> str:
    try:
        return str(ip_address(_bare(text).removesuffix("/32" if "." in text else "/128")))
    except ValueError:
        raise _Wrong(f"{_shown(text)} is no IP address; write {_wanted(field)}") from None


def _prefix(field: Field, text: str) -> str:
    if "/" not in text:
        raise _Wrong(f"{_shown(text)} lacks its length; write {_wanted(field)}")
    try:
        return str(ip_network(_bare(text)))
    except ValueError:
        raise _Wrong(f"{_shown(text)} {_why_no_prefix(text)}; write {_wanted(field)}") from None


def _why_no_prefix(text: str) -> str:
    try:
        network = ip_network(_bare(text), strict=False)
    except ValueError:
        return "is no prefix"
    return f"is no prefix: bits are set behind its first {network.prefixlen}"


def _allocation(text: str, held: Collection[str]) -> str:
    """A prefix that the requester holds; its first address will do where it leaves no doubt."""
    prefix = text.replace(" ", "")
    begun = [each for each in held if each.partition("/")[0] == prefix]
    if len(begun) == 1:
        return begun[0]
    try:
        prefix = str(ip_network(_bare(prefix)))
    except ValueError:
        prefix = ""
    if prefix not in held:
        raise _Wrong(f"{_shown(text)} is no prefix that you hold; write one as it was given to you")
    return prefix


def _customer(text: str, nameable: Nameable) -> str:
    """By name or id, whichever way it is called. Who writes for one hears of no other: not even that there is one."""
    if found := nameable.name_of(text):
        return found
    instead = f"leave it out: it is {nameable.own.name}" if nameable.own else f"write {_EXAMPLES[FieldType.CUSTOMER]}"
    near = nameable.meant(text)
    hinted = f" (did you mean {near!r}?)" if near else ""
    raise _Wrong(f"{_shown(text)} is no customer that you may name{hinted}; {instead}")


def _bare(text: str) -> str:
    """Less blanks. A zone ("%eth0") is nothing that can be allocated; ValueError."""
    if "%" in text:
        raise ValueError("a zone")
    return text.replace(" ", "")


_READERS: Mapping[FieldType, Callable[[Field, str], Value]] = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.INTEGER: _number,
    FieldType.PREFIX_LENGTH: _number,
    FieldType.CHOICE: _choice,
    FieldType.YES_NO: _yes_no,
    FieldType.DATE: _date,
    FieldType.DURATION: _duration,
    FieldType.EMAIL: _email,
    FieldType.ADDRESS: _address,
    FieldType.PREFIX: _prefix,
}

# -- words ------------------------------------------------------------------------------------------

_ANY_TEXT = "some text"
_EXAMPLES = {
    FieldType.YES_NO: "yes or no",
    FieldType.DATE: "a date, like 2026-12-24",
    FieldType.DURATION: "a length of time, like 3 working days",
    FieldType.EMAIL: "a mail address, like ana@example.net",
    FieldType.ADDRESS: "an IP address, like 192.0.2.1 or 2001:db8::1",
    FieldType.PREFIX: "a prefix, like 192.0.2.0/24 or 2001:db8::/32",
    FieldType.ALLOCATION: "a prefix that you hold",
    FieldType.CUSTOMER: "a customer's name or number",
}


def _wanted(field: Field) -> str:
    match field.type:
        case FieldType.INTEGER | FieldType.PREFIX_LENGTH:
            return _number_wanted(*_bounds(field))
        case FieldType.CHOICE:
            return f"one of: {', '.join(field.choices)}"
        case FieldType.TEXT | FieldType.LONG_TEXT:
            return f"at least {field.min_length} characters" if field.min_length else _ANY_TEXT
        case _:
            return _EXAMPLES[field.type]


def _number_wanted(least: int | None, most: int | None) -> str:
    match least, most:
        case None, None:
            return "a whole number"
        case None, _:
            return f"a number up to {most}"
        case _, None:
            return f"a number from {least}"
        case _:
            return f"a number from {least} to {most}"


def _bounds(field: Field) -> tuple[int | None, int | None]:
    if field.type is not FieldType.PREFIX_LENGTH:
        return field.min, field.max
    return field.min or 0, LONGEST_LENGTH if field.max is None else field.max


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _shown(text: str) -> str:
    """A wrong value within words: not longer than it helps."""
    return f"{text[:60]}…" if len(text) > 60 else text  # noqa: PLR2004 as many as stay on a line
