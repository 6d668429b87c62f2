"""Who there is: `[groups.NAME]`, `[people."ADDRESS"]`, `[parties.NAME]`."""

from pydantic import Field

from mailbot.config.kinds import HIDDEN, Address, Line, Name, Pattern, Section, Several, TimeOfDay


class Group(Section):
    """A department. `title` is its name unless it is given."""

    title: Line = ""
    members: Several[Address] = ()
    address: Address | None = None
    lead: Address | None = None
    batch: Several[TimeOfDay] = ()
    calendar: Name | None = None
    name: str = Field(default="", validation_alias=HIDDEN)


class Person(Section):
    """More about one address."""

    aliases: Several[Address] = ()
    calendar: Name | None = None


class Party(Section):
    """A supplier: asked at `address`, answering from whatever `accepts` names (by default that address)."""

    title: Line = ""
    address: Address
    accepts: Several[Pattern] = Field(default_factory=lambda given: (given["address"],), min_length=1)
    calendar: Name | None = None
    name: str = Field(default="", validation_alias=HIDDEN)
