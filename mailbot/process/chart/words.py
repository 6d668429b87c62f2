"""A process in a few words a step: what is done and by whom, when, and how long it may take."""

from collections.abc import Iterable

from mailbot.process.definition import ASKING, Process, StepKind, StepRule


def deed(rule: StepRule) -> str:
    """What happens in a step: "noc approves", "takes /{form.size} from customers-v4"."""
    people, one = listed(map(str, rule.asks)), len(rule.asks) == 1
    match rule.kind:
        case StepKind.APPROVAL:
            return f"{people} {'approves' if one else 'approve'}{_voices(rule)}"
        case StepKind.FORM:
            return f"{people} {'fills' if one else 'fill'} in {listed(field.label for field in rule.fields)}"
        case StepKind.TASK:
            return f"{people} {'does' if one else 'do'} it{_voices(rule)}"
        case StepKind.NOTIFY:
            return f"tells {listed(map(str, rule.to))}"
        case StepKind.CHECK:
            return f"would /{_length(rule)} fit into {rule.pool}?"
        case StepKind.ALLOCATE | StepKind.RESERVE:
            verb = "takes" if rule.kind is StepKind.ALLOCATE else "reserves"
            return f"{verb} {rule.prefix or f'/{_length(rule)}'} from {rule.pool}"
        case StepKind.RELEASE:
            return f"gives back {rule.prefix}"
        case _:
            return rule.kind.value


def _length(rule: StepRule) -> str:
    """Braces where a "/" before a longer expression would read as part of it."""
    source = str(rule.length)
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


def allowed(rule: StepRule) -> str:
    """How long it may take, where it says so and waits for anybody."""
    return str(rule.lead_time) if rule.lead_time and rule.kind in ASKING else ""


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
