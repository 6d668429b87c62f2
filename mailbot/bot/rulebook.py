"""The processes as they are now, through faults in their files."""

from collections.abc import Callable

from mailbot.errors import Fault, Faulty
from mailbot.process.rules import Rules


class RuleBook:
    """The processes as they are now: the last version of the rule files that held."""

    def __init__(self, load_: Callable[[], Rules]) -> None:
        self._load = load_
        self.current = load_()
        self._told: str | None = None

    @property
    def holds(self) -> bool:
        """Whether the files held when they were looked at last."""
        return self._told is None

    def reload(self) -> tuple[Fault, ...] | None:
        """The faults of files that do not hold and were not told of yet; else None, and `current` is up to date."""
        try:
            self.current = self._load()
        except Faulty as faulty:
            words = str(faulty)
            if words == self._told:
                return None
            self._told = words
            return faulty.faults
        self._told = None
        return None
