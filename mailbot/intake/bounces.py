"""Letters of ours that came back: told to those who must find another way to their reader."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mailbot.desk import Aside, Cause, Desk, lists
from mailbot.errors import MailbotError
from mailbot.intake import answering
from mailbot.intake.arrival import Arrival, InboxState, Outcome, ignored
from mailbot.process.request import Bounced, Entry, Kind, Notice
from mailbot.store import TokenRow, Transaction, unreachable
from mailbot.words import say


def settle(desk: Desk, tx: Transaction, arrival: Arrival, now: datetime) -> Outcome:
    """A DSN counts only if the letter that it quotes, and the person it names, are ours (trap 13)."""
    delivery = arrival.message.delivery
    row = answering.bounced_letter(tx, arrival.message, desk.post.tokens)
    is_list = row is not None and row.purpose == lists.LIST
    if row is None or delivery is None or (row.reference is None and not is_list):
        return ignored("a bounce of no letter of ours")
    if not delivery.is_final:
        return ignored("a mail system that is still trying")
    if delivery.recipient and desk.directory.person(delivery.recipient) != row.person:
        return ignored("a bounce for somebody that we did not write to")
    cause = Cause(inbox=arrival.number)
    known = not unreachable.note(tx.conn, row.person, delivery.status or "", now)
    try:
        if is_list:
            _settle_list(desk, tx, row, delivery.status, cause, now, known=known)
        elif row.reference is not None:
            event = Bounced(person=row.person, kind=row.purpose, step=row.step, status=delivery.status, known=known)
            desk.settle(tx, row.reference, event, now, cause)
    except MailbotError as error:
        return ignored(str(error))
    return Outcome(state=InboxState.HANDLED, reference=row.reference)


def heard_of(desk: Desk, tx: Transaction, arrival: Arrival, token: TokenRow | None, now: datetime) -> None:
    """Who writes can be reached; and so can his department's address, if he had the letter there that he answers.

    Anybody else to whom it was passed on says nothing of where it first went.
    """
    groups = desk.directory.departments
    shared = {groups[name].address for name in desk.directory.groups_of(arrival.person)}
    people = {arrival.person, *([token.person] if token and token.person in shared else [])}
    for person in unreachable.clear(tx.conn, sorted(people)):
        entry = Entry(actor=person, action="reachable again", detail="")
        tx.write_house([entry], now, arrival.message.message_id)


def _settle_list(
    desk: Desk, tx: Transaction, row: TokenRow, status: str | None, cause: Cause, now: datetime, *, known: bool
) -> None:
    """In the history of each request that it named; each reader is alerted once."""
    aside = Aside(takes=lambda notice: notice.kind is Kind.ALERT)
    alerts: dict[str, Notice] = {}
    about: dict[str, list[str]] = {}
    for item in lists.read(row.subject or "[]"):
        event = Bounced(person=row.person, kind=Kind.ACTIONS, step=item.step, status=status, known=known)
        desk.settle(tx, item.reference, event, now, cause, aside=aside)
        for notice in aside.notices[sum(map(len, about.values())) :]:
            alerts.setdefault(notice.to, notice)
            about.setdefault(notice.to, []).append(item.reference)
    desk.tell(tx, [_one_alert(notice, about[to]) for to, notice in alerts.items()], now, cause)


def _one_alert(alert: Notice, references: Sequence[str]) -> Notice:
    named = say("intake.it_asked_about", references=", ".join(dict.fromkeys(references)))
    facts = {"headline": alert.facts["headline"], "text": alert.facts["text"], "lines": [named]}
    return replace(alert, step=None, facts=facts)
