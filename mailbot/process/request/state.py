"""The states of a request (TM Forum's, TMF641) and of a step, and the one table of what leads where."""

from collections.abc import Mapping
from enum import StrEnum

from mailbot.errors import NotPossible


class State(StrEnum):
    """Where in life a request is; where in its process it is, its steps say."""

    ACKNOWLEDGED = "acknowledged"
    PENDING = "pending"
    IN_PROGRESS = "inProgress"
    HELD = "held"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Outcome(StrEnum):
    """What moves a request from one state to another."""

    ASK = "ask"  # the form has faults: the requester must complete it
    START = "start"  # the form is complete
    HOLD = "hold"
    RESUME = "resume"
    COMPLETE = "complete"
    REJECT = "reject"
    CANCEL = "cancel"
    FAIL = "fail"


TRANSITIONS: Mapping[State, Mapping[Outcome, State]] = {
    State.ACKNOWLEDGED: {Outcome.ASK: State.PENDING, Outcome.START: State.IN_PROGRESS},
    State.PENDING: {
        Outcome.ASK: State.PENDING,
        Outcome.START: State.IN_PROGRESS,
        Outcome.CANCEL: State.CANCELLED,
    },
    State.IN_PROGRESS: {
        Outcome.HOLD: State.HELD,
        Outcome.COMPLETE: State.COMPLETED,
        Outcome.REJECT: State.REJECTED,
        Outcome.CANCEL: State.CANCELLED,
        Outcome.FAIL: State.FAILED,
    },
    State.HELD: {
        Outcome.RESUME: State.IN_PROGRESS,
        Outcome.REJECT: State.REJECTED,
        Outcome.CANCEL: State.CANCELLED,
        Outcome.FAIL: State.FAILED,
    },
    State.COMPLETED: {},
    State.REJECTED: {},
    State.CANCELLED: {},
    State.FAILED: {},
}

CLOSED = frozenset(state for state, ways in TRANSITIONS.items() if not ways)


class NoSuchTransition(NotPossible):
    """The table has no way from this state by that outcome; nothing has changed."""

    def __init__(self, state: State, outcome: Outcome) -> None:
        self.state, self.outcome = state, outcome
        super().__init__(f"a request that is {state} cannot {outcome}")


def after(state: State, outcome: Outcome) -> State:
    """The state that `outcome` leads to from `state`; NoSuchTransition where the table has no way."""
    try:
        return TRANSITIONS[state][outcome]
    except KeyError:
        raise NoSuchTransition(state, outcome) from None


class StepState(StrEnum):
    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER = frozenset({StepState.DONE, StepState.SKIPPED})
"""What lets the steps after it begin."""
TO_COME = frozenset({StepState.WAITING, StepState.OPEN})
"""The states of a step that is not over in any way."""
