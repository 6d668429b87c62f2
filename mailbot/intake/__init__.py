"""The door that mail comes in by: one mail, one committed change."""

from mailbot.intake.intake import Intake

__all__ = ["Intake"]
