"""From is believed on our border's word, or on a DKIM signature that we verify ourselves."""

import dkim
import pytest

from mailbot.mail.message import read
from mailbot.mail.verdict import MICROSOFT, Verdict, aligned, judge

BORDER = "mx.example.net"
OUR_RECEIVED = "Received: from mail.example.com (mail.example.com [192.0.2.1]) by mx.example.net (Postfix) with ESMTPS"
FOREIGN_RECEIVED = "Received: from laptop by mail.example.com with ESMTPSA"
PASS = "Authentication-Results: mx.example.net; dmarc=pass (p=reject) header.from=example.com"


def verdict(*fields: str, sender: str = "bob@example.com", border: str | None = BORDER) -> Verdict:
    return judge(read("\r\n".join([*fields, f"From: {sender}", "", "approve"]).encode()), border)


@pytest.mark.parametrize(
    "result",
    [
        "dmarc=pass header.from=example.com",
        "dmarc=pass (p=none dis=none) header.from=example.com",
        "spf=pass smtp.mailfrom=bob@example.com",
        "spf=pass smtp.mailfrom=bounces.example.com",
        "dkim=pass header.d=example.com header.s=x",
        "dkim=pass header.i=@mail.example.com",
        "dkim=fail header.d=example.com; dkim=pass header.d=example.com",
        "spf=fail smtp.mailfrom=other.org; dkim=pass header.d=example.com; dmarc=pass header.from=example.com",
        "dkim=pass header.d=example.com; dmarc=none header.from=example.com",
    ],
)
def test_what_our_border_vouches_for_is_believed(result: str) -> None:
    assert verdict(f"Authentication-Results: {BORDER}; {result}", OUR_RECEIVED).believed


@pytest.mark.parametrize(
    "result",
    [
        "none",
        "dmarc=fail header.from=example.com",
        "dmarc=none header.from=example.com",
        "dmarc=pass header.from=evil.org",
        "spf=pass smtp.mailfrom=evil.org",
        "spf=pass smtp.helo=example.com",
        "spf=softfail smtp.mailfrom=example.com",
        "dkim=pass header.d=evil.org",
        "dkim=pass header.d=com",
        "dkim=pass header.d=notexample.com",
        "dkim=pass header.d=example.com; dmarc=fail header.from=example.com",
        'dkim=fail reason="dmarc=pass header.from=example.com"',
        "spf=fail (dkim=pass header.d=example.com) smtp.mailfrom=evil.org",
    ],
)
def test_what_our_border_does_not_vouch_for_is_not_believed(result: str) -> None:
    answer = verdict(f"Authentication-Results: {BORDER}; {result}", OUR_RECEIVED)
    assert not answer.believed
    assert answer.reason


@pytest.mark.parametrize("border", ["other.example.net", "example.net", None])
def test_trap_16_only_the_field_of_our_own_border_counts(border: str | None) -> None:
    assert not verdict(PASS, OUR_RECEIVED, border=border).believed


def test_trap_16_a_field_below_the_first_foreign_received_counts_for_nothing() -> None:
    assert verdict(PASS, OUR_RECEIVED, FOREIGN_RECEIVED).believed
    assert verdict(OUR_RECEIVED, PASS, FOREIGN_RECEIVED).believed
    assert not verdict(OUR_RECEIVED, FOREIGN_RECEIVED, PASS).believed


def test_trap_16_a_forged_field_below_the_genuine_one_does_not_overrule_it() -> None:
    genuine = f"Authentication-Results: {BORDER}; spf=fail smtp.mailfrom=example.com; dkim=none"
    assert not verdict(genuine, OUR_RECEIVED, PASS).believed
    assert not verdict(genuine, PASS).believed
    assert not verdict(f"Authentication-Results: {BORDER}; dmarc=fail header.from=example.com", PASS).believed


