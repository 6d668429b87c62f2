"""The door to other systems' truth: pools that follow a NetBox."""

from mailbot.sourcing.compare import Difference, What
from mailbot.sourcing.door import PATIENCE, Sourcing

__all__ = ["PATIENCE", "Difference", "Sourcing", "What"]
