"""Mail addresses: one form to compare them in, and patterns over whole domains. Everybody uses this one grammar."""

import re
from functools import lru_cache
from unicodedata import category, is_normalized

# A dot-atom, an "@", a host name (RFC 5322 §3.4.1, RFC 6532 for what is beyond ASCII). No quotes, comments,
# literals or routes: what two parsers may read differently names nobody (trap 16).
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_LABEL = r"[A-Za-z0-9\-_\u0080-\U0010ffff]{1,63}"
_PLAIN = re.compile(rf"({_ATEXT}(?:\.{_ATEXT})*)@({_LABEL}(?:\.{_LABEL})*)")
_PATTERN = re.compile(rf"\*@(\*\.)?({_LABEL}(?:\.{_LABEL})*)")

LOCAL_MAX = 64
"""octets of a local part (RFC 5321 §4.5.3.1.1)"""
ADDRESS_MAX = 254
"""octets of an address (RFC 5321 §4.5.3.1.3, less the brackets)"""


def normal(text: str) -> str | None:
    """The address in the form in which addresses are compared, or None if it is no plain address.

    The domain is in lower case and IDNA's A-form; the local part is in lower case too: no system in use
    tells two people apart by case, and mail programs change it (trap 2).
    """
    match = _PLAIN.fullmatch(text.strip())
    if match is None or not _is_plain(match[0]):
        return None
    local, domain = match[1].lower(), normal_domain(match[2])
    if domain is None or len(local.encode()) > LOCAL_MAX or len(local) + len(domain) >= ADDRESS_MAX:
        return None
    return f"{local}@{domain}"


def _is_plain(text: str) -> bool:
    """Whether it is ASCII, or of letters, marks and digits that stay what they are.

    Those that NFKC changes (full-width, Kelvin sign) would merge two addresses; format characters are not seen.
    """
    if text.isascii():
        return True
    return is_normalized("NFKC", text) and all(c.isascii() or category(c)[0] in "LMN" for c in text)


def normal_domain(domain: str) -> str | None:
    """A domain in lower case and A-form ("xn--…"), or None if it is not one."""
    if not _is_plain(domain):
        return None
    labels = domain.strip().rstrip(".").lower().split(".")
    if not all(re.fullmatch(_LABEL, label) and label.strip("-") == label for label in labels):
        return None
    if domain.isascii():
        return ".".join(labels)
    # The codec "idna" is the 2003 edition, in which "straße" is "strasse": another domain today (RFC 5891).
    coded = (label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels)
    return ".".join(coded)


def domain_of(address: str) -> str:
    """What follows the last "@"."""
    return address.rpartition("@")[2]


def without_detail(address: str, separator: str) -> str:
    """The address less its sub-address: "bot+token@x" → "bot@x"; unchanged where there is none."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition(separator)[0]}@{domain}" if separator and domain else address


@lru_cache(maxsize=1024)
def normal_pattern(text: str) -> str | None:
    """A pattern in the form in which it is compared, or None if it is none.

    "bob@example.net" is that address, "*@example.net" any of exactly that domain, "*@*.example.net" any
    of its sub-domains (not of itself).
    """
    if not (match := _PATTERN.fullmatch(text.strip())):
        return normal(text)
    domain = normal_domain(match[2])
    return None if domain is None else f"*@{match[1] or ''}{domain}"


def matches(address: str, pattern: str) -> bool:
    """Whether a normalised address falls under a pattern; an invalid pattern matches nothing."""
    rule = normal_pattern(pattern)
    if rule is None or not rule.startswith("*@"):
        return address == rule
    wanted, domain = rule[2:], domain_of(address)
    if wanted.startswith("*."):
        return domain.endswith(wanted[1:])
    return domain == wanted
