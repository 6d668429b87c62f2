"""The door that events leave by: to each subscriber in their order, at least once."""

from mailbot.broadcast.door import Broadcast
from mailbot.broadcast.turn import letter, terms_of

__all__ = ["Broadcast", "letter", "terms_of"]
