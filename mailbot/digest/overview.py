"""The overview of a week, read from the store: every number of the digest, and its lists."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from mailbot.addresses import Family
from mailbot.desk import Desk
from mailbot.desk.context import shown_shortly
from mailbot.desk.outlook import HORIZON, asked_for, days_left, lasts
from mailbot.desk.overview import LostRow, OpenRow, Overview, PoolRow, WaitRow, WeekRow
from mailbot.digest import words
from mailbot.digest.figures import Pace, Span, Tally, answered, pace, tally
from mailbot.digest.idle import idle_rows
from mailbot.digest.pictures import pool_picture, weeks_picture
from mailbot.digest.wanted import waits_for
from mailbot.mail.letter import line
from mailbot.process.forecast import is_late
from mailbot.process.request import Request, State
from mailbot.store import Connection, period, space, unreachable
from mailbot.words import listed, say

LISTED = 10
DRAWN = 3
"""Pools that are drawn, of those that somebody should do something about: a letter is no atlas."""
WEEKS = 8
_WEEK = timedelta(days=7)
_SUMMARY = 56
"""Characters of a summary, so that a line of the text letter holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read, before it becomes words: `open` are the requests that are open at the end of the span."""

    tally: Tally
    pace: Pace
    open: Sequence[Request]
    asked_for: Mapping[str, int]
    """Pool → addresses that it gives out if all that is open is granted."""


def read(conn: Connection, desk: Desk, span: Span) -> Reading:
    requests = list(period.requests_between(conn, span.since, span.until))
    still_open = [request for request in requests if not request.is_closed]
    return Reading(
        tally=tally(requests, span),
        pace=pace(answered(requests, span), desk.directory.calendar(None)),
        open=still_open,
        asked_for=asked_for(conn, desk, still_open),
    )


def overview(conn: Connection, desk: Desk, span: Span, hour: datetime) -> Overview:
    """`hour` is the one that the digest belongs to: when it should have left."""
    assert span.since is not None  # noqa: S101 (a digest always begins somewhere)
    found = read(conn, desk, span)
    zone = desk.post.correspondent.letterhead.zone
    late = sorted((r for r in found.open if is_late(r, span.until)), key=_due)
    others = sorted((r for r in found.open if not is_late(r, span.until)), key=_due)
    rows, waiting = [_open_row(r, desk, span.until) for r in (*late, *others)], _waiting(found.open, desk, span.until)
    pools = list(_pools(conn, desk, found.asked_for, span.until))
    moved = list(space.moves(conn, span.since, span.until))
    weeks = _weeks(conn, desk, span.until)
    return Overview(
        week=words.week_of(hour, zone),
        since=shown_shortly(span.since, zone),
        until=shown_shortly(span.until, zone),
        came=found.tally.came,
        granted=found.tally.granted,
        refused=found.tally.refused,
        cancelled=found.tally.cancelled,
        failed=found.tally.failed,
        open=len(found.open),
        late=len(late),
        met=words.kept(found.pace),
        median=words.hours(found.pace.median),
        ninety=words.hours(found.pace.ninety),
        late_rows=tuple(rows[: len(late)][:LISTED]),
        late_more=max(len(late) - LISTED, 0),
        open_rows=tuple(rows[len(late) :][:LISTED]),
        open_more=max(len(others) - LISTED, 0),
        waiting=tuple(waiting[:LISTED]),
        waiting_more=max(len(waiting) - LISTED, 0),
        pools=tuple(pools[:LISTED]),
        pools_more=max(len(pools) - LISTED, 0),
        idle=tuple(idle_rows(conn, desk, span.until))[:LISTED],
        unreachable=tuple(_lost(conn, zone))[:LISTED],
        given_out=words.prefixes(move.prefix for move in moved if move.given_out),
        given_back=words.prefixes(move.prefix for move in moved if not move.given_out),
        weeks=weeks,
        chart=weeks_picture(weeks),
        seal=period.seal(conn),
    )


def _due(request: Request) -> tuple[bool, datetime]:
    """Soonest first, then those without a due time, oldest first."""
    return request.due is None, request.due or request.created


def _open_row(request: Request, desk: Desk, now: datetime) -> OpenRow:
    correspondent = desk.post.correspondent
    return OpenRow(
        reference=request.reference,
        summary=words.short(line(request.summary or request.type), _SUMMARY),
        waits_for=line(listed(waits_for(request, desk.directory, correspondent.pools))),
        due=shown_shortly(request.due, correspondent.letterhead.zone),
        late=is_late(request, now),
    )


def _waiting(requests: Sequence[Request], desk: Desk, now: datetime) -> list[WaitRow]:
    """Where most is late first, then where most is open."""
    still_open, late = Counter[str](), Counter[str]()
    for request in requests:
        who = waits_for(request, desk.directory, desk.post.correspondent.pools)
        still_open.update(who)
        late.update(who if is_late(request, now) else ())
    rows = [WaitRow(who=line(who), open=count, late=late[who]) for who, count in still_open.items()]
    return sorted(rows, key=lambda row: (-row.late, -row.open, row.who))


def _pools(conn: Connection, desk: Desk, asked: Mapping[str, int], now: datetime) -> Iterator[PoolRow]:
    """In the order of the configuration."""
    growth, still_drawn = space.growth(conn, now - HORIZON), DRAWN
    families = space.families(conn)
    for name, title in desk.post.correspondent.pools.items():
        if name not in families:
            continue
        figures = space.figures(conn, name)
        used, size, more = figures.used, figures.size, asked.get(name, 0)
        bar = -(-100 * used // size) if size else 0
        warn = 100 * (used + more) >= desk.warn_at.get(name, 100) * size
        drawn = pool_picture(space.picture(conn, name)) if warn and still_drawn else None
        still_drawn -= warn and bool(still_drawn)
        yield PoolRow(
            name=name,
            title=line(title),
            used=words.share(used, size),
            if_granted=words.share(used + more, size) if more else "",
            free=words.amount(figures.free, families[name]),
            largest_free=_largest_free(figures),
            lasts=lasts(days_left(growth.get(name, {}), used, size)) if figures.free else say("digest.full"),
            bar=bar,
            more=min(-(-100 * (used + more) // size), 100) - bar if size else 0,
            warn=warn,
            drawn=drawn,
        )


def _lost(conn: Connection, zone: tzinfo) -> Iterator[LostRow]:
    for one in unreachable.all_(conn).values():
        yield LostRow(person=line(one.person), since=shown_shortly(one.since, zone), status=one.status)


def _largest_free(figures: space.Figures) -> str:
    """A prefix length; "" for numbers, which are all alike."""
    if figures.family is Family.NUMBER:
        return ""
    return f"/{figures.largest_free.length}" if figures.largest_free else say("digest.none")


def _weeks(conn: Connection, desk: Desk, until: datetime) -> tuple[WeekRow, ...]:
    """Seven days each, the last ones ending now."""
    ends = [until - number * _WEEK for number in reversed(range(WEEKS))]
    lives = list(period.lives(conn, ends[0] - _WEEK))
    zone = desk.post.correspondent.letterhead.zone
    return tuple(
        WeekRow(
            week=words.week_of(end, zone),
            came=sum(created in span for created, _, _ in lives),
            granted=sum(closed in span and state == State.COMPLETED for _, closed, state in lives),
        )
        for end in ends
        for span in [Span(since=end - _WEEK, until=end)]
    )
