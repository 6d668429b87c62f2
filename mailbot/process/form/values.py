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
from mailbot.words import behind, in_turn, phrase_of, say

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
            faults[name] = phrase_of(wrong)
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
    must = field.required and field.default is None
    needed, what = say("fields.required") if must else say("fields.optional"), wanted(field)
    return behind(needed, what) if what else needed


def wanted(field: Field) -> str:
    """The same without whether it must be; "" where any text will do."""
    text = say("fields.several_with_commas_between", wanted=_wanted(field)) if field.many else _wanted(field)
    return "" if text == _ANY_TEXT else text


def pieces(raw: str) -> list[str]:
    """What was written for a field that takes several: with commas between them, or one on a line."""
    return [text for piece in _SEPARATOR.split(raw) if (text := one_line(piece))]


def one_line(text: str) -> str:
    """Text without line ends, unseen characters and runs of blanks."""
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", text)).split())


def _unknown(name: str, known: Collection[str]) -> str:
    meant = near_miss(name, known)
    if meant is None:
        return say("fields.there_is_no_field", name=repr(name))
    return say("fields.there_is_no_field_but", name=repr(name), near=repr(meant))


def _value(field: Field, raw: str, held: Collection[str], nameable: Nameable) -> Value | None:
    text = one_line(raw)
    if field.type is FieldType.CUSTOMER and (text or nameable.own):
        return _customer(text, nameable)
    if not text and field.default is not None:
        return field.default
    if not text and field.required:
        raise _Wrong(say("fields.is_missing_write", wanted=_wanted(field)))
    if not text:
        return None
    if field.many:
        return _several(field, raw, held)
    return _one(field, text, raw, held)


def _several(field: Field, raw: str, held: Collection[str]) -> tuple[str, ...]:
    """Values with commas between them, or one on a line; each of them once."""
    texts = pieces(raw)
    if len(texts) > MOST_VALUES:
        raise _Wrong(say("fields.holds_values_write_at", count=len(texts), most=MOST_VALUES))
    found: list[str] = []
    faults = []
    for text in texts:
        try:
            found.append(written(_one(field, text, text, held)))
        except _Wrong as wrong:
            faults.append(phrase_of(wrong))
    if faults:
        more, told = len(faults) - MOST_FAULTS, in_turn(faults[:MOST_FAULTS])
        raise _Wrong(say("fields.and_more", faults=told, count=more) if more > 0 else told)
    return tuple(dict.fromkeys(found))


def _one(field: Field, text: str, raw: str, held: Collection[str]) -> Value:
    if field.type is FieldType.ALLOCATION:
        return _allocation(text, held)
    return _READERS[field.type](field, text if field.type is FieldType.LONG_TEXT else _plain(text, raw))


def _plain(text: str, raw: str) -> str:
    """The value of a one-line field. A line end could add a line to whatever it is written into (trap 44)."""
    if len(raw.strip().splitlines()) > 1:
        raise _Wrong(say("fields.is_more_than_one"))
    return text


# -- one reader a type -------------------------------------------------------------------------------


