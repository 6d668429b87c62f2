"""Who is who: departments, leads, aliases, admins and calendars, as values made from the configuration."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from mailbot.config import Config
from mailbot.config.address import matches
from mailbot.process.calendar import PATIENCE, Calendar, calendars
from mailbot.process.customers import Clientele, Customer, Nameable, defaults_of
from mailbot.process.definition import Field, FieldType

HOUSE = "house"
"""The name of the house's own calendar."""

ALWAYS = "always"

PARTY = "party:"
"""Begins the name of a supplier, where a process asks one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A group of people. With an `address`, one letter goes there and any member may answer it.

    With `batch`, what its members must do is gathered into one letter at these hours of its working days (`calendar`).
    """

    name: str
    title: str
    members: tuple[str, ...]
    address: str | None = None
    lead: str | None = None
    batch: tuple[time, ...] = ()
    calendar: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Somebody is away from `since` up to `until`; meanwhile `deputy` stands in for him."""

    person: str
    since: datetime
    until: datetime
    deputy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A party outside the house: written to at `address`, answering from whatever `accepts` matches."""

    name: str
    title: str
    address: str
    accepts: tuple[str, ...]
    calendar: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Whose a pool is, and whose requests it serves; no `users`: everybody's. Both by group or address."""

    owner: str = ""
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Everybody that decisions can name. Addresses are in their normal form (see config.address)."""

    bot: str
    admins: tuple[str, ...]
    domains: tuple[str, ...]
    departments: Mapping[str, Department] = field(default_factory=dict)
    parties: Mapping[str, Supplier] = field(default_factory=dict)
    """By the name that a process asks them by: "party:scrubber"."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    working: Mapping[str, str] = field(default_factory=dict)
    """Of people who work by a calendar of their own: its name."""
    absences: Mapping[str, Absence] = field(default_factory=dict)
    """Those that hold now, by person."""
    usual: Mapping[str, timedelta] = field(default_factory=dict)
    """What departments usually need to answer, where that is known: working time, by name."""
    clientele: Clientele = field(default_factory=Clientele)
    """As much of the customers as was looked up for the moment."""
    pools: Mapping[str, Keeping] = field(default_factory=dict)

    def person(self, address: str) -> str:
        """The one address that stands for this person: an alias gives its owner."""
        return self.aliases.get(address, address)

    def groups_of(self, person: str) -> tuple[str, ...]:
        return tuple(name for name, group in self.departments.items() if person in group.members)

    def customer_of(self, person: str) -> Customer | None:
        """The customer that somebody writes for; None for us, whatever a customer's record may say."""
        return None if self.knows(person) or person in self.admins else self.clientele.of.get(person)

    def nameable_by(self, person: str) -> Nameable:
        """The customers that a form of this person may name: his own, or for us any; for strangers none."""
        if (own := self.customer_of(person)) is not None:
            return Nameable(own=own)
        return Nameable(clientele=self.clientele) if self.knows(person) or person in self.admins else Nameable()

    def known_of(self, person: str, fields: Iterable[Field]) -> dict[str, str]:
        """What a form need not ask of somebody, by field: which customer he writes for."""
        own = self.customer_of(person)
        return {f.name: own.name for f in fields if f.type is FieldType.CUSTOMER} if own else {}

    def calendar(self, name: str | None) -> Calendar:
        return self.calendars[name or HOUSE]

    def calendar_of(self, address: str, fallback: str | None = None, asking: Collection[str] = ()) -> Calendar:
        """The working time of whoever reads letters to this address: his own, else his department's, else his party's,
        else `fallback`, else the house's.

        `asking` are the departments by which he was asked: of several that he belongs to, these come first.
        """
        person = self.person(address)
        groups = sorted(self.departments.values(), key=lambda group: group.name not in asking)
        theirs = (group.calendar for group in groups if person in {*group.members, group.address, group.lead})
        party = self.party_at(person)
        known = (self.working.get(person), *theirs, party.calendar if party else None, fallback)
        return self.calendar(next(filter(None, known), None))

    def addressees(self, asked: str) -> tuple[str, ...]:
        """Where letters to a department or an address go: its shared address, else each member."""
        if party := self.parties.get(asked):
            return (party.address,)
        group = self.departments.get(asked)
        if group is None:
            return (asked,)
        return (group.address,) if group.address else group.members

    def readers(self, seat: str) -> frozenset[str]:
        """The members of the groups whose shared address it is; nobody for a person's own address."""
        return frozenset(m for g in self.departments.values() if g.address == seat for m in g.members)

    def may_sit(self, person: str, seat: str) -> bool:
        """Whether this person's answer counts for `seat`: himself, a deputy of one who is away, a member of the group
        or one of the party whose address it is.
        """
        if person == seat or person in self.readers(seat) or person in self.deputies(seat):
            return True
        party = self.party_at(seat)
        return party is not None and any(matches(person, pattern) for pattern in party.accepts)

    def deputies(self, person: str) -> tuple[str, ...]:
        """Who may act for him while he is away: his deputy; where that one is away too, also his, and so on, each
        once. Nobody, while he is there.
        """
        found: list[str] = []
        absence = self.absences.get(person)
        while absence is not None and absence.deputy not in {person, *found}:
            found.append(absence.deputy)
            absence = self.absences.get(absence.deputy)
        return tuple(found)

    def stand_in(self, person: str, but: Iterable[str] = ()) -> str | None:
        """Whoever is there for this person: himself, else the first of his deputies who is not away and none of `but`;
        None where all are.
        """
        barred = {*but, *self.absences}
        return next((who for who in (person, *self.deputies(person)) if who not in barred), None)

    def gathers_until(self, seat: str, departments: Iterable[str], now: datetime) -> datetime | None:
        """When whoever is asked in this seat gets the list of all that he must do; None: each is a letter of its own.

        Only where every one of the departments by which he is asked gathers.
        """
        groups = [self.departments[name] for name in departments if name in self.departments]
        asking = [group for group in groups if seat == group.address or seat in group.members]
        hours = [hour for group in asking if (hour := self._next_batch(group, now))]
        return min(hours) if hours and len(hours) == len(asking) else None

    def _next_batch(self, group: Department, now: datetime) -> datetime | None:
        """The group's next hour after `now`, on a day on which it works."""
        if not group.batch:
            return None
        calendar = self.calendar(group.calendar)
        today = now.astimezone(calendar.zone).date()
        days = (today + timedelta(days=ahead) for ahead in range(PATIENCE))
        moments = (
            datetime.combine(day, hour, calendar.zone).astimezone(UTC)
            for day in days
            if calendar.is_worked(day)
            for hour in sorted(group.batch)
        )
        return next((moment for moment in moments if moment > now), None)

    def party_at(self, seat: str) -> Supplier | None:
        """The supplier whose address it is."""
        return next((party for party in self.parties.values() if party.address == seat), None)

    def party_of(self, person: str) -> Supplier | None:
        """The supplier that he writes for; None for one of us."""
        if party := self.party_at(person):
            return party
        known = self.knows(person)
        accepting = (p for p in self.parties.values() if any(matches(person, pattern) for pattern in p.accepts))
        return None if known else next(accepting, None)

    def title(self, asked: str) -> str | None:
        """What a department or a supplier is called; None where it is neither."""
        found = self.departments.get(asked) or self.parties.get(asked)
        return found.title if found else None

    def leads(self, departments: Iterable[str]) -> tuple[str, ...]:
        found = (self.departments[name].lead for name in departments if name in self.departments)
        return tuple(dict.fromkeys(lead for lead in found if lead))

    def knows(self, address: str) -> bool:
        """One of us: of our domains, or a member of a group."""
        return address.rpartition("@")[2] in self.domains or bool(self.groups_of(address))


def directory_of(config: Config) -> Directory:
    """Everybody that a configuration names."""
    departments = {
        name: Department(
            name=name,
            title=group.title or name,
            members=tuple(group.members),
            address=group.address,
            lead=group.lead,
            batch=tuple(group.batch),
            calendar=group.calendar,
        )
        for name, group in config.groups.items()
    }
    parties = {
        PARTY + name: Supplier(
            name=name,
            title=party.title or name,
            address=party.address,
            accepts=tuple(party.accepts),
            calendar=party.calendar,
        )
        for name, party in config.parties.items()
    }
    aliases = {alias: owner for owner, person in config.people.items() for alias in person.aliases}
    return Directory(
        bot=config.bot.address,
        admins=tuple(config.bot.admins),
        domains=tuple(config.bot.domains),
        departments=departments,
        parties=parties,
        pools={name: Keeping(owner=pool.owner or "", users=tuple(pool.users)) for name, pool in config.pools.items()},
        aliases=aliases,
        calendars=calendars(config),
        clientele=Clientele(defaults=defaults_of(config)),
        working={owner: person.calendar for owner, person in config.people.items() if person.calendar},
    )
