"""What the year has left, read with nothing but loops: all that queries answer is held against it."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mailbot.addresses import parse_address, parse_prefix
from mailbot.process.request import State, StepState
from mailbot.store import Connection, space, views
from year.simulation import START, Year

Entry = Mapping[str, Any]
QUESTIONS = 200
"""Of each kind."""
LONGEST = timedelta(days=40)
"""In which the last request comes to its end: a question whether space is still used, after 20 working days."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A prefix in a request's hands, from when to when, as its history's lines tell it."""

    prefix: str
    pool: str
    reference: str
    since: datetime
    ended: datetime | None


def faults(year: Year) -> Iterator[str]:
    """All that is not as it must be, in words; nothing when the year holds."""
    with year.bot.store.reading() as conn:
        export = [dict(row) for row in views.history(conn, views.HistoryFilter())]
        requests = list(views.requests(conn, views.RequestFilter(), year.now))
        yield from views.broken_chains(conn)
        yield from _of_ends(requests, year.now)
        yield from _of_filters(conn, export, {r.reference: r for r in requests})
        yield from _of_addresses(conn, export)
        yield from _of_timers(export)
    digests = year.kinds["digest"]
    if digests != 52:
        yield f"{digests} digests left in 52 weeks"


def _of_ends(requests: list[Any], now: datetime) -> Iterator[str]:
    """The end always comes, every open step has an owner and a due time, and what was taken is given back.

    Questions whether space is still used begin by themselves until the last day: those have their time before them.
    """
    for request in requests:
        waiting = [s for s in request.steps if s.state is StepState.OPEN and (s.undoes or not request.is_closed)]
        for step in waiting:
            owned = step.asked or step.network or step.trouble or step.wakes or _stands_for_items(step, request)
            if step.due is None or not owned:
                yield f"{request.reference}: {step.name} is open without an owner or a due time"
        goes_on = request.state is State.HELD or any(s.trouble for s in waiting) or now - request.created < LONGEST
        if not request.is_closed and not goes_on:
            yield f"{request.reference} ({request.type}) has not come to its end: {request.state}"
        before_its_time = request.state in {State.REJECTED, State.CANCELLED, State.FAILED}
        kept = [a.prefix for a in request.addresses if a.state in {"allocated", "reserved"}]
        if before_its_time and kept and not waiting:
            yield f"{request.reference} is {request.state} and keeps {kept}"


def _stands_for_items(step: Any, request: Any) -> bool:
    return any(other.name.startswith(f"{step.name}.") for other in request.steps)


def _of_filters(conn: Connection, export: list[Entry], requests: Mapping[str, Any]) -> Iterator[str]:
    """Each filter, alone and combined, gives what a loop over all entries gives."""
    dice = random.Random(2)
    users = sorted({e["actor"] for e in export} | {r.requester for r in requests.values()})
    actions, references = sorted({e["action"] for e in export}), sorted(requests)
    types = sorted({r.type for r in requests.values()})
    for _ in range(QUESTIONS):
        wanted = {
            "user": dice.choice([None, *dice.choices(users)]),
            "action": dice.choice([None, *dice.choices(actions)]),
            "reference": dice.choice([None, None, *dice.choices(references)]),
            "type": dice.choice([None, None, *dice.choices(types)]),
            "since": dice.choice([None, START + timedelta(days=dice.randrange(400))]),
        }
        wanted["until"] = wanted["since"] and wanted["since"] + timedelta(days=dice.randrange(60))
        found = [dict(row) for row in views.history(conn, views.HistoryFilter(**wanted))]
        expected = [e for e in export if _matches(e, requests.get(e["reference"]), wanted)]
        if found != expected:
            yield f"history of {wanted}: {len(found)} entries, by hand {len(expected)}"


def _matches(entry: Entry, request: Any, wanted: Mapping[str, Any]) -> bool:
    user, since, until = wanted["user"], wanted["since"], wanted["until"]
    return (
        (user is None or entry["actor"] == user or (request is not None and request.requester == user))
        and (wanted["action"] is None or entry["action"] == wanted["action"])
        and (wanted["reference"] is None or entry["reference"] == wanted["reference"])
        and (wanted["type"] is None or (request is not None and request.type == wanted["type"]))
        and (since is None or entry["at"] >= since)
        and (until is None or entry["at"] < until)
    )


def holdings(export: list[Entry]) -> list[Holding]:
    """Who held what from when to when, from lines like "10.0.0.0/28 from west until …" and "10.0.0.0/28 to west"."""
    held: dict[tuple[str, str], Holding] = {}
    found = []
    for entry in export:
        detail = entry["detail"] or ""
        if entry["action"] in {"allocated", "reserved"} and (match := re.match(r"(\S+) from (\S+)", detail)):
            key = match[1], match[2]
            if key not in held:  # else a reservation is taken up
                held[key] = Holding(match[1], match[2], entry["reference"], entry["at"], None)
        elif entry["action"] == "gave back" and (match := re.match(r"(\S+) to (\S+)", detail)):
            one = held.pop((match[1], match[2]), None)
            if one is not None:
                found.append(Holding(one.prefix, one.pool, one.reference, one.since, entry["at"]))
    return [*found, *held.values()]


def _of_addresses(conn: Connection, export: list[Entry]) -> Iterator[str]:
    """No prefix had two holders; and who had it at a moment is what the lines say."""
    dice = random.Random(3)
    all_ = [h for h in holdings(export) if "/" in h.prefix]
    by_block: dict[int, list[Holding]] = defaultdict(list)
    blocks = {h: parse_prefix(h.prefix) for h in all_}
    for one in all_:
        by_block[blocks[one].network >> 8].append(one)
    for near in by_block.values():
        for number, one in enumerate(near):
            for other in near[number + 1 :]:
                apart = (one.ended and one.ended <= other.since) or (other.ended and other.ended <= one.since)
                if not apart and blocks[one].overlaps(blocks[other]):
                    yield f"{one.prefix} of {one.reference} overlaps {other.prefix} of {other.reference}"
    for one in dice.sample(all_, min(QUESTIONS, len(all_))):
        at = one.since + (((one.ended or one.since + timedelta(days=1)) - one.since) / 2)
        address = parse_address(one.prefix.partition("/")[0])
        live = {space.State.ALLOCATED, space.State.RESERVED}
        had = [
            h.allocation.reference
            for h in space.who_had(conn, address)
            if h.since <= at and (h.ended is None or at < h.ended) and h.allocation.state in live
        ]
        if had != [one.reference]:
            yield f"who had {address} at {at}: {had}, by hand {one.reference}"


def _of_timers(export: list[Entry]) -> Iterator[str]:
    """Every timer fires once: no request is twice late, and none twice lapsed."""
    once = Counter((e["reference"], e["action"]) for e in export if e["action"] in {"lapsed", "completed", "ended"})
    for (reference, action), count in once.items():
        if count > 1:
            yield f"{reference} was {action} {count} times"
