"""Network requests: what targets are told to do for a step, and what becomes of the step by their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mailbot.process.decide.draft import Draft
from mailbot.process.definition import Action, StepRule
from mailbot.process.request import Drive, NetworkRequest, NetworkState, Step
from mailbot.words import Phrase, aside, in_turn, say

IN_FORCE = frozenset({"allocated", "reserved"})
"""The states in which an address is the request's."""

UNDER_WAY = frozenset({NetworkState.UNPROCESSED, NetworkState.SENT})
_NOT_DONE = frozenset({NetworkState.FAILED, NetworkState.UNKNOWN})


def drive(d: Draft, step: Step, action: Action, targets: Sequence[str]) -> Step:
    """Tell targets what to do: a network request each. Raises EvaluationFailed, and then none is told."""
    made, wishes = [], []
    for target in targets:
        attempt = 1 + sum(sent.target == target for sent in step.network)
        id_ = f"{d.request.reference}/{step.name}/{target}/{attempt}"
        made.append(NetworkRequest(id=id_, target=target, action=action, at=d.now))
        body = _body(d, step, d.rule(step.name), action, id_)
        wishes.append(Drive(id=id_, step=step.name, target=target, action=action, body=body))
    for wish in wishes:
        d.wish(wish)
    if made:
        detail = f"{action}: {', '.join(targets)}"
        d.write("network request", step=step.name, detail=detail, actor=d.directory.bot)
    return d.change_step(step.name, network=(*step.network, *made), trouble=None)


def go_on(d: Draft, step: Step, action: Action) -> Step:
    """Tell those of the step's targets that have not been told, or have not done it; what is under way is left to its
    answer. Raises EvaluationFailed.
    """
    left = [target for target in d.rule(step.name).targets if target not in newest(step)]
    return drive(d, step, action, [*left, *not_done(step)])


def _body(d: Draft, step: Step, rule: StepRule, action: Action, id_: str) -> dict[str, Any]:
    """What a target reads, as plain JSON values (contract §2). `undoes` names the step that is undone by it."""
    scope = d.scope_for(step)
    body: dict[str, Any] = {
        "id": id_,
        "reference": d.request.reference,
        "type": d.request.type,
        "step": step.name,
        "action": action.value,
        "form": {name: list(v) if isinstance(v, tuple) else v for name, v in d.request.form.items()},
        "addresses": [
            {"prefix": a.prefix, "pool": a.pool, "state": a.state} for a in d.request.addresses if a.state in IN_FORCE
        ],
        "item": step.item,
        "set": {name: text.render(scope) for name, text in rule.set.items()},
        "undoes": step.undoes,
    }
    if rule.prefix is not None:
        body["prefix"] = str(rule.prefix.evaluate(scope))
    if step.undoes and action is Action.CHANGE:
        body["set"] = _as_before(d, rule, body)
    return body


def _as_before(d: Draft, rule: StepRule, body: Mapping[str, Any]) -> dict[str, str]:
    """What a change is changed back to: what the allocation carried when the form was sent."""
    carried = d.request.carries.get(body.get("prefix") or body["item"] or "", {})
    return {name: carried.get(name, "") for name in rule.set}


def note(d: Draft, step: str, id_: str, state: NetworkState, detail: str) -> Step:
    """Write down how far a network request has come."""
    found = d.request.step(step)
    changed = tuple(replace(n, state=state, detail=detail, at=d.now) if n.id == id_ else n for n in found.network)
    target = next((n.target for n in found.network if n.id == id_), "")
    words = {
        NetworkState.UNPROCESSED: "put off by network",
        NetworkState.SENT: "sent to network",
        NetworkState.UNKNOWN: "unknown on network",
    }
    d.write(
        words.get(state, f"{state} by network"),
        step=step,
        detail=f"{target}: {detail}" if detail else target,
        actor=d.directory.bot,
    )
    return d.change_step(step, network=changed)


def newest(step: Step) -> dict[str, NetworkRequest]:
    """The last attempt at each target."""
    return {one.target: one for one in step.network}


def not_done(step: Step) -> list[str]:
    """The targets whose last answer was that it failed, or may have."""
    return [target for target, one in newest(step).items() if one.state in _NOT_DONE]


def may_have_done(step: Step) -> tuple[str, ...]:
    """The targets at which any attempt was not plainly a failure: one that is unknown stays so, whatever came later."""
    return tuple(dict.fromkeys(one.target for one in step.network if one.state is not NetworkState.FAILED))


def what_went_wrong(step: Step) -> str:
    """Which targets have failed, or may have done it, and what they said."""
    bad = [newest(step)[target] for target in not_done(step)]
    return in_turn(aside(_outcome(one), one.detail) for one in bad)


def _outcome(one: NetworkRequest) -> Phrase:
    if one.state is NetworkState.UNKNOWN:
        return say("driving.may_or_may_not_have_done_it", target=one.target)
    return say("driving.failed", target=one.target)


def is_under_way(step: Step) -> bool:
    """Whether the answer of some target is still to come."""
    return any(one.state in UNDER_WAY for one in step.network)
