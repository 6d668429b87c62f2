"""Who sits for those who are away: found when somebody is asked, and when he is reminded (trap 31).

A deputy takes the seat, and all that is asked there comes to him; whoever is away may still answer himself.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mailbot.process.decide.draft import Draft
from mailbot.process.definition import StepKind, StepRule
from mailbot.process.request import Kind, StandIn, Step, Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Seating:
    """Who is asked, and for whom some of them sit."""

    asked: tuple[str, ...]
    stand_ins: tuple[StandIn, ...] = ()


def seated(d: Draft, rule: StepRule, seats: Iterable[str], keep: Collection[str] = ()) -> Seating:
    """These seats, each with whoever is there for it; a seat for which nobody is stays empty.

    The requester stands in for nobody where his own request is approved. `keep` are seats that are left as they are.
    """
    barred = {d.request.requester} if rule.kind is StepKind.APPROVAL else set()
    there = {seat: seat if seat in keep else d.directory.stand_in(seat, barred) for seat in seats}
    stand_ins = tuple(
        StandIn(absent=seat, deputy=who, also=there.get(who) == who)
        for seat, who in there.items()
        if who is not None and who != seat
    )
    return Seating(asked=tuple(dict.fromkeys(who for who in there.values() if who)), stand_ins=stand_ins)


def write_down(d: Draft, step: Step, stand_ins: Iterable[StandIn]) -> None:
    for one in stand_ins:
        d.write("stands in", step=step.name, actor=one.deputy, detail=f"for {one.absent}")


def sits_for(step: Step, absent: str) -> StandIn | None:
    """Who sits for somebody who is, or was, away."""
    return next((one for one in step.stand_ins if one.absent == absent and one.deputy in step.asked), None)


def seat_of(d: Draft, step: Step, actor: str) -> str | None:
    """The seat that is this person's to give away; None for one who has none."""
    own = next((seat for seat in step.asked if d.directory.may_sit(actor, seat)), None)
    deputy = sits_for(step, actor)
    return own or (deputy.deputy if deputy else None)


def spoken_for(d: Draft, step: Step, actor: str) -> Voice | None:
    """What counts already for the seat that this person would speak from: a seat has one voice, whoever of both it is
    that is away and that stands in.
    """
    deputy = sits_for(step, actor)
    seats = {actor} if deputy is None or deputy.also else {actor, deputy.deputy}
    if actor not in step.asked:
        seats |= {seat for seat in step.asked if actor in d.directory.deputies(seat)}
    return next((voice for voice in step.voices if voice.seat in seats and voice.actor != actor), None)


def take_back(d: Draft, step: Step, actor: str, outcome: str) -> Step:
    """Whoever was away answers himself: the seat is his again, and his deputy hears how he answered."""
    mine = sits_for(step, actor)
    if mine is None or actor in step.asked:
        return step
    others = tuple(one for one in step.stand_ins if one is not mine)
    stays = mine.also or any(one.deputy == mine.deputy for one in others)
    place = step.asked.index(mine.deputy)
    asked = (*step.asked[:place], actor, *step.asked[place + (not stays) :])
    if not stays:
        d.tell(Kind.SETTLED, mine.deputy, step=step.name, by=actor, outcome=outcome, at=d.now)
    return d.change_step(step.name, asked=asked, stand_ins=others)


def for_whom(step: Step, voice: Voice) -> str:
    """For the history: in whose place somebody answered."""
    absent = [one.absent for one in step.stand_ins if one.deputy == voice.actor]
    return f" (for {', '.join(absent)})" if absent else ""


def told_before(step: Step) -> list[str]:
    """Who had been asked himself before somebody took his place."""
    return [one.absent for one in step.stand_ins if one.asked and one.deputy in step.asked]
