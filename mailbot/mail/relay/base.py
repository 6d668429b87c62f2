"""The face of a relay, and the two ways in which it says no."""

from collections.abc import Sequence
from typing import Protocol

from mailbot.errors import MailbotError


class Deferred(MailbotError):
    """Not now (4xx, connection, login): the same bytes are to be sent again later.

    `unknown`: it broke once the letter's text was on its way, so the server may have taken it.
    """

    def __init__(self, words: str, *, unknown: bool = False) -> None:
        self.unknown = unknown
        super().__init__(words)


class Refused(MailbotError):
    """Never: the server said no (5xx) to this letter; `code` is its reply code."""

    def __init__(self, words: str, *, code: int) -> None:
        self.code = code
        super().__init__(words)


class Relay(Protocol):
    """Where letters go. For one thread."""

    def send(self, raw: bytes, *, sender: str, to: Sequence[str]) -> None:
        """Hand over one letter: to all of `to`, or to nobody. `sender` "" is the null sender.

        Raises Deferred or Refused.
        """
        ...

    def check(self) -> list[str]:
        """Try all but a letter; a line of words for what works. Raises Unreachable."""
        ...

    def close(self) -> None: ...
