"""Payloads of ARIN's Reg-RWS about reassignments: a `net` (simple or detailed), or a `customer`.

https://www.arin.net/resources/manage/regrws/payloads/ (ARIN takes templates by mail no more, since June 2024).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from mailbot.addresses import BadPrefix, Block, Family, parse_address
from mailbot.errors import near_miss

NAMESPACE = "http://www.arin.net/regrws/core/v1"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
VERSIONS = {"4": Family.V4, "6": Family.V6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An element: whether it must be there, and what its text is (`pattern`, told as `what`)."""

    must: bool = False
    pattern: str = r"(?s).*"
    what: str = ""


_HANDLE = Part(pattern=r"[A-Z0-9][A-Z0-9-]{0,49}", what="a handle of ARIN's")
_WORDS = Part(must=True, pattern=r"[^\n]*\S[^\n]*", what="one line of text")
NET = {
    "version": Part(must=True, pattern="[46]", what="4 or 6"),
    "comment": Part(),
    "registrationDate": Part(),
    "orgHandle": _HANDLE,
    "handle": Part(),
    "netBlocks": Part(must=True),
    "customerHandle": _HANDLE,
    "parentNetHandle": Part(must=True, pattern=r"NET6?-[A-Z0-9-]+", what='a net of ARIN\'s like "NET-192-0-2-0-1"'),
    "netName": Part(must=True, pattern=r"[A-Z0-9][A-Z0-9-]{0,49}", what="capitals, digits and hyphens, up to 50"),
    "originASes": Part(),
    "pocLinks": Part(),
}
BLOCK = {
    "type": Part(must=True, pattern="S|A", what='"S" (reassigned) or "A" (reallocated)'),
    "description": Part(),
    "startAddress": Part(must=True),
    "endAddress": Part(),
    "cidrLength": Part(pattern=r"[0-9]{1,3}", what="a prefix length"),
}
CUSTOMER = {
    "customerName": _WORDS,
    "iso3166-1": Part(must=True),
    "handle": Part(),
    "streetAddress": Part(must=True),
    "city": _WORDS,
    "iso3166-2": Part(pattern="[A-Z0-9]{1,3}", what="a state or province of ISO 3166-2"),
    "postalCode": Part(pattern=r"[A-Za-z0-9 -]{0,12}", what="a postal code"),
    "comment": Part(),
    "parentOrgHandle": _HANDLE,
    "registrationDate": Part(),
    "privateCustomer": Part(pattern="true|false", what="true or false"),
}


def faults(text: str) -> list[str]:
    """All that is wrong with one payload."""
    if bad := _CONTROL.search(text):
        return [f"line {text.count(chr(10), 0, bad.start()) + 1}: {bad[0]!r} must not stand in it"]
    try:
        root = fromstring(text.strip(), forbid_dtd=True)
    except ParseError as error:
        return [f"it is no XML: {error}"]
    except DefusedXmlException:
        return ["it declares a document type or entities, which no payload needs"]
    payload = PAYLOADS.get(_name(root))
    if not root.tag.startswith(f"{{{NAMESPACE}}}") or payload is None:
        return [f"it is no net and no customer of {NAMESPACE}: {root.tag}"]
    return list(payload(root))


def _net(net: Element) -> Iterator[str]:
    yield from _parts(net, NET)
    orgs, customers = _text(net, "orgHandle"), _text(net, "customerHandle")
    if bool(orgs) == bool(customers):
        yield "net: simple, it names a customerHandle, detailed, an orgHandle: one of both, and only one"
    blocks = _children(net, "netBlocks")
    if not blocks:
        yield "netBlocks: it holds no netBlock"
    for block in blocks:
        yield from _parts(block, BLOCK)
        yield from _span(block, VERSIONS.get(_text(net, "version")))


def _span(block: Element, family: Family | None) -> Iterator[str]:
    """Where it begins, and how long it is: said either way, or the same both ways."""
    start, end, length = (_text(block, name) for name in ("startAddress", "endAddress", "cidrLength"))
    if not end and not length:
        yield "netBlock: neither endAddress nor cidrLength says how long it is"
    try:
        first = parse_address(_plain(start), family)
        last = parse_address(_plain(end), family) if end else None
    except BadPrefix as bad:
        yield f"netBlock: {bad}"
        return
    if last is not None and last.network < first.network:
        yield f"netBlock: {end} comes before {start}"
    if length.isdecimal():
        yield from _block(first, last, int(length))


def _block(first: Block, last: Block | None, length: int) -> Iterator[str]:
    if length > first.family.width:
        yield f"netBlock: cidrLength {length} is too long for {first.family}"
        return
    whole = first.ancestor(first.family.width - length)
    if whole.network != first.network:
        yield f"netBlock: {first.address}/{length} has host bits set (did you mean {whole}?)"
    elif last is not None and whole.last != last.network:
        yield f"netBlock: {whole} does not end at {last.address}"


def _plain(address: str) -> str:
    """ARIN writes addresses of IPv4 with leading zeros: 010.000.000.000."""
    return re.sub(r"\b0+(?=[0-9])", "", address) if "." in address else address


def _customer(customer: Element) -> Iterator[str]:
    yield from _parts(customer, CUSTOMER)
    country = customer.find(f"{{{NAMESPACE}}}iso3166-1")
    codes = [] if country is None else [_text(country, "code2"), _text(country, "code3")]
    if country is not None and not any(re.fullmatch("[A-Z]{2,3}", code) for code in codes):
        yield "iso3166-1: a code2 or code3 of ISO 3166-1 says which country"
    lines = _children(customer, "streetAddress")
    if [line.get("number") for line in lines] != [str(place) for place in range(1, len(lines) + 1)] or not lines:
        yield 'streetAddress: its lines are numbered: <line number="1">…</line>'


def _parts(of: Element, known: dict[str, Part]) -> Iterator[str]:
    counts = Counter(_name(part) for part in of)
    for part in of:
        name = _name(part)
        rule = known.get(name)
        if rule is None:
            near = near_miss(name, known)
            yield f"{_name(of)}: {name!r} is not known here{f' (did you mean {near!r}?)' if near else ''}"
        elif len(part) == 0 and not _empty_where_it_may_be(part, rule) and not re.fullmatch(rule.pattern, _own(part)):
            yield f"{name}: {_own(part)[:60]!r} is not {rule.what}"
    yield from (f"{_name(of)}: {name!r} stands there {count} times" for name, count in counts.items() if count > 1)
    for name, rule in known.items():
        if rule.must and (not counts[name] or not _filled(of, name)):
            yield f"{_name(of)}: it has no {name!r}, which it must have"


def _empty_where_it_may_be(part: Element, rule: Part) -> bool:
    return not rule.must and not _own(part)


def _filled(of: Element, name: str) -> bool:
    found = of.find(f"{{{NAMESPACE}}}{name}")
    return found is not None and (len(found) > 0 or bool(_own(found)))


def _children(of: Element, name: str) -> list[Element]:
    found = of.find(f"{{{NAMESPACE}}}{name}")
    return [] if found is None else list(found)


def _text(of: Element, name: str) -> str:
    found = of.find(f"{{{NAMESPACE}}}{name}")
    return "" if found is None else _own(found)


def _own(part: Element) -> str:
    return (part.text or "").strip()


def _name(part: Element) -> str:
    return part.tag.removeprefix(f"{{{NAMESPACE}}}")


PAYLOADS: dict[str, Callable[[Element], Iterator[str]]] = {"net": _net, "customer": _customer}
