"""Plays the tests of a rule file: people answer as written there, and what came of it is held against `expect`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from mailbot.addresses import BadPrefix, parse_prefix
from mailbot.config.locate import KeyPath
from mailbot.process import form
from mailbot.process.definition import FieldType, Process, StepKind, StepRule
from mailbot.process.directory import Directory
from mailbot.process.rehearse.space import Space
from mailbot.process.rehearse.stage import Stage, opened, ran
from mailbot.process.request import Approve, Deed, Done, Entry, Held, Request, Step, StepState
from mailbot.process.rules.examples import Answer, Example, Mail, Pass

ROUNDS = 500
"""More answers than any test has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a mail answers: the process, its step (None: the request), and in what part its sender writes."""

    process: Process
    rule: StepRule | None = None
    question: bool = False
    requester: bool = False


Read = Callable[[str, Heard], Deed]
"""What a mail's words mean, read as they are when they come by mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One thing that came out differently; `path` is where the test says otherwise."""

    path: KeyPath
    what: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A test, and what came of it. Empty `mismatches`: it holds."""

    example: Example
    request: Request
    entries: tuple[Entry, ...]
    mismatches: tuple[Mismatch, ...]


def play(
    example: Example, process: Process, directory: Directory, pools: Mapping[str, tuple[str, ...]], read: Read
) -> Played:
    """`pools` are the prefixes of each pool, by name."""
    zone = directory.calendar(None).zone
    space = Space(pools=pools, full=example.full, holds=_holds(example, process), fails=example.fails)
    begin = example.begin.replace(tzinfo=zone).astimezone(UTC)
    stage = opened(process, directory, space, requester=example.requester, given=example.form, now=begin)
    if example.play is None:
        _answer_all(stage, example, read)
    else:
        for line in example.play:
            _act(stage, line, read)
    mismatches = tuple(_mismatches(example, stage))
    return Played(example=example, request=stage.request, entries=tuple(stage.entries), mismatches=mismatches)


def _holds(example: Example, process: Process) -> Held:
    if example.holds is not None:
        return {_canonical(text): carries for text, carries in example.holds.items()}
    named = (example.form.get(field.name, "") for field in process.fields if field.type is FieldType.ALLOCATION)
    return {_canonical(text): {} for several in named for text in form.pieces(several)}


def _canonical(text: str) -> str:
    """As the store names a prefix; what is none stays as it is, and the form will say so."""
    try:
        return str(parse_prefix(text))
    except BadPrefix:
        return text


# -- answers -------------------------------------------------------------------------------------------------


def _answer_all(stage: Stage, example: Example, read: Read) -> None:
    """Everybody answers, in the order of the rule file, until nobody is left who would."""
    for _ in range(ROUNDS):
        if not any(_answer(stage, step, example.answers.get(step.name), read) for step in stage.open_steps()):
            return


def _answer(stage: Stage, step: Step, answer: Answer | None, read: Read) -> bool:
    """Whether somebody has answered, and it has counted for something."""
    rule, people = stage.process.step(step.name), stage.speakers(step)
    if not people or step.trouble:
        return False
    deed = _deed(stage, rule, answer, read)
    if deed is None:
        return False
    before = stage.request
    stage.say(people[0], deed, step.name)
    return stage.request != before


def _deed(stage: Stage, rule: StepRule, answer: Answer | None, read: Read) -> Deed | None:
    match answer:
        case str():
            return read(answer, Heard(process=stage.process, rule=rule))
        case None if rule.kind is StepKind.APPROVAL:
            return Approve()
        case None if rule.kind is StepKind.TASK and not any(field.required for field in rule.fields):
            return Done()
        case None:
            return None
        case fields if rule.kind is StepKind.APPROVAL:
            return Approve(given=fields)
        case fields:
            return Done(given=fields)


# -- a play, line by line -------------------------------------------------------------------------------------


def _act(stage: Stage, line: Mail | Pass, read: Read) -> None:
    match line:
        case Pass(duration=None):
            mark = stage.next_mark()
            stage.pass_until(mark.at if mark else stage.now)
        case Pass(duration=duration) if duration is not None:
            stage.pass_until(stage.directory.calendar(None).after(stage.now, duration))
        case Mail() as mail:
            _write(stage, mail, read)


def _write(stage: Stage, mail: Mail, read: Read) -> None:
    who = stage.directory.person(mail.who)
    name = mail.step or _step_of(stage, who)
    requester = who == stage.request.requester
    heard = Heard(
        process=stage.process,
        rule=stage.process.step(name) if name else None,
        question=_is_asked(stage, who, name),
        requester=requester,
    )
    stage.say(who, read(mail.words, heard), name)


def _step_of(stage: Stage, who: str) -> str | None:
    """The step that his letter was about: an open one that he was asked about, else the last that he was.

    Whoever was asked about none, and does not write about his own request, writes in reply to a letter that was
    passed on to him: of the first step that is open.
    """
    asked = [step for step in stage.request.steps if any(stage.directory.may_sit(who, seat) for seat in step.asked)]
    still = [step for step in asked if step.state is StepState.OPEN]
    if still or who == stage.request.requester:
        return still[0].name if still else None
    others = asked[-1:] or stage.open_steps()[:1]
    return others[0].name if others else None


def _is_asked(stage: Stage, who: str, step: str | None) -> bool:
    """Whether a question waits for this person's answer."""
    own = who == stage.request.requester
    waiting = [q for q in stage.request.questions if q.answer is None]
    return any((q.asker != who) if own else (q.asker == stage.request.requester and step) for q in waiting)


