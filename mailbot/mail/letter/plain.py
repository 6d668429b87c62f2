"""Words for systems: one text file a template, nothing undefined, and no value that could begin a line (trap 44)."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, Undefined, meta

from mailbot.errors import MailbotError, near_miss
from mailbot.mail.letter.compose import Letter, Letterhead, bounce_address, message_id, text_part
from mailbot.mail.letter.header import exact, free, mailbox
from mailbot.mail.letter.text import bar, line
from mailbot.mail.token import Token

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Tongue(StrEnum):
    """What a text is read as, so that a value with certain signs would be read as more than a value."""

    LINES = "lines"
    RECORDS = "records"
    """of a zone: NAME TYPE VALUE"""
    XML = "xml"
    JSON = "json"


_SIGNS = {
    Tongue.RECORDS: (re.compile(r'[\s;"()\\*]'), "`| quoted` makes one text of it"),
    Tongue.XML: (re.compile("[<>&\"']"), "write `| e` behind it, last"),
    Tongue.JSON: (re.compile(r'["\\]'), "write `| json` behind it, and no quotes around it"),
}
"""Those signs, and what makes a value with them fit."""
_LONGEST = 255
"""Bytes of one text of a zone."""


class Unfit(MailbotError):
    """A template that does not hold, or a value that must not be put into it: told in words for an operator."""


class UnfitValue(Unfit):
    """The value alone is at fault: with others the same template holds."""


class _Fit(str):
    """A text that a filter of ours has made fit: for several lines, or for the signs of its tongue."""

    __slots__ = ()
    tongue: ClassVar[Tongue] = Tongue.LINES


class _AsJson(_Fit):
    __slots__ = ()
    tongue: ClassVar[Tongue] = Tongue.JSON


class _Quoted(_Fit):
    __slots__ = ()
    tongue: ClassVar[Tongue] = Tongue.RECORDS


class _Missing(StrictUndefined):
    """A name that this network request has no value for."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return f"there is no {self._undefined_name!r} here"


class PlainTemplates:
    """The templates in these folders, `<name>.txt`; of each the first folder that has it wins.

    Values are put in as they are, nothing is escaped. One that could begin a line of its own is refused, unless a
    filter makes it fit: `line` (one line of it), `bar` (each of its lines behind "| "), `json`. So is one that holds
    signs of the tongue that the text is in, unless `json`, `e` (XML) or `quoted` (zones) has made it fit.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        plain = Environment(
            loader=FileSystemLoader([str(folder) for folder in folders]),
            undefined=_Missing,
            autoescape=False,  # noqa: S701 (no HTML: what a value may hold, `_put` says)
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        plain.filters.update(line=line, bar=_barred, json=_json, quoted=_quoted)
        self._environments = {tongue: plain.overlay(finalize=partial(_put, tongue)) for tongue in Tongue}

    def render(self, name: str, values: Mapping[str, Any], tongue: Tongue = Tongue.LINES) -> str:
        """The text with these values. Raises Unfit."""
        try:
            return self._environments[tongue].get_template(f"{name}.txt").render(values)
        except TemplateNotFound as error:
            raise self._missing(name, error) from None
        except Unfit as unfit:
            raise type(unfit)(f"the template {name}.txt: {unfit}") from None
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise Unfit(f"the template {name}.txt: {error}") from None

    def check(self, name: str, known: Sequence[str]) -> None:
        """Its syntax, and the names at the head of what it puts in. Raises Unfit."""
        environment = self._environments[Tongue.LINES]
        loader = environment.loader
        assert loader is not None  # noqa: S101 (given above)
        try:
            source, _, _ = loader.get_source(environment, f"{name}.txt")
            found = meta.find_undeclared_variables(environment.parse(source))
        except TemplateNotFound as error:
            raise self._missing(name, error) from None
        except TemplateError as error:
            raise Unfit(f"the template {name}.txt: {error}") from None
        for unknown in sorted(found.difference(known)):
            near = near_miss(unknown, known)
            hint = f" (did you mean {near!r}?)" if near else f"; known are {', '.join(known)}"
            raise Unfit(f"the template {name}.txt: {unknown!r} is not known here{hint}")

    def _missing(self, name: str, error: TemplateNotFound) -> Unfit:
        missing = error.name if error.name != f"{name}.txt" else str(self._folders[0] / f"{name}.txt")
        return Unfit(f"there is no template {missing}")


def _put(tongue: Tongue, value: Any) -> Any:
    """What is put in for a value. Raises Unfit for what must not stand there as it is."""
    match value:
        case _Fit(tongue=made) if tongue in {made, Tongue.LINES}:
            return value
        case Undefined():  # it tells by itself what it is
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return value
        case str() if _CONTROL.search(value):
            raise UnfitValue(f"{value[:40]!r} holds more than one line: write `| line`, `| bar` or `| json` behind it")
        case str():
            return _spoken(tongue, value)
        case None:
            raise Unfit("a value is not there: ask for it by `{% if … %}` first")
        case _:
            raise Unfit(f"a {type(value).__name__} is no text: go through it by `{{% for … %}}`, or write `| json`")


def _spoken(tongue: Tongue, value: str) -> str:
    """Raises UnfitValue for signs that this tongue reads as its own; what `e` has escaped holds none of XML's."""
    signs, words = _SIGNS.get(tongue, (None, ""))
    escaped = tongue is Tongue.XML and hasattr(value, "__html__")
    if signs is not None and not escaped and (found := signs.search(value)):
        raise UnfitValue(f"{value[:40]!r} holds {found[0]!r}, which stands for more than itself there: {words}")
    return value


def _quoted(value: str) -> str:
    """As a zone file has a text: quoted, of several parts where it is long (RFC 1035 5.1)."""
    octets = str(value).encode()
    parts = [octets[start : start + _LONGEST] for start in range(0, len(octets), _LONGEST)] or [b""]
    return _Quoted(" ".join(f'"{"".join(map(_in_quotes, part))}"' for part in parts))


def _in_quotes(octet: int) -> str:
    sign = chr(octet)
    return sign if sign.isascii() and sign.isprintable() and sign not in '"\\' else f"\\{octet:03d}"


def _barred(value: str) -> str:
    return _Fit(bar(value))


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _AsJson(_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def plain_letter(
    *, subject: str, text: str, letterhead: Letterhead, to: str, reference: str, token: Token, now: datetime
) -> Letter:
    """A letter of words alone, to a system: no conversation, and nothing to reply to. The same arguments give the same
    bytes. By its token it is known when it comes back as a bounce.
    """
    mark = base64.b32encode(sha256(f"{token.text} {now.isoformat()}".encode()).digest())[:8].decode().lower()
    id_ = message_id(letterhead.address, token.text, mark)
    head = [
        exact("Date", format_datetime(now.astimezone(letterhead.zone))),
        mailbox("From", letterhead.address, letterhead.name),
        mailbox("To", to),
        free("Subject", subject),
        exact("Message-ID", id_),
        exact("Auto-Submitted", "auto-generated"),
        exact("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"),
        free("X-Mailbot-Request", reference),
        "MIME-Version: 1.0",
    ]
    raw = "\r\n".join(head).encode() + b"\r\n" + text_part(text)
    return Letter(raw=raw, message_id=id_, to=to, sender=bounce_address(letterhead, token.text, mark))
