"""What is wrong with a request: one alert a cause, which opens once, and closes when its cause has gone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mailbot.config.events import Severity
from mailbot.process.marks import JEOPARDY, LATE
from mailbot.process.news.kinds import News, news
from mailbot.process.request import NetworkState, Request, State, Step, StepState

_NOT_DONE = {
    NetworkState.FAILED: "has failed",
    NetworkState.UNKNOWN: "may or may not have been done",
}
_FAILED, _LATE, _WILL_BE_LATE = "the request has failed", "the request is late", "by forecast, the request will be late"
_STEP_LATE = "the step is late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`words` say what is wrong, in a line."""

    words: str
    severity: Severity = Severity.ERROR
    step: str | None = None


def standing(request: Request) -> dict[str, Alert]:
    """All that is wrong now, by its cause: "IP-42/configure/router"."""
    return {f"{request.reference}/{cause}": alert for cause, alert in _standing(request)}


def changes(before: Mapping[str, Alert], after: Mapping[str, Alert]) -> Iterator[News]:
    """What opened, what has other words, what closed."""
    for cause, alert in after.items():
        if cause not in before:
            yield _told("alert.opened", cause, alert, alert.severity)
        elif alert != before[cause]:
            yield _told("alert.updated", cause, alert, alert.severity)
    for cause, alert in before.items():
        if cause not in after:
            yield _told("alert.closed", cause, alert, Severity.INFO)


def for_customer(words: str, step: str | None) -> str:
    """The words of an alert less what a target, a rule or a person has said in them."""
    if words in {_FAILED, _LATE, _WILL_BE_LATE, _STEP_LATE}:
        return words
    return _FAILED if step is None else "the step cannot go on by itself"


def _told(type_: str, cause: str, alert: Alert, severity: Severity) -> News:
    about = {"cause": cause, "words": alert.words, "severity": alert.severity.word}
    return news(type_, severity, step=alert.step, alert=about)


def _standing(request: Request) -> Iterator[tuple[str, Alert]]:
    if request.state is State.FAILED:
        yield "failed", Alert(words=request.reason or _FAILED)
    if not request.is_closed and LATE in request.told:
        yield "late", Alert(words=_LATE)
    elif not request.is_closed and JEOPARDY in request.told:
        yield "jeopardy", Alert(words=_WILL_BE_LATE, severity=Severity.WARNING)
    for step in request.steps:
        if step.state is StepState.OPEN and (step.undoes or not request.is_closed):
            yield from _of_step(step)


def _of_step(step: Step) -> Iterator[tuple[str, Alert]]:
    """A target that has failed is the cause of the step's trouble: it is not told twice."""
    newest = {one.target: one for one in step.network}
    bad = [one for one in newest.values() if one.state in _NOT_DONE]
    for one in bad:
        said = f": {one.detail}" if one.detail else ""
        words = f"{one.action} on {one.target} {_NOT_DONE[one.state]}{said}"
        yield f"{step.name}/{one.target}", Alert(words=words, step=step.name)
    if step.trouble and not bad:
        yield f"{step.name}/trouble", Alert(words=step.trouble, step=step.name)
    if LATE in step.told:
        yield f"{step.name}/late", Alert(words=_STEP_LATE, severity=Severity.WARNING, step=step.name)
