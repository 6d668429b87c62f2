"""A mail is read within the house's limits: also within its time (traps 24 and 28)."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from mailbot.config.model import Limits as Section
from mailbot.mail.message import Limits, Message, Obstacle, read
from mailbot.mail.reply import words

_USUAL = Limits()
_HEADER_ALONE = Limits(size=0)


class TookTooLong(Exception):
    """Raised from wherever the reader is just then."""


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


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Raises TookTooLong within, when the time is over.

    Only for what has no effects: it may be stopped anywhere. A thread other than the main one gets no signals, and is
    not stopped.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, stop)
    left, again = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left, again)  # somebody else's, who waits a little longer for it
        signal.signal(signal.SIGALRM, before)
