"""One call of the API: by which key, for whom, what he may see, and whether the key does not call too often."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request

from mailbot.desk.query import Asker
from mailbot.process.reader import concerns
from mailbot.process.request import Request as Case
from mailbot.store import Connection, customers, keys, pages, views
from mailbot.store.keys import Key, Scope
from mailbot.store.records import Sight
from mailbot.web.api.errors import Refused, no_key, not_yours, nothing_here, wrong_query
from mailbot.web.parts import Parts
from mailbot.web.reading import Reading, process_of
from mailbot.web.session import Session
from mailbot.web.visit import Visit, parts_of

MOST_FAILURES = 20
"""Wrong keys from one address in a minute, before it must wait."""

_DEEDS = {Scope.ORDER: "order anything", Scope.APPROVE: "answer for anybody"}


@dataclass(slots=True)
class Pace:
    """How often is called in the minute that runs, by whom; each server counts for itself."""

    _minute: int = 0
    _calls: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def count(self, who: str, most: int, now: datetime) -> None:
        """Raises Refused, with the seconds to wait, where it is too often."""
        minute, second = divmod(int(now.timestamp()), 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._calls = minute, Counter()
            self._calls[who] += 1
            often = self._calls[who]
        if often > most:
            words = f"These were too many calls: wait {60 - second} seconds."
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "tooMany", words, headers={"Retry-After": str(60 - second)})


@dataclass(frozen=True, kw_only=True)
class Call:
    """`visits` are those for whom the key calls, each as if he looked himself."""

    parts: Parts
    request: Request
    key: Key
    visits: tuple[Visit, ...]
    now: datetime

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.parts.store.reading() as conn:
            yield conn

    @property
    def base(self) -> str:
        """Begins the links in answers."""
        return self.parts.url or str(self.request.base_url).rstrip("/")

    @property
    def people(self) -> frozenset[str]:
        """All addresses of those for whom it calls."""
        return frozenset[str]().union(*(visit.viewer.selves for visit in self.visits))

    @cached_property
    def sight(self) -> Sight:
        """What any of them may see."""
        return joined([visit.viewer.sight for visit in self.visits])

    def visit_of(self, case: Case) -> Visit:
        """As whom a request is read: its requester, else who is concerned; of a request that may be seen."""
        own = (visit for visit in self.visits if case.requester in visit.viewer.selves)
        others = (visit for visit in self.visits if _sees(visit.viewer, case))
        return next(own, None) or next(others, self.visits[0])

    def readings_of(self, conn: Connection, cases: Sequence[Case]) -> list[Reading]:
        found = []
        for case in views.with_addresses(conn, cases):
            visit = self.visit_of(case)
            found.append(Reading(visit=visit, request=case, process=process_of(visit, conn, case)))
        return found

    def found(self, conn: Connection, reference: str) -> Reading:
        """A request by its reference. Raises Refused where there is none to be seen."""
        case = pages.request(conn, reference, self.sight)
        if case is None:
            raise nothing_here()
        return self.readings_of(conn, [case])[0]

    def place(self, conn: Connection, after: str | None) -> str | None:
        """The request behind which a page is to begin. Raises Refused where there is none to be seen."""
        if after is not None and pages.request(conn, after, self.sight) is None:
            raise wrong_query("after", "the reference of a request in the list")
        return after

    def is_own(self, case: Case) -> bool:
        """Whether it is a request of one of its people; for an admin's key, every one is."""
        return self.key.scope is Scope.ADMIN or case.requester in self.people


def joined(sights: list[Sight]) -> Sight:
    return Sight(
        selves=frozenset[str]().union(*(one.selves for one in sights)),
        names=frozenset[str]().union(*(one.names for one in sights)),
        types=frozenset[str]().union(*(one.types for one in sights)),
        pools=frozenset[str]().union(*(one.pools for one in sights)),
        customers=frozenset[str]().union(*(one.customers for one in sights)),
        everything=any(one.everything for one in sights),
    )


def _sees(viewer: Asker, case: Case) -> bool:
    return viewer.is_admin or case.type in viewer.sight.types or concerns(viewer.person, case, viewer.directory)


def by(scope: Scope) -> Callable[[Request], Call]:
    """The dependency of a call that needs a key of this scope. Raises Refused."""

    def called(request: Request) -> Call:
        parts, pace = parts_of(request), pace_of(request)
        now = parts.now()
        with parts.store.reading() as conn:
            key = keys.recognised(conn, _text(request))
            visits = visits_of(parts, conn, request, key, now) if key else ()
        if key is None:
            count_failure(request, pace, now)
            raise no_key()
        if not keys.is_noted(key, now):
            parts.committed(lambda tx: keys.note_use(tx.conn, key, now))
        pace.count(f"key {key.id}", parts.config.limits.calls_per_minute, now)
        if not key.scope.covers(scope):
            raise not_yours(_DEEDS[scope])
        return Call(parts=parts, request=request, key=key, visits=visits, now=now)

    return called


def count_failure(request: Request, pace: Pace, now: datetime) -> None:
    """Of who comes with a wrong key. Raises Refused."""
    pace.count(f"peer {request.client.host if request.client else ''}", MOST_FAILURES, now)


def _text(request: Request) -> str:
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if kind.lower() == "bearer" else request.headers.get("x-api-key", "").strip()


def visits_of(parts: Parts, conn: Connection, request: Request, key: Key, now: datetime) -> tuple[Visit, ...]:
    """As whom a key calls."""
    return tuple(_visit(parts, conn, request, key, person, now) for person in _whom(conn, key))


def _whom(conn: Connection, key: Key) -> tuple[str, ...]:
    """A customer's key calls for him, whoever of his people it orders for; for nobody, once he is none any more."""
    if key.customer is None:
        return key.people
    return (key.people or (key.actor,)) if customers.named(conn, [key.customer]) else ()


def _visit(parts: Parts, conn: Connection, request: Request, key: Key, person: str, now: datetime) -> Visit:
    """An admin is one by a key of that scope alone; a customer's key is one of his people, and nobody else."""
    viewer = parts.viewer(conn, person)
    directory = viewer.directory
    if key.customer is not None:
        [customer] = customers.named(conn, [key.customer]).values()
        clientele = replace(directory.clientele, of={person: customer}, accounts={})
        directory = replace(directory, clientele=clientele)
        viewer = replace(viewer, directory=directory)
    if key.scope is not Scope.ADMIN:
        admins = tuple(admin for admin in directory.admins if admin != person)
        viewer = replace(viewer, directory=replace(directory, admins=admins))
    return Visit(parts=parts, request=request, session=Session(person=person), viewer=viewer, now=now)


def pace_of(request: Request) -> Pace:
    pace: Pace = request.app.state.pace
    return pace


Reads = Annotated[Call, Depends(by(Scope.READ))]
Orders = Annotated[Call, Depends(by(Scope.ORDER))]
Approves = Annotated[Call, Depends(by(Scope.APPROVE))]
