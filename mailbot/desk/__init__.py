"""The desk: the one way a request changes."""

from mailbot.desk.cause import NO_MAIL, Aside, Cause
from mailbot.desk.correspondence import Correspondent
from mailbot.desk.pace import Pace
from mailbot.desk.post import PostRoom
from mailbot.desk.settle import FILLED, Desk, IdleTerms

__all__ = ["FILLED", "NO_MAIL", "Aside", "Cause", "Correspondent", "Desk", "IdleTerms", "Pace", "PostRoom"]
