"""What of the events somebody may see: all of it, or what is told to customers, and to requesters, of their own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

from mailbot.config.address import matches
from mailbot.process.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`customers` by name, `requesters` by address or pattern."""

    customers: tuple[str, ...] = ()
    requesters: tuple[str, ...] = ()
    sees_everything: bool = False

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """As a subscription keeps it: {} sees everything, and one that names nobody sees nothing."""
        named = {name: tuple(values.get(name, ())) for name in ("customers", "requesters")}
        return cls(**named, sees_everything=not values)

    def sees(self, request: Request | None, allocation: Mapping[str, Any] | None) -> bool:
        """An event about this request, or this space. What is about the house is for nobody with a scope."""
        if self.sees_everything:
            return True
        if allocation is not None:
            return self._names({allocation.get("customer")}, allocation.get("holder"))
        return request is not None and self._names(customers_of(request), request.requester)

    def _names(self, customers: Collection[str | None], requester: str | None) -> bool:
        known = {name.casefold() for name in self.customers}
        if any(name is not None and name.casefold() in known for name in customers):
            return True
        return requester is not None and any(matches(requester, pattern) for pattern in self.requesters)


def customers_of(request: Request) -> frozenset[str]:
    """All that the customers of a request are called, as they are on record: what a form merely says is nobody's."""
    on_record = (name for one in request.customers.values() for name in (one.id, one.name))
    return frozenset({*request.customers, *on_record})
