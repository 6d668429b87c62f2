"""Who may see what: admins all; everybody his own, what he was asked about, what he manages or cares for.

A customer's people see that customer: his requests and his space, whoever of them asked for it, and nothing else.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from mailbot.process.customers import Customer
from mailbot.process.definition import Process
from mailbot.process.directory import Directory
from mailbot.process.pools import pools_of
from mailbot.process.reader import ADMIN, Reader, addresses_of, is_among, is_of_a_party, names_of, reader_of
from mailbot.process.request import Request
from mailbot.store.records import Sight


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Somebody who asks; `directory` has looked up whose customer he is, if anybody's.

    `owners` and `users` are the pools' owners, and those whose requests each may serve (none named: all), by pool.
    """

    person: str
    directory: Directory
    processes: Mapping[str, Process]
    owners: Mapping[str, str]
    users: Mapping[str, tuple[str, ...]]

    @property
    def is_admin(self) -> bool:
        return self.person in self.directory.admins

    @cached_property
    def customer(self) -> Customer | None:
        """For whom he writes; None for one of us."""
        return self.directory.customer_of(self.person)

    @property
    def looks_after(self) -> tuple[Customer, ...]:
        """Those whose account manager he is."""
        return self.directory.clientele.accounts.get(self.person, ())

    @property
    def has_customers(self) -> bool:
        """Whether customers are his daily business: he writes for one, or looks after some."""
        return self.is_admin or self.customer is not None or bool(self.looks_after)

    def may_see_customer(self, customer: Customer) -> bool:
        """His own; of us everybody, as we name them in our forms. Suppliers and strangers none."""
        if self.customer is not None:
            return customer.id == self.customer.id
        return self.is_admin or self.directory.knows(self.person)

    def sees_all_of(self, customer: Customer) -> bool:
        """Also the sums of what he holds."""
        return self.is_admin or customer.names <= set(self.sight.customers)

    @cached_property
    def selves(self) -> frozenset[str]:
        """His addresses."""
        return addresses_of(self.person, self.directory)

    @cached_property
    def names(self) -> frozenset[str]:
        """All by which a request may concern him. Suppliers have their letters, and no more."""
        return frozenset() if is_of_a_party(self.person, self.directory) else names_of(self.person, self.directory)

    @cached_property
    def sight(self) -> Sight:
        """Which requests, and whose addresses."""
        if self.customer is not None:
            return sight_of(self.customer, self.selves)
        return Sight(
            selves=self.selves,
            names=self.names | {one.mark for one in self.looks_after},
            customers=frozenset().union(*(one.names for one in self.looks_after)),
            types=frozenset(type_ for type_, one in self.processes.items() if self._is_among(one.managers)),
            pools=frozenset(pool for pool, owner in self.owners.items() if self._is_among((owner,))),
            everything=self.is_admin,
        )

    def reads(self, request: Request, process: Process) -> Reader:
        """What of a request that he may see."""
        if request.type in self.sight.types:
            return ADMIN
        return reader_of(self.person, request, process, self.directory)

    def may_ask_for(self, process: Process) -> bool:
        """Whether he is of those who may; nobody else hears of it."""
        return self._is_among(process.who)

    def may_ask_for_room(self, pool: str) -> bool:
        """Whoever cares for the pool, or may ask for something that comes out of it: of us, and of no customer."""
        if self.customer is not None:
            return False
        if self.is_admin or pool in self.sight.pools:
            return True
        users = self.users.get(pool)
        served = users is not None and (not users or self._is_among(users))
        return served and any(
            pool in pools_of(process) for process in self.processes.values() if self._is_among(process.who)
        )

    def _is_among(self, who: tuple[str, ...]) -> bool:
        return is_among(self.person, who, self.directory)


def sight_of(customer: Customer, selves: Collection[str] = ()) -> Sight:
    """All that may be seen in a customer's name: by one of his people (`selves`: his addresses), or by a key."""
    return Sight(selves=selves, names={customer.mark, *selves}, customers=customer.names)
