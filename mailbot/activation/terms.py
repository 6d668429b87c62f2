"""What was agreed for a target, beside how it is reached."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`owner` is told of what fails, `at_once` how many it is told at a time, `pause_after` how many failures in a row
    pause it (0: none do).
    """

    owner: str | None = None
    at_once: int = 1
    pause_after: int = 0


NO_TERMS = Terms()
"""Of a target that is not configured any more."""
