"""What follows a verb: free text over several lines, dates, durations, addresses, queries."""

import re
from collections.abc import Callable
from datetime import date

from mailbot.config import address as addresses
from mailbot.mail.command.dates import Doubt, read_date
from mailbot.mail.command.values import Command, Query, Unclear, Verb
from mailbot.words import say

FIELD = re.compile(r"[^\W\d_][\w /()'-]{0,60}:(?!//)")
"""a line of a form: "Label: value" """
_LEAVE = re.compile(
    r"(?i)(?:(?:best|kind|warm|many|with best|with kind)\s)?(?:regards|thanks|wishes|cheers|thank you"
    r"|sincerely|yours|best|thx|br|kr|mfg|cordialement)"
    r"(?:[ ,!.].{0,40})?$",
)
_WORDS_OF_A_REASON = 3


def continued(text: str, below: list[str]) -> str:
    """The text with the lines below it up to a blank line or a leave-taking.

    Where the first line held none, it may stand below a blank line too, if it is more than a name.
    """
    found = [text] if text else []
    for n, line in enumerate(below):
        if _LEAVE.match(line):
            break
        if line:
            found.append(line)
        elif found or not _is_reason(below[n + 1 : n + 2]):
            break
    return "\n".join(found)


def _is_reason(lines: list[str]) -> bool:
    return bool(lines) and len(lines[0].split()) >= _WORDS_OF_A_REASON and not FIELD.match(lines[0])


_UNIT = r"(?:working |business )?(?:minutes?|mins?|hours?|days?|weeks?|months?|years?)"
_DURATION = re.compile(rf"(?i)(?:for |by )?((?:\d{{1,4}}|an?|one) {_UNIT})\b[ ,;:-]*")
_ADDRESS = re.compile(
    r"(?i)(?:to )?(?:[^<>@]{0,80}<(?:mailto:)?(?P<named>[^\s<>]+@[^\s<>]+)>"
    r"|(?P<bare>[^\s<>]+@[^\s<>]+?)(?:<mailto:[^<>\s]+>)?)[.;,]?$",
)
_UNTIL = re.compile(r"(?i)until ")
_DEPUTY = re.compile(r"(?i)(?:,? ?(?:and )?(?:my )?deputy(?: is)?:? )(.+)$")

Reader = Callable[[str, list[str], date | None], Command | Unclear]


def _delay(tail: str, below: list[str], today: date | None) -> Command | Unclear:
    if match := _UNTIL.match(tail):
        found = read_date(tail[match.end() :], today)
        if isinstance(found, Doubt):
            return Unclear(line=f"delay {tail}", reason=found.reason)
        return Command(verb=Verb.DELAY, until=found[0], text=continued(found[1], below))
    if match := _DURATION.match(tail):
        return Command(verb=Verb.DELAY, duration=match[1], text=continued(tail[match.end() :], below))
    return Unclear(
        line=f"delay {tail}".strip(),
        reason=say("commands.write_delay_until_2026"),
    )


def _address(text: str) -> str | None:
    match = _ADDRESS.match(text)
    return addresses.normal(match["named"] or match["bare"]) if match else None


def _assign(tail: str, below: list[str], today: date | None) -> Command | Unclear:  # noqa: ARG001  one face
    found = _address(tail)
    if found is None:
        return Unclear(line=f"assign {tail}".strip(), reason=say("commands.write_assign_address_with"))
    return Command(verb=Verb.ASSIGN, address=found)


def _extend(tail: str, below: list[str], today: date | None) -> Command | Unclear:  # noqa: ARG001
    match = _DURATION.fullmatch(tail)
    if match is None:
        return Unclear(line=f"extend {tail}".strip(), reason=say("commands.write_extend"))
    return Command(verb=Verb.EXTEND, duration=match[1])


def _away(tail: str, below: list[str], today: date | None) -> Command | Unclear:  # noqa: ARG001
    line = f"away {tail}".strip()
    deputy = _DEPUTY.search(tail)
    match = _UNTIL.match(tail)
    if match is None:
        return Unclear(line=line, reason=say("commands.write_away_until_2026"))
    found = read_date(tail[match.end() : deputy.start() if deputy else None], today)
    if isinstance(found, Doubt):
        return Unclear(line=line, reason=found.reason)
    address = _address(deputy[1]) if deputy else None
    if found[1] or (deputy and address is None):
        return Unclear(line=line, reason=say("commands.write_away_until_2026"))
    return Command(verb=Verb.AWAY, until=found[0], address=address)


# A reference of ours, or of others: "PO 2026/17". Words without any digit are prose.
_REFERENCE = r"(?=.*\d)([^\s\[\]]{1,40}(?: [^\s\[\]]{1,40}){0,2})"
_QUERIES = (
    (Query.MINE, re.compile(r"(?i)mine()$")),
    (
        Query.ADDRESS,
        re.compile(r"(?i)address ([0-9a-f:.]{1,45}(?:/\d{1,3})?)(?: (?:at|on) (?P<at>.{1,60}))?$"),
    ),
    (Query.REFERENCE, re.compile(rf"(?i)reference \[?{_REFERENCE}\]?$")),
    (Query.USER, re.compile(r"(?i)user (\S.{0,300})$")),
    (Query.CUSTOMER, re.compile(r"(?i)customer()$")),
    (Query.CUSTOMER, re.compile(r"(?i)customer (\S.{0,300})$")),
    (Query.POOL, re.compile(r"(?i)pool (\S{1,60}) free(?: /?(?P<length>\d{1,3}))?$")),
)
_QUERY_FORMS = say("commands.write_query_mine_query")


def _query(tail: str, below: list[str], today: date | None) -> Command | Unclear:  # noqa: ARG001
    for query, pattern in _QUERIES:
        if match := pattern.match(tail.rstrip("?")):
            named = match.groupdict()
            length = named.get("length")
            return Command(
                verb=Verb.QUERY,
                query=query,
                text=(_address(match[1]) if query is Query.USER else None) or match[1],
                at=named.get("at"),
                length=int(length) if length else None,
            )
    return Unclear(line=f"query {tail}".strip(), reason=_QUERY_FORMS)


READERS: dict[str, Reader] = {
    "delay": _delay,
    "assign": _assign,
    "extend": _extend,
    "away": _away,
    "query": _query,
}
