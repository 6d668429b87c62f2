"""Answers to steps, for keys that may give them: to what was read, and to nothing else."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.process.definition import ASKING, StepRule
from mailbot.process.request import OVER, Step, StepState
from mailbot.process.shape import file_shape
from mailbot.store.keys import Scope
from mailbot.web import deeds
from mailbot.web.api import query
from mailbot.web.api.call import Approves, Call, Reads
from mailbot.web.api.changing import do, steps_missing
from mailbot.web.api.errors import not_yours, nothing_here, wrong_body
from mailbot.web.api.media import answer, body
from mailbot.web.api.models.plain import FileShape, RequestShape, StepDeed, StepToAnswer, files_in, written_by
from mailbot.web.api.published import brings, gives
from mailbot.web.api.requests import field_shape, named, shown
from mailbot.web.api.seen import readable, seen
from mailbot.web.forms import PREFIX
from mailbot.web.reading import Reading
from mailbot.web.visit import Unknown

WORDS = ("approve", "reject", "done", "fill", "ask", "delay", "assign")
OF_ADMINS = ("retry", "skip", "fail")

router = APIRouter(prefix="/api/requests/{reference}/steps", tags=["plain"])


@router.get("/{name}", summary="A step, to be answered", **gives(StepToAnswer))
def step(call: Reads, reference: str, name: str) -> Response:
    query.read(call.request, ())
    reading, of_it = _found(call, reference, name)
    rule = reading.process.step(name)
    with call.reading() as conn:
        files = reading.files(conn) if rule.shows is None else []
    reader = reading.visit.viewer.reads(reading.request, reading.process)
    whole = seen(reading)
    told = StepToAnswer(
        reference=reading.request.reference,
        step=next(one for one in whole["steps"] if one["name"] == name),
        title=rule.title,
        content=of_it.content if reading.may_answer(of_it) else "",
        form=readable(whole["form"], reader),
        fields=tuple(map(field_shape, rule.fields)),
        attachments=tuple(FileShape(**file_shape(one)) for one in files),
        waits_for=_waits_for(reading, rule, of_it),
        answers=_answers(call, reading, of_it),
    )
    return answer(call.request, told.plain(), StepToAnswer)


@router.post("/{name}/{word}", summary="Answer a step", **brings(StepDeed), **gives(RequestShape))
def decide(call: Approves, reference: str, name: str, word: str, said: Annotated[StepDeed, body(StepDeed)]) -> Response:
    """`word` is approve, reject, done, ask, delay or assign; for admins also retry, skip or fail.

    409, with the steps that are missing, where it is not the step's turn yet.
    """
    reading, of_it = _found(call, reference, name)
    if word not in {*WORDS, *OF_ADMINS}:
        raise nothing_here()
    if word in OF_ADMINS and call.key.scope is not Scope.ADMIN:
        raise not_yours(f"{word} steps")
    rule = reading.process.step(name)
    if of_it.state is StepState.WAITING or (word not in OF_ADMINS and rule.kind not in ASKING):
        raise steps_missing(reading, name)
    given = {PREFIX + field: value for field, value in written_by(said.fields).items()}
    _known(said, {*rule.may_change, *(field.name for field in rule.fields)})
    text = {"text": said.text, "until": said.until, "to": said.to, **given}
    try:
        deed = deeds.about_step(word, text, reading.process, rule)
    except deeds.Missing as missing:
        raise wrong_body([(missing.field, str(missing))]) from None
    except Unknown:
        raise nothing_here() from None
    files = files_in(said.attachments)
    call.parts.committed(lambda tx: do(tx, call, reading, deed, step=name, content=said.content, files=files))
    return shown(call, reading.request.reference)


def _found(call: Call, reference: str, name: str) -> tuple[Reading, Step]:
    """Raises Refused."""
    with call.reading() as conn:
        reading = call.found(conn, named(call, reference))
    found = next((one for one in reading.request.steps if one.name == name), None)
    if found is None:
        raise nothing_here()
    return reading, found


def _known(said: StepDeed, names: set[str]) -> None:
    if unknown := sorted(set(said.fields) - names):
        raise wrong_body((f"fields.{name}", "the step has no such field") for name in unknown)


def _waits_for(reading: Reading, rule: StepRule, of_it: Step) -> tuple[str, ...]:
    if of_it.state is not StepState.WAITING:
        return ()
    return tuple(one for one in rule.after if reading.request.step(one).state not in OVER)


def _answers(call: Call, reading: Reading, of_it: Step) -> tuple[str, ...]:
    """The words that this key may say to it now."""
    if of_it.state is not StepState.OPEN:
        return ()
    may = call.key.scope.covers(Scope.APPROVE) and reading.may_answer(of_it)
    return (*(WORDS if may else ()), *(OF_ADMINS if call.key.scope is Scope.ADMIN else ()))
