"""Who is who: departments, leads, aliases, admins and calendars, as values made from the configuration."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mailbot.config import Config
from mailbot.process.calendar import Calendar, calendars

HOUSE = "house"
"""The name of the house's own calendar."""

ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A group of people. With an `address`, one letter goes there and any member may answer it."""

    name: str
    title: str
    members: tuple[str, ...]
    address: str | None = None
    lead: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Everybody that decisions can name. Addresses are in their normal form (see config.address)."""

    bot: str
    admins: tuple[str, ...]
    domains: tuple[str, ...]
    departments: Mapping[str, Department] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def person(self, address: str) -> str:
        """The one address that stands for this person: an alias gives its owner."""
        return self.aliases.get(address, address)

    def groups_of(self, person: str) -> tuple[str, ...]:
        return tuple(name for name, group in self.departments.items() if person in group.members)

    def calendar(self, name: str | None) -> Calendar:
        return self.calendars[name or HOUSE]

    def addressees(self, asked: str) -> tuple[str, ...]:
        """Where letters to a department or an address go: its shared address, else each member."""
        group = self.departments.get(asked)
        if group is None:
            return (asked,)
        return (group.address,) if group.address else group.members

    def readers(self, seat: str) -> frozenset[str]:
        """The members of the groups whose shared address it is; nobody for a person's own address."""
        return frozenset(m for g in self.departments.values() if g.address == seat for m in g.members)

    def may_sit(self, person: str, seat: str) -> bool:
        """Whether this person's answer counts for `seat`: himself, or a member of the group whose address it is."""
        return person == seat or person in self.readers(seat)

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
        )
        for name, group in config.groups.items()
    }
    aliases = {alias: owner for owner, person in config.people.items() for alias in person.aliases}
    return Directory(
        bot=config.bot.address,
        admins=tuple(config.bot.admins),
        domains=tuple(config.bot.domains),
        departments=departments,
        aliases=aliases,
        calendars=calendars(config),
    )
