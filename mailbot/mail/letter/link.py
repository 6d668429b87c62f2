"""Prepared answers: `mailto:` links that survive the mail programs they are pressed in (trap 8c)."""

from functools import lru_cache
from urllib.parse import quote

LINK_MAX = 450
"""ASCII characters of a whole link: some programs cut longer ones."""

# RFC 6068: what may stand bare. "+" stays as it is, as Outlook on the web makes "%2B" a space.
_ADDRESS = "@+!$'*-._~"
_FIELD = "@!$'()*,-./:;_~"

# A letter's links share their address and subject, and all letters the same few commands.
_quoted = lru_cache(maxsize=256)(quote)


def mailto(address: str, subject: str, body: str, *, keep: str = "") -> str | None:
    """A link that opens a mail with this subject and body; None when it would be too long.

    `keep` (the token) ends the subject in parentheses; the subject before it is shortened to make room for the body.
    """
    tail = f" ({keep})" if keep else ""
    head = f"mailto:{_quoted(address, safe=_ADDRESS)}?subject="
    written = body.replace("\r\n", "\n").replace("\n", "\r\n")
    end = _quoted(tail, safe=_FIELD) + (f"&body={_quoted(written, safe=_FIELD)}" if body else "")
    room = LINK_MAX - len(head) - len(end)
    return None if room < 0 else head + _shortened(subject, room) + end


def _shortened(subject: str, room: int) -> str:
    """The subject, quoted, in at most `room` characters, cut between words where it can be."""
    quoted = _quoted(subject, safe=_FIELD)
    while subject and len(quoted) > room:
        subject = subject[:-1].rpartition(" ")[0] if " " in subject[:-1] else subject[:-1]
        quoted = quote(subject, safe=_FIELD)
    return quoted
