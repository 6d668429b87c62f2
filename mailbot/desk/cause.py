"""What an event came from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The mail of `sender`, where it was one: his thread goes on from it, and he gets one answer at most."""

    sender: str | None = None
    message_id: str | None = None
    inbox: int | None = None


NO_MAIL = Cause()
