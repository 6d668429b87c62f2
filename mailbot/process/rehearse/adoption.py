"""Whether a running request may go on by repaired rules: only where they would have led to what has happened already.

Its history is played through them, as `past` plays it; then what has happened is held against what was decided on it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mailbot.config.locate import KeyPath
from mailbot.process.decide.adoption import fitted
from mailbot.process.definition import ASKING, DRIVING, Process, StepRule
from mailbot.process.directory import Directory
from mailbot.process.expression import EvaluationFailed, Expression, Scope, Text
from mailbot.process.rehearse.past import Pools, base, played, then
from mailbot.process.rehearse.replay import of_form, of_step
from mailbot.process.rehearse.stage import Stage
from mailbot.process.request import Request, State, Step, StepState
from mailbot.process.scope import scope_of

_HAS_HAPPENED = frozenset({StepState.DONE, StepState.REFUSED, StepState.FAILED})
_NOT_BEGUN = frozenset({StepState.WAITING, StepState.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Something that has happened otherwise than the rules say now; `path` is where, () where they say nothing."""

    path: KeyPath
    why: str


def obstacles(request: Request, old: Process, new: Process, directory: Directory, pools: Pools) -> tuple[Obstacle, ...]:
    """None where the request may adopt `new`; nothing has happened yet while its form is not complete."""
    if request.state is State.PENDING:
        return ()
    gone = tuple(_gone(request, old, new))
    if gone:
        return gone
    stage = played(fitted(request, new), new, directory, pools)
    if stage.request.faults:
        path, why = of_form(request, stage)
        return (Obstacle(path=path, why=why),)
    look = _Look(request=request, old=old, new=new, directory=directory, stage=stage)
    return tuple(dict.fromkeys(found for step in request.steps for found in look.at(step)))


def _gone(request: Request, old: Process, new: Process) -> Iterator[Obstacle]:
    """Steps that have begun, and that the rules do not have, or have as something else.

    Also one that has gone back to waiting, or was skipped after all: letters about it are on their way, and answers.
    """
    rules = {rule.name: (index, rule) for index, rule in enumerate(new.steps)}
    for step in request.steps:
        was = old.step(step.name)
        index, rule = rules.get(was.name, (0, None))
        not_begun = step.state in _NOT_BEGUN and step.undoes is None
        if rule is None and (step.opened or step.content or not not_begun):
            state = "has been asked" if not_begun else f"is {step.state.value}"
            yield Obstacle(path=(), why=f"step {step.name} {state}, and there is no such step any more")
        elif rule is None or not_begun:
            continue
        elif rule.kind is not was.kind and (step.state is not StepState.OPEN or step.network):
            words = f"step {step.name} is {step.state.value} as {was.kind.value}, and would be {rule.kind.value}"
            yield Obstacle(path=("step", index, "kind"), why=words)
        elif (rule.each is None) is not (was.each is None):
            words = f"step {step.name} runs {'once' if was.each is None else 'for each of several items'} already"
            yield Obstacle(path=("step", index, "each" if rule.each else "kind"), why=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """At what has happened to a request, by both versions."""

    request: Request
    old: Process
    new: Process
    directory: Directory
    stage: Stage

    def at(self, step: Step) -> Iterator[Obstacle]:
        """What is only asked, is asked anew; what was skipped for its condition is looked at again."""
        if step.undoes is not None or not (step.state in _HAS_HAPPENED or _is_at_work(step)):
            return
        index = next(number for number, rule in enumerate(self.new.steps) if rule.name == base(step))
        was, rule = self.old.step(step.name), self.new.steps[index]
        again = then(self.stage.request, step)
        deeds = () if rule.kind in ASKING else tuple(self._other_deed(index, step, was, rule))
        if deeds:
            yield from deeds
        elif again is None or again.state is not step.state:
            yield self._other_course(index, step, again)
        elif rule.kind in ASKING:
            yield from self._other_voices(index, step, was, rule, again)

    def _other_course(self, index: int, step: Step, again: Step | None) -> Obstacle:
        if step.item is None:
            path, why = of_step(index, self.request, self.stage)
        else:
            state = again.state.value if again else "not run"
            path, why = ("step", index, "each"), f"step {base(step)} would be {state} for {step.item}"
        return Obstacle(path=path, why=f"{why}; but it is {step.state.value}")

    def _other_voices(self, index: int, step: Step, was: StepRule, rule: StepRule, again: Step) -> Iterator[Obstacle]:
        """More voices are needed than have answered, or others."""
        agreed = [voice for voice in step.voices if voice.approves]
        enough = len(again.asked) if rule.needs is None else rule.needs
        if rule.needs != was.needs and agreed and len(agreed) < enough:
            words = f"{len(agreed)} agreed in step {step.name}, and {enough} would be needed"
            yield Obstacle(path=("step", index, "needs"), why=words)
        others = [voice.actor for voice in step.voices if not self._is_asked(voice.actor, again)]
        if rule.asks != was.asks and others:
            words = f"step {step.name} was answered by {', '.join(others)}, and {', '.join(again.asked)} would be asked"
            yield Obstacle(path=("step", index, "asks"), why=words)

    def _is_asked(self, actor: str, step: Step) -> bool:
        of_them = any(name in step.departments for name in self.directory.groups_of(actor))
        leads = actor in self.directory.leads(step.departments) or actor in self.directory.admins
        return of_them or leads or any(self.directory.may_sit(actor, seat) for seat in step.asked)

    def _other_deed(self, index: int, step: Step, was: StepRule, rule: StepRule) -> Iterator[Obstacle]:
        """Something else would have been taken, given back or told."""
        scopes = (
            scope_of(self.old, self.request, self.directory, step.item),
            scope_of(self.new, self.stage.request, self.directory, step.item),
        )
        for key, said in _SAID.items():
            before, after = said(was, scopes[0]), said(rule, scopes[1])
            if before != after:
                words = f"step {step.name} is {step.state.value} with {key} {before or 'none'}, and would be with"
                yield Obstacle(path=("step", index, key), why=f"{words} {after or 'none'}")


def _is_at_work(step: Step) -> bool:
    """Targets have been told something, whatever they have answered."""
    return step.state is StepState.OPEN and bool(step.network)


def _filled(part: Text | Expression | None, scope: Scope) -> str:
    """What a text or an expression comes to; what cannot be said is said so in both versions."""
    try:
        match part:
            case None:
                return ""
            case Text():
                return part.render(scope).strip()
            case Expression():
                return str(part.evaluate(scope))
    except EvaluationFailed:
        return part.source if part else ""


_SAID: dict[str, Callable[[StepRule, Scope], str]] = {
    "pool": lambda rule, scope: _filled(rule.pool, scope),
    "length": lambda rule, scope: _filled(rule.length, scope),
    "prefix": lambda rule, scope: _filled(rule.prefix, scope),
    "targets": lambda rule, _: ", ".join(rule.targets),
    "action": lambda rule, _: rule.action.value if rule.kind in DRIVING else "",
}
"""What a step does that asks nobody, by the key that says so."""
