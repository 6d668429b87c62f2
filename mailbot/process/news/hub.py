"""What a subscription to TM Forum's hub asks for: its `query`, as TMF630 writes it."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl

from mailbot.errors import near_miss
from mailbot.process.news.payload import TMF_TYPES, Event, tmf_type
from mailbot.process.request import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Events of these types, about orders that are then in one of these states; none named: all."""

    types: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "eventType=ServiceOrderStateChangeEvent&state=completed,failed"; ValueError in words."""
        found: dict[str, set[str]] = {"eventType": set(), "state": set()}
        for name, value in parse_qsl(text.replace(" ", "").removeprefix("?"), keep_blank_values=True):
            key = name.removeprefix("event.").removeprefix("serviceOrder.")
            if key not in found:
                raise ValueError(f"the query asks by {name!r}, and can ask by eventType and state")
            found[key] |= set(value.split(","))
        _known(found["eventType"], TMF_TYPES, "a type of events")
        _known(found["state"], {state.value for state in State}, "a state")
        return cls(types=frozenset(found["eventType"]), states=frozenset(found["state"]))

    def asks_for(self, event: Event) -> bool:
        type_ = tmf_type(event)
        if type_ is None or event.request is None:
            return False
        of_type = not self.types or type_ in self.types
        return of_type and (not self.states or event.request["state"] in self.states)


def _known(given: set[str], known: frozenset[str] | set[str], what: str) -> None:
    for one in sorted(given - known):
        meant = near_miss(one, known)
        hint = f"did you mean {meant!r}?" if meant else f"known: {', '.join(sorted(known))}"
        raise ValueError(f"{one!r} is not {what} of service orders ({hint})")
