"""What the sender himself wrote in a reply, and what he quoted."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from mailbot.mail import clients

SEPARATOR = "-- reply above this line --"
"""Our letters begin with it; all below it is ours (trap 23)."""
TEXT_MAX = 64 * 1024
"""characters that are looked at (trap 24)"""
LINES_MAX = 2000
"""lines that are looked at"""
LINE_MAX = 1000
"""characters of one line in which the marks of mail programs are looked for"""
ATTRIBUTION_LINES = 6
"""lines over which "On … wrote:" may be broken"""
HEADER_LINES = 8
"""lines in which the names of a quoted header are looked for"""
LONG_LINE = 60
"""characters after which a mail program may have broken a line"""
WRAP_AT = 72
"""columns at which mail programs break lines (RFC 3676 §4.2)"""

_QUOTE = re.compile(r"\s{0,4}(?:>|&gt;)")
_ONE_LEVEL = re.compile(r"\s{0,4}(?:>|&gt;) ?")
_ORNAMENT = re.compile("[\\s\\-_=*~#+.|\u2013\u2014\u1427\u00ad\u200b-\u200f\u2060\ufeff]*$")
"""a line of nothing but rules, blanks, and what a tracker leaves (U+1427)"""
_NOT_A_LETTER = re.compile(r"[^a-z ]")
_NEW_ITEM = re.compile(r"\s|[-*•#>|]|\d{1,3}[.)]\s|[\w ()/-]{1,40}:\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A text, parted."""

    own: str
    """the sender's words, less quotes and signature, in lines as they came"""
    quoted: str
    """what he quoted, one level of ">" taken off, line by line as it stood"""
    first_line: str
    """the first own line that is not blank, or "": a command stands there or nowhere (trap 21)"""


class _Kind(Enum):
    OWN = auto()
    QUOTED = auto()
    SIGNATURE = auto()


def words(text: str) -> Reply:
    """Part a text into the sender's own words and what he quoted; in time linear to its size (trap 24).

    1. What stands below our separator is quoted; 2. above it, what mail programs mark as quoted or as a
    signature; 3. where nothing is left, an answer may stand below the quote.
    """
    lines = text[:TEXT_MAX].split("\n")[:LINES_MAX]
    border = next((n for n, line in enumerate(lines) if _is_separator(line)), len(lines))
    kinds = _kinds(lines[: border + 1])[:border]  # a quoted separator makes the line above it an attribution
    is_answered = any(kind is _Kind.OWN and not _ORNAMENT.match(line) for line, kind in zip(lines, kinds, strict=False))
    if border < len(lines):
        kinds += _kinds_below_separator(lines[border:], is_answered=is_answered)
    elif not is_answered:
        kinds = _kinds_below_attribution(lines, kinds)
    own = _trimmed([line for line, kind in zip(lines, kinds, strict=True) if kind is _Kind.OWN])
    quoted = (line for line, kind in zip(lines, kinds, strict=True) if kind is _Kind.QUOTED)
    return Reply(
        own="\n".join(own),
        quoted="\n".join(_ONE_LEVEL.sub("", line, count=1) for line in quoted),
        first_line=own[0].strip() if own else "",
    )


def _is_separator(line: str) -> bool:
    # Mail programs make dashes of hyphens, and quote, indent or embolden the line.
    if "this line" not in line.lower():
        return False
    return _NOT_A_LETTER.sub("", line[:LINE_MAX].lower()).strip() == "reply above this line"


def _kinds_below_separator(lines: list[str], *, is_answered: bool) -> list[_Kind]:
    """All quoted, but for an answer below a letter that is quoted with ">" (a bottom post).

    Only where nothing was said above: a quoted line that was broken in two must not pass for the sender's.
    """
    kinds = [_Kind.QUOTED] * len(lines)
    if is_answered or not _QUOTE.match(lines[0]):
        return kinds
    last = max(n for n, line in enumerate(lines) if _QUOTE.match(line))
    end = _kinds(lines[last + 1 :])
    if end and len(lines[last]) >= LONG_LINE:
        end[0] = _Kind.QUOTED
    return kinds[: last + 1] + end


def _kinds_below_attribution(lines: list[str], kinds: list[_Kind]) -> list[_Kind]:
    """As `kinds`, but for a mail that begins with "On … wrote:" and quotes nothing: some answer there."""
    start = next((n for n, line in enumerate(lines) if line.strip()), 0)
    end = _Attributions(lines).end(start)
    return kinds if end is None else [_Kind.QUOTED] * (end + 1) + _kinds(lines[end + 1 :])