def test_trap_18_verdicts_over_several_fields_of_ours_are_read_together() -> None:
    opendmarc = f"Authentication-Results: {BORDER}; dmarc=pass header.from=example.com"
    opendkim = f"Authentication-Results: {BORDER}; dkim=pass header.d=example.com"
    inner = "Received: from mx.example.net by store.example.net with LMTP"
    assert verdict(inner, opendmarc, opendkim, OUR_RECEIVED, FOREIGN_RECEIVED).believed


MICROSOFT_PASS = (
    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=pass (signature was verified)"
    " header.d=example.com;dmarc=pass action=none header.from=example.com;compauth=pass reason=100"
)
MICROSOFT_FAIL = (
    "spf=fail (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=none (message not signed)"
    " header.d=none;dmarc=fail action=quarantine header.from=example.com;compauth=fail reason=000"
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (MICROSOFT_PASS, True),
        (MICROSOFT_FAIL, False),
        ("evil.org; dmarc=pass header.from=example.com", False),
    ],
)
def test_trap_18_microsoft_names_no_authserv_id(value: str, *, expected: bool) -> None:
    received = "Received: from mail.example.com (192.0.2.1) by DB5EUR03FT.mail.protection.outlook.com (10.1.2.3)"
    fields = [received, f"Authentication-Results: {value}", FOREIGN_RECEIVED]
    assert verdict(*fields, border=MICROSOFT).believed is expected
    assert not verdict(*fields).believed


@pytest.mark.parametrize(
    "fields",
    [
        ["From: ana@example.com <evil@x.com>"],
        ["From: ana@example.com, evil@x.com"],
        ["From: ana@example.com", "From: evil@x.com"],
        ["Sender: ana@example.com", "Reply-To: ana@example.com"],
        [],
    ],
)
def test_trap_16_a_from_that_names_nobody_is_never_believed(fields: list[str]) -> None:
    message = read("\n".join([PASS, OUR_RECEIVED, *fields, "", "approve"]).encode())
    assert not judge(message, BORDER).believed


@pytest.mark.parametrize("value", ["(" * 2000, "mx.example.net; " + "(" * 3000, 'mx.example.net; dkim="', ";" * 900])
def test_hostile_results_are_not_believed_and_do_not_raise(value: str) -> None:
    assert not verdict(f"Authentication-Results: {value}", OUR_RECEIVED).believed


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("example.com", "example.com", True),
        ("mail.example.com", "example.com", True),
        ("example.com", "mail.example.com", True),
        ("a.example.com", "b.example.com", False),
        ("example.com", "com", False),
        ("notexample.com", "example.com", False),
        ("", "example.com", False),
    ],
)
def test_domains_are_aligned_when_one_stands_below_the_other(one: str, other: str, *, expected: bool) -> None:
    assert aligned(one, other) is expected


# -- DKIM, verified here ---------------------------------------------------------------------------------------

