"""What others have sent is read within a time, and not beyond (traps 24 and 28)."""

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TookTooLong(BaseException):
    """Raised from wherever the reader is just then, past whatever it makes of mistakes."""


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Raises TookTooLong within, when the time is over.

    Only for what has no effects: it may be stopped anywhere.
    """
    is_main = threading.current_thread() is threading.main_thread()
    with _by_signal(seconds) if is_main else _by_thread(seconds):
        yield


@contextmanager
def _by_signal(seconds: float) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, stop)
    left, again = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left, again)  # somebody else's, who waits a little longer for it
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _by_thread(seconds: float) -> Iterator[None]:
    """Signals reach the main thread alone: in any other one Python itself raises it, between two of its steps."""
    number, lock, over = ctypes.c_ulong(threading.get_ident()), threading.Lock(), threading.Event()

    def stop() -> None:
        with lock:
            if not over.is_set():
                ctypes.pythonapi.PyThreadState_SetAsyncExc(number, ctypes.py_object(TookTooLong))

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            over.set()
        timer.cancel()
        ctypes.pythonapi.PyThreadState_SetAsyncExc(number, None)  # one that was raised too late comes no more
