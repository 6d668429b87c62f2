"""What people hear of a pool that follows NetBox: what cannot be mended without them, once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mailbot.desk import Desk
from mailbot.process.request import Kind, Notice
from mailbot.sourcing.compare import Difference
from mailbot.store import Transaction
from mailbot.store.space import sourced
from mailbot.words import say

AWAY_SINCE = "its source is away since: "
TOLD = "told of its source: "
PATIENCE = timedelta(minutes=15)
"""That NetBox may be away before people hear of it."""
SHOWN = 20


def tell_troubles(
    tx: Transaction, *, desk: Desk, pool: str, clashes: Sequence[Difference], away: str, now: datetime
) -> None:
    """To the pool's owner and the admins; again only when it is something else."""
    lines = [clash.words for clash in clashes]
    lines += [f"{one.prefix}: {one.detail}" for one in sourced.not_settled(tx.conn, pool) if one.stuck]
    since = _away(tx, pool, away, now)
    words = "\n".join([*lines, f"away since {since}"] if since else lines)
    if words == (tx.fact(TOLD + pool) or ""):
        return
    tx.set_fact(TOLD + pool, words or None)
    if since:
        lines.append(say("sourcing.cannot_be_asked", since=f"{since:%Y-%m-%d %H:%M}", why=away))
    if lines:
        _tell(tx, desk, pool, lines, now)


def _away(tx: Transaction, pool: str, away: str, now: datetime) -> datetime | None:
    """Since when, where that is longer than one waits."""
    since = tx.fact(AWAY_SINCE + pool)
    if not away:
        tx.set_fact(AWAY_SINCE + pool, None)
        return None
    if since is None:
        tx.set_fact(AWAY_SINCE + pool, now.isoformat())
        return None
    begun = datetime.fromisoformat(since)
    return begun if now - begun >= PATIENCE else None


def _tell(tx: Transaction, desk: Desk, pool: str, lines: list[str], now: datetime) -> None:
    directory = desk.directory
    owner = desk.owners.get(pool)
    owners = {directory.person(address) for address in directory.addressees(owner)} if owner else set()
    more = [say("sourcing.and_more", count=len(lines) - SHOWN)] if len(lines) > SHOWN else []
    facts = {
        "headline": say("sourcing.do_not_agree", pool=pool),
        "text": say("sourcing.pools_go_on"),
        "lines": [*lines[:SHOWN], *more],
    }
    people = sorted({*directory.admins, *owners})
    desk.tell(tx, [Notice(kind=Kind.ALERT, to=person, facts=facts) for person in people], now)
