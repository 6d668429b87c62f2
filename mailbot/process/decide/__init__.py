"""What happens next: one pure function from a request and an event to a decision.

It reads no clock and touches nothing: the desk hands it values, records what comes back, and feeds the answers to
its wishes in again as events. `rules test` and `rules replay` call the same function without a store.
"""

from datetime import datetime
from typing import assert_never

from mailbot.process.decide import (
    adoption,
    answers,
    conversation,
    dates,
    ending,
    fulfilment,
    lasting,
    opening,
    suppliers,
    undoing,
    unfit,
)
from mailbot.process.decide.course import advance
from mailbot.process.decide.draft import Draft
from mailbot.process.decide.rights import acts_on, answers_for, is_admin, is_concerned, is_requester
from mailbot.process.decide.times import look_again, pass_time
from mailbot.process.decide.whose import as_customers_stand
from mailbot.process.definition import Process, StepKind
from mailbot.process.directory import Directory
from mailbot.process.request import (
    Adopt,
    Amend,
    Approve,
    Ask,
    Assign,
    Bounced,
    Cancel,
    Comment,
    Decision,
    Deed,
    Delay,
    Done,
    Driven,
    EndNow,
    Event,
    Extend,
    Fail,
    Fits,
    GaveBack,
    Hold,
    Kind,
    Noted,
    NotGivenBack,
    NotProlonged,
    NotReshaped,
    NotTaken,
    Reject,
    Reply,
    Request,
    Reshaped,
    Resume,
    Retry,
    Said,
    Skip,
    State,
    Status,
    Step,
    StepState,
    Submitted,
    Taken,
    TimePassed,
    Unclear,
    Watch,
    WentAway,
    Why,
)
from mailbot.words import Phrase, aside, say

ROOM = fulfilment.ROOM

__all__ = ["ROOM", "decide"]


def decide(  # noqa: C901, PLR0912 (one flat look at what happened)
    request: Request, process: Process, directory: Directory, event: Event, now: datetime
) -> Decision:
    """The decision that `event` leads to. `process` is the version that the request began with.

    Raises nothing that a person's words could cause: these are answered by notices.
    """
    actor = event.actor if isinstance(event, Said | Adopt) else directory.bot
    actor = request.requester if isinstance(event, Submitted) else actor
    request = as_customers_stand(request, process, directory)
    d = Draft(request=request, process=process, directory=directory, now=now, actor=actor)
    match event:
        case Submitted():
            opening.submit(d, event)
        case Said():
            _heard(d, event)
        case Adopt():
            adoption.adopt(d, event)
        case TimePassed(mark=fulfilment.ROOM, step=str(name)):
            fulfilment.room(d, name)
        case TimePassed():
            pass_time(d, event)
        case WentAway():
            conversation.went_away(d, event)
        case Bounced():
            _bounced(d, event)
        case Noted():
            suppliers.note(d, event)
        case Taken():
            fulfilment.taken(d, event)
        case NotTaken():
            fulfilment.not_taken(d, event)
        case GaveBack():
            fulfilment.gave_back(d, event)
        case NotGivenBack():
            fulfilment.not_given_back(d, event)
        case NotProlonged():
            lasting.not_prolonged(d, event)
        case Reshaped():
            fulfilment.reshaped(d, event)
        case NotReshaped():
            fulfilment.not_reshaped(d, event)
        case Fits():
            fulfilment.fits(d, event)
        case Driven():
            fulfilment.drove(d, event)
        case _:
            assert_never(event)
    dates.grant(d)
    unfit.forget(d)
    look_again(d, request)
    return d.decision()


def _heard(d: Draft, said: Said) -> None:
    """What those send along whom it concerns is kept, whatever else comes of what they say."""
    if is_concerned(d, said):
        opening.enclose(d, said.attachments, late=True)
    _said(d, said)


