"""What is for a time: reservations, temporary allocations and activations; prolonged, or ended at once."""

from dataclasses import replace
from datetime import datetime, timedelta

from mailbot.process import clock
from mailbot.process.decide.draft import Draft, base
from mailbot.process.decide.driving import IN_FORCE
from mailbot.process.decide.rights import concerned
from mailbot.process.decide.undoing import BEGUN, was_for
from mailbot.process.definition import StepKind
from mailbot.process.directory import ALWAYS
from mailbot.process.duration import Duration
from mailbot.process.marks import END, WARNING
from mailbot.process.request import TO_COME, Allowance, Extend, Kind, NotProlonged, Prolong, Request, Step, StepState
from mailbot.words import Phrase, phrase_of, say

LONGEST = timedelta(days=10 * 365)
"""An end further off is a slip of the hand."""


def temporary(d: Draft) -> tuple[Step, ...]:
    """The steps whose work ends by itself, and has not yet."""
    return to_end(d.request, d.now)


def to_end(request: Request, now: datetime) -> tuple[Step, ...]:
    """The same of a request as it stands."""
    return tuple(s for s in request.steps if not s.undone and END not in s.told and _goes_on(s, now))


def _goes_on(step: Step, now: datetime) -> bool:
    """Whether its end is to come; while the clock of a reservation stands, it is."""
    stands = step.lasts is not None and step.lasts.since is None
    return step.until is not None and (step.until > now or stands)


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
        return say("lasting.nothing_of_this_request")
    calendar = d.directory.calendar(d.process.calendar)
    try:
        ends = [calendar.after(step.until or d.now, Duration.parse(deed.duration)) for step in steps]
    except ValueError as mistake:
        return phrase_of(mistake)
    if max(ends) > d.now + LONGEST:
        return say("lasting.that_is_more_than", years=LONGEST.days // 365)
    if any(end == step.until for step, end in zip(steps, ends, strict=True)):
        return say("lasting.that_is_no_later")
    for step, until in zip(steps, ends, strict=True):
        _end_at(d, d.change_step(step.name, lasts=_longer(step, until), told=step.told - {WARNING}), until)
        d.write("extended", step=step.name, detail=f"until {until:%Y-%m-%d %H:%M}Z")
    d.answer(Kind.STATUS, news=say("lasting.it_ends_later_now"))
    d.tell(
        Kind.STATUS, [who for who in concerned(d) if who != d.actor], news=say("lasting.it_ends_later_now"), by=d.actor
    )
    return None


def not_prolonged(d: Draft, event: NotProlonged) -> None:
    """Another request has given it back meanwhile: all who have just been told otherwise hear how it is."""
    d.change(
        addresses=tuple(
            replace(a, state="released", until=None)
            if (a.prefix, a.pool) == (event.prefix, event.pool) and a.state in IN_FORCE
            else a
            for a in d.request.addresses
        )
    )
    d.write("not prolonged", detail=f"{event.prefix}: {event.reason}")
    left = any(a.until and a.state in IN_FORCE for a in d.request.addresses)
    d.tell(Kind.STATUS, concerned(d), news=_kept_its_end(event.prefix, rest=left))


def _kept_its_end(prefix: str, *, rest: bool) -> Phrase:
    if rest:
        return say("lasting.only_the_rest_ends_later", prefix=prefix)
    return say("lasting.it_was_given_back_meanwhile", prefix=prefix)


def _longer(step: Step, until: datetime) -> Allowance | None:
    """A reservation's time, prolonged, whether its clock runs or stands."""
    if step.lasts is None or step.until is None:
        return step.lasts
    return replace(step.lasts, granted=step.lasts.granted + (until - step.until))


def tell_what_began(d: Draft) -> None:
    """All concerned hear of both ends of what is for a time. It has begun once all is activated that it was for; of
    several items, once all are over.
    """
    begun = [step for step in d.request.steps if _has_begun(d, step)]
    for step in begun:
        d.change_step(step.name, told=step.told | {BEGUN})
    for name in dict.fromkeys(base(step.name) for step in begun):
        d.tell(Kind.STATUS, concerned(d), step=name, news=say("lasting.has_begun_for_a", title=d.rule(name).title))


def _has_begun(d: Draft, step: Step) -> bool:
    if step.until is None or step.undone or BEGUN in step.told or d.rule(step.name).kind is StepKind.RESERVE:
        return False
    if d.request.step(base(step.name)).state is not StepState.DONE:
        return False
    return not any(other.state in TO_COME and was_for(d, other, step) for other in d.request.steps)


def _end_at(d: Draft, step: Step, until: datetime) -> None:
    d.change_step(step.name, until=until)
    for address in d.request.addresses:
        if address.step == step.name and address.state in {"reserved", "allocated"}:
            d.wish(Prolong(prefix=address.prefix, pool=address.pool, until=until))
    d.change(
        addresses=tuple(replace(a, until=until) if a.step == step.name and a.until else a for a in d.request.addresses)
    )
