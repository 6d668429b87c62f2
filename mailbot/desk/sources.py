"""What becomes of a step that waits for the yes of its pool's source, once the source has spoken."""

from datetime import datetime

from mailbot.desk.settle import Desk
from mailbot.desk.wishes import fulfil
from mailbot.process.request import Entry, GaveBack, NotTaken, StepState, Take, Taken
from mailbot.store import Transaction, space


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
    desk: Desk, tx: Transaction, held: space.Allocation, reason: str, now: datetime, *, another: bool
) -> None:
    """The step that had taken it takes `another` one, or is told why it cannot."""
    if held.reference is None or held.step is None:
        return
    request = tx.load(held.reference).request
    if any((a.prefix, a.pool, a.state) == (str(held.prefix), held.pool, "reserved") for a in request.addresses):
        request = desk.settle(tx, held.reference, GaveBack(prefix=str(held.prefix), pool=held.pool), now)
    if request.step(held.step).state is not StepState.OPEN:
        return
    wish = _wish(held)
    if another:
        came = fulfil(tx, wish, request, desk.owners, desk.directory, now)
    else:
        why = f"{held.prefix}: {reason}"
        came = NotTaken(step=held.step, pool=held.pool, length=wish.length, full=False, reason=why)
    if came is not None:
        desk.settle(tx, held.reference, came, now)


def _wish(held: space.Allocation) -> Take:
    """What it was taken for, of the same length."""
    return Take(
        step=held.step or "",
        pool=held.pool,
        length=held.prefix.length,
        until=held.until,
        reserved=held.state is space.State.RESERVED,
        carries=held.carries,
    )
