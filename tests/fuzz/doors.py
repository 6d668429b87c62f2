"""The doors: what each is fed with, what it may raise, and from which real words the inputs grow."""

import contextlib
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from corpora.measure import FOLDER
from rulefiles import AROUND, HOUSE

from mailbot.config import inspect
from mailbot.errors import Faulty
from mailbot.mail.command import parse
from mailbot.mail.letter import line, lines
from mailbot.mail.message import read
from mailbot.mail.reply import unwrapped, words
from mailbot.mail.sender import classify, judge
from mailbot.mail.token import Tokens, find, mask
from mailbot.process import form
from mailbot.process.definition import Field, FieldType
from mailbot.process.expression import Kind, Known, Names, mistakes_in_expression, mistakes_in_text
from mailbot.process.rules import load

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 27)
BORDER = "mx.example.net"
TOKENS = Tokens([b"correct horse battery staple"])
FIELDS = tuple(
    Field(name=type_.value.replace("-", "_"), label=type_.value.title(), type=type_, choices=("Lyon", "Paris"))
    for type_ in FieldType
)
NAMES: Names = {
    "form.size": Known(kind=Kind.NUMBER),
    "form.site": Known(kind=Kind.TEXT, choices=("Lyon", "Paris")),
    "form.urgent": Known(kind=Kind.BOOLEAN),
    "form.from_day": Known(kind=Kind.DATE),
    "form.prefixes": Known(kind=Kind.LIST),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """`enter` takes any bytes and raises nothing; `seeds` are inputs as they come in life.

    `share` of all inputs of a long run go here: more where an input is quick and a stranger writes it.
    """

    name: str
    enter: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    share: float


def text_of(raw: bytes) -> str:
    """As mail gives it to what comes behind: the reader lets neither NUL nor surrogates through."""
    return raw.decode("utf-8", "replace").replace("\0", "")


def read_mail(raw: bytes) -> None:
    message = read(raw)
    classify(message, own_addresses=("ip-requests@example.net",))
    judge(message, BORDER, lambda name, timeout=5: None)  # noqa: ARG005 (dkimpy's face)
    parse(words(message.text).own, TODAY)


def cut_reply(raw: bytes) -> None:
    reply = words(text_of(raw))
    unwrapped(reply.own)
    line(reply.first_line)
    lines(reply.own)


def read_command(raw: bytes) -> None:
    parse(text_of(raw), TODAY)


def read_form(raw: bytes) -> None:
    """Own words and quoted ones, parted by a NUL."""
    own, _, quoted = raw.partition(b"\0")
    form.parse(form.read(text_of(own), text_of(quoted), FIELDS), FIELDS, held=("10.0.0.0/24",))


def read_token(raw: bytes) -> None:
    text = text_of(raw)
    for one in find(text):
        TOKENS.verify(one)
    TOKENS.verify(text)
    assert TOKENS.sign("ana").text not in mask(text)


def read_verdict(raw: bytes) -> None:
    """The value of one Authentication-Results field, above a mail that was not signed by anybody."""
    value = b" ".join(raw.split())
    for border in (BORDER, "microsoft"):
        judge(read(b"Authentication-Results: " + value + b"\r\nFrom: ana@example.net\r\n\r\napprove\r\n"), border)


def read_signature(raw: bytes) -> None:
    """A DKIM-Signature, and the key that DNS gives for it, parted by a NUL."""
    value, _, key = raw.partition(b"\0")
    value = b" ".join(value.split())
    mail = b"DKIM-Signature: " + value + b"\r\nFrom: ana@example.net\r\n\r\napprove\r\n"
    judge(read(mail), None, lambda name, timeout=5: key or None)  # noqa: ARG005 (dkimpy's face)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="mailbot-fuzz-"))


def read_config(raw: bytes) -> None:
    path = _folder() / "config.toml"
    path.write_bytes(raw)
    for fault in inspect(path)[1]:
        str(fault)


def read_rules(raw: bytes) -> None:
    rules = _folder() / "rules"
    rules.mkdir(exist_ok=True)
    rules.joinpath("_house.toml").write_text(HOUSE)
    rules.joinpath("rule.toml").write_bytes(raw)
    with contextlib.suppress(Faulty):
        load(rules, AROUND)


def read_expression(raw: bytes) -> None:
    text = text_of(raw)
    mistakes_in_expression(text, NAMES, Kind.BOOLEAN)
    mistakes_in_text(text, NAMES)


# -- seeds -------------------------------------------------------------------------------------------------------------


def public_mails() -> list[bytes]:
    """Those that are small enough to be mutated at some speed; none where the corpora are absent."""
    found = sorted(path for path in FOLDER.glob("*/mails/*") if path.is_file()) if FOLDER.is_dir() else []
    return [raw for raw in (path.read_bytes() for path in found) if len(raw) <= LARGEST_SEED]


LARGEST_SEED = 4_096

MAILS = (
    b"From: ana@example.net\r\nTo: ip-requests@example.net\r\nSubject: Re: [IP-1]\r\n\r\napprove\r\n",
    b"From: bob@example.net\nSubject: attribution\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nSize: 8\n--x--",
    b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.net>\nContent-Type: text/html; charset=iso-8859-1\n\n<p>ok<p>&gt; a",
    (
        b"Return-Path: <>\nContent-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n"
        b"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n--x--\n"
    ),
)
REPLIES = (
    b"approve\n\nOn 23 Nov 2026 mailbot wrote:\n> -- reply above this line --\n> please approve\n",
    b"reject too large\n-- \nAna\n",
    b"ok\n\n-----Original Message-----\nFrom: mailbot\nSent: Monday\nTo: Ana\nSubject: x\n\nquoted\n",
    "承認します\n\n2026年11月23日(月) 9:00 mailbot <x@y.example>:\n> approve\n".encode(),
)
COMMANDS = (
    *(b"approve", b"yes, thanks", b"reject too large\nsee contract", b"delay until 27 Nov 2026 away", b"done"),
    *(b"delay for 2 working days holiday", b"assign li@example.net", b"ask which office?", b"hold", b"cancel"),
    *(b"extend 2 days", b"end now", b"retry", b"skip by phone", b"fail gone", b"watch", b"status", b"why", b"help"),
    *(b"away until 2026-11-27, deputy li@example.net", b"back", b"query mine", b"query pool p free 28"),
    *(b"query address 10.20.0.7 at 23 Nov 2026, 10:00", b"query reference IP-42", b"query user bob@example.net"),
    *(b"1 approve\n2 reject too large\n3-5, 7 done", b"all approve", b"not approved", b"ok, but a /27"),
)
FORMS = (
    b"Integer: 28\nChoice: Lyon\nDate: tomorrow\nLong-Text: a\nb\n\nPrefix: 10.0.0.0/28, 10.0.1.0/28\0",
    b"\0---- form begins (keep this line) ----\n# help\nDuration: 2 days\n| Email: x\nYes-No: yes\n---- form ends ----",
    "Prefix-Length\uff1a/28\nAddress: 2001:db8::1\nEmail: ana@example.net\nAllocation: 10.0.0.0/24\0> Text: a".encode(),
)
VERDICTS = (
    b"mx.example.net; dmarc=pass header.from=example.net; spf=pass smtp.mailfrom=a@example.net; dkim=pass header.d=x",
    b'mx.example.net 1; dkim=fail (bad (nested \\) comment)) reason="x" header.i=@example.net',
    (
        b"spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=example.net; dkim=pass header.d=example.net;dmarc=pass "
        b"action=none header.from=example.net;compauth=pass reason=100"
    ),
    b"mx.example.net; none",
)
SIGNATURES = (
    b"v=1; a=rsa-sha256; c=relaxed/simple; d=example.net; s=s1; t=1; h=from; bh=YQ==; b=YQ==\0v=DKIM1; k=rsa; p=MA==",
    b"v=1; a=ed25519-sha256; d=example.net; s=e; h=from:from; bh=; b=; l=5; i=@example.net\0v=DKIM1; k=ed25519; p=",
)
EXPRESSIONS = (
    *(b"form.size <= 28 and not form.urgent", b"form.site in ['Lyon', 'Paris']", b"form.from_day > d'2026-12-01'"),
    *(b"form.size + 1 == 29 ? true : form.urgent", b"{form.site}: /{form.size}", b"form.site =~ '.*'", b"$now > 1"),
    *(b"form.size in [1, 2]", b"-form.size < +1.5e3", b"((form.urgent))", b"'a' == \"b\"", b"form.prefixes.length > 1"),
)


def _own(*patterns: str) -> list[bytes]:
    return [path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def rule_files() -> list[bytes]:
    return _own("rules/*.toml", "rules/examples/*/rules/*.toml")


def configs() -> list[bytes]:
    return _own("config.toml", "rules/examples/*/config.toml")


def signed() -> list[bytes]:
    token = TOKENS.sign("ana").text.encode()
    return [token, b"ip-requests+" + token + b"@example.net", token.upper(), b"<" + token + b".1@example.net> " + token]


DOORS = {
    door.name: door
    for door in (
        Door(name="mail", enter=read_mail, seeds=lambda: [*MAILS, *public_mails()], share=0.04),
        Door(name="reply", enter=cut_reply, seeds=lambda: [*REPLIES, *public_mails()], share=0.12),
        Door(name="command", enter=read_command, seeds=lambda: COMMANDS, share=0.30),
        Door(name="form", enter=read_form, seeds=lambda: FORMS, share=0.16),
        Door(name="token", enter=read_token, seeds=signed, share=0.22),
        Door(name="verdict", enter=read_verdict, seeds=lambda: VERDICTS, share=0.05),
        Door(name="signature", enter=read_signature, seeds=lambda: SIGNATURES, share=0.04),
        Door(name="expression", enter=read_expression, seeds=lambda: EXPRESSIONS, share=0.05),
        Door(name="config", enter=read_config, seeds=configs, share=0.01),
        Door(name="rules", enter=read_rules, seeds=rule_files, share=0.01),
    )
}
