"""Requests as they reach a mailbox: through a relay and the house's border, from two kinds of mail programs."""

from base64 import b64encode
from email.message import EmailMessage
from email.policy import SMTP
from random import Random  # noqa: TID251 (to repeat itself, no secret)

FORM = """\
Customer: Acme {number} GmbH
Family: IPv4
Prefix length: 28
Justification: Two firewalls, a router and a management network in the new Lyon office.

Kind regards
Bob Martin
"""

# What stands above every mail that came from outside: the border's own verdict and two hops.
TRACE = """\
Return-Path: <bob@example.net>
Delivered-To: ip-requests@example.net
Received: from mx.example.net ([192.0.2.10])
    by store.example.net with LMTP id {number:012x}
    for <ip-requests@example.net>; Mon, 23 Nov 2026 09:00:02 +0000
Authentication-Results: mx.example.net;
    dkim=pass (2048-bit key) header.d=example.net header.i=@example.net header.s=s1;
    spf=pass smtp.mailfrom=bob@example.net; dmarc=pass (p=reject) header.from=example.net
Received: from out.example.net (out.example.net [198.51.100.7])
    (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
    by mx.example.net (Postfix) with ESMTPS id 4{number:010X}
    for <ip-requests@example.net>; Mon, 23 Nov 2026 09:00:01 +0000 (UTC)
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=s1;
    h=from:to:subject:date:message-id:mime-version:content-type;
    bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;
    b=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR
     uJkwMZpWN0h6Zq6gE3lZJ3p5c4mW1bqk8q8YyqVZ0s1y1k2m3n4o5p6q7r8s9t0u
"""


def request(number: int, *, attached: int = 0) -> bytes:
    """The mail of one requester; every other one in text and HTML. `attached`: bytes of a file sent along."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Bob Martin <bob@example.net>"
    mail["To"] = "IP requests <ip-requests@example.net>"
    mail["Subject"] = f"attribution for Acme {number}"
    mail["Date"] = "Mon, 23 Nov 2026 10:00:00 +0100"
    mail["Message-ID"] = f"<bench.{number}@mail.example.net>"
    mail["User-Agent"] = "Mozilla Thunderbird"
    text = FORM.format(number=number)
    mail.set_content(text)
    if number % 2:
        lines = "<br>\n".join(text.splitlines())
        mail.add_alternative(f"<html><body><p>{lines}</p></body></html>\n", subtype="html")
    raw = TRACE.format(number=number).replace("\n", "\r\n").encode() + mail.as_bytes()
    return _with_file(raw, attached) if attached else raw


def _with_file(raw: bytes, size: int) -> bytes:
    """The mail with a scanned contract: put together by hand, since the standard library takes seconds for it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    at = head.index(b"Content-Type:") if b"Content-Type:" in head else len(head)
    scan = b64encode(Random(size).randbytes(57 * 1024))  # noqa: S311 (as said)
    lines = b"".join(scan[n : n + 76] + b"\r\n" for n in range(0, len(scan), 76))
    return b"".join(
        [
            head[:at] + b'Content-Type: multipart/mixed; boundary="outer"\r\n\r\n--outer\r\n',
            head[at:] + b"\r\n\r\n" + body + b"\r\n--outer\r\n",
            b'Content-Type: application/pdf; name="contract.pdf"\r\nContent-Transfer-Encoding: base64\r\n',
            b'Content-Disposition: attachment; filename="contract.pdf"\r\n\r\n',
            lines * max(1, size // len(lines)),
            b"--outer--\r\n",
        ]
    )
