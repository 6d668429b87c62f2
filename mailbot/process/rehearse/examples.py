"""Plays the tests of a rule file: people answer as written there, and what came of it is held against `expect`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC

from mailbot.addresses import BadPrefix, parse_prefix
from mailbot.process import form
from mailbot.process.definition import ASKING, FieldType, Process, StepKind, StepRule
from mailbot.process.directory import Directory
from mailbot.process.marks import WAKE
from mailbot.process.rehearse.clientele import with_customers
from mailbot.process.rehearse.expected import Mismatch, mismatches
from mailbot.process.rehearse.space import Space
from mailbot.process.rehearse.stage import Stage, opened
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
    directory = with_customers(directory, example, process)
    stage = opened(process, directory, space, requester=example.requester, given=example.form, now=begin)
    if example.play is None:
        _answer_all(stage, example, read)
    else:
        for line in example.play:
            _act(stage, line, read)
    found = tuple(mismatches(example, stage))
    return Played(example=example, request=stage.request, entries=tuple(stage.entries), mismatches=found)


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
    """Everybody answers, in the order of the rule file, until nobody is left who would; then dates come that are waited
    for.
    """
    for _ in range(ROUNDS):
        answered = any(_answer(stage, step, _written(example, step), read) for step in stage.open_steps())
        if not answered and not _slept(stage):
            return


def _written(example: Example, step: Step) -> Answer | None:
    """The answer about this item ("confirm.2"), else that about all of them."""
    return example.answers.get(step.name, example.answers.get(step.name.partition(".")[0]))


def _slept(stage: Stage) -> bool:
    """Whether time has passed up to a date that is waited for. It does not while anybody could still answer."""
    asked = (step for step in stage.open_steps() if stage.process.step(step.name).kind in ASKING and step.asked)
    wakes = [mark.at for mark in stage.marks() if mark.name == WAKE]
    if any(asked) or not wakes or stage.request.is_closed:
        return False
    stage.pass_until(min(wakes))
    return True


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
    present = {step.name for step in stage.request.steps}
    name = mail.step if mail.step in present else _step_of(stage, who)
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
