"""What the values of RPSL attributes look like (https://docs.db.ripe.net/Appendices/Appendix-A--Syntax-of-Object-Attributes)."""

import re
from collections.abc import Callable
from enum import StrEnum

from mailbot.addresses import BadPrefix, Family, parse_address, parse_prefix
from mailbot.config.address import normal

_NAME = re.compile(r"[A-Z](?:[A-Z0-9_-]{0,78}[A-Z0-9])", re.IGNORECASE)
_HANDLE = re.compile(r"[A-Z]{2,4}(?:[1-9][0-9]{0,5})?(?:-[A-Z](?:[A-Z0-9_-]{0,7}[A-Z0-9]))?", re.IGNORECASE)
_ORGANISATION = re.compile(r"ORG-[A-Z]{2,4}[1-9][0-9]{0,4}-[A-Z](?:[A-Z0-9_-]{0,7}[A-Z0-9])", re.IGNORECASE)
_RESERVED = frozenset(
    {"any", "as-any", "rs-any", "peeras", "and", "or", "not", "atomic", "from", "to", "at", "action", "accept"}
    | {"announce", "except", "refine", "networks", "into", "inbound", "outbound"}
)
STATUS = (
    "ALLOCATED PA",
    "ALLOCATED-ASSIGNED PA",
    "ALLOCATED UNSPECIFIED",
    "LIR-PARTITIONED PA",
    "SUB-ALLOCATED PA",
    "AGGREGATED-BY-LIR",
    "ASSIGNED PA",
    "ASSIGNED PI",
    "ASSIGNED ANYCAST",
    "LEGACY",
)
STATUS6 = (
    "ALLOCATED-BY-RIR",
    "ALLOCATED-BY-LIR",
    "AGGREGATED-BY-LIR",
    "ASSIGNED",
    "ASSIGNED ANYCAST",
    "ASSIGNED PI",
)
LONGEST_PREFIX6 = 128
LAST_AS = 2**32 - 1


class Syntax(StrEnum):
    """What a value is; its text says it to people."""

    FREE = "any text"
    RANGE = 'a range like "192.0.2.0 - 192.0.2.15", or a prefix of IPv4'
    PREFIX4 = 'a prefix of IPv4 like "192.0.2.0/28"'
    PREFIX6 = 'a prefix of IPv6 like "2001:db8::/48"'
    SIZE6 = "a prefix length of IPv6"
    ADDRESS = "an address"
    NAME = 'a name: letters, digits, "_" and "-", beginning with a letter, ending with a letter or digit'
    NAMES = "one or more names, with commas between"
    HANDLES = 'one or more handles like "JD123-RIPE", with commas between'
    ORGANISATION = 'an organisation like "ORG-EX1-RIPE"'
    COUNTRY = 'a country of two letters like "FR"'
    LANGUAGE = 'a language of two letters like "fr"'
    STATUS = f"one of {', '.join(STATUS)}"
    STATUS6 = f"one of {', '.join(STATUS6)}"
    AS_NUMBER = 'an AS number like "AS64496"'
    EMAIL = "a mail address"
    URL = "an address that begins with https://"
    SOURCE = 'a source like "RIPE"'


def why_not(syntax: Syntax, value: str) -> str:
    """Why a value is none of that kind; "" where it is."""
    if syntax is Syntax.FREE:
        return ""
    if not value:
        return f"it is empty, and must be {syntax}"
    return "" if _HOLDS[syntax](value) else f"{value[:60]!r} is not {syntax}"


def _range(value: str) -> bool:
    first, dash, last = (part.strip() for part in value.partition("-"))
    if not dash:
        return _prefix(value, Family.V4)
    try:
        return parse_address(first, Family.V4).network <= parse_address(last, Family.V4).network
    except BadPrefix:
        return False


def _prefix(value: str, family: Family) -> bool:
    try:
        return parse_prefix(value, family).host_bits >= 0 and value.rpartition("/")[2].isdecimal()
    except BadPrefix:
        return False


def _address(value: str) -> bool:
    try:
        return parse_address(value) is not None
    except BadPrefix:
        return False


def _name(value: str) -> bool:
    return _NAME.fullmatch(value) is not None and value.lower() not in _RESERVED


def _each(of: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda value: all(of(one.strip()) for one in value.split(","))


def _as_number(value: str) -> bool:
    found = re.fullmatch(r"AS(0|[1-9][0-9]{0,9})", value, re.IGNORECASE)
    return found is not None and int(found[1]) <= LAST_AS


def _size6(value: str) -> bool:
    return re.fullmatch(r"[0-9]{1,3}", value) is not None and int(value) <= LONGEST_PREFIX6


def _like(pattern: str) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value, re.IGNORECASE) is not None


_HOLDS: dict[Syntax, Callable[[str], bool]] = {
    Syntax.RANGE: _range,
    Syntax.PREFIX4: lambda value: _prefix(value, Family.V4),
    Syntax.PREFIX6: lambda value: _prefix(value, Family.V6),
    Syntax.SIZE6: _size6,
    Syntax.ADDRESS: _address,
    Syntax.NAME: _name,
    Syntax.NAMES: _each(_name),
    Syntax.HANDLES: _each(lambda value: _HANDLE.fullmatch(value) is not None),
    Syntax.ORGANISATION: lambda value: _ORGANISATION.fullmatch(value) is not None,
    Syntax.COUNTRY: _like("[A-Z]{2}"),
    Syntax.LANGUAGE: _like("[A-Z]{2}"),
    Syntax.STATUS: lambda value: value.upper() in STATUS,
    Syntax.STATUS6: lambda value: value.upper() in STATUS6,
    Syntax.AS_NUMBER: _as_number,
    Syntax.EMAIL: lambda value: normal(value) is not None,
    Syntax.URL: _like(r"https://\S+"),
    Syntax.SOURCE: _like("[A-Z](?:[A-Z0-9_-]{0,78}[A-Z0-9])"),
}