def _kinds(lines: list[str]) -> list[_Kind]:
    """The kind of each line, in one pass from the top."""
    kinds: list[_Kind] = []
    attributions = _Attributions(lines)
    kind = _Kind.OWN
    while (n := len(kinds)) < len(lines):
        line = lines[n][:LINE_MAX]
        if _QUOTE.match(line):
            kind = _Kind.OWN
            kinds.append(_Kind.QUOTED)
        elif (end := attributions.end(n)) is not None and _is_quote_next(lines, end + 1):
            kind = _Kind.OWN
            kinds += [_Kind.QUOTED] * (end + 1 - n)
        elif end is not None or _begins_quoted_mail(lines, n):
            break
        else:
            kind = _Kind.SIGNATURE if _is_signature(line) else kind
            is_rest = n > 0 and kinds[-1] is _Kind.QUOTED and _is_rest_of_quote(lines[n - 1], line)
            kinds.append(_Kind.QUOTED if is_rest else kind)
    return kinds + [_Kind.QUOTED] * (len(lines) - len(kinds))


def _is_quote_next(lines: list[str], start: int) -> bool:
    following = next((line for line in lines[start : start + 4] if line.strip()), "")
    return _QUOTE.match(following) is not None


def _is_rest_of_quote(above: str, line: str) -> bool:
    """Whether a line is the end of the quoted line above it, which was broken on the way."""
    return line != "" and len(above) >= LONG_LINE > len(line) and _QUOTE.match(above) is not None


def _is_signature(line: str) -> bool:
    if not line or len(line) > clients.SENT_FROM_MAX:
        return False
    return clients.DASHES.match(line) is not None or clients.SENT_FROM.match(line) is not None


class _Attributions:
    """Finds "On … wrote:", broken over some lines or not."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._ends = [n for n, line in enumerate(lines) if clients.may_end_attribution(line)]

    def end(self, n: int) -> int | None:
        """The last line of the attribution that begins at line n, or None."""
        place = bisect_left(self._ends, n)
        if place == len(self._ends) or self._ends[place] >= n + ATTRIBUTION_LINES:
            return None
        first = self._lines[n][:LINE_MAX]
        if first.strip() and clients.ATTRIBUTION_START.match(first):
            return self._end_of_started(n)
        # "Bob wrote:", with neither date nor address, is one only if a quote follows.
        is_bare = clients.ATTRIBUTION_ENDS[0].search(first) and _is_quote_next(self._lines, n + 1)
        return n if is_bare else None

    def _end_of_started(self, n: int) -> int | None:
        joined = ""
        for m, line in enumerate(self._lines[n : n + ATTRIBUTION_LINES], n):
            if m > n and clients.ANOTHER_START.match(line[:LINE_MAX]):
                return None
            joined = f"{joined} {line[:LINE_MAX].strip()}".strip()
            if clients.may_end_attribution(joined) and any(
                pattern.search(joined) for pattern in clients.ATTRIBUTION_ENDS
            ):
                return m
        return None


def _begins_quoted_mail(lines: list[str], n: int) -> bool:
    """Whether from line n on all is a mail that was quoted whole, without ">"."""
    line = lines[n][:LINE_MAX]
    return (
        clients.RULE.match(line) is not None
        or clients.ORIGINAL_MESSAGE.match(line) is not None
        or _is_header_block(lines, n)
    )


def _is_header_block(lines: list[str], n: int) -> bool:
    """Whether a quoted header begins here: From, and two more of date, recipient and subject."""
    if _role(lines[n]) is None:
        return False
    roles = set(_roles(lines[n : n + HEADER_LINES]))
    return "from" in roles and len(roles) > 2  # noqa: PLR2004  see above


def _roles(lines: list[str]) -> Iterator[str]:
    """What the names of a header stand for; one line between them may go on with the one above."""
    strangers = 0
    for line in lines:
        if role := _role(line):
            yield role
            yield from (clients.ROLE_OF[name.lower()] for name in clients.HEADER_NAMES_WITHIN.findall(line[:LINE_MAX]))
        elif line.strip():
            strangers += 1
        if strangers > 1:
            return


def _role(line: str) -> str | None:
    match = clients.HEADER_LINE.match(line[:LINE_MAX]) if ":" in line or "\uff1a" in line else None
    return clients.ROLE_OF.get(match[1].casefold()) if match else None


def _trimmed(lines: list[str]) -> list[str]:
    """The lines less blank ones and mere ornaments at either end."""
    start, end = 0, len(lines)
    while start < end and _ORNAMENT.match(lines[start]):
        start += 1
    while end > start and _ORNAMENT.match(lines[end - 1]):
        end -= 1
    return lines[start:end]


def unwrapped(text: str) -> str:
    """The text with the lines joined again that a mail program broke at 72 to 80 columns (trap 25)."""
    joined: list[str] = []
    width = 0
    for line in text.split("\n"):
        if joined and _goes_on(width, line):
            joined[-1] = f"{joined[-1].rstrip()} {line.strip()}"
        else:
            joined.append(line)
        width = len(line.rstrip())
    return "\n".join(joined)


def _goes_on(width: int, line: str) -> bool:
    """Whether a line goes on with the one above, of that width: its first word had no room there."""
    first = line.split(" ", 1)[0]
    return bool(first) and width + 1 + len(first) > WRAP_AT and not _NEW_ITEM.match(line)
