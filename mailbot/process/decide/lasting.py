"""What is for a time: reservations, temporary allocations and activations; prolonged, or ended at once."""

from dataclasses import replace
from datetime import datetime, timedelta

from mailbot.process import clock
from mailbot.process.decide.draft import Draft
from mailbot.process.decide.rights import concerned
from mailbot.process.directory import ALWAYS
from mailbot.process.duration import Duration
from mailbot.process.marks import WARNING
from mailbot.process.request import Allowance, Extend, Kind, Prolong, Step

LONGEST = timedelta(days=10 * 365)
"""An end further off is a slip of the hand."""


def temporary(d: Draft) -> tuple[Step, ...]:
    """The steps whose work ends by itself, and has not yet."""
    return tuple(s for s in d.request.steps if s.until is not None and s.until > d.now and not s.undone)


def reserve(d: Draft, step: Step, until: datetime) -> None:
    """Begin a reservation's time: its clock stands while the request is held."""
    lasts = Allowance(calendar=ALWAYS, lead=until - d.now, since=d.now)
    d.change_step(step.name, until=until, lasts=lasts)


def go_on(d: Draft, step: Step) -> None:
    """A reservation's clock goes on; it ends so much later as it stood."""
    if step.lasts is None:
        return
    lasts = clock.started(step.lasts, d.now)
    _end_at(d, d.change_step(step.name, lasts=lasts), clock.due(lasts, d.directory) or d.now)


def extend(d: Draft, deed: Extend) -> str | None:
    """All that is for a time ends later. What is wrong with that, in words; None where it is done."""
    steps = temporary(d)
    if not steps:
        return "nothing of this request ends by itself"
    calendar = d.directory.calendar(d.process.calendar)
    try:
        ends = [calendar.after(step.until or d.now, Duration.parse(deed.duration)) for step in steps]
    except ValueError as mistake:
        return str(mistake)
    if max(ends) > d.now + LONGEST:
        return f"that is more than {LONGEST.days // 365} years from now"
    for step, until in zip(steps, ends, strict=True):
        lasts = step.lasts and clock.extended(step.lasts, until, d.directory)
        _end_at(d, d.change_step(step.name, lasts=lasts, told=step.told - {WARNING}), until)
        d.write("extended", step=step.name, detail=f"until {until:%Y-%m-%d %H:%M}Z")
    d.answer(Kind.STATUS, news="it ends later now")
    d.tell(Kind.STATUS, [who for who in concerned(d) if who != d.actor], news="it ends later now", by=d.actor)
    return None


def _end_at(d: Draft, step: Step, until: datetime) -> None:
    d.change_step(step.name, until=until)
    for address in d.request.addresses:
        if address.step == step.name and address.state in {"reserved", "allocated"}:
            d.wish(Prolong(prefix=address.prefix, pool=address.pool, until=until))
    d.change(
        addresses=tuple(replace(a, until=until) if a.step == step.name and a.until else a for a in d.request.addresses)
    )