def _said(d: Draft, said: Said) -> None:
    """A person's deed. The order matters: whether he may know of it, whether he may do it, whether it can be."""
    step = _step(d, said)
    match said.deed:
        case Status() | Why() | Comment() | Unclear() if is_concerned(d, said):
            _talk(d, said, step)
        case deed if suppliers.may_not(d, said, deed):
            conversation.refuse(d, say("refused.this_is_not_yours", verb=_verb(deed)), said.step)
        case deed if not (said.token or said.operator):
            conversation.refuse(d, say("refused.reply_to_the_letter", verb=_verb(deed)))
        case Approve() | Reject() | Done() as deed if step is not None and said.step is not None:
            answers.answer(d, said, deed, step, d.rule(step.name))
        case Extend() | EndNow() as deed if lasting.temporary(d):
            _about_time(d, said, deed)
        case Retry() | Skip() if step is not None and step.undoes:
            _about_step(d, said, step)
        case _ if d.request.is_closed:
            d.write("came late", detail=_verb(said.deed))
            d.answer(Kind.SETTLED, outcome=ending.how_it_ended(d.request), at=d.request.closed)
        case Approve() | Reject() | Done() as deed:
            _about_nothing(d, said, deed)
        case Delay() | Assign() | Ask() | Retry() | Skip() | Fail():
            _about_step(d, said, step)
        case _:
            _about_request(d, said)


def _step(d: Draft, said: Said) -> Step | None:
    """The step that is meant: the token's; for an operator the named one, else the first that is stuck or open."""
    if said.step is not None:
        return d.find(said.step)
    if not is_admin(d, said):
        return None
    waiting = sorted(d.open_steps(), key=lambda s: (s.trouble is None, bool(s.undoes)))
    return waiting[0] if waiting else None


def _talk(d: Draft, said: Said, step: Step | None) -> None:
    match said.deed:
        case Status():
            conversation.status(d)
        case Why():
            conversation.why(d)
        case Comment() as deed:
            conversation.comment(d, deed, step)
        case Unclear() as deed:
            conversation.misunderstood(d, deed, said.step)


def _about_time(d: Draft, said: Said, deed: Extend | EndNow) -> None:
    """What ends by itself ends later, or now: for its requester and admins to say."""
    if not (is_requester(d, said) or is_admin(d, said)):
        conversation.refuse(d, say("refused.this_is_not_yours", verb=_verb(deed)))
        return
    match deed:
        case Extend():
            if why := lasting.extend(d, deed):
                conversation.misunderstood(d, Unclear(wrote="extend", why=why), None)
        case EndNow():
            _end_now(d)


def _end_now(d: Draft) -> None:
    lasting_ = lasting.temporary(d)
    reserved = [step for step in lasting_ if d.rule(step.name).kind is StepKind.RESERVE]
    if reserved and not d.request.is_closed:
        conversation.refuse(d, say("refused.it_is_reserved_and"))
        return
    d.write("ended early")
    for step in lasting_:
        if not d.request.step(step.name).undone:
            undoing.run_out(d, step.name)
    advance(d)
    d.answer(Kind.STATUS, news=say("refused.it_is_being_ended"))


def _about_nothing(d: Draft, said: Said, deed: Deed) -> None:
    """A command about a step, in reply to a letter that is about none."""
    if is_admin(d, said) or any(answers_for(d, said.actor, step) for step in d.open_steps()):
        why = say("refused.this_letter_is_about_no_step", verb=_verb(deed))
        conversation.misunderstood(d, Unclear(wrote=str(_verb(deed)), why=why), None)
    elif is_requester(d, said) and isinstance(deed, Approve):
        conversation.refuse(d, say("refused.nobody_approves_his_own"))
    else:
        _not_yours(d, said)


def _not_yours(d: Draft, said: Said) -> None:
    """Refused; who is not the requester hears how a step could be made his."""
    step = d.find(said.step or "")
    is_open = step is None or step.state is StepState.OPEN
    why = say("refused.this_is_not_yours", verb=_verb(said.deed))
    conversation.refuse(d, why, said.step, assign=is_open and not is_requester(d, said))


def _about_step(d: Draft, said: Said, step: Step | None) -> None:  # noqa: C901 (one flat look at who and what)
    if isinstance(said.deed, Ask) and is_requester(d, said):
        conversation.ask_question(d, said.deed, None)
        return
    if step is None and is_admin(d, said):
        conversation.refuse(d, say("refused.no_step_of_it"))
        return
    if step is None:
        _about_nothing(d, said, said.deed)
        return
    if not acts_on(d, said, step):
        _not_yours(d, said)
        return
    if step.state is not StepState.OPEN:
        answers.settled(d, step)
        return
    match said.deed:
        case Delay() as deed:
            for part in _parts(d, step):
                conversation.delay(d, deed, part)
        case Assign() as deed:
            for part in _parts(d, step):
                conversation.assign(d, said, deed, part)
        case Ask() as deed:
            conversation.ask_question(d, deed, step)
        case Retry() | Skip() | Fail() as deed:
            _unstick(d, said, deed, step)


