"""The weekly digest: a door that opens once a week, whatever the calendar; and the figures of `stats`, for any time."""

from mailbot.digest.door import Digest

__all__ = ["Digest"]
