"""Whether From is believed: by our border's verdict, DKIM verified by ourselves, or what a named forwarder sealed."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, ip_address

import authres

from mailbot.config.address import domain_of, normal_domain
from mailbot.mail.arc import FIELD_MAX, DkimLookup, sealed_results, tags
from mailbot.mail.message import Message

MICROSOFT = "microsoft"
"""the name of a border that signs its verdicts with no authserv-id (trap 18)"""
FIELDS_MAX = 10
SIGNATURES_MAX = 3
"""DKIM signatures that are verified; each may cost a question to DNS"""

_SERVER = re.compile(r"\s*([^\s;()=]+)\s*(?:\d+\s*)?;")
_BY = re.compile(r"\bby\s+([\w.:-]+)")
_MICROSOFT_HOSTS = (".outlook.com", ".exchangelabs.com")
_ACTION = re.compile(r"\baction=[\w.]+")  # Microsoft's, no property of RFC 8601
_BARE_CR = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether From is believed, and why, in words for a person."""

    believed: bool
    reason: str
    border: bool = False
    """our border has said something about the mail, whatever that was"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """One method's result in one Authentication-Results field."""

    method: str
    result: str
    domains: tuple[str, ...]
    """the domains it speaks for"""


def judge(
    message: Message,
    border: str | None,
    dkim_lookup: DkimLookup | None = None,
    forwarders: Collection[str] = (),
) -> Verdict:
    """Whether the From of a mail is believed.

    `border`: the authserv-id of our own border, "microsoft", or None. Believed is DMARC's pass; or where DMARC
    says neither yes nor no, a pass of DKIM or SPF for a domain aligned with From. Where the border says nothing,
    DKIM is verified here, if `dkim_lookup` is given. What has been passed on by one of `forwarders` (domains) is
    believed on what these found, where their ARC seal holds: passing on breaks SPF always, and DKIM often.
    """
    if message.sender is None:
        return Verdict(believed=False, reason="From is not exactly one plain address")
    domain = domain_of(message.sender)
    results = _results(message, border) if border else []
    answer = _answer(message, domain, border, results, dkim_lookup)
    if not answer.believed and forwarders and dkim_lookup is not None:
        answer = _by_forwarder(message, domain, forwarders, dkim_lookup) or answer
    return replace(answer, border=bool(results))


def _answer(
    message: Message, domain: str, border: str | None, results: list[_Result], lookup: DkimLookup | None
) -> Verdict:
    if results:
        return _by_results(results, domain, "our border")
    if lookup is not None:
        return _by_dkim(message, domain, lookup)
    silent = f"our border {border} says nothing about it" if border else "no border of ours is named"
    return Verdict(believed=False, reason=silent)


def _by_forwarder(message: Message, domain: str, forwarders: Collection[str], lookup: DkimLookup) -> Verdict | None:
    """What a forwarder of ours found when the mail came to it; None where it is sealed by none."""
    sealed = sealed_results(message, forwarders, lookup)
    if sealed is None:
        return None
    forwarder, value = sealed
    server = _SERVER.match(value)
    results = list(_read(" ".join(value.split()), server[1] if server else MICROSOFT))
    return _by_results(results, domain, f"the forwarder {forwarder}") if results else None


def aligned(one: str, other: str) -> bool:
    """Whether two domains belong together: equal, or one below the other, which has two labels or more.

    That is DMARC's relaxed alignment without its list of public suffixes, and narrower: a.example.net and
    b.example.net do not answer for each other.
    """
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or ("." in shorter and longer.endswith(f".{shorter}"))


def _by_results(results: list[_Result], domain: str, whose: str) -> Verdict:
    """What the results of our border come to, or of a forwarder (`whose`)."""
    dmarc = [result for result in results if result.method == "dmarc"]
    passed = [result for result in results if result.method in {"dkim", "spf"} and result.result == "pass"]
    checked = any(result.method in {"dkim", "spf"} for result in results)
    for result in dmarc:
        if result.result == "pass":
            return _by_dmarc(result, domain, whose, contradicted=checked and not passed)
        if result.result in {"fail", "permerror"}:
            return Verdict(believed=False, reason=f"{whose} says dmarc={result.result} for {domain}")
    for result in passed:
        if any(aligned(domain, one) for one in result.domains):
            return Verdict(believed=True, reason=f"{whose} says {result.method}=pass for {domain}")
    said = ", ".join(f"{result.method}={result.result}" for result in results)
    return Verdict(believed=False, reason=f"{whose} says {said}: nothing that stands for {domain}")


def _by_dmarc(result: _Result, domain: str, whose: str, *, contradicted: bool) -> Verdict:
    # DMARC passes through SPF or DKIM: a pass where both were tried and failed was not written by our border.
    if contradicted:
        return Verdict(believed=False, reason="dmarc=pass contradicts the SPF and DKIM results above it")
    if result.domains and not any(aligned(domain, one) for one in result.domains):
        return Verdict(believed=False, reason=f"dmarc=pass is for {result.domains[0]}, not for {domain}")
    return Verdict(believed=True, reason=f"{whose} says dmarc=pass for {domain}")