def _parts(d: Draft, step: Step) -> tuple[Step, ...]:
    """The step; of one that stands for items, all that is open of them."""
    return tuple(child for child in d.children(step) if child.state is StepState.OPEN) or (step,)


def _unstick(d: Draft, said: Said, deed: Retry | Skip | Fail, step: Step) -> None:
    if not is_admin(d, said):
        conversation.refuse(d, say("refused.only_an_admin_may", verb=_verb(deed)), step.name)
        return
    match deed:
        case Retry(reason=reason):
            fulfilment.retry(d, step.name, reason)
        case Skip(reason=reason):
            fulfilment.skip(d, step.name, reason)
        case Fail() if step.undoes:
            conversation.refuse(d, say("refused.what_is_being_undone"), step.name)
        case Fail(reason=reason):
            ending.fail(d, step.name, reason)


def _about_request(d: Draft, said: Said) -> None:
    own, admin = is_requester(d, said), is_admin(d, said)
    involved = admin or any(acts_on(d, said, s) for s in d.request.steps)
    match said.deed:
        case Reply() as deed if own or involved:
            conversation.reply(d, deed, said.step)
        case Watch() as deed if is_concerned(d, said):
            conversation.watch(d, deed)
        case Cancel(reason=reason) if own or admin:
            ending.cancel(d, reason)
        case Amend() as deed if own or admin:
            _amend(d, deed)
        case Hold(reason=reason) if involved and d.request.state is State.IN_PROGRESS:
            ending.hold(d, reason)
        case Resume(reason=reason) if involved and d.request.state is State.HELD:
            ending.resume(d, reason)
            advance(d)
        case Resume() if involved:
            conversation.refuse(d, say("refused.it_is_not_on"))
        case Hold() if involved:
            held = d.request.state is State.HELD
            conversation.refuse(d, say("refused.it_is_on_hold") if held else say("refused.it_waits_for_its"))
        case Extend() | EndNow() if own or admin:
            conversation.refuse(d, say("refused.nothing_of_this_request"))
        case deed:
            conversation.refuse(d, say("refused.this_is_not_yours", verb=_verb(deed)), said.step)


def _amend(d: Draft, deed: Amend) -> None:
    match d.request.state:
        case State.PENDING:
            opening.complete(d, deed)
        case State.IN_PROGRESS:
            opening.amend(d, deed)
        case _:
            opening.enclose(d, deed.attachments, late=True)
            conversation.refuse(d, say("refused.the_request_is_on"))


def _bounced(d: Draft, event: Bounced) -> None:
    """A letter did not arrive: whoever leads the step, and the admins, must find another way to its reader.

    Admins hear once that somebody cannot be reached; whoever leads a step, of each letter of it, with all that it
    asked.
    """
    words = aside(say("refused.a_letter_did_not_arrive", person=event.person), event.status)
    d.write("bounced", step=event.step, detail=words, actor=event.person)
    step = d.find(event.step or "")
    departments = step.departments if step else ()
    leads = [person for person in d.directory.leads(departments) if person != event.person]
    admins = [person for person in d.directory.admins if person != event.person]
    people = leads if event.known and leads else [*leads, *admins]
    if step and step.state is StepState.OPEN and event.person in step.asked and event.kind != Kind.ACTIONS:
        lost = event.person
        d.tell(Kind.ESCALATION, leads, step=event.step, level=0, waiting_for=[lost], unreached=lost)
        people = [person for person in people if person not in leads]
    d.tell(
        Kind.ALERT,
        people,
        step=event.step,
        headline=say("refused.cannot_be_reached", person=event.person),
        text=say("refused.about", words=words),
        lines=[event.text] if event.text else [],
    )


def _verb(deed: object) -> Phrase:
    """What stands behind "this is not yours to"."""
    return say(f"verbs.{type(deed).__name__.lower()}")
