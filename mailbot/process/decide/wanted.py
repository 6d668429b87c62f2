"""Whether a step is wanted: by its condition, and where that speaks of quotas, once more in the moment of taking."""

from mailbot.process import graph
from mailbot.process.decide import items
from mailbot.process.decide.draft import Draft, base
from mailbot.process.definition import StepRule
from mailbot.process.expression import names_in
from mailbot.process.functions import OF_QUOTAS
from mailbot.process.request import Step, StepState


def is_wanted(d: Draft, step: Step) -> bool:
    """Its condition, which is asked once an item where it speaks of the item, and not again once targets were told.

    Raises EvaluationFailed.
    """
    rule = d.rule(step.name)
    elsewhere = items.is_about_items(rule) if step.item is None else not items.is_about_items(rule)
    return rule.when is None or elsewhere or bool(step.network) or rule.when.holds(d.scope_for(step))


def asks_first(d: Draft, taking: Step) -> bool:
    """Whether somebody must be asked before this step takes anything, who need not have been when his turn came: others
    have taken meanwhile what the quota had left. Raises EvaluationFailed.
    """
    prior = graph.before(d.process.steps)[base(taking.name)]
    skipped = [s for s in d.request.steps if s.name in prior and s.state is StepState.SKIPPED and not s.answered_by]
    anew = [step for step in skipped if _speaks_of_quotas(d.rule(step.name)) and is_wanted(d, step)]
    for step in anew:
        d.begin_anew(step.name)
        d.write("needed after all", step=step.name, detail=f"when {d.rule(step.name).when}", actor=d.directory.bot)
    return bool(anew)


def _speaks_of_quotas(rule: StepRule) -> bool:
    return rule.when is not None and not OF_QUOTAS.isdisjoint(names_in(rule.when.source))
