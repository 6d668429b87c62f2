"""A process in a few words a step: what is done and by whom, when, and how long it may take."""

from collections.abc import Iterable, Iterator

from mailbot.process.definition import ASKING, DRIVING, Action, OnFailure, Part, Process, StepKind, StepRule, Verdict
from mailbot.process.directory import PARTY
from mailbot.process.expression import Expression, Text

_ON_TARGETS = {Action.ADD: "sets it up on", Action.CHANGE: "changes it on", Action.REMOVE: "removes it from"}
_SILENT = {Verdict.REJECT: "refused", Verdict.APPROVE: "agreed to", Verdict.ESCALATE: "put to their lead"}


def deed(rule: StepRule) -> str:
    """What happens in a step: "noc approves", "takes /{form.size} from customers-v4, for 6 hours"."""
    match rule.kind:
        case StepKind.APPROVAL | StepKind.FORM | StepKind.TASK:
            return _of_people(rule)
        case StepKind.ALLOCATE | StepKind.RESERVE | StepKind.RELEASE | StepKind.CHECK:
            return _of_space(rule)
        case StepKind.CHANGE | StepKind.ACTIVATE | StepKind.VERIFY:
            return _of_targets(rule)
        case StepKind.NOTIFY:
            return f"tells {listed(map(str, rule.to))}"
        case StepKind.WAIT:
            return f"waits {_time(rule)}"


def _of_people(rule: StepRule) -> str:
    people, one = listed(map(_person, map(str, rule.asks))), len(rule.asks) == 1
    match rule.kind:
        case StepKind.FORM:
            return f"{people} {'fills' if one else 'fill'} in {listed(field.label for field in rule.fields)}"
        case StepKind.TASK:
            return f"{people} {'does' if one else 'do'} it{_voices(rule)}"
        case _:
            return f"{people} {'approves' if one else 'approve'}{_voices(rule)}"


def _person(name: str) -> str:
    return f"the supplier {name.removeprefix(PARTY)}" if name.startswith(PARTY) else name


def _of_space(rule: StepRule) -> str:
    what = str(rule.prefix) if rule.prefix else "a number" if rule.length is None else f"/{_length(rule)}"
    match rule.kind:
        case StepKind.CHECK:
            return f"would {what} fit into {rule.pool}?"
        case StepKind.RELEASE:
            return f"gives back {what}{f' to {rule.pool}' if rule.pool else ''}"
        case StepKind.RESERVE:
            return f"reserves {what} from {rule.pool} {_time(rule)}"
        case _:
            return f"takes {what} from {rule.pool}{_end(rule)}"


def _of_targets(rule: StepRule) -> str:
    if rule.changes_space:
        told = f", then changes it on {listed(rule.targets)}" if rule.targets else ""
        return f"{_of_change(rule)}{told}"
    if not rule.targets:
        return f"done at once, without any device{_end(rule)}"
    verb = "tries it on" if rule.kind is StepKind.VERIFY else _ON_TARGETS[rule.action]
    return f"{verb} {listed(rule.targets)}{_end(rule)}"


def _of_change(rule: StepRule) -> str:
    if rule.parts:
        return f"splits {rule.prefix} into {listed(map(_part, rule.parts))}"
    if rule.merge:
        return f"makes {rule.prefix} and {rule.merge} one{_for(rule.holder)}"
    size = f" /{_length(rule)}" if rule.length else ""
    return f"renumbers {rule.prefix} into{size} {'of ' if size else ''}{rule.pool}"


def _part(part: Part) -> str:
    return f"/{_braced(part.length)}{_for(part.holder)}"


def _for(holder: Text | None) -> str:
    return f" for {holder}" if holder else ""


def _end(rule: StepRule) -> str:
    """Of what ends by itself."""
    return f", {_time(rule)}" if rule.lasts or rule.until else ""


def _time(rule: StepRule) -> str:
    return f"for {rule.lasts}" if rule.lasts else f"until {rule.until}"


def _length(rule: StepRule) -> str:
    return _braced(rule.length)


def _braced(length: Expression | None) -> str:
    """Braces where a "/" before a longer expression would read as part of it."""
    source = str(length)
    return source if source.isalnum() else f"{{{source}}}"


def _voices(rule: StepRule) -> str:
    match rule.needs:
        case None:
            return ", all of them"
        case 1:
            return ""
        case number:
            return f", {number} of them"


def condition(rule: StepRule) -> str:
    """ "only when form.size <= 28"; nothing for a step that always runs."""
    return f"only when {rule.when}" if rule.when else ""


def each(rule: StepRule) -> str:
    """ "once for each of form.prefixes"; nothing for a step that runs once."""
    return f"once for each of {rule.each}" if rule.each else ""


def terms(rule: StepRule) -> Iterator[str]:
    """What else is agreed about a step, one thing a line."""
    if rule.not_before:
        yield f"not before {rule.not_before}"
    if rule.may_change:
        yield f"may change {listed(rule.may_change)}"
    if rule.shows is not None and rule.kind in ASKING:
        yield f"sees {listed(rule.shows) or 'nothing'} of the form"
    if rule.unanswered is not None and rule.kind in ASKING:
        yield f"{_SILENT[rule.unanswered.then]}, if unanswered after {rule.unanswered.after}"
    if rule.kind in DRIVING and rule.on_failure is not OnFailure.HOLD:
        yield "if it fails, the request " + ("fails" if rule.on_failure is OnFailure.FAIL else "goes on")
    if rule.set:
        yield f"with {listed(rule.set)}"


def allowed(rule: StepRule) -> str:
    """How long it may take, where it says so and waits for anybody, or for a target."""
    return str(rule.lead_time) if rule.lead_time and rule.kind in ASKING | DRIVING else ""


def ladder(rule: StepRule) -> str:
    """Who hears of it while nobody answers: "reminded at 50 % and 100 %; lead is told 1 working day late"."""
    if rule.kind not in ASKING:
        return ""
    shares = listed(f"{float(share):.0%}".replace("%", " %") for share in rule.remind)
    rungs = [f"{rung.after} late, {listed(rung.to)} is told" for rung in rule.escalate]
    return "; ".join([*([f"reminded at {shares}"] if shares else []), *rungs])


def asked_for(process: Process) -> str:
    return listed(field.label for field in process.fields)


def listed(words: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last