# -- what came of it ------------------------------------------------------------------------------------------


def _mismatches(example: Example, stage: Stage) -> Iterator[Mismatch]:
    expect, request = example.expect, stage.request
    if expect.state is not None and expect.state is not request.state:
        yield _told(example, "state", "the request's state", expect.state.value, _state(request))
    if expect.steps is not None and set(expect.steps) != set(ran(request)):
        yield _told(example, "steps", "the steps that ran", ", ".join(expect.steps), ", ".join(ran(request)))
    if expect.addresses is not None and sorted(expect.addresses) != sorted(_addresses(request)):
        yield _told(example, "addresses", "what it holds", ", ".join(expect.addresses), ", ".join(_addresses(request)))
    if expect.reason is not None and expect.reason != (request.reason or ""):
        yield _told(example, "reason", "the reason", expect.reason, request.reason or "")
    if expect.faults is not None and set(expect.faults) != set(request.faults):
        yield _told(example, "faults", "the fields at fault", ", ".join(expect.faults), ", ".join(request.faults))
    yield from _of_steps(example, stage)


def _of_steps(example: Example, stage: Stage) -> Iterator[Mismatch]:
    expect = example.expect
    for name, people in expect.asked.items():
        found = stage.request.step(name).asked
        if set(people) != set(found):
            words = f"who is asked about {name}"
            yield _told(example, ("asked", name), words, ", ".join(people), ", ".join(found))
    for name, person in expect.answered_by.items():
        by = stage.request.step(name).answered_by or ""
        if person != by:
            yield _told(example, ("answered_by", name), f"who answered {name}", person, by)
    zone = stage.directory.calendar(None).zone
    for name, text in expect.due.items():
        wanted, due = datetime.fromisoformat(text).replace(tzinfo=zone), stage.request.step(name).due
        if due != wanted:
            shown = f"{due.astimezone(zone):%Y-%m-%d %H:%M}" if due else ""
            yield _told(example, ("due", name), f"when {name} is due", f"{wanted:%Y-%m-%d %H:%M}", shown)


def _told(example: Example, key: str | tuple[str, str], what: str, expected: str, found: str) -> Mismatch:
    below = (key,) if isinstance(key, str) else key
    path = ("test", example.number, "expect", *below)
    return Mismatch(path=path, what=what, expected=expected or "nothing", found=found or "nothing")


def _state(request: Request) -> str:
    """With what it waits for, where it does."""
    if request.faults:
        return f"{request.state.value} ({'; '.join(f'{name} {fault}' for name, fault in request.faults.items())})"
    waiting = [step for step in request.steps if step.state is StepState.OPEN and not request.is_closed]
    words = [step.trouble or f"{step.name} waits for {', '.join(step.asked)}" for step in waiting]
    return f"{request.state.value} ({'; '.join(words)})" if words else request.state.value


def _addresses(request: Request) -> tuple[str, ...]:
    """ "/28 from customers-v4": which one it is, the pool of the day decides."""
    kept = [a for a in request.addresses if a.state in {"allocated", "reserved"}]
    return tuple(f"/{a.prefix.partition('/')[2]} from {a.pool}" for a in kept)
