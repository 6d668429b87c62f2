"""A mail is read within the house's limits: also within its time (traps 24 and 28)."""

from dataclasses import replace

from mailbot.config.model import Limits as Section
from mailbot.desk.patience import TookTooLong, in_time
from mailbot.mail.message import Limits, Message, Obstacle, read
from mailbot.mail.reply import words

_USUAL = Limits()
_HEADER_ALONE = Limits(size=0)


def read_within(raw: bytes, section: Section, *, truncated: bool = False) -> Message:
    """What a mail says, within [limits]; beyond them its header, and the obstacle that is told to its sender.

    `truncated`: there is more of it than the mailbox gives out.
    """
    limits = limits_of(section)
    try:
        with in_time(section.seconds):
            message = read(raw, limits)
            words(message.text)
    except TookTooLong:
        return replace(read(raw, replace(_HEADER_ALONE, header=limits.header)), obstacle=Obstacle.TOO_COMPLEX)
    return replace(message, obstacle=Obstacle.TOO_LARGE) if truncated else message


def limits_of(section: Section) -> Limits:
    """What the configuration says; all else as the reader has it."""
    return replace(
        _USUAL,
        size=section.message_size,
        parts=section.parts,
        nesting=section.nesting,
        multiparts=max(_USUAL.multiparts, section.nesting),
        header=section.header_size,
    )
