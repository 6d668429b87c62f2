"""A mail on its way in: what was read, who is believed to have written it, and what became of it."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from mailbot.desk import Cause
from mailbot.desk.enclosed import File
from mailbot.mail.command import COMMANDS_MAX, Command, Commands, Unclear, Verb, is_courtesy, parse
from mailbot.mail.mailbox import Folder
from mailbot.mail.message import Message
from mailbot.mail.reply import Reply, words
from mailbot.mail.sender import MailClass, Verdict
from mailbot.store import TokenRow


class InboxState(StrEnum):
    """What became of a mail. The last three wait for somebody."""

    HANDLED = "handled"
    IGNORED = "ignored"
    UNCONFIRMED = "unconfirmed"
    """Its From was written to, and has not said yes."""
    HELD = "held"
    """Not believed: an admin releases it, or leaves it."""
    QUARANTINED = "quarantined"
    """It broke the bot: an admin retries it, when that is mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a mail, and of which request it was."""

    state: InboxState
    reason: str = ""
    reference: str | None = None

    @property
    def words(self) -> str:
        """For the history: what became of it, why, and of which request it was."""
        return " ".join(filter(None, [": ".join(filter(None, [self.state.value, self.reason])), self.reference]))

    @property
    def folder(self) -> Folder:
        match self.state:
            case InboxState.HANDLED:
                return Folder.PROCESSED
            case InboxState.IGNORED:
                return Folder.IGNORED
            case _:
                return Folder.QUARANTINE


HANDLED = Outcome(state=InboxState.HANDLED)


def ignored(reason: str) -> Outcome:
    return Outcome(state=InboxState.IGNORED, reason=reason)


def held(reason: str) -> Outcome:
    return Outcome(state=InboxState.HELD, reason=reason)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One mail. `vouched` is set when its From was confirmed by himself or an admin."""

    message: Message
    mail_class: MailClass
    verdict: Verdict
    person: str
    """Whose From it is, aliases resolved; "" where nobody's."""
    today: date
    """In the bot's zone: "27 November" is the next one."""
    vouched: bool = False
    number: int = field(default=0)
    """Of its inbox row."""
    commands_most: int = COMMANDS_MAX
    """Commands that it may hold."""

    def known_as(self, *, believed: bool) -> str:
        """What makes a mail the same mail: Message-ID and believed From; one that is not believed uses up neither."""
        message = self.message
        if believed and message.message_id:
            return f"id {message.message_id} {message.sender}"
        return f"bytes {message.digest}"

    @property
    def cause(self) -> Cause:
        """Of what it leads to."""
        return Cause(sender=self.person, message_id=self.message.message_id, inbox=self.number)

    @property
    def files(self) -> tuple[File, ...]:
        """What came along with it, where it could be read."""
        return () if self.message.obstacle else tuple((one.name, one.content) for one in self.message.attachments)

    @property
    def asks_for_help(self) -> bool:
        """In its first line, or, where it has none, in its subject."""
        return isinstance(self.ordered, Command) and self.ordered.verb is Verb.HELP

    @property
    def absence(self) -> Command | None:
        """What he says about himself: that he is away, or back."""
        said = self.ordered
        return said if isinstance(said, Command) and said.verb in {Verb.AWAY, Verb.BACK} else None

    @property
    def query(self) -> Command | None:
        """What he wants to know of what is on record."""
        said = self.ordered
        return said if isinstance(said, Command) and said.verb is Verb.QUERY else None

    @property
    def no_query(self) -> str:
        """Why what begins like a query is none; "" where it does not."""
        said = self.ordered
        return said.reason if isinstance(said, Unclear) and said.line.lower().startswith("query ") else ""

    @property
    def is_courtesy(self) -> bool:
        """Thanks and a name: no command, and so no error answer (trap 12)."""
        return not self.message.attachments and is_courtesy(self.words.own)

    @cached_property
    def words(self) -> Reply:
        return words(self.message.text)

    def is_about_himself(self, token: TokenRow) -> bool:
        """Whether he says it of himself in a reply that it has nothing to do with; a question may be answered so."""
        said = self.absence
        if said is None or (said.verb is Verb.AWAY and not said.address):
            return False
        return said.verb is Verb.AWAY or token.purpose != "question"

    @cached_property
    def ordered(self) -> Command | Commands | Unclear | None:
        """What he says, in the subject where he has written nothing else."""
        return self.said if self.words.own else parse(self.message.subject, self.today)

    @property
    def is_reply(self) -> bool:
        """Whether it answers some mail, and not only in its words."""
        return bool(self.message.in_reply_to or self.message.references)

    @cached_property
    def said(self) -> Command | Commands | Unclear | None:
        return parse(self.words.own, self.today, most=self.commands_most)
