"""One line as a command: the whole line, or nothing (trap 21)."""

import re
from datetime import date

from mailbot.mail.command.arguments import FIELD, READERS, continued
from mailbot.mail.command.plain import bare, without_opening
from mailbot.mail.command.values import Command, Unclear, Verb
from mailbot.words import say

_WITH_TEXT = {
    "reject": Verb.REJECT,
    "rejected": Verb.REJECT,
    "ask": Verb.ASK,
    "comment": Verb.COMMENT,
    "hold": Verb.HOLD,
    "skip": Verb.SKIP,
    "fail": Verb.FAIL,
}
"""verbs after which the rest of the line, and the lines below, are the sender's free words"""
_NEVER_ALONE = READERS.keys() | {"ask", "comment"}
_ALONE = {
    **{verb.value: verb for verb in Verb if verb.value not in _NEVER_ALONE},
    "approved": Verb.APPROVE,
    "ok": Verb.APPROVE,
    "okay": Verb.APPROVE,
    "yes": Verb.APPROVE,
    "accept": Verb.APPROVE,
    "accepted": Verb.APPROVE,
    "rejected": Verb.REJECT,
}
"""whole lines that are a command"""
_VOCABULARY = frozenset(line.split()[0] for line in _ALONE) | _NEVER_ALONE
_MAY_BE_ASKED = frozenset({Verb.STATUS, Verb.WHY, Verb.HELP})
"""commands that a question mark does not put in doubt"""
_BEFORE_COLON = frozenset({"reject", "rejected", "ask", "cancel"})
"""all other words before a colon are labels of fields: "Comment: …" """
_CONDITION = re.compile(
    r"(?i)(?:but|if|only|unless|except|provided|however|not|though|although|as long as|on condition)\b",
)
_CANCEL_FOR = re.compile(
    r"(?i)cancel(?:\s+it|\s+(?:this|(?:the|my|this)\s+request))?"
    r"(?:\s*[:,;]\s*|\s+[-\u2013\u2014]\s+|\s+(?=(?:because|since|as|due\s+to)\s))(?=\S)"
)
"""What is cancelled is this request, and what comes behind it is why: "cancel the order of Monday" is neither."""
_WORD = re.compile(r"[^\W\d_]+")
_ALMOST = re.compile(
    r"(?i)\b(?:(?:dis)?(?:approv|accept|reject|agree|cancel)\w*|ok|okay|yes|no|nope|decline[ds]?|deny"
    r"|denied|delay\w*)\b",
)
NOT_OURS = say("commands.this_is_not_one")


def sentence(first: str, below: list[str], today: date | None) -> Command | Unclear | None:
    """A plain line, with the plain lines below it, as a command; see parse()."""
    line = bare(first)
    word = _WORD.match(line)
    name = word[0].lower() if word else ""
    is_field = FIELD.match(line) is not None and not (name in _BEFORE_COLON and line[len(name)] == ":")
    if (match := _CANCEL_FOR.match(line)) and "?" not in line and not _CONDITION.search(line):
        return Command(verb=Verb.CANCEL, text=continued(line[match.end() :], below))
    if reader := READERS.get(name):
        found = reader(line[len(name) :].strip(), below, today)
        return None if is_field and isinstance(found, Unclear) else found
    if is_field:
        return None
    if verb := _alone(line):
        return _with_lines_below(verb, line, name, below)
    is_doubtful = "?" in line and name not in {"ask", "comment"}
    if (verb := _WITH_TEXT.get(name)) and not is_doubtful and not line.lower().startswith("hold on"):
        return Command(verb=verb, text=continued(_after(name, first), below))
    return Unclear(line=line, reason=NOT_OURS) if name in _VOCABULARY or _ALMOST.search(line) else None


def _alone(line: str) -> Verb | None:
    """The verb that a whole line is, if it is one."""
    verb = _ALONE.get(line.rstrip("? ").lower())
    return verb if "?" not in line or verb in _MAY_BE_ASKED else None


def _with_lines_below(verb: Verb, line: str, name: str, below: list[str]) -> Command | Unclear:
    next_words = next(filter(None, below), "")
    if verb in {Verb.APPROVE, Verb.DONE} and _CONDITION.match(next_words):
        return Unclear(line=f"{line} / {next_words}", reason=say("commands.the_line_below_it"))
    return Command(verb=verb, text=continued("", below) if name in _WITH_TEXT else "")


def _after(name: str, line: str) -> str:
    """What follows the verb, closing courtesies and all: it is the sender's free text."""
    return without_opening(line)[len(name) :].strip(" :,;-\"'*_`")
