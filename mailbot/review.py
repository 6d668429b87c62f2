"""The door that reviews begin by: whoever has held space for long is asked by itself whether he still needs it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from itertools import islice

from mailbot.desk import Desk
from mailbot.errors import Conflict
from mailbot.process.customers import spelled
from mailbot.process.definition import Process, Review
from mailbot.process.request import REVIEW, Submitted
from mailbot.process.rules import Rules
from mailbot.store import Connection, Store, Transaction, customers, space

MOST_A_DAY = 50
"""Reviews that one process begins in a day: nobody's holders are to be flooded when a rule is new."""

LOOKED = "reviews were begun on: "
"""Begins the fact, one a type, that says on which day that was last done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """`rules` gives the processes as they are now."""

    store: Store
    desk: Desk
    rules: Callable[[], Rules]

    def run(self, now: datetime) -> int:
        """Begin what is due, once a working day; how many were begun."""
        calendar = self.desk.directory.calendar(None)
        if calendar.next_working(now) != now:
            return 0
        today = now.astimezone(calendar.zone).date().isoformat()
        reviewed = [process for process in self.rules().processes.values() if process.review]
        return sum(self._begin(process, process.review, today, now) for process in reviewed if process.review)

    def _begin(self, process: Process, review: Review, today: str, now: datetime) -> int:
        fact = LOOKED + process.type
        with self.store.reading() as conn:
            if Transaction(conn).fact(fact) == today:
                return 0
            # Among a million allocations this takes seconds: it is looked for where it holds nobody up.
            with closing(space.to_review(conn, review.pools, now - review.after.elapsed)) as found:
                due = list(islice(self._asked(conn, found), MOST_A_DAY))
        try:
            with self.store.transaction() as tx:
                tx.hold(fact)
                if tx.fact(fact) == today:
                    return 0
                tx.set_fact(fact, today)
                still = [(held, who) for held, who in due if _is_held(tx, held)]
                for held, who in still:
                    self._ask(tx, process, review, held, who, now)
                return len(still)
        except Conflict:
            return 1  # another bot was faster: there is something to look at again

    def _asked(self, conn: Connection, found: Iterable[space.Allocation]) -> Iterator[tuple[space.Allocation, str]]:
        """Each with whoever is asked: its holder, else its customer's account manager. Without both, nobody can be."""
        manager = cache(partial(self._account_manager, conn))
        for held in found:
            if who := self.desk.directory.person(held.holder) if held.holder else manager(held.customer or ""):
                yield held, who

    def _account_manager(self, conn: Connection, customer: str) -> str:
        """One address: of a department its own, else its lead's, else its first member's; "" where there is none."""
        directory = self.desk.directory
        found = customers.named(conn, [customer]).get(spelled(customer))
        if found is None:
            return ""
        group = directory.departments.get(found.account_manager)
        names = (group.address, group.lead, *group.members) if group else (found.account_manager,)
        return directory.person(next((name for name in names if name and "@" in name), ""))

    def _ask(
        self, tx: Transaction, process: Process, review: Review, held: space.Allocation, who: str, now: datetime
    ) -> None:
        request = self.desk.open(
            tx,
            process,
            self.rules().sources[process.version],
            Submitted(given={review.field: str(held.prefix)}),
            requester=who,
            channel=REVIEW,
            now=now,
        )
        space.note_review(tx.conn, held, request.reference, now)


def _is_held(tx: Transaction, held: space.Allocation) -> bool:
    """Nothing has become of it since it was looked for."""
    return space.find(tx.conn, held.prefix, held.vrf, pool=held.pool) == held
