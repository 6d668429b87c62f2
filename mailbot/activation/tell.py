"""Who looks after a target is told of what is no single request's affair."""

from datetime import datetime

from mailbot.activation.terms import Terms
from mailbot.desk import Desk
from mailbot.process.request import Kind, Notice
from mailbot.store import Transaction


def tell(tx: Transaction, desk: Desk, terms: Terms, now: datetime, headline: str, text: str, detail: str) -> None:
    """The admins and the target's owner, each once."""
    directory = desk.directory
    owners = [directory.person(one) for one in directory.addressees(terms.owner)] if terms.owner else []
    facts = {"headline": headline, "text": text, "lines": [detail] if detail else []}
    people = dict.fromkeys([*directory.admins, *owners])
    desk.tell(tx, [Notice(kind=Kind.ALERT, to=person, facts=facts) for person in people], now)
