"""A mail becomes a Message: its people, its ids, its text, its files, and what stands in the way."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest

from mailbot.mail.message import Limits, Message, Obstacle, read


def mail(*lines: str, charset: str = "utf-8") -> Message:
    return read("\r\n".join(lines).encode(charset))


def test_an_ordinary_mail_is_read() -> None:
    raw = (
        b"Delivered-To: ip-requests+k7q2@example.net\r\nFrom: =?utf-8?q?Ana_Ru=C3=ADz?= <Ana@Example.net>\r\n"
        b"To: IP requests <ip-requests+k7q2@example.net>\r\nCc: li@example.net, Bob <bob@example.net>\r\n"
        b"Subject: =?utf-8?b?UmU6IE5ldyBhZGRyZXNzIHNwYWNl?=\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n"
        b"Message-ID: <1@example.net>\r\nIn-Reply-To: <a@example.net>\r\n"
        b"References: <a@example.net>\r\n <b@example.net>\r\n"
        b"\r\napprove\r\n"
    )
    message = read(raw)
    assert message.digest == sha256(raw).hexdigest()
    assert (message.sender, message.sender_name) == ("ana@example.net", "Ana Ruíz")
    assert message.recipients == ("ip-requests+k7q2@example.net", "li@example.net", "bob@example.net")
    assert message.cc == ("li@example.net", "bob@example.net")
    assert message.subject == "Re: New address space"
    assert message.date == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert message.date.utcoffset() == timedelta(hours=1)
    assert message.message_id == "1@example.net"
    assert message.in_reply_to == ("a@example.net",)
    assert message.references == ("a@example.net", "b@example.net")
    assert message.text == "approve\n"
    assert message.obstacle is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["From: ana@example.net"], "ana@example.net"),
        (["From: <ana@example.net>"], "ana@example.net"),
        (['From: "Ruiz, Ana" <ana@example.net>'], "ana@example.net"),
        (["From: ana@example.net (Ana)"], "ana@example.net"),
        (["From: ana@example.net <ana@example.net>"], "ana@example.net"),
        (["From: =?utf-8?q?ana=40evil.com?= <ana@example.net>"], "ana@example.net"),
        (['From: "ana@example.net" <evil@x.com>'], "evil@x.com"),
        (["From: ana@example.net <evil@x.com>"], None),
        (["From: ana@example.net, evil@x.com"], None),
        (["From: ana@example.net,"], None),
        (["From: Ruiz, Ana <ana@example.net>"], None),
        (["From: <ana@example.net> <evil@x.com>"], None),
        (["From: <ana@example.net>evil"], None),
        (["From: Team: ana@example.net;"], None),
        (["From: undisclosed-recipients:;"], None),
        (["From: ana@example.net(x).evil.com"], None),
        (["From: ana@example.net .evil.com"], None),
        (['From: "ana@example.net"@x.com'], None),
        (["From: <@x.com:ana@example.net>"], None),
        (["From: ana@[192.0.2.1]"], None),
        (["From: =?utf-8?q?ana@example.net?="], None),
        (["From: ana@example.net", "From: evil@x.com"], None),
        (["From: ana@example.net", "from: ana@example.net"], None),
        (["From:"], None),
        (["Sender: ana@example.net"], None),
        (["From: ana"], None),
        (["From: an\u0430@example.net"], "an\u0430@example.net"),
    ],
)
def test_trap_16_the_sender_is_one_plain_address_or_nobody(fields: list[str], expected: str | None) -> None:
    assert mail(*fields, "To: x@example.net", "", "approve").sender == expected


def test_trap_1_all_addresses_a_mail_was_delivered_to_are_known() -> None:
    message = mail(
        "X-Envelope-To: 5@example.net",
        "Envelope-To: 4@example.net",
        "X-Original-To: 3@example.net",
        "Delivered-To: 2@example.net",
        "Delivered-To: 0@example.net",
        "Cc: Team: 1@example.net;",
        "To: undisclosed-recipients:;, 0@example.net",
        "",
        "",
    )
    assert message.recipients == tuple(f"{n}@example.net" for n in range(6))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<a@x> <b@x>", ("a@x", "b@x")),
        ("<a@x>,<b@x>", ("a@x", "b@x")),
        ("<a@x><b@x>", ("a@x", "b@x")),
        ("a@x, b@x", ("a@x", "b@x")),
        ("<a@x> (Ana's message of Monday)", ("a@x",)),
        ("=?utf-8?q?=3Ca=40x=3E?=", ("a@x",)),
        ("<a\r\n @x>", ("a@x",)),
        ("<a@x> <a@x>", ("a@x",)),
        ("Ana's message", ()),
        ("<>", ()),
    ],
)
def test_trap_1_ids_are_found_however_they_are_separated(value: str, expected: tuple[str, ...]) -> None:
    assert mail(f"References: {value}", "", "").references == expected
    assert mail(f"In-Reply-To: {value}", "", "").in_reply_to == expected


def test_of_too_many_references_the_latest_are_kept() -> None:
    references = " ".join(f"<{n}@example.net>" for n in range(5000))
    assert mail(f"References: {references}", "", "").references[-1] == "4999@example.net"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 23 Nov 2026 09:00:00 +0100", datetime(2026, 11, 23, 9, tzinfo=timezone(timedelta(hours=1)))),
        ("23 Nov 2026 09:00 GMT", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 09:00:00 -0330 (NST)", datetime(2026, 11, 23, 12, 30, tzinfo=UTC)),
        ("yesterday", None),
        ("Mon, 99 Nov 2026 09:00:00 +0100", None),
        ("Mon, 23 Nov 99999 09:00:00 +9999", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("", None),
    ],
)
def test_trap_27_a_date_is_aware_or_none(value: str, expected: datetime | None) -> None:
    assert mail(f"Date: {value}", "", "").date == expected


def test_headers_are_found_in_any_case_and_all_of_them() -> None:
    headers = mail("Received: one", "RECEIVED: two", "Subject: =?latin-1?q?=E9?=", "", "").headers
    assert headers.all("received") == ("one", "two")
    assert headers.get("SUBJECT") == "é"
    assert headers.raw("subject") == ("=?latin-1?q?=E9?=",)
    assert headers.get("X-None", "-") == "-"
    assert "Received" in headers
    assert [name for name, _ in headers] == ["received", "received", "subject"]


# -- text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "octets", "expected"),
    [
        ("utf-8", "é€".encode(), "é€"),
        ("iso-8859-1", b"\xe9\x80", "é€"),
        ("us-ascii", "é".encode(), "é"),
        ("us-ascii", b"\xe9", "é"),
        ("utf-8", b"\xe9", "é"),
        ("x-unknown", "é".encode(), "é"),
        ("x-unknown", b"\xe9\x81", "é\ufffd"),
        ("gb2312", "镕".encode("gb18030"), "镕"),
        ("iso-2022-jp", "申請".encode("iso-2022-jp"), "申請"),
        ("unicode_escape", rb"\u0041", r"\u0041"),
        ("punycode", b"a-", "a-"),
        ("rot13", b"approve", "approve"),
        ("'utf-8'", "é".encode(), "é"),
    ],
)
def test_trap_27_text_is_read_as_declared_then_as_utf_8_then_as_windows_1252(
    declared: str, octets: bytes, expected: str
) -> None:
    raw = f"Content-Type: text/plain; charset={declared}\nContent-Transfer-Encoding: 8bit\n\n".encode() + octets
    assert read(raw).text == expected


def test_trap_40_what_stops_a_database_is_not_in_the_text() -> None:
    raw = b"Subject: a\0b\nContent-Type: text/plain; charset=utf-7\n\na\0b\x1b[31m\x0cc +2AA- \r\nd\re\xe2\x80\xa8f"
    message = read(raw)
    assert message.subject == "ab"
    assert message.text.encode()  # no lone surrogate
    assert message.text.startswith("ab[31mc ")
    assert not set(message.text) & {"\0", "\x1b", "\r", "\x0c"}


def two_texts(plain: str, html: str) -> Message:
    return mail(
        "Content-Type: multipart/alternative; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        plain,
        "--b",
        "Content-Type: text/html; charset=utf-8",
        "",
        html,
        "--b--",
    )


def test_plain_text_goes_before_html() -> None:
    message = two_texts("approve", "<p>reject</p>")
    assert (message.text.strip(), message.text_is_from_html) == ("approve", False)


@pytest.mark.parametrize("blank", ["", " \r\n\r\n ", "\xa0"])
def test_trap_26_html_stands_in_for_blank_plain_text(blank: str) -> None:
    message = two_texts(blank, "<p>approve</p><div>Prefix&nbsp;length: 28<br>Customer: Acme</div>")
    assert [line for line in message.text.split("\n") if line] == ["approve", "Prefix length: 28", "Customer: Acme"]
    assert message.text_is_from_html


def test_html_that_is_hidden_is_not_read() -> None:
    html = "<style>p{}</style><title>t</title><p style='display:none'>reject</p><script>x()</script><p>approve</p>"
    assert two_texts("", html).text.strip() == "approve"


def test_what_html_quotes_keeps_its_marks() -> None:
    quote = "<blockquote>one<blockquote>two</blockquote>three</blockquote>"
    html = f"<p>approve</p><p>On Monday Bob wrote:</p>{quote}<p>end</p>"
    lines = [line for line in two_texts("", html).text.split("\n") if line.strip("> ")]
    assert lines == ["approve", "On Monday Bob wrote:", "> one", ">> two", "> three", "end"]


def test_texts_of_a_mixed_mail_stand_one_below_the_other() -> None:
    message = mail(
        "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/html", "", "<p>approve</p>",
        "--b", "Content-Type: application/pdf; name=a.pdf", "", "%PDF",
        "--b", "Content-Type: text/plain", "", "footer", "--b--",
    )  # fmt: skip
    assert message.text.split() == ["approve", "footer"]
    assert [one.name for one in message.attachments] == ["a.pdf"]


def test_a_container_without_its_parts_is_read_as_text() -> None:
    assert mail("Content-Type: multipart/mixed", "", "approve").text == "approve"
    assert mail("Content-Type: multipart/mixed; boundary=b", "", "approve").text == "approve"


def test_trap_27_blank_lines_above_the_header_are_passed_over() -> None:
    message = read(b"\r\n\r\nFrom: ana@example.net\r\n\r\napprove")
    assert (message.sender, message.text) == ("ana@example.net", "approve")


def test_flowed_lines_are_joined_again() -> None:
    message = mail(
        "Content-Type: text/plain; format=flowed", "", "reject the site ", "is too small", " >not quoted",
        "> quoted ", "> words", ">> deeper ", "-- ", "Ana",
    )  # fmt: skip
    assert message.text.split("\n") == [
        "reject the site is too small", ">not quoted", "> quoted words", ">> deeper ", "-- ", "Ana",
    ]  # fmt: skip


# -- files -----------------------------------------------------------------------------------------------------


def test_attachments_are_kept_with_their_bytes() -> None:
    message = mail(
        "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "see attached", "--b",
        "Content-Type: text/csv; name*=utf-8''pl%C3%A4ne.csv", "Content-Disposition: attachment",
        "Content-Transfer-Encoding: base64", "", "YSxiCg==", "--b",
        "Content-Type: message/rfc822", "", "Subject: inner", "", "approve", "--b--",
    )  # fmt: skip
    table, inner = message.attachments
    assert (table.name, table.type, table.content, table.size) == ("pläne.csv", "text/csv", b"a,b\n", 4)
    assert table.digest == sha256(b"a,b\n").hexdigest()
    assert (inner.type, b"Subject: inner" in inner.content) == ("message/rfc822", True)
    assert message.text.strip() == "see attached"
    assert message.part_types == ("multipart/mixed", "text/plain", "text/csv", "message/rfc822", "text/plain")


def test_a_text_that_is_attached_is_not_the_senders_word() -> None:
    message = mail(
        "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "no", "--b",
        "Content-Type: text/plain; name=a.txt", "", "approve", "--b",
        "Content-Type: text/plain", "Content-Disposition: attachment", "", "approve", "--b--",
    )  # fmt: skip
    assert message.text.strip() == "no"
    assert [one.name for one in message.attachments] == ["a.txt", ""]


# -- obstacles -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Content-Type: application/pkcs7-mime; name=smime.p7m", "", "MIAG"], Obstacle.ENCRYPTED),
        (["Content-Type: multipart/encrypted; boundary=b", "", "--b", "Content-Type: application/pgp-encrypted",
          "", "Version: 1", "--b--"], Obstacle.ENCRYPTED),
        (["", "-----BEGIN PGP MESSAGE-----", "hQ"], Obstacle.ENCRYPTED),
        (["Content-Type: application/ms-tnef; name=winmail.dat", "", "x"], Obstacle.WINMAIL),
        (["Content-Type: multipart/mixed; boundary=b", "", "--b", "", " ", "--b",
          "Content-Type: application/octet-stream; name=WINMAIL.DAT", "", "x", "--b--"], Obstacle.WINMAIL),
        (["Content-Type: multipart/mixed; boundary=b", "", "--b", "", "approve", "--b",
          "Content-Type: application/ms-tnef; name=winmail.dat", "", "x", "--b--"], None),
        (["Content-Type: multipart/signed; boundary=b", "", "--b", "", "approve", "--b",
          "Content-Type: application/pkcs7-signature", "", "x", "--b--"], None),
    ],
)  # fmt: skip
def test_trap_26_what_cannot_be_read_is_told(lines: list[str], expected: Obstacle | None) -> None:
    assert mail("From: ana@example.net", *lines).obstacle is expected


def test_trap_15_exchanges_stub_is_known_but_not_its_quotation() -> None:
    stub = "Retrieval using the IMAP4 protocol failed for the following message: 155"
    assert mail(f"Subject: {stub}", "", "The server couldn't retrieve it.").obstacle is Obstacle.STUB
    assert mail(f"Subject: Re: {stub}", "", stub).obstacle is None


@pytest.mark.parametrize(
    ("raw", "limits", "expected"),
    [
        (b"Content-Type: multipart/mixed;\r\n boundary=b\r\n\r\n--b\r\n" + b"a" * 1000, Limits(size=999),
         Obstacle.TOO_LARGE),
        (b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 300, Limits(), Obstacle.TOO_COMPLEX),
        (b"Content-Type: message/rfc822\n\n" * 300, Limits(), Obstacle.TOO_COMPLEX),
        (b"X: y\n" * 6000 + b"\napprove", Limits(), Obstacle.TOO_COMPLEX),
        (b"\n".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d" % (n, n) for n in range(50)), Limits(),
         Obstacle.TOO_COMPLEX),
        (b"X: y\n\n" + b"\n" * 100, Limits(raw_lines=99), Obstacle.TOO_COMPLEX),
    ],
)  # fmt: skip
def test_trap_28_beyond_its_limits_only_the_header_of_a_mail_is_read(
    raw: bytes, limits: Limits, expected: Obstacle
) -> None:
    message = read(b"From: ana@example.net\nMessage-ID: <1@x>\n" + raw, limits)
    assert message.obstacle is expected
    assert (message.sender, message.message_id, message.text, message.attachments) == ("ana@example.net", "1@x", "", ())


def test_trap_24_text_is_bounded_and_says_so() -> None:
    assert not mail("", "approve").text_is_cut
    long, many = mail("", "a" * 70_000), mail("", "\r\n".join(["a"] * 3000))
    assert (len(long.text), long.text_is_cut) == (Limits().text, True)
    assert (many.text.count("\n") + 1, many.text_is_cut) == (Limits().lines, True)
