"""A change of what is held: renumbered, split, or made one; and how it is undone.

Space first, then targets; what was renumbered goes back when they have confirmed. Undone, it is the other way round:
a router must not send traffic to addresses that are somebody else's by then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mailbot.process.decide.draft import Draft
from mailbot.process.decide.driving import IN_FORCE, own
from mailbot.process.decide.finishing import finish
from mailbot.process.decide.taking import length_of, pool_of, prefix_of
from mailbot.process.definition import Part, StepRule
from mailbot.process.expression import EvaluationFailed
from mailbot.process.request import (
    Address,
    GiveBack,
    Kind,
    Passed,
    Reshape,
    Reshaped,
    Revert,
    Share,
    Step,
    StepState,
    Take,
    Wish,
)
from mailbot.words import say


def wish_for(d: Draft, step: Step, rule: StepRule) -> Wish | None:
    """What a step asks of the pools before its targets are told; None where it has it. Raises EvaluationFailed."""
    if not rule.changes_space or step.was:
        return None
    prefix, scope = prefix_of(d, step, rule), d.scope_for(step)
    carries = {name: text.render(scope) for name, text in rule.set.items()}
    if rule.pool is not None:
        length = None if rule.length is None else length_of(d, step, rule)
        pool = pool_of(d, step, rule)
        return Take(step=step.name, pool=pool, length=length, instead_of=prefix, carries=carries)
    others = _several(rule.merge.evaluate(scope)) if rule.merge else ()
    holder = rule.holder.render(scope).strip() if rule.holder else None
    whole = Share(length=None, holder=holder, carries=carries)
    shares = tuple(_share(d, step, part) for part in rule.parts) or (whole,)
    return Reshape(step=step.name, prefixes=tuple(dict.fromkeys((prefix, *others))), shares=shares)


def renumbered(d: Draft, name: str) -> str:
    """What is held until a step has taken something in its place; "" where it renumbers nothing.

    Raises EvaluationFailed.
    """
    rule = d.rule(name)
    return prefix_of(d, d.request.step(name), rule) if rule.changes_space and rule.pool is not None else ""


def _several(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)


def _share(d: Draft, step: Step, part: Part) -> Share:
    scope = d.scope_for(step)
    length = part.length.evaluate(scope)
    if not isinstance(length, int):
        raise EvaluationFailed(say("taking.the_length_of_a_part", value=repr(length)))
    return Share(
        length=length,
        holder=part.holder.render(scope).strip() if part.holder else None,
        carries={name: text.render(scope) for name, text in part.set.items()},
    )


def note(d: Draft, event: Reshaped) -> Step:
    """Among the request's addresses, in place of what it has taken itself; and what it was, in the step."""
    _are(d, event.pool, event.before, held=False)
    held = [Address(prefix=prefix, pool=event.pool, state="allocated", step=event.step) for prefix in event.after]
    d.change(addresses=(*d.request.addresses, *held))
    detail = f"{', '.join(event.before)} to {', '.join(event.after)}"
    tell_holders(d, event.passed)
    d.write("reshaped", step=event.step, detail=detail, actor=d.directory.bot)
    return d.change_step(event.step, was=event.before, was_in=event.pool, prefix=event.after[0], trouble=None)


def tell_holders(d: Draft, passed: Iterable[Passed]) -> None:
    """Whose space somebody else has changed hears by which request; not by whom, who may be another customer's."""
    reference = d.request.reference
    for one in passed:
        person = d.directory.person(one.person)
        if "@" not in person or person == d.request.requester:
            continue  # he has asked for it himself, or his name was erased
        if not one.given:
            text = say("changing.is_his_no_more", lost=one.lost, reference=reference)
        elif not one.lost:
            text = say("changing.is_his_now", given=one.given, reference=reference)
        else:
            text = say("changing.is_another_now", lost=one.lost, given=one.given, reference=reference)
        lines = [say("changing.who_did_not_expect_it", reference=reference)]
        d.tell(Kind.ALERT, person, headline=say("changing.what_you_hold"), text=text, lines=lines)


def goes_on(d: Draft, step: Step) -> bool:
    """What is to be done with space once targets have confirmed; whether there is anything."""
    rule = d.rule(step.name)
    if not rule.changes_space:
        return False
    if step.undoes:
        return _bring_back(d, step, rule, d.request.step(step.undoes))
    if rule.pool is not None and step.was:
        d.wish(GiveBack(step=step.name, prefix=step.was[0], pool=step.was_in))
        return True
    held = own(d, step.name)
    finish(d, step.name, ", ".join(a.prefix for a in held), prefix=held[0].prefix if held else None)
    return True


def _bring_back(d: Draft, step: Step, rule: StepRule, undone: Step) -> bool:
    """What was renumbered is had back, if it was given back already, before its new prefix goes."""
    held = own(d, undone.name)
    if not held:
        return False
    if rule.pool is not None and undone.state is not StepState.DONE:
        give_back_own(d, step)
        return True
    after = () if rule.pool is not None else tuple(address.prefix for address in held)
    d.wish(Revert(step=step.name, pool=undone.was_in, after=after, before=undone.was))
    return True


def brought_back(d: Draft, step: Step, event: Reshaped) -> None:
    """What was split or made one is as it was; what was renumbered has its old prefix, and gives the new one back."""
    tell_holders(d, event.passed)
    d.write("brought back", step=step.name, detail=", ".join(event.after), actor=d.directory.bot)
    _are(d, event.pool, event.before, held=False)
    _are(d, event.pool, event.after, held=True)
    if d.rule(step.name).pool is not None:
        give_back_own(d, step)
        return
    finish(d, step.name, ", ".join(event.after))


def not_brought_back(d: Draft, step: Step, reason: str) -> None:
    """Others have changed it since: it stays as it is, with whoever has it."""
    d.write("not brought back", step=step.name, detail=reason, actor=d.directory.bot)
    finish(d, step.name, reason)


def give_back_own(d: Draft, step: Step) -> None:
    """What the step took that this one undoes."""
    held = own(d, step.undoes or "")
    for address in held:
        d.wish(GiveBack(step=step.name, prefix=address.prefix, pool=address.pool, own=True))
    if not held:
        finish(d, step.name, say("undoing.it_was_given_back"))


def changed_since(d: Draft, address: Address) -> bool:
    """Whether another step has changed what one has taken: undone, it is there again."""
    later = (step for step in d.request.steps if step.was_in == address.pool)
    return any(address.prefix in step.was for step in later)


def _are(d: Draft, pool: str, prefixes: Sequence[str], *, held: bool) -> None:
    """Whether those of the request's own are held, from now on."""
    state = "allocated" if held else "released"
    d.change(
        addresses=tuple(
            replace(a, state=state, until=None)
            if a.pool == pool and a.prefix in prefixes and (a.state in IN_FORCE) is not held
            else a
            for a in d.request.addresses
        )
    )
