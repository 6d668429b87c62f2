"""What becomes of a step that waits for the yes of its pool's source, once the source has spoken."""

from datetime import datetime

from mailbot.desk.settle import Desk
from mailbot.process.request import Entry, GaveBack, NotTaken, Taken
from mailbot.store import Transaction, space
from mailbot.words import say


def confirmed(desk: Desk, tx: Transaction, held: space.Allocation, now: datetime) -> None:
    """The source has it too: the step goes on. Where nobody waits any more, it is given back."""
    if held.reference is None or held.step is None:
        return
    taken = Taken(
        step=held.step,
        prefix=str(held.prefix),
        pool=held.pool,
        until=held.until,
        reserved=held.state is space.State.RESERVED,
        holder=held.holder,
    )
    desk.settle(tx, held.reference, taken, now)


def let_go(desk: Desk, tx: Transaction, due: space.Due, reason: str, now: datetime) -> space.Allocation:
    """The source will not have it: it is free again here. What was held until then."""
    held = space.undo(tx.conn, due.pool, due.prefix, now=now)
    if held.reference is not None:
        entry = Entry(actor=desk.directory.bot, action="not taken", step=held.step, detail=f"{held.prefix}: {reason}")
        desk.note(tx, held.reference, now, entries=[entry])
    return held


def not_confirmed(
    desk: Desk, tx: Transaction, held: space.Allocation, reason: str, now: datetime, *, is_others: bool, named: bool
) -> None:
    """The step that had taken what is others' takes another, unless it was `named`; else it is told why it cannot."""
    if held.reference is None or held.step is None:
        return
    request = tx.load(held.reference).request
    if any((a.prefix, a.pool, a.state) == (str(held.prefix), held.pool, "reserved") for a in request.addresses):
        desk.settle(tx, held.reference, GaveBack(prefix=str(held.prefix), pool=held.pool), now)
    came = NotTaken(
        step=held.step,
        pool=held.pool,
        length=held.prefix.length,
        full=False,
        reason=f"{held.prefix}: {reason}",
        another=is_others and not named,
        unfit=say("space.is_taken", prefix=held.prefix) if is_others and named else "",
    )
    desk.settle(tx, held.reference, came, now)
