"""What a step wishes of the pools: which one, how much, on what terms."""

from datetime import datetime

from mailbot.process.decide.draft import Draft
from mailbot.process.definition import FieldType, StepKind, StepRule
from mailbot.process.expression import EvaluationFailed
from mailbot.process.request import Step, StepState, Take
from mailbot.words import say


def take(d: Draft, step: Step, rule: StepRule, until: datetime | None) -> Take:
    """What an allocation or a reservation asks for. Raises EvaluationFailed."""
    pool = pool_of(d, step, rule)
    length = None if rule.length is None else length_of(d, step, rule)
    prefix = None if rule.prefix is None else prefix_of(d, step, rule)
    scope = d.scope_for(step)
    return Take(
        step=step.name,
        pool=pool,
        length=length,
        prefix=prefix,
        until=until,
        reserved=rule.kind is StepKind.RESERVE,
        from_reserved=None if rule.kind is StepKind.RESERVE else _reserved(d, step, pool, length, prefix),
        carries={**_customer(d), **{name: text.render(scope) for name, text in rule.set.items()}},
    )


def _customer(d: Draft) -> dict[str, str]:
    """What is taken for a customer is his, also where no rule says so: else his quota would not know of it."""
    names = (d.request.form.get(field.name) for field in d.process.fields if field.type is FieldType.CUSTOMER)
    name = next(filter(None, names), None)
    return {"customer": str(name)} if name else {}


def _reserved(d: Draft, step: Step, pool: str, length: int | None, prefix: str | None) -> str | None:
    """What this request has reserved for it: of the same pool, and of the length or name that is asked for; first of
    all for the same item. What another step is about to take up is none of its.
    """
    spoken_for = {s.prefix for s in d.request.steps if s.state is StepState.OPEN and s.name != step.name}
    items = {s.name: s.item for s in d.request.steps}
    found = [
        a
        for a in d.request.addresses
        if (a.state, a.pool) == ("reserved", pool) and fits(a.prefix, length, prefix) and a.prefix not in spoken_for
    ]
    found.sort(key=lambda a: items.get(a.step or "") != step.item)
    return found[0].prefix if found else None


def fits(held: str, length: int | None, prefix: str | None) -> bool:
    """Whether it is what is asked for: by name, by length, or (of a number) any."""
    return held == prefix if prefix else length is None or held.endswith(f"/{length}")


def length_of(d: Draft, step: Step, rule: StepRule) -> int:
    if rule.length is None:
        raise EvaluationFailed(say("taking.it_has_no_length"))
    value = rule.length.evaluate(d.scope_for(step))
    if not isinstance(value, int):
        raise EvaluationFailed(say("taking.its_length_is_no", value=f"{value!r}"))
    return value


def pool_of(d: Draft, step: Step, rule: StepRule) -> str:
    if rule.pool is None:
        raise EvaluationFailed(say("taking.it_has_no_pool"))
    return rule.pool.render(d.scope_for(step)).strip()


def prefix_of(d: Draft, step: Step, rule: StepRule) -> str:
    if rule.prefix is None:
        raise EvaluationFailed(say("taking.it_has_no_prefix"))
    return str(rule.prefix.evaluate(d.scope_for(step)))
