"""The text of a mail: which part holds it, its characters, its lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Part

from mailbot.mail.message.html import as_text
from mailbot.mail.message.tree import content, kind
from mailbot.mail.message.values import Limits

# What senders declare and what they mean (as browsers have it: WHATWG Encoding §4.2).
_MEANT = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
}
# Python's own, which are no charsets: one runs escapes, some are quadratic.
_NO_CHARSETS = frozenset({"unicode_escape", "raw_unicode_escape", "punycode", "idna", "undefined"})
_ODD_LINE_END = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_QUOTE_MARKS = re.compile(r">*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text and where it comes from."""

    value: str = ""
    is_from_html: bool = False
    is_cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.value.strip())


def body(tree: Part, limits: Limits) -> Text:
    """The sender's text: plain, or HTML made plain where there is no plain text or it is blank (trap 26)."""
    return _body(tree, limits, is_first=True)


def _body(part: Part, limits: Limits, *, is_first: bool) -> Text:
    declared = kind(part)
    match declared.partition("/"):
        case "multipart", _, subtype:
            return _of_container(subtype, part.get_payload(), limits, is_first=is_first)  # type: ignore[arg-type]
        case "text", _, "plain" | "html" if not is_attached(part, is_first=is_first):
            return _of_leaf(part, limits, is_html=declared == "text/html")
    return Text()


def _of_container(subtype: str, children: list[Part], limits: Limits, *, is_first: bool) -> Text:
    if subtype in {"report", "signed"}:
        children = children[:1]  # what follows is for machines
    texts = (_body(one, limits, is_first=is_first and n == 0) for n, one in enumerate(children))
    if subtype == "alternative":
        return _best(texts)
    found = [text for text in texts if text]
    if len(found) < 2:  # noqa: PLR2004  nothing to join
        return found[0] if found else Text()
    value, is_cut = cut("\n".join(text.value for text in found), limits)
    return Text(
        value=value,
        is_from_html=all(text.is_from_html for text in found),
        is_cut=is_cut or any(text.is_cut for text in found),
    )


def _best(texts: Iterator[Text]) -> Text:
    """The first that was written as plain text, else the first that says anything."""
    fallback = Text()
    for text in texts:
        if text and not text.is_from_html:
            return text
        fallback = fallback or text
    return fallback


def is_attached(part: Part, *, is_first: bool) -> bool:
    """Whether a text part is a file sent along. The first of a mail may bear a name and be its text all the same."""
    disposition = part.get_content_disposition()
    return disposition == "attachment" or (not is_first and file_name(part) is not None)


def file_name(part: Part) -> str | None:
    """The declared name as it came, or None."""
    try:
        return part.get_filename()
    except Exception:  # noqa: BLE001  RFC 2231 in the standard library raises many things (trap 27)
        return None


def _of_leaf(part: Part, limits: Limits, *, is_html: bool) -> Text:
    octets = content(part)
    most = limits.html if is_html else limits.text
    text = characters(octets[: 4 * most], _charset(part))
    if not is_html:
        text, is_cut = cut(_unflowed(part, clean(text)), limits)
        return Text(value=text, is_cut=is_cut or len(octets) > 4 * most)
    is_cut = len(text) > most
    text, is_cut_too = cut(clean(as_text(clean(text[:most]))), limits)
    return Text(value=text, is_from_html=True, is_cut=is_cut or is_cut_too)


def _charset(part: Part) -> str:
    try:
        return (part.get_content_charset() or "utf-8").strip("'\" ")
    except Exception:  # noqa: BLE001  see file_name()
        return "utf-8"


def characters(octets: bytes, charset: str) -> str:
    """Octets as text: declared charset, then UTF-8, then windows-1252 (trap 27)."""
    for name in (_MEANT.get(charset, charset), "utf-8"):
        if name.replace("-", "_") in _NO_CHARSETS:
            continue
        try:
            return octets.decode(name)
        except Exception:  # noqa: BLE001, S112  an unknown or broken codec: the next one
            continue
    return octets.decode("cp1252", "replace")


def clean(text: str) -> str:
    """The text with "\\n" between lines, without NUL, other controls and lone surrogates (trap 40)."""
    return _UNFIT.sub("", _ODD_LINE_END.sub("\n", text))


def cut(text: str, limits: Limits) -> tuple[str, bool]:
    """The text within the limits, and whether anything was left out."""
    kept = text[: limits.text]
    if kept.count("\n") >= limits.lines:
        kept = "\n".join(kept.split("\n", limits.lines)[: limits.lines])
    return kept, len(kept) < len(text)


def _unflowed(part: Part, text: str) -> str:
    """The paragraphs of format=flowed as one line each (RFC 3676 §4)."""
    try:
        if str(part.get_param("format", "")).lower() != "flowed":
            return text
        is_joined_tight = str(part.get_param("delsp", "")).lower() == "yes"
    except Exception:  # noqa: BLE001  see file_name()
        return text
    return "\n".join(_paragraphs(text, tight=is_joined_tight))


def _paragraphs(text: str, *, tight: bool) -> Iterator[str]:
    flowing: list[str] = []
    marks = ""
    for raw in text.split("\n"):
        own_marks = _QUOTE_MARKS.match(raw)[0]  # type: ignore[index]  # matches always, if only ""
        line = raw[len(own_marks) :].removeprefix(" ")
        is_signature = line == "-- "
        if flowing and (own_marks != marks or is_signature):
            yield _marked(marks, flowing)
            flowing = []
        marks = own_marks
        if line.endswith(" ") and not is_signature:
            flowing.append(line[:-1] if tight else line)
            continue
        yield _marked(marks, [*flowing, line])
        flowing = []
    if flowing:
        yield _marked(marks, flowing)


def _marked(marks: str, pieces: list[str]) -> str:
    line = "".join(pieces)
    return f"{marks} {line}" if marks else line
