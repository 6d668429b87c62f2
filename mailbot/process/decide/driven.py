"""What becomes of a step by what its targets answer."""

from mailbot.process.decide import driving, undoing
from mailbot.process.decide.asking import are_told_of, trouble
from mailbot.process.decide.draft import Draft
from mailbot.process.decide.ending import fail
from mailbot.process.decide.finishing import finish, settle_items
from mailbot.process.definition import OnFailure
from mailbot.process.request import Driven, Kind, NetworkState, Step, StepState
from mailbot.words import aside, in_turn, say


def take(d: Draft, event: Driven) -> None:
    """A target has answered, or the network request has come so far."""
    step = driving.note(d, event.step, event.id, event.state, event.detail)
    if step.state is not StepState.OPEN:
        undoing.go_on(d, step)  # what it waited for, before it drives back
        return
    if _holds(d, step, {event.state}):
        _tell_owner(d, event)
    judge(d, step)


def judge(d: Draft, step: Step) -> None:
    """When all targets have answered, the step is done, or its failure is dealt with."""
    states = {one.state for one in driving.newest(step).values()}
    if states & driving.UNDER_WAY:
        return
    if states <= {NetworkState.CONFIRMED}:
        _done(d, step)
    elif _holds(d, step, states):
        trouble(d, step.name, driving.what_went_wrong(step))
    elif d.rule(step.name).on_failure is OnFailure.FAIL:
        fail(d, step.name, driving.what_went_wrong(step))
    else:
        wrong = driving.what_went_wrong(step)
        settle_items(d, d.change_step(step.name, state=StepState.FAILED, answered_at=d.now, answer=wrong))


def _done(d: Draft, step: Step) -> None:
    said = [one.detail for one in driving.newest(step).values() if one.detail]
    done = say("driven.confirmed") if step.network else say("answers.done")
    finish(d, step.name, in_turn(dict.fromkeys(said)) or done)


def _holds(d: Draft, step: Step, states: set[NetworkState]) -> bool:
    """Whether people must look at it: by the rule, where it may have been done, and where it must be undone."""
    failed = NetworkState.FAILED in states and (step.undoes or d.rule(step.name).on_failure is OnFailure.HOLD)
    return bool(failed) or NetworkState.UNKNOWN in states


def _tell_owner(d: Draft, event: Driven) -> None:
    if event.owner and not are_told_of(d, d.request.step(event.step)):
        people = [d.directory.person(a) for a in d.directory.addressees(event.owner)]
        target = next((n.target for n in d.request.step(event.step).network if n.id == event.id), event.id)
        words = say("driven.may_or_may_not") if event.state is NetworkState.UNKNOWN else say("driven.has_failed")
        d.tell(
            Kind.ALERT,
            [p for p in people if p not in d.directory.admins],
            step=event.step,
            headline=say("driven.is_stuck", title=d.title(event.step)),
            text=say(
                "driven.cannot_go_on",
                reference=d.request.reference,
                target=target,
                words=aside(words, event.detail),
            ),
        )
