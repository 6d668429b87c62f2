"""Who may do what to a step or a request."""

from mailbot.process.decide.draft import Draft
from mailbot.process.decide.standing import sits_for
from mailbot.process.definition import ASKING, StepKind
from mailbot.process.reader import is_of_its_customer
from mailbot.process.request import Said, Step


def is_admin(d: Draft, said: Said) -> bool:
    return said.operator or said.actor in d.directory.admins


def is_requester(d: Draft, said: Said) -> bool:
    return said.actor == d.request.requester


def answers_for(d: Draft, actor: str, step: Step) -> bool:
    """The asked, members of the asked groups, their leads, and who stands in for them or let somebody stand in."""
    if sits_for(step, actor) or any(d.directory.may_sit(actor, seat) for seat in step.asked):
        return True
    if any(name in step.departments for name in d.directory.groups_of(actor)):
        return True
    return any(d.directory.may_sit(actor, lead) for lead in d.directory.leads(step.departments))


def acts_on(d: Draft, said: Said, step: Step) -> bool:
    return is_admin(d, said) or answers_for(d, said.actor, step)


def concerned(d: Draft) -> list[str]:
    """All who have had a part in the request, and should hear of what comes after it."""
    asking = [step for step in d.request.steps if d.rule(step.name).kind in ASKING]
    told = [step for step in d.request.steps if d.rule(step.name).kind is StepKind.NOTIFY]
    answered = [_desk_of(d, step.answered_by) for step in asking if step.answered_by]
    people = [d.request.requester, *d.request.watchers, *answered, *(who for step in told for who in step.asked)]
    return [who for who in dict.fromkeys(people) if "@" in who and who != d.directory.bot]


def _desk_of(d: Draft, person: str) -> str:
    """Where a supplier is written to, whoever has answered there."""
    party = d.directory.party_of(person)
    return party.address if party else person


def is_concerned(d: Draft, said: Said) -> bool:
    """Whether this person may know of the request at all: for all others it does not exist."""
    if is_admin(d, said) or is_requester(d, said) or said.actor in d.request.watchers:
        return True
    if is_of_its_customer(said.actor, d.request, d.directory):
        return True
    return any(answers_for(d, said.actor, step) for step in d.request.steps)
