"""`query …`: what is on record, for whoever believably asks; the answer goes to his own address (trap 42)."""

from collections.abc import Mapping
from datetime import datetime

from mailbot.config import Config
from mailbot.desk import Desk, query
from mailbot.intake.arrival import Arrival
from mailbot.mail.command import Command
from mailbot.process.definition import Process
from mailbot.process.request import Entry, Kind, Notice
from mailbot.store import Transaction


def answer(
    desk: Desk,
    tx: Transaction,
    arrival: Arrival,
    command: Command,
    config: Config,
    processes: Mapping[str, Process],
    now: datetime,
) -> Notice:
    """The letter that answers; that it was asked stands in the house's history."""
    question = query.read_question(command, now, config.bot.zone, config.bot.reference)
    if isinstance(question, query.Unreadable):
        facts = {"wrote": arrival.words.first_line, "why": question.why}
        return Notice(kind=Kind.MISUNDERSTOOD, to=arrival.person, facts=facts, answers=True)
    asker = query.Asker(
        person=arrival.person,
        directory=desk.present(tx, now, arrival.person),
        processes=processes,
        owners=desk.owners,
        users={name: tuple(pool.users) for name, pool in config.pools.items()},
    )
    found = query.answer(desk, tx, asker, question, now)
    entry = Entry(actor=arrival.person, action="query", detail=question.words)
    tx.write_house([entry], now, arrival.message.message_id)
    return Notice(kind=Kind.ANSWER, to=arrival.person, facts={"found": found}, answers=True, template="query")
