"""What rule files may name that stands in the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailbot.process.calendar import Calendar
from mailbot.process.expression import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The names of a configuration. `groups` gives each group's members; `led` are those that have a lead.

    `numbers` are those of the pools that give out numbers; `served`, by pool, those whose requests it may serve and its
    owner, where it serves not everybody. `working` are the hours of calendars, by name. `attributes` are what is kept
    of every customer beside his name.
    """

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    led: frozenset[str] = frozenset()
    pools: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    served: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calendars: frozenset[str] = frozenset()
    working: Mapping[str, Calendar] = field(default_factory=dict)
    targets: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    domains: tuple[str, ...] = ()
    attributes: Mapping[str, Known] = field(default_factory=dict)
