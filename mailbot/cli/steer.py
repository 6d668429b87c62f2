"""What an operator does to a request: by the desk, into its history, refused in words where it cannot be done."""

from collections.abc import Callable

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import json_option, print_json, print_line
from mailbot.errors import NotFound, NotPossible, Usage, near_miss
from mailbot.process.request import (
    Cancel,
    Deed,
    Hold,
    Request,
    Resume,
    Retry,
    Said,
    Skip,
    Step,
    StepState,
)
from mailbot.store import Transaction, views

Command = Callable[..., None]

_UNDONE = frozenset({"refused", "came late", "answered late"})
"""How the history says that nothing was done."""

_reference = click.argument("reference", metavar="REF")
_reason = click.option("--reason", default="", metavar="TEXT", help="Why: stands in the history, and in the letters.")
_needed = click.option(
    "--reason", required=True, metavar="TEXT", help="Why: stands in the history, and in the letters."
)
_step = click.option("--step", metavar="NAME", help="Which one, where several are open.")


@click.command()
@_reference
@_reason
@json_option
def hold(reference: str, reason: str, as_json: bool) -> None:
    """Stop a request's clock; answers are still taken."""
    _do(reference, Hold(reason=reason), as_json=as_json)


@click.command()
@_reference
@_reason
@json_option
def resume(reference: str, reason: str, as_json: bool) -> None:
    """Let a request that was held go on."""
    _do(reference, Resume(reason=reason), as_json=as_json)


@click.command()
@_reference
@_reason
@json_option
def cancel(reference: str, reason: str, as_json: bool) -> None:
    """End a request; what it took is given back."""
    _do(reference, Cancel(reason=reason), as_json=as_json)


@click.command()
@_reference
@_reason
@_step
@json_option
def retry(reference: str, reason: str, step: str | None, as_json: bool) -> None:
    """Try a step again that could not go on."""
    _do(reference, Retry(reason=reason), as_json=as_json, step=step)


@click.command()
@_reference
@_needed
@_step
@json_option
def skip(reference: str, reason: str, step: str | None, as_json: bool) -> None:
    """Go on without a step."""
    _do(reference, Skip(reason=reason), as_json=as_json, step=step)


def _do(reference: str, deed: Deed, *, as_json: bool, step: str | None = None) -> None:
    with setting.bot() as bot:
        known = setting.reference(reference, bot)
        request = setting.committed(bot, lambda tx: _settle(tx, bot, known, deed, step))
        if as_json:
            with bot.store.reading() as conn:
                print_json(bot.shape(conn, request))
            return
    print_line(f"{request.reference} is {request.state}.")
    for open_step in _open(request):
        print_line(f"  {open_step.name}, {_how_it_stands(open_step)}")


def _how_it_stands(step: Step) -> str:
    if step.trouble:
        return f"stuck: {step.trouble}"
    return f"waits for {', '.join(step.asked or {one.target: None for one in step.network}) or 'nobody'}"


def _settle(tx: Transaction, bot: Bot, reference: str, deed: Deed, step: str | None) -> Request:
    request = tx.load(reference).request
    return settle(tx, bot, reference, deed, _step_meant(request, step) if isinstance(deed, Retry | Skip) else None)


def settle(tx: Transaction, bot: Bot, reference: str, deed: Deed, step: str | None) -> Request:
    """What the desk refuses is undone as a whole: a mistaken command leaves no trace in the request's history."""
    before = len(_actions(tx, reference))
    said = Said(actor=setting.operator(), deed=deed, step=step, operator=True)
    request = bot.desk.settle(tx, reference, said, bot.now())
    for action, detail in _actions(tx, reference)[before:]:
        if action in _UNDONE:
            words = f"it is {request.state}" if action == "came late" else detail
            raise NotPossible(f"{reference}: {words or 'that step is over'}")
    return request


def _actions(tx: Transaction, reference: str) -> list[tuple[str, str]]:
    found = views.history(tx.conn, views.HistoryFilter(reference=reference))
    return [(entry["action"], entry["detail"] or "") for entry in found]


def _step_meant(request: Request, name: str | None) -> str | None:
    """The step that was named; else the one that is stuck, else the only one that is open. Nothing is guessed at."""
    if request.is_closed and not _open(request):
        return None  # the desk says so
    if name is not None:
        return _named(request, name)
    waiting = _open(request)
    stuck = [step.name for step in waiting if step.trouble] or [step.name for step in waiting]
    if not stuck:
        raise NotPossible(f"{request.reference}: no step is open")
    if len(stuck) > 1:
        raise Usage(f"{request.reference} has several open steps: name one with --step: {', '.join(stuck)}")
    return stuck[0]


def _named(request: Request, name: str) -> str:
    steps = {step.name: step.state for step in request.steps}
    if name not in steps:
        near = near_miss(name, steps)
        hint = f" (did you mean {near!r}?)" if near else f"; it has {', '.join(steps)}"
        raise NotFound(f"{request.reference} has no step {name!r}{hint}")
    if steps[name] is not StepState.OPEN:
        raise NotPossible(f"{request.reference}: the step {name!r} is {steps[name]}")
    return name


def _open(request: Request) -> list[Step]:
    """Of a request that has ended: what is still being undone."""
    still = (step for step in request.steps if step.undoes or not request.is_closed)
    return [step for step in still if step.state is StepState.OPEN]
