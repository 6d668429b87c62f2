"""Header lines: ASCII, folded, and nothing in a value ever begins another one."""

import re
from base64 import b64encode
from collections.abc import Iterator

from mailbot.mail.letter.text import line

_FOLD = 76
_WORD_BYTES = 45
"""UTF-8 octets in an encoded word, so that it stays within 75 characters (RFC 2047 §2)."""
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]+")
_NO_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f<>()\[\]\\,;:\"]")
_THREAD_ID = re.compile(r"<[!-;=?-~]{1,240}>")


def free(name: str, value: str) -> str:
    """A header of free words: one line's worth, encoded (RFC 2047) where it is not ASCII, folded."""
    text = line(value)
    return _folded(f"{name}: {text if _plain(text) else ' '.join(_encoded_words(text))}")


def exact(name: str, value: str) -> str:
    """A header whose value must arrive as it is (ids, words of ours): never encoded, never folded.

    Raises ValueError for what cannot stand in it so.
    """
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"{name} cannot hold {value!r}")
    return f"{name}: {value}"


def mailbox(name: str, address: str, display: str = "") -> str:
    """A header of one address with the name shown before it, quoted or encoded as it needs.

    An address beyond ASCII stays as it is (RFC 6532): there is no other way to write it. Raises ValueError for
    what is no address.
    """
    if _NO_ADDRESS.search(address) or "@" not in address:
        raise ValueError(f"{name} cannot hold {address!r}")
    words = line(display)
    if not _plain(words):
        words = " ".join(_encoded_words(words))
    elif not _ATOMS.fullmatch(words):
        words = '"' + words.replace("\\", r"\\").replace('"', r"\"") + '"'
    return _folded(f"{name}: {words} <{address}>") if display else f"{name}: {address}"


def thread_ids(*ids: str | None) -> tuple[str, ...]:
    """The Message-IDs fit for In-Reply-To and References, each once; what others made up badly is left out."""
    return tuple(dict.fromkeys(i for i in ids if i and _THREAD_ID.fullmatch(i)))


def _plain(text: str) -> bool:
    """ASCII, and nothing in it would be read as an encoded word."""
    return text.isascii() and "=?" not in text


def _encoded_words(text: str) -> Iterator[str]:
    chunk = b""
    for character in text:
        raw = character.encode()
        if len(chunk) + len(raw) > _WORD_BYTES:
            yield f"=?utf-8?b?{b64encode(chunk).decode()}?="
            chunk = b""
        chunk += raw
    if chunk:
        yield f"=?utf-8?b?{b64encode(chunk).decode()}?="


def _folded(text: str) -> str:
    """Broken before a space where a line would pass 76 characters (RFC 5322 §2.2.3)."""
    rows: list[str] = []
    row = text
    while len(row) > _FOLD:
        after_name = row.index(": ") + 2 if not rows else 1
        cut = row.rfind(" ", after_name, _FOLD + 1)
        cut = cut if cut > 0 else row.find(" ", max(_FOLD, after_name))
        if cut < 0:
            break
        rows.append(row[:cut])
        row = row[cut:]
    return "\r\n".join([*rows, row])
