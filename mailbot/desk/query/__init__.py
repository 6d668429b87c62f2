"""Queries: what is on record for somebody who asks, as far as he may see it. Nothing is changed here."""

from mailbot.desk.query.answer import answer
from mailbot.desk.query.question import Question, Unreadable, block_of, read_question, reference
from mailbot.desk.query.rights import Asker, sight_of

__all__ = ["Asker", "Question", "Unreadable", "answer", "block_of", "read_question", "reference", "sight_of"]
