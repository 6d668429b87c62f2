"""Mail that was passed on is believed on what a named forwarder found, where its ARC seal holds."""

import dkim
import pytest
from mail.test_verdict import BORDER, PRIVATE, PUBLIC

from mailbot.mail.message import read
from mailbot.mail.verdict import MICROSOFT, judge

LIST = "lists.example.org"
FOUND = f"{LIST}; dmarc=pass header.from=example.com"
KEYS = {f"s._domainkey.{domain}.".encode() for domain in (LIST, "example.com", "other.example")}


def lookup(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001  dkimpy's face
    return PUBLIC.encode() if name in KEYS else None


def mail(text: str = "approve", *, sender: str = "bob@example.com") -> bytes:
    return f"From: {sender}\r\nTo: ip-requests@example.net\r\nSubject: [ip] x\r\n\r\n{text}\r\n".encode()


def sealed(raw: bytes, found: str = FOUND, domain: str = LIST, signs: tuple[bytes, ...] = (b"from", b"to")) -> bytes:
    """The mail as this domain passes it on."""
    stamped = f"Authentication-Results: {found}\r\n".encode() + raw
    server = found.partition(";")[0].encode()
    fields = dkim.ARC(stamped).sign(b"s", domain.encode(), PRIVATE, server, include_headers=signs)
    return b"".join(fields) + raw


def believed(raw: bytes, *forwarders: str, border: str | None = None) -> bool:
    return judge(read(raw), border, lookup, forwarders).believed


def test_a_named_forwarders_seal_makes_what_it_found_count() -> None:
    answer = judge(read(sealed(mail())), None, lookup, [LIST])
    assert answer.believed
    assert answer.reason == f"the forwarder {LIST} says dmarc=pass for example.com"
    assert not answer.border


def test_it_overrules_our_borders_no_since_passing_on_breaks_spf_and_dkim() -> None:
    refused = f"Authentication-Results: {BORDER}; dmarc=fail header.from=example.com\r\n".encode()
    assert believed(refused + sealed(mail()), LIST, border=BORDER)
    assert not believed(refused + sealed(mail()), border=BORDER)


@pytest.mark.parametrize("forwarders", [[], ["other.example"], ["example.org"], ["sub.lists.example.org"]], ids=str)
def test_nobody_elses_seal_counts(forwarders: list[str]) -> None:
    assert not believed(sealed(mail()), *forwarders)


@pytest.mark.parametrize(
    "found",
    [
        f"{LIST}; dmarc=fail header.from=example.com",
        f"{LIST}; dmarc=pass header.from=evil.org",
        f"{LIST}; spf=pass smtp.mailfrom=evil.org",
        f"{LIST}; dkim=none",
    ],
)
def test_a_forwarder_that_found_nothing_that_stands_for_from_vouches_for_nothing(found: str) -> None:
    assert not believed(sealed(mail(), found), LIST)


@pytest.mark.parametrize(
    "raw",
    [
        sealed(mail()).replace(b"approve", b"reject it"),
        sealed(mail()).replace(b"From: bob@", b"From: eve@"),
        sealed(mail()).replace(b"from=example.com", b"from=example.net"),
        sealed(mail()).replace(b"cv=none", b"cv=pass"),
        sealed(mail(), domain="unknown.example"),
        sealed(mail()).replace(b"ARC-Seal: i=1", b"ARC-Seal: i=2"),
        sealed(mail()).replace(b"ARC-Seal: ", b"X-Seal: "),
        sealed(mail()) + b"more of it\r\n",
        b"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=lists.example.org; s=s; b=x\r\n" + mail(),
        b"ARC-Seal: i=1; d=lists.example.org\r\n" * 60 + sealed(mail()),
    ],
    ids=["body", "From", "results", "chain", "key", "number", "missing", "longer", "seal alone", "sixty"],
)
def test_a_seal_that_does_not_hold_is_good_for_nothing(raw: bytes) -> None:
    assert not believed(raw, LIST, "unknown.example")


def test_a_seal_that_does_not_cover_the_whole_body_is_refused() -> None:
    raw = sealed(mail())
    assert not believed(raw.replace(b"bh=", b"l=1; bh=", 1), LIST)


def test_only_the_outermost_seal_counts() -> None:
    inner = sealed(mail())
    again = "other.example; arc=pass; dmarc=pass header.from=example.com"
    twice = sealed(inner, again, domain="other.example")
    assert believed(twice, "other.example")
    assert not believed(twice, LIST)
    assert believed(twice, LIST, "other.example")


def test_without_a_way_to_ask_for_keys_no_seal_counts() -> None:
    assert not judge(read(sealed(mail())), None, None, [LIST]).believed


def test_a_border_that_writes_as_microsoft_does_may_be_overruled_too() -> None:
    received = b"Received: from x by y.mail.protection.outlook.com\r\n"
    refused = b"Authentication-Results: dmarc=fail action=none header.from=example.com\r\n"
    assert believed(received + refused + sealed(mail()), LIST, border=MICROSOFT)
