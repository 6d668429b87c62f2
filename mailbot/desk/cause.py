"""What an event came from, and what is not to be told about it by letters of its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mailbot.process.request import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The mail of `sender`, where it was one: his thread goes on from it, and he gets one answer at most."""

    sender: str | None = None
    message_id: str | None = None
    inbox: int | None = None


NO_MAIL = Cause()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """Notices that are told together with other things: those of which `takes` is true. `left` are all others."""

    takes: Callable[[Notice], bool]
    notices: list[Notice] = field(default_factory=list)
    left: list[Notice] = field(default_factory=list)

    def less(self, notices: Iterable[Notice]) -> list[Notice]:
        """The others; these are kept here."""
        for notice in notices:
            (self.notices if self.takes(notice) else self.left).append(notice)
        return self.left
