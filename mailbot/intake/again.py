"""What a mail says for a new request: in reply to the letter that refused its lines, with what was sent before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailbot.config.model import Limits
from mailbot.desk.enclosed import File, table_of
from mailbot.errors import NotFound
from mailbot.intake import opening
from mailbot.intake.arrival import Arrival
from mailbot.intake.reading import read_within
from mailbot.mail.reply import words
from mailbot.process.definition import Process
from mailbot.process.request import Kind
from mailbot.process.rules import Rules
from mailbot.store import TokenRow, Transaction

MOST_MAILS = 10
"""Of those that were refused before, the last so many are read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """`mails` are the numbers of all that said it, the oldest first."""

    given: dict[str, str]
    files: tuple[File, ...]
    mails: tuple[int, ...]

    def subject(self, process: Process) -> str:
        """What the token of a letter remembers that refuses it."""
        return " ".join([process.type, *map(str, self.mails)])


def meant(rules: Rules, arrival: Arrival, token: TokenRow | None) -> Process | None:
    """The process of the lines that were refused by the letter that this mail answers; None for all other mail."""
    refused = _refused(arrival, token)
    return rules.processes.get(refused[0]) if refused else None


def sent(tx: Transaction, arrival: Arrival, process: Process, token: TokenRow | None, limits: Limits) -> Sent:
    """All that was said for this process; a table goes instead of those that were sent before."""
    own = (opening.given_in(process, arrival.words.own, arrival.words.quoted), arrival.files)
    type_, *mails = _refused(arrival, token) or [""]
    if type_ != process.type:
        return Sent(given=own[0], files=own[1], mails=(arrival.number,))
    mails = mails[-MOST_MAILS:]
    given: dict[str, str] = {}
    tables: tuple[File, ...] = ()
    others: tuple[File, ...] = ()
    for said, files in (*_before(tx, process, mails, limits), own):
        given |= said
        new = tuple(file for file in files if table_of([file], process.fields, limits, alone=True))
        tables = new or tables
        others = (*others, *(file for file in files if file not in new))
    return Sent(given=given, files=(*others, *tables), mails=(*map(int, mails), arrival.number))


def _refused(arrival: Arrival, token: TokenRow | None) -> list[str] | None:
    """What the token of such a letter remembers: it counts for its reader alone."""
    if token is None or token.purpose != Kind.MISUNDERSTOOD.value or not token.subject:
        return None
    return token.subject.split() if token.person == arrival.person else None


def _before(
    tx: Transaction, process: Process, mails: Sequence[str], limits: Limits
) -> Iterator[tuple[dict[str, str], tuple[File, ...]]]:
    """(what it said, what came with it) of each of these mails whose bytes are still there."""
    for number in mails:
        try:
            raw = tx.mail(int(number))["raw"]
        except NotFound:
            continue
        if raw is not None:
            message = read_within(raw, limits)
            parted = words(message.text)
            files = tuple((one.name, one.content) for one in message.attachments)
            yield opening.given_in(process, parted.own, parted.quoted), files
