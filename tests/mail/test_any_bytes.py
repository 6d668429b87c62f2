"""Any bytes get an answer, soon."""

import re
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.mail.command import parse
from mailbot.mail.message import read
from mailbot.mail.reply import unwrapped, words
from mailbot.mail.sender import classify, judge

UNFIT = re.compile("[\0\ud800-\udfff]")
"""characters that a database refuses (trap 40)"""

# What has stopped mail readers before, to be mixed with anything.
PIECES = (
    b"From: ana@example.net\n", b"From: ", b"To: ", b"Date: Mon, 99 Foo 99999 99:99 +9999\n", b"Subject: ",
    b"References: ", b"Content-Type: multipart/mixed; boundary=x\n",
    b"Content-Type: multipart/alternative;\n", b"Content-Type: multipart/report\n",
    b"Content-Type: message/rfc822\n", b"Content-Type: message/delivery-status\n",
    b"Content-Type: text/html; charset=x\n", b"Content-Type: text/plain; format=flowed; delsp=yes\n",
    b"Content-Type: text/plain; charset=utf-7\n", b"Content-Type: text/plain; charset=unicode_escape\n",
    b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: x-uuencode\n",
    b"Content-Disposition: attachment; filename*0*=utf-8''%ff\n",
    b"Authentication-Results: mx.example.net; dkim=pass header.d=x\n",
    b"DKIM-Signature: d=example.net; l=0\n", b"Return-Path: <>\n", b"\n", b"\r\n", b"\r", b"\n\n",
    b"\n--x\n", b"\n--x--\n", b"=?utf-8?q?", b"=?x?b?====?=", b"?=", b"\0", b"\xff", b"\xed\xa0\x80",
    b"((((", b'"', b"\\", b"<", b">", b",", b";", b":", b"@", b"&gt;", b"<table><tr><td>", b"<blockquote>",
    b"<p>", b"begin 644 x\n", b"On 1 Jan 2026 a@b wrote:\n", b"-- reply above this line --\n", b"> a\n",
    b"1 approve\n", b"delay until 99 Nov 2026\n",
)  # fmt: skip


def use(raw: bytes) -> None:
    """All that the bot asks about a mail before it decides anything."""
    message = read(raw)
    for text in (message.subject, message.sender_name, message.text, *(one.name for one in message.attachments)):
        assert not UNFIT.search(text)
    classify(message)
    judge(message, "mx.example.net", lambda name, timeout=5: None)  # noqa: ARG005  dkimpy's face
    judge(message, "microsoft")
    reply = words(message.text)
    unwrapped(reply.own)
    parse(reply.own)


@given(st.binary())
def test_trap_27_no_bytes_raise(raw: bytes) -> None:
    use(raw)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=40))
def test_trap_27_no_mixture_of_what_hurt_others_raises(pieces: list[bytes]) -> None:
    start = process_time()
    use(b"".join(pieces))
    assert process_time() - start < 1


HTML = b"From: ana@example.net\nContent-Type: text/html\n\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"\n" + b"On 1 " * 12_000,
        b"\n" + b"wrote:" * 10_000,
        b"\n" + b"On 1 \n" * 11_000,
        b"\n" + b"From: a\n" * 8_000,
        b"\n" + b">" * 65_000,
        b"\n" + b"-" * 65_000,
        b"\n" + b" " * 65_000,
        b"\n" + b"approve " + b"thanks, " * 8_000,
        b"\n" + b"hi " + b"Aa " * 20_000,
        b"\n" + b"1," * 30_000,
        b"\n" + b"sent from my " * 5_000,
        b"\nSent from my HTC M" + b"x" * 120 + b"> is the back office?",  # found by `make fuzz`
        b"\n" + b"a@b " * 16_000,
        b"To: " + b"a@b.c, " * 30_000 + b"\n\n",
        b"To: " + b"(" * 300_000 + b"\n\n",
        b"From: " + b'"\\' * 4_000 + b"\n\n",
        b"Subject: " + b"=?a?q?" * 20_000 + b"\n\n",
        b"References: " + b"<" * 200_000 + b"\n\n",
        b"Content-Type: text/plain" + b"; a=b" * 50_000 + b"\n\nx",
        b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * 50_000,
        b"Content-Type: message/rfc822\n\n" * 5_000,
        b"X: y\n" * 100_000 + b"\n",
        b"Authentication-Results: mx.example.net; " + b"(" * 4_000 + b"\n\n",
        b"Return-Path: <>\nFrom: MAILER-DAEMON@x.y\n\n" + b"could not be " * 4_000,
        HTML + b"<div>" * 20_000 + b"x",
        HTML + b"<table><tr><td>" * 49 + b"x",
        HTML + b"<table>" + b"<tr><td>a<td>b" * 20_000,
        HTML + b"<blockquote>" * 5_000 + b"x",
        HTML + b"<" * 200_000,
        HTML + b"<a " + b"a=b " * 60_000,
        HTML + b"<p style='" + b"display:none;" * 18_000 + b"'>x",
    ],
)
def test_trap_24_no_mail_takes_long(raw: bytes) -> None:
    start = process_time()
    use(raw)
    assert process_time() - start < 2
