"""Words for systems: one text file a template, nothing undefined, and no value that could begin a line (trap 44)."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, Undefined, meta

from mailbot.errors import MailbotError, near_miss
from mailbot.mail.letter.compose import Letter, Letterhead, bounce_address, message_id, text_part
from mailbot.mail.letter.header import exact, free, mailbox
from mailbot.mail.letter.text import bar, line
from mailbot.mail.token import Token

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Unfit(MailbotError):
    """A template that does not hold, or a value that must not be put into it: told in words for an operator."""


class _Fit(str):
    """A text that a filter of ours has made fit for several lines."""

    __slots__ = ()


class _Missing(StrictUndefined):
    """A name that this network request has no value for."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return f"there is no {self._undefined_name!r} here"


class PlainTemplates:
    """The templates in these folders, `<name>.txt`; of each the first folder that has it wins.

    Values are put in as they are, nothing is escaped. One that could begin a line of its own is refused, unless a
    filter makes it fit: `line` (one line of it), `bar` (each of its lines behind "| "), `json`.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._environment = Environment(
            loader=FileSystemLoader([str(folder) for folder in folders]),
            undefined=_Missing,
            autoescape=False,  # noqa: S701 (no HTML: what a value may hold, `_put` says)
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=_put,
        )
        self._environment.filters.update(line=line, bar=_barred, json=_json)

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """The text with these values. Raises Unfit."""
        try:
            return self._environment.get_template(f"{name}.txt").render(values)
        except TemplateNotFound as error:
            raise self._missing(name, error) from None
        except Unfit as unfit:
            raise Unfit(f"the template {name}.txt: {unfit}") from None
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise Unfit(f"the template {name}.txt: {error}") from None

    def check(self, name: str, known: Sequence[str]) -> None:
        """Its syntax, and the names at the head of what it puts in. Raises Unfit."""
        loader = self._environment.loader
        assert loader is not None  # noqa: S101 (given above)
        try:
            source, _, _ = loader.get_source(self._environment, f"{name}.txt")
            found = meta.find_undeclared_variables(self._environment.parse(source))
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


def _put(value: Any) -> Any:
    """What is put in for a value. Raises Unfit for what must not stand there as it is."""
    match value:
        case _Fit() | Undefined():  # an undefined one tells by itself what it is
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return value
        case str() if _CONTROL.search(value):
            raise Unfit(f"{value[:40]!r} holds more than one line: write `| line`, `| bar` or `| json` behind it")
        case str():
            return value
        case None:
            raise Unfit("a value is not there: ask for it by `{% if … %}` first")
        case _:
            raise Unfit(f"a {type(value).__name__} is no text: go through it by `{{% for … %}}`, or write `| json`")


def _barred(value: str) -> str:
    return _Fit(bar(value))


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _Fit(_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


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
