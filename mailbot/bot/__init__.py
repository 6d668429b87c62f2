"""The bot: its parts (`parts`), its jobs (`jobs`), and the only clock."""

from mailbot.bot.jobs import REFERENCES_GIVEN_OUT, REREAD, Bot
from mailbot.bot.parts import pool_definitions

__all__ = ["REFERENCES_GIVEN_OUT", "REREAD", "Bot", "pool_definitions"]
