"""Network requests: what targets are told to do for a step, and what becomes of the step by their answers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mailbot.process.decide.asking import trouble
from mailbot.process.decide.draft import Draft
from mailbot.process.definition import Action, StepRule
from mailbot.process.request import Drive, NetworkRequest, NetworkState, Step

IN_FORCE = frozenset({"allocated", "reserved"})
"""The states in which an address is the request's."""

UNDER_WAY = frozenset({NetworkState.UNPROCESSED, NetworkState.SENT})


def drive(d: Draft, step: Step, action: Action, targets: Sequence[str] | None = None) -> None:
    """Tell the step's targets (or only these) what to do: a network request each. Raises EvaluationFailed."""
    rule = d.rule(step.name)
    made = []
    for target in rule.targets if targets is None else targets:
        attempt = 1 + sum(sent.target == target for sent in step.network)
        id_ = f"{d.request.reference}/{step.name}/{target}/{attempt}"
        made.append(NetworkRequest(id=id_, target=target, action=action, at=d.now))
        body = _body(d, step, rule, action, id_)
        d.wish(Drive(id=id_, step=step.name, target=target, action=action, body=body))
    d.change_step(step.name, network=(*step.network, *made), trouble=None)
    if made:
        detail = f"{action}: {', '.join(one.target for one in made)}"
        d.write("network request", step=step.name, detail=detail, actor=d.directory.bot)


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
    return body


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


def what_went_wrong(step: Step) -> str:
    """Which targets have failed, or may have done it, and what they said."""
    bad = [one for one in newest(step).values() if one.state in {NetworkState.FAILED, NetworkState.UNKNOWN}]
    return "; ".join(
        f"{one.target} {'may or may not have done it' if one.state is NetworkState.UNKNOWN else 'failed'}"
        + (f" ({one.detail})" if one.detail else "")
        for one in bad
    )


def stuck(d: Draft, step: Step) -> None:
    """What failed, or may have been done, needs a person to look at it."""
    trouble(d, step.name, what_went_wrong(step))


def again(d: Draft, step: Step) -> None:
    """Another attempt at the targets that have not confirmed; what is under way is left to its answer."""
    if not step.network:
        drive(d, step, d.rule(step.name).action)
        return
    left = [one for one in newest(step).values() if one.state in {NetworkState.FAILED, NetworkState.UNKNOWN}]
    for one in left:
        drive(d, d.request.step(step.name), one.action, [one.target])