def _text(field: Field, text: str) -> str:
    """Text that may be shown to others, and come back in their replies, without becoming more than text."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise _Wrong(say("fields.holds_a_control_character"))
    if holds_marker(text):
        raise _Wrong(say("fields.holds_a_line_that"))
    least, most = field.min_length or 0, field.max_length or LONGEST[field.type]
    if len(text) < least:
        raise _Wrong(say("fields.is_too_short_with", count=len(text), least=least))
    if len(text) > most:
        raise _Wrong(say("fields.is_too_long_with", count=len(text), most=most))
    return text


def _number(field: Field, text: str) -> int:
    digits = text.removeprefix("/").strip() if field.type is FieldType.PREFIX_LENGTH else text
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", digits):
        raise _Wrong(say("fields.is_not_a_whole", text=_shown(text), wanted=_wanted(field)))
    number, (least, most) = int(digits), _bounds(field)
    if least is not None and number < least:
        raise _Wrong(say("fields.is_below_write", number=number, least=least, wanted=_wanted(field)))
    if most is not None and number > most:
        raise _Wrong(say("fields.is_above_write", number=number, most=most, wanted=_wanted(field)))
    return number


def _choice(field: Field, text: str) -> str:
    by_key = {_key(choice): choice for choice in field.choices}
    if found := by_key.get(_key(text)):
        return found
    meant = near_miss(_key(text), by_key)
    if meant is None:
        raise _Wrong(say("fields.is_not_offered", text=_shown(text), wanted=_wanted(field)))
    near = repr(by_key[meant])
    raise _Wrong(say("fields.is_not_offered_but", text=_shown(text), near=near, wanted=_wanted(field)))


def _yes_no(field: Field, text: str) -> bool:
    word = text.casefold().rstrip(".!")
    if word not in _YES | _NO:
        raise _Wrong(say("fields.is_neither_yes_nor", text=_shown(text), wanted=_wanted(field)))
    return word in _YES


def _date(_: Field, text: str) -> str:
    try:
        return read_date(text).isoformat()
    except ValueError as error:
        raise _Wrong(phrase_of(error)) from None


def _duration(_: Field, text: str) -> str:
    try:
        return str(Duration.parse(text))
    except ValueError as error:
        raise _Wrong(phrase_of(error)) from None


def _email(field: Field, text: str) -> str:
    address = normal(text.removeprefix("<").removesuffix(">").removeprefix("mailto:"))
    if address is None:
        raise _Wrong(say("fields.is_no_mail_address", text=_shown(text), wanted=_wanted(field)))
    return address


def _address(field: Field, text: str) -> str:
    try:
        return str(ip_address(_bare(text).removesuffix("/32" if "." in text else "/128")))
    except ValueError:
        raise _Wrong(say("fields.is_no_ip_address", text=_shown(text), wanted=_wanted(field))) from None


def _prefix(field: Field, text: str) -> str:
    if "/" not in text:
        raise _Wrong(say("fields.lacks_its_length_write", text=_shown(text), wanted=_wanted(field)))
    try:
        return str(ip_network(_bare(text)))
    except ValueError:
        raise _Wrong(
            say("fields.is_no_prefix_write", text=_shown(text), why=_why_no_prefix(text), wanted=_wanted(field))
        ) from None


def _why_no_prefix(text: str) -> str:
    try:
        network = ip_network(_bare(text), strict=False)
    except ValueError:
        return say("fields.is_no_prefix")
    return say("fields.is_no_prefix_bits", prefixlen=network.prefixlen)


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
        raise _Wrong(say("fields.is_none_that_you_hold", text=_shown(text)))
    return prefix


def _customer(text: str, nameable: Nameable) -> str:
    """By name or id, whichever way it is called. Who writes for one hears of no other: not even that there is one."""
    if found := nameable.name_of(text):
        return found
    if nameable.own:
        instead = say("fields.leave_it_out", name=nameable.own.name)
    else:
        instead = say("fields.write", wanted=_EXAMPLES[FieldType.CUSTOMER])
    if near := nameable.meant(text):
        raise _Wrong(say("fields.is_no_customer_but", text=_shown(text), near=repr(near), instead=instead))
    raise _Wrong(say("fields.is_no_customer", text=_shown(text), instead=instead))


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

_ANY_TEXT = say("fields.some_text")
_EXAMPLES = {
    FieldType.YES_NO: say("fields.yes_or_no"),
    FieldType.DATE: say("fields.a_date"),
    FieldType.DURATION: say("fields.a_length_of_time"),
    FieldType.EMAIL: say("fields.a_mail_address_like"),
    FieldType.ADDRESS: say("fields.an_ip_address"),
    FieldType.PREFIX: say("fields.a_prefix"),
    FieldType.ALLOCATION: say("fields.a_prefix_that_you"),
    FieldType.CUSTOMER: say("fields.a_customers_name"),
}


def _wanted(field: Field) -> str:
    match field.type:
        case FieldType.INTEGER | FieldType.PREFIX_LENGTH:
            return _number_wanted(*_bounds(field))
        case FieldType.CHOICE:
            return say("fields.one_of", choices=tuple(field.choices))
        case FieldType.TEXT | FieldType.LONG_TEXT:
            return say("fields.at_least_characters", min_length=field.min_length) if field.min_length else _ANY_TEXT
        case _:
            return _EXAMPLES[field.type]


def _number_wanted(least: int | None, most: int | None) -> str:
    match least, most:
        case None, None:
            return say("fields.a_whole_number")
        case None, _:
            return say("fields.a_number_up_to", most=most)
        case _, None:
            return say("fields.a_number_from", least=least)
        case _:
            return say("fields.a_number_from_to", least=least, most=most)


def _bounds(field: Field) -> tuple[int | None, int | None]:
    if field.type is not FieldType.PREFIX_LENGTH:
        return field.min, field.max
    return field.min or 0, LONGEST_LENGTH if field.max is None else field.max


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _shown(text: str) -> str:
    """A wrong value within words: not longer than it helps."""
    return f"{text[:60]}…" if len(text) > 60 else text  # noqa: PLR2004 as many as stay on a line