def _results(message: Message, border: str) -> list[_Result]:
    """The results of the topmost field of ours for each method.

    A sender may have put such fields into his mail; whoever adds fields on the way adds them above (RFC 8601 §4).
    """
    found: dict[str, list[_Result]] = {}
    for value in _fields(message, border.lower()):
        read = list(_read(value, border.lower()))
        for method in {result.method for result in read} - found.keys():
            found[method] = [result for result in read if result.method == method]
    return [result for results in found.values() for result in results]


def _fields(message: Message, border: str) -> Iterator[str]:
    """Our border's own fields: those above the first Received that is not ours (traps 16 and 18)."""
    seen = 0
    for name, raw in message.headers:
        if name == "received" and not _is_ours(raw, border):
            return
        if name == "authentication-results" and seen < FIELDS_MAX:
            seen += 1
            if len(raw) <= FIELD_MAX and _is_signed_by(raw, border):
                yield " ".join(raw.split())


def _is_signed_by(value: str, border: str) -> bool:
    server = _SERVER.match(value)
    if border == MICROSOFT:
        return server is None
    return server is not None and server[1].lower() == border


def _is_ours(received: str, border: str) -> bool:
    """Whether a host of ours wrote this Received: our border, one beside or below it, or one without a name."""
    match = _BY.search(received)
    if match is None:
        return "from" not in received  # handed over within one system: "(qmail 123 invoked by uid 0)"
    host = match[1].lower().rstrip(".")
    if border == MICROSOFT:
        return host.endswith(_MICROSOFT_HOSTS)
    parent = border.partition(".")[2]
    site = parent if "." in parent else border
    return host in {site, "localhost"} or host.endswith(f".{site}") or _is_private(host)


def _is_private(host: str) -> bool:
    """Whether it is an address of no public host: Google's call themselves 2002:a…, which is 10/8 in 6to4."""
    try:
        found = ip_address(host)
    except ValueError:
        return False
    inner = found.sixtofour if isinstance(found, IPv6Address) else None
    return (inner or found).is_private


def _read(value: str, border: str) -> Iterator[_Result]:
    if border == MICROSOFT:
        value = f"{MICROSOFT}; {_ACTION.sub('', value)}"
    try:
        results = authres.AuthenticationResultsHeader.parse_value(value).results
        for one in results:
            if hasattr(one, "method"):
                yield _Result(
                    method=one.method.lower(),
                    result=one.result.lower(),
                    domains=tuple(_domains(one)),
                )
    except Exception:  # noqa: BLE001  authres raises its own SyntaxError, RecursionError and more
        return


_SPEAKS_FOR = {
    "dmarc": ("header.from",),
    "dkim": ("header.d", "header.i"),
    "spf": ("smtp.mailfrom", "smtp.mfrom"),
}


def _domains(result: object) -> Iterator[str]:
    names = _SPEAKS_FOR.get(result.method.lower(), ())  # type: ignore[attr-defined]  # authres has no types
    for one in result.properties:  # type: ignore[attr-defined]
        if f"{one.type}.{one.name}".lower() in names and (found := normal_domain(domain_of(str(one.value)))):
            yield found


def _by_dkim(message: Message, domain: str, lookup: DkimLookup) -> Verdict:
    """DKIM, verified here: signed by From's domain, over the whole body, with an algorithm that still holds."""
    if "dkim-signature" not in message.headers:
        return Verdict(believed=False, reason="our border says nothing, and it bears no DKIM signature")
    reason = f"no DKIM signature of it stands for {domain}"
    for index in range(min(len(message.headers.raw("dkim-signature")), SIGNATURES_MAX)):
        said = tags(message.headers.raw("dkim-signature")[index])
        if not aligned(domain, said.get("d", "").lower()):
            continue
        if "l" in said:
            reason = "its DKIM signature covers a part of the body only (l=)"
        elif said.get("a", "").endswith("-sha1"):
            reason = "its DKIM signature uses SHA-1 (RFC 8301)"
        elif _is_verified(message.raw, index, said, lookup):
            return Verdict(believed=True, reason=f"its DKIM signature of {said['d'].lower()} holds")
        else:
            reason = f"its DKIM signature of {said['d'].lower()} does not hold"
    return Verdict(believed=False, reason=reason)


def _is_verified(raw: bytes, index: int, said: dict[str, str], lookup: DkimLookup) -> bool:
    # Where a lone CR ends a line for one parser and not for the other, they read two different mails.
    if _BARE_CR.search(raw):
        return False
    import dkim  # noqa: PLC0415 (it brings all of DNS, and whoever has a border of his own needs it never)

    try:
        mail = dkim.DKIM(raw)
        holds: bool = mail.verify(index, dnsfunc=lookup)
        signed = mail.signature_fields
    except Exception:  # noqa: BLE001  dkimpy raises many things, and so may the lookup
        return False
    return holds and signed.get(b"d", b"").decode("ascii", "replace") == said["d"] and b"l" not in signed
