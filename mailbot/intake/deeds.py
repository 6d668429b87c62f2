"""From a person's words to the deed that they are, given what he was asked."""

from dataclasses import dataclass
from datetime import date

from mailbot.mail.command import Command, Commands, Unclear, Verb
from mailbot.mail.reply import Reply as Words
from mailbot.process import form, request
from mailbot.process.definition import Field, Process, StepKind, StepRule
from mailbot.words import say

NAME_A_DEPUTY = say("intake.say_who_stands_in")
_NO_ANSWERS = frozenset({Verb.APPROVE, Verb.REJECT, Verb.DONE, Verb.AWAY, Verb.BACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the letter that is being answered asked. `rule` is the step's, None where it was about the request.

    `requester` is whether the sender is; `question` whether whatever he says answers it.
    """

    process: Process
    rule: StepRule | None = None
    question: bool = False
    requester: bool = False


Said = Command | Commands | Unclear | None


def deed_of(said: Said, words: Words, asked: Asked) -> request.Deed:
    """What the sender does. Words that are neither a command nor an answer are Unclear: nothing is guessed at."""
    if asked.question and (reply := _reply(said, words, asked)):
        return reply
    match said:
        case Command(items=items) if items:
            return _unclear(words, say("intake.this_letter_is_about"))
        case Command() as command:
            return _command(command, words, asked)
        case Commands():
            return _unclear(words, say("intake.this_letter_is_about"))
        case Unclear(reason=reason):
            return _fields(words, asked) or _unclear(words, reason)
        case None:
            return _fields(words, asked) or _unclear(words, "")


def _reply(said: Said, words: Words, asked: Asked) -> request.Deed | None:
    """Whatever is said in reply to a question answers it; but an actor's decision stays one, and fields are fields."""
    if not asked.requester and isinstance(said, Command):
        return None
    if isinstance(said, Command) and said.verb not in _NO_ANSWERS and not said.text:
        return None
    fields = asked.process.fields if asked.requester else asked.rule.fields if asked.rule else ()
    if form.read(words.own, "", fields):
        return None
    return request.Reply(text=words.own) if words.own.strip() else None


def _fields(words: Words, asked: Asked) -> request.Deed | None:
    """Fields alone: of the step's form for who fills it in, of the request's for the requester."""
    rule = asked.rule
    if rule is not None and rule.kind in {StepKind.FORM, StepKind.TASK}:
        given = form.read(words.own, words.quoted, rule.fields)
        return request.Done(given=given, bare=True) if given else None
    if asked.requester:
        given = form.read(words.own, words.quoted, asked.process.fields)
        return request.Amend(given=given) if given else None
    return None


def _command(command: Command, words: Words, asked: Asked) -> request.Deed:
    fields = (*asked.rule.fields, *_changeable(asked)) if asked.rule else ()
    given = form.read(command.rest, words.quoted, fields) if fields else {}
    match command.verb:
        case Verb.APPROVE:
            return request.Approve(given=given, text="" if given else command.rest.strip())
        case Verb.REJECT:
            return request.Reject(reason=command.text)
        case Verb.DONE:
            return request.Done(given=given)
        case Verb.DELAY:
            until = command.until.isoformat() if isinstance(command.until, date) else None
            return request.Delay(until=until, duration=command.duration, reason=command.text)
        case Verb.ASSIGN if command.address:
            return request.Assign(to=command.address)
        case verb:
            return _remark(verb, command, words)


def _changeable(asked: Asked) -> tuple[Field, ...]:
    """The fields of the requester's form that who is asked may write anew."""
    names = asked.rule.may_change if asked.rule else ()
    return tuple(field for field in asked.process.fields if field.name in names)


def _remark(verb: Verb, command: Command, words: Words) -> request.Deed:
    """The commands that take a text at most."""
    simple: dict[Verb, request.Deed] = {
        Verb.ASK: request.Ask(question=command.text),
        Verb.COMMENT: request.Comment(text=command.text),
        Verb.HOLD: request.Hold(reason=command.text),
        Verb.RESUME: request.Resume(),
        Verb.CANCEL: request.Cancel(reason=command.text or command.rest.strip()),
        Verb.RETRY: request.Retry(),
        Verb.SKIP: request.Skip(reason=command.text),
        Verb.FAIL: request.Fail(reason=command.text),
        Verb.WATCH: request.Watch(on=True),
        Verb.UNWATCH: request.Watch(on=False),
        Verb.STATUS: request.Status(),
        Verb.WHY: request.Why(),
        Verb.EXTEND: request.Extend(duration=command.duration or ""),
        Verb.END_NOW: request.EndNow(),
    }
    if verb in simple:
        return simple[verb]
    if verb is Verb.AWAY:
        return _unclear(words, NAME_A_DEPUTY)
    return _unclear(words, "")


def _unclear(words: Words, why: str) -> request.Unclear:
    return request.Unclear(wrote=words.first_line, why=why)
