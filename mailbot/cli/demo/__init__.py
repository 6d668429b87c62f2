"""`mailbot demo`: a whole conversation on an embedded mailbox, played before one's eyes by the code that `run` runs."""

from mailbot.cli.demo.command import demo

__all__ = ["demo"]
