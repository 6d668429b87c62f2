"""A page for admins about other systems: who is told of events, whose keys there are, what NetBox is yet to hear."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.store import Connection, following, keys, space
from mailbot.store.space import sourced
from mailbot.store.subscribers import Subscription, subscriptions
from mailbot.web.visit import Visit, Visited

MOST = 100

router = APIRouter(prefix="/admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Somebody who is told of events; `behind` are those that he has not read past, of whatever type.

    `id` is what the shell calls him where it is not his name: callbacks of one key have its name in common.
    """

    name: str
    id: str
    kind: str
    where: str
    behind: int
    failing_since: datetime | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """A pool that follows NetBox: how much it is still to be told, and what of that people must see to."""

    name: str
    waiting: int
    stuck: tuple[sourced.Open, ...]


@router.get("/systems")
def systems(visit: Visited) -> Response:
    visit.must_be_admin()
    with visit.reading() as conn:
        listeners = list(_listeners(visit, conn))
        known = keys.known(conn)
        followers = list(_followers(visit, conn))
    return visit.page("systems.html", listeners=listeners, keys=known, followers=followers)


def _listeners(visit: Visit, conn: Connection) -> Iterator[Listener]:
    """Those of the configuration as it was are not among them."""
    configured, last = visit.parts.config.subscribers, following.last_position(conn)
    for to in subscriptions(conn):
        if not to.is_configured or to.id in configured:
            yield _listener(visit, to, last)


def _listener(visit: Visit, to: Subscription, last: int) -> Listener:
    configured = visit.parts.config.subscribers.get(to.id)
    return Listener(
        name=to.id if configured else to.key or "",
        id="" if configured else to.id,
        kind=configured.kind if configured else "hub",
        where=configured.where if configured else (to.callback or "").partition("?")[0],
        behind=max(0, last - to.position),
        failing_since=to.failing_since,
        error=to.error,
    )


def _followers(visit: Visit, conn: Connection) -> Iterator[Follower]:
    there = space.families(conn)
    for name, pool in visit.parts.config.pools.items():
        if pool.source and name in there:
            still = sourced.not_settled(conn, name)
            stuck = tuple(one for one in still if one.stuck)[:MOST]
            yield Follower(name=name, waiting=sum(not one.stuck for one in still), stuck=stuck)
