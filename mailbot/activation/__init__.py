"""The door that network requests leave by, and that the targets' answers come in by."""

from mailbot.activation.door import DOUBTED, PATIENCE, Activation
from mailbot.activation.returns import turn_of
from mailbot.activation.terms import Terms

__all__ = ["DOUBTED", "PATIENCE", "Activation", "Terms", "turn_of"]
