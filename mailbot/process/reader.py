"""What of a request somebody may read: all of it, what its requester is told, or the little that a supplier is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailbot.config.address import matches
from mailbot.process.customers import CUSTOMERS
from mailbot.process.definition import Process
from mailbot.process.directory import Directory
from mailbot.process.request import Request, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """`steps` are the names of those that he may see, `fields` those of the requester's form (None: all of them).

    `words`: whether he reads what others have said and answered, beside what everybody concerned is told; `earlier`:
    also what the form once said.
    """

    steps: frozenset[str] | None = None
    fields: frozenset[str] | None = None
    words: bool = True
    earlier: bool = True

    @property
    def sees_request(self) -> bool:
        return self.steps is None

    def sees_step(self, step: Step) -> bool:
        return self.steps is None or step.name in self.steps

    @property
    def sees_earlier_forms(self) -> bool:
        return self.words or (self.earlier and self.fields is None)

    def sees_value(self, name: str) -> bool:
        """Of an expression: "form.size", "steps.billing.account"."""
        if not self.sees_request or name.startswith("steps."):
            return self.words
        field = name.removeprefix("form.").partition(".")[0] if name.startswith("form.") else None
        return field is None or self.fields is None or field in self.fields


ADMIN = Reader()
"""Reads everything."""


def reader_of(person: str, request: Request, process: Process, directory: Directory) -> Reader:
    """As whom somebody reads whom the request concerns.

    Admins and managers, and whoever is asked, read all: nobody is to approve what he does not know (trap 29). But where
    a rule says what it `shows`, that is all. A supplier reads of his own steps alone.
    """
    if person in directory.admins or is_among(person, process.managers, directory):
        return ADMIN
    if any(one.mark in _marks(request) for one in directory.clientele.accounts.get(person, ())):
        return ADMIN
    asked = list(_asked(person, request, directory))
    if directory.customer_of(person) is not None:
        return _as_of_a_customer(person, request, process, directory, asked)
    shows = [process.step(step.name).shows for step in asked]
    fields = frozenset().union(*(some or () for some in shows))
    if is_of_a_party(person, directory):
        return Reader(steps=frozenset(step.name for step in asked), fields=fields, words=False)
    if None in shows:
        return ADMIN
    if person == request.requester or person in request.watchers:
        return Reader(words=False)
    return Reader(fields=fields, words=False)


def _as_of_a_customer(
    person: str, request: Request, process: Process, directory: Directory, asked: Sequence[Step]
) -> Reader:
    """What our own people say among themselves is none of a customer's, whoever asked for it.

    Before the request was his customer's, it may have been another's.
    """
    shows = [process.step(step.name).shows for step in asked]
    if person == request.requester or None in shows:
        return Reader(words=False)
    if is_of_its_customer(person, request, directory):
        return Reader(words=False, earlier=False)
    return Reader(fields=frozenset().union(*(some or () for some in shows)), words=False)


def concerns(person: str, request: Request, directory: Directory) -> bool:
    """Whether he may know of it at all: its requester, watchers, its customer's people, the asked and whoever leads
    them, admins.
    """
    if person in {request.requester, *request.watchers, *directory.admins}:
        return True
    if is_of_its_customer(person, request, directory):
        return True
    return any(_asked(person, request, directory))


def names_of(person: str, directory: Directory) -> frozenset[str]:
    """All by which somebody may be asked: himself, the groups he is of or leads, those in whose place he sits now."""
    return frozenset(_names_of(person, directory))


def _names_of(person: str, directory: Directory) -> Iterator[str]:
    away = {who for who in directory.absences if person in directory.deputies(who)}
    yield from (*addresses_of(person, directory), *away)
    for name, group in directory.departments.items():
        if person in {*group.members, group.address} or group.lead in {person, *away}:
            yield name
            yield from filter(None, [group.address])
    for party in directory.parties.values():
        if any(matches(person, pattern) for pattern in (party.address, *party.accepts)):
            yield party.address


def addresses_of(person: str, directory: Directory) -> frozenset[str]:
    """His own, and those that stand for him."""
    return frozenset({person, *(alias for alias, owner in directory.aliases.items() if owner == person)})


def is_of_its_customer(person: str, request: Request, directory: Directory) -> bool:
    """Whether he writes for a customer that the request is about."""
    own = directory.customer_of(person)
    return own is not None and own.mark in _marks(request)


def _marks(request: Request) -> frozenset[str]:
    return frozenset(customer.mark for customer in request.customers.values())


def is_among(person: str, who: tuple[str, ...], directory: Directory) -> bool:
    """By a group's name, an address, or a pattern; "customers" are all who write for one."""
    groups = directory.groups_of(person)
    if CUSTOMERS in who and directory.customer_of(person) is not None:
        return True
    return any(one in groups or matches(person, one) for one in who)


def is_of_a_party(person: str, directory: Directory) -> bool:
    """A supplier, who is none of us."""
    patterns = (pattern for party in directory.parties.values() for pattern in (party.address, *party.accepts))
    return not directory.knows(person) and any(matches(person, pattern) for pattern in patterns)


def _asked(person: str, request: Request, directory: Directory) -> Iterator[Step]:
    names = names_of(person, directory)
    for step in request.steps:
        absent = (one.absent for one in step.stand_ins)
        if not names.isdisjoint({*step.asked, *step.departments, *absent}):
            yield step
