"""What others have sent is read within a time, and not beyond (traps 24 and 28)."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TookTooLong(Exception):
    """Raised from wherever the reader is just then."""


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
