"""What a step wishes of the pools: which one, how much, on what terms."""

from datetime import datetime

from mailbot.process.decide.draft import Draft
from mailbot.process.definition import StepKind, StepRule
from mailbot.process.expression import EvaluationFailed
from mailbot.process.request import Step, Take


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
        from_reserved=None if rule.kind is StepKind.RESERVE else _reserved(d, pool, length, prefix),
        carries={name: text.render(scope) for name, text in rule.set.items()},
    )


def _reserved(d: Draft, pool: str, length: int | None, prefix: str | None) -> str | None:
    """What this request has reserved for it: of the same pool, and of the length or name that is asked for."""
    for address in d.request.addresses:
        fits = address.prefix == prefix if prefix else length is None or address.prefix.endswith(f"/{length}")
        if address.state == "reserved" and address.pool == pool and fits:
            return address.prefix
    return None


def length_of(d: Draft, step: Step, rule: StepRule) -> int:
    if rule.length is None:
        raise EvaluationFailed("it has no length")
    value = rule.length.evaluate(d.scope_for(step))
    if not isinstance(value, int):
        raise EvaluationFailed(f"its length is no number: {value!r}")
    return value


def pool_of(d: Draft, step: Step, rule: StepRule) -> str:
    if rule.pool is None:
        raise EvaluationFailed("it has no pool")
    return rule.pool.render(d.scope_for(step)).strip()


def prefix_of(d: Draft, step: Step, rule: StepRule) -> str:
    if rule.prefix is None:
        raise EvaluationFailed("it has no prefix")
    return str(rule.prefix.evaluate(d.scope_for(step)))
