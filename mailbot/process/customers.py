"""Customers as values: who they are, whose people somebody is, and what a decision knows of one at its moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from ipaddress import ip_network

from mailbot.config import Config
from mailbot.config.clientele import spelled
from mailbot.config.customers import CUSTOMERS, Period
from mailbot.config.customers import Customer as Table

__all__ = [
    "CUSTOMERS",
    "NOBODY",
    "Attributes",
    "Clientele",
    "Customer",
    "Nameable",
    "Period",
    "Quota",
    "Standing",
    "begun",
    "completed",
    "customer_of",
    "customers_of",
    "defaults_of",
    "left",
    "spelled",
]

Attributes = Mapping[str, str | int | bool]

_MOST_BITS = 14
"""Of the number of prefixes in which an amount is told."""

MARK = "customer:"
"""Begins the name by which a request concerns a customer: "customer:C-1001"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """`most` addresses (or numbers) of a pool: held, or with `every` taken anew in each such time.

    Where it was said in prefixes, they have this `length`, and so many `host_bits`.
    """

    pool: str
    most: int
    every: Period | None = None
    length: int | None = None
    host_bits: int = 0

    def told(self, amount: int) -> str:
        """An amount of it in words, in prefixes where it was said so: "2 /48", and "511 /56" of what is left of these.

        Of what would come out in very many, about ("~").
        """
        if self.length is None or not amount:
            return f"{amount:,}"
        even = (amount & -amount).bit_length() - 1
        bits = min(self.host_bits, max(even, amount.bit_length() - _MOST_BITS))
        return f"{'' if bits <= even else '~'}{amount >> bits:,} /{self.length + self.host_bits - bits}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """`account_manager` is an address or a group. `formerly` are the names he had: what he took under them is his.

    `attributes` are those that were said of him; on record, defaults are none of them (`completed`).
    """

    id: str
    name: str
    account_manager: str
    domains: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    quotas: tuple[Quota, ...] = ()
    attributes: Attributes = field(default_factory=dict)
    formerly: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All that his space may be booked under."""
        return frozenset({self.id, self.name, *self.formerly})

    @property
    def mark(self) -> str:
        """By this his requests concern him and his people."""
        return MARK + self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a decision knows of a customer: amounts are addresses (or numbers), by pool.

    `held` is what he holds now and `left` what his quotas leave him, both without what the request itself has taken.
    A pool that is not named: nothing.
    """

    id: str
    name: str
    account_manager: str
    attributes: Attributes = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        return MARK + self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Clientele:
    """As much of the customers as was looked up for what is being decided or asked.

    `of` are people of customers, each with his customer; `accounts` are account managers, each with theirs. `named` are
    the customers that a form names, by what it calls them (`spelled`), and `near` what was probably meant by others.
    """

    of: Mapping[str, Customer] = field(default_factory=dict)
    accounts: Mapping[str, tuple[Customer, ...]] = field(default_factory=dict)
    named: Mapping[str, Standing] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)
    defaults: Attributes = field(default_factory=dict)
    """The attributes of customers of whom nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nameable:
    """The customers that a requester may name: `own` alone where he writes for one; else those of `clientele`."""

    own: Customer | None = None
    clientele: Clientele = field(default_factory=Clientele)

    def name_of(self, text: str) -> str | None:
        """What the customer is called now that is called so; nothing means one's own."""
        if self.own is not None:
            called = {"", *map(spelled, self.own.names)}
            return self.own.name if spelled(text) in called else None
        found = self.clientele.named.get(spelled(text))
        return found.name if found else None

    def meant(self, text: str) -> str | None:
        return None if self.own is not None else self.clientele.near.get(spelled(text))


NOBODY = Nameable()

# -- from the configuration -------------------------------------------------------------------------------------------


def customers_of(config: Config) -> list[Customer]:
    """All that a configuration defines."""
    return [customer_of(name, table, config) for name, table in config.customers.items()]


def customer_of(name: str, table: Table, config: Config) -> Customer:
    """One, as a table of the configuration or a row of an import says it; checked already."""
    return Customer(
        id=table.id or name,
        name=name,
        account_manager=table.account_manager,
        domains=table.domains,
        addresses=table.addresses,
        quotas=tuple(_quotas(table, config)),
        attributes=table.attributes,
    )


def defaults_of(config: Config) -> Attributes:
    """What attributes are where a customer's record does not say."""
    return {name: terms.default for name, terms in config.customer_attributes.items() if terms.default is not None}


def completed(customer: Customer, defaults: Attributes) -> Customer:
    """With what is kept of every customer, where nothing else is said of him."""
    return replace(customer, attributes={**defaults, **customer.attributes})


def _quotas(table: Table, config: Config) -> Iterator[Quota]:
    for pool, amounts in table.quotas.items():
        prefixes = config.pools[pool].prefixes
        width = ip_network(prefixes[0]).max_prefixlen if prefixes else 0
        for amount in amounts:
            host_bits = 0 if amount.length is None else width - amount.length
            yield Quota(
                pool=pool,
                most=amount.count << host_bits,
                every=amount.every,
                length=amount.length,
                host_bits=host_bits,
            )


# -- quotas -----------------------------------------------------------------------------------------------------------


def begun(every: Period, now: datetime, zone: tzinfo) -> datetime:
    """When the day, week, month or year began that it is now, on the clocks of the zone."""
    day = now.astimezone(zone).date()
    match every:
        case Period.DAY:
            pass
        case Period.WEEK:
            day -= timedelta(days=day.weekday())
        case Period.MONTH:
            day = day.replace(day=1)
        case Period.YEAR:
            day = day.replace(month=1, day=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def left(rests: Mapping[Quota, int]) -> dict[str, int]:
    """What is left by pool: of several quotas of it, the one that leaves least."""
    found: dict[str, int] = {}
    for quota, rest in rests.items():
        found[quota.pool] = min(rest, found.get(quota.pool, rest))
    return found
