"""What a forwarder has sealed into a mail that it passed on (RFC 8617): believed of those that are named."""

import logging
import re
from collections.abc import Collection
from typing import Protocol

from mailbot.mail.message import Message

SETS_MAX = 5
"""hands that a mail may have gone through; each costs two questions to DNS"""
FIELD_MAX = 4096
"""characters of one field that are read"""

_INSTANCE = re.compile(r"\s*i\s*=\s*([1-9]\d?)\s*;")
_SEAL, _SIGNATURE, _RESULTS = "arc-seal", "arc-message-signature", "arc-authentication-results"
_silent = logging.getLogger("mailbot.dkimpy")
_silent.disabled = True  # it prints what it does not like of people's mail


class DkimLookup(Protocol):
    """Asks DNS for a TXT record, as dkimpy's `dnsfunc`: None where there is none."""

    def __call__(self, name: bytes, timeout: int = 5) -> bytes | None: ...


def sealed_results(message: Message, forwarders: Collection[str], lookup: DkimLookup) -> tuple[str, str] | None:
    """(forwarder, what it found when the mail came to it), an Authentication-Results without its field's name.

    None unless the outermost set of the chain was made by one of `forwarders` (domains), covers From and the whole
    body, and all of the chain verifies: nobody has changed anything since.
    """
    sets = {name: _by_instance(message.headers.raw(name)) for name in (_SEAL, _SIGNATURE, _RESULTS)}
    outermost = max(sets[_SEAL], default=0)
    if not 1 <= outermost <= SETS_MAX or any(len(one) != outermost for one in sets.values()):
        return None
    seal, signature = tags(sets[_SEAL][outermost]), tags(sets[_SIGNATURE][outermost])
    forwarder = seal.get("d", "").lower()
    if forwarder not in forwarders or signature.get("d", "").lower() != forwarder:
        return None
    signed = signature.get("h", "").lower().split(":")
    if "from" not in signed or "l" in signature or "sha1" in signature.get("a", "") + seal.get("a", ""):
        return None
    if not _is_whole(message.raw, lookup):
        return None
    return forwarder, _INSTANCE.sub("", sets[_RESULTS][outermost], count=1)


def tags(signature: str) -> dict[str, str]:
    """A signature's tags by name, without blanks."""
    pairs = (tag.partition("=") for tag in signature[:FIELD_MAX].split(";"))
    return {name.strip(): "".join(value.split()) for name, _, value in pairs}


def _by_instance(values: Collection[str]) -> dict[int, str]:
    """Fields by their number in the chain; none where one has no number, or the number of another."""
    found = [(match, value) for value in values if len(value) <= FIELD_MAX and (match := _INSTANCE.match(value))]
    numbered = {int(match[1]): value for match, value in found}
    return numbered if len(numbered) == len(values) else {}


def _is_whole(raw: bytes, lookup: DkimLookup) -> bool:
    """Whether each seal of the chain holds, and the outermost signature of the mail as it came."""
    if re.search(rb"\r(?!\n)", raw):  # see verdict: two parsers would read two mails
        return False
    import dkim  # noqa: PLC0415 (it brings all of DNS, and few ever need it)

    try:
        chain, _, _ = dkim.ARC(raw, logger=_silent).verify(dnsfunc=lookup)
    except Exception:  # noqa: BLE001  dkimpy raises many things, and so may the lookup
        return False
    return bool(chain == dkim.CV_Pass)
