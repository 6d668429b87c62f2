"""`mailbot usage`: which of the space that is given out is used, and what lies idle."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import click

from mailbot.bot import Bot, pool_definitions
from mailbot.cli import exchange, setting
from mailbot.cli.group import Group
from mailbot.cli.output import counted, json_option, print_json, print_table, say, when
from mailbot.cli.pools import GONE
from mailbot.desk import IdleTerms
from mailbot.digest.idle import cost_of, idle_space
from mailbot.errors import NotPossible, Usage
from mailbot.process.shape import instant
from mailbot.store import space

COLUMNS = ("prefix", "last_seen", "source", "vrf")
SHOWN = 1_000
"""Idle prefixes that people are shown; programs get all."""


@click.group(cls=Group)
def usage() -> None:
    """What is used of the space that is given out, as other systems have seen it."""


@usage.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def import_(file: str) -> None:
    """Read a CSV of prefixes (or addresses) and when they were last seen: prefix,last_seen,source. All or nothing."""
    problems: list[str] = []
    with setting.bot() as bot, exchange.opened(file) as source, bot.store.transaction() as tx:
        now = bot.now()
        for problem in space.sync_pools(tx.conn, pool_definitions(bot.config), now):
            say(f"warning: {problem}")
        rows = exchange.rows(source, file, COLUMNS, needed=COLUMNS[:2])
        reports = space.seen(rows, lambda text: _time(text, bot), now)
        taken = space.record_seen(tx.conn, _good(reports, problems), now)
        if problems:
            raise NotPossible("\n".join([*problems, "nothing was imported"]))
    click.echo(f"{counted(taken.count, 'report')} taken; `mailbot usage idle` tells what nobody has seen")
    if taken.outside:
        click.echo(f"in no pool: {taken.outside:,}; they say nothing of what is held here")
    if taken.wider:
        click.echo(f"larger than a pool: {taken.wider:,}; all that is held within them counts as seen")


def _good(reports: Iterable[space.Seen | str], problems: list[str]) -> Iterator[space.Seen]:
    """The others are kept in words."""
    for one in reports:
        if isinstance(one, str):
            problems.append(one)
        else:
            yield one


def _time(text: str, bot: Bot) -> datetime:
    try:
        return setting.span(text, bot.config.bot.zone)[0]
    except Usage as wrong:
        raise ValueError(str(wrong)) from None


@usage.command()
@click.option("--pool", metavar="POOL", help="Of this pool alone.")
@json_option
def idle(pool: str | None, as_json: bool) -> None:
    """What is given out and was not seen in use for as long as its pool says (`idle_after`), and what that costs."""
    with setting.bot() as bot, bot.store.reading() as conn:
        if pool is not None and pool not in {**bot.desk.idle, **space.families(conn)}:
            raise NotPossible(f"there is no pool {pool!r}")
        found = [
            (one, terms)
            for name, terms, idles in idle_space(conn, bot.desk, bot.now())
            if pool in {None, name}
            for one in idles
        ]
        if as_json:
            print_json([_shape(one, terms) for one, terms in found])
            return
        zone = bot.config.bot.zone
        columns = ["prefix", "pool", "held by", "request", "last seen", "costs"]
        rows = (
            [
                str(one.allocation.prefix),
                one.allocation.pool + ("" if one.allocation.pool in bot.desk.idle else f" ({GONE})"),
                one.allocation.customer or one.allocation.holder or "",
                one.allocation.reference or "",
                when(one.last_seen, zone) if one.last_seen else "never",
                cost_of([one.allocation.prefix], terms.cost),
            ]
            for one, terms in found[:SHOWN]
        )
        print_table(columns, rows, "Nothing is idle, as far as anybody has reported.")
        if len(found) > SHOWN:
            say(f"… and {len(found) - SHOWN} more: `mailbot usage idle --json` tells them all")


def _shape(one: space.Idle, terms: IdleTerms) -> dict[str, Any]:
    held = one.allocation
    return {
        "prefix": str(held.prefix),
        "pool": held.pool,
        "holder": held.holder,
        "customer": held.customer,
        "reference": held.reference,
        "last_seen": instant(one.last_seen),
        "cost": cost_of([held.prefix], terms.cost) or None,
    }