PRIVATE = b"""-----BEGIN RSA PRIVATE KEY-----
MIICXQIBAAKBgQDRaT8ik+4t+Vp9B62rGd5P2DcEwaTebzOJ/r9SuC81pbISUESb
8LzL2P5kyVgzYE11LM1QN7bKE544hobvlqkuQp/q4zL8W9c3sJrE77TT3Fj4Pzi6
vOjjVQlgLb38Gd0F3xopIt8NOas6CspkuTgnEa+IFT7DGAyBd22UfFRDhwIDAQAB
AoGBAKHHUzUdX5Y420VYVzymAW9htC+CgiIten2TRq9bB23Ekms/g6GNO+2nt/CY
9ADM10o80Gi2ggpfWY6Fr10M4akqgHcsU+qiuJCUC6LI2Gjl4NLED/dghBhi07UQ
3WgDzWYjs7EBDI1QZMyq2HASMC13SNymPIaygX7iN+I8woYhAkEA+sGUbJYMnPQ3
meIv/xOQTvt9BCUemPSCFsNmRo0V5xia8K3cSmAYhi/oDSFZHpLzEJ6+aQkinl61
y1Ece4j56QJBANXKU5uJ5lZ1SEocsTEsKVbEzGE3scdoLKnMyZzUsDDmPpzI9+La
e6YSZZnX8/UsAW8RjoIvjfljw7R9m6Bge+8CQCS9LAPk0CBG38aaDzIuKZyI2D49
Oghq+oxfQKLhlO3w+vJ8ZqQ3BCDU8AjMdAQ4v4gV2gwFnJ7bfYM2dRfcb9ECQQCK
poAYpJN8yO1MG1WTZWed/V3rQtqKT3Z/3O94RbvKytgaiH+zYSzF5LJ91r9B5vs7
FDDPH5Y9AkWfHcM7fLeDAkBPjJjzRNEiR2wkwPOf1dY/ymVvXb6Vz1wHNpEuGIeM
ZBRGpGeOv1/TER9q3Jp8rgrrjSNgmvRwn5IVfcjllgJ/
-----END RSA PRIVATE KEY-----
"""
PUBLIC = (
    "v=DKIM1; k=rsa; p="
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDRaT8ik+4t+Vp9B62rGd5P2DcEwaTebzOJ/r9SuC81pbISUESb8L"
    "zL2P5kyVgzYE11LM1QN7bKE544hobvlqkuQp/q4zL8W9c3sJrE77TT3Fj4Pzi6vOjjVQlgLb38Gd0F3xopIt8NOas6"
    "CspkuTgnEa+IFT7DGAyBd22UfFRDhwIDAQAB"
)


def lookup(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001  dkimpy's face
    return PUBLIC.encode() if name.rstrip(b".") in {b"s._domainkey.example.com", b"s._domainkey.evil.org"} else None


def signed(domain: bytes = b"example.com", *, body: bytes = b"approve\r\n", **options: object) -> bytes:
    raw = b"From: Bob <bob@example.com>\r\nTo: ip-requests@example.net\r\nSubject: Re: x\r\n\r\n" + body
    field: bytes = dkim.sign(raw, b"s", domain, PRIVATE, include_headers=[b"from", b"to", b"subject"], **options)
    return field + raw


def test_a_signature_of_froms_domain_is_believed() -> None:
    answer = judge(read(signed()), None, lookup)
    assert answer == Verdict(believed=True, reason="its DKIM signature of example.com holds")


def test_a_signature_holds_with_the_line_ends_of_a_maildir() -> None:
    assert judge(read(signed().replace(b"\r\n", b"\n")), BORDER, lookup).believed


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (signed() + b"but make it a /8\r\n", "does not hold"),
        (signed().replace(b"To: ip-requests@example.net", b"To: all@example.net"), "does not hold"),
        (signed(b"evil.org"), "stands for"),
        (signed(length=True), "a part of the body"),
        (b"From: bob@example.com\r\n\r\napprove", "no DKIM signature"),
        (b"DKIM-Signature: d=example.com; a=rsa-sha1; l\r\nFrom: bob@example.com\r\n\r\napprove", "l="),
        (b"DKIM-Signature: d=example.com; a=rsa-sha1\r\nFrom: bob@example.com\r\n\r\napprove", "SHA-1"),
        (b"DKIM-Signature: d=example.com; \xff=(((\r\nFrom: bob@example.com\r\n\r\napprove", "does not hold"),
        (signed().replace(b"Subject:", b"X: y\rSubject:"), "does not hold"),
    ],
)
def test_a_signature_that_is_not_good_for_all_is_good_for_nothing(raw: bytes, reason: str) -> None:
    answer = judge(read(raw), None, lookup)
    assert not answer.believed
    assert reason in answer.reason


def test_our_borders_no_is_not_overruled_by_a_signature() -> None:
    refused = f"Authentication-Results: {BORDER}; dmarc=fail header.from=example.com\r\n".encode()
    assert not judge(read(refused + signed()), BORDER, lookup).believed
