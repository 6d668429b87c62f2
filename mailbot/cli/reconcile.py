"""`mailbot pools reconcile`: pools that follow NetBox beside what NetBox has, and brought together."""

from collections.abc import Sequence
from typing import Any

import click

from mailbot.bot import Bot, pool_definitions
from mailbot.cli import setting
from mailbot.cli.output import counted, json_option, print_json, say
from mailbot.errors import NotFound, NotPossible, near_miss
from mailbot.sourcing import Difference
from mailbot.store import PAUSED, Transaction, space

Found = dict[str, list[Difference]]


@click.command()
@click.argument("names", nargs=-1, metavar="[POOL]…")
@click.option("--dry-run", is_flag=True, help="Only tell in what they differ.")
@json_option
def reconcile(names: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Tell in what pools and NetBox differ, and mend it; `run` does the same by itself.

    Exit 1 where something is left: what both have given out is for people to decide.
    """
    with setting.bot() as bot:
        pools = _followers(bot, names)
        found = _differences(bot, pools)
        left = found if dry_run else _mended(bot, found)
    if as_json:
        print_json([_shape(name, one, left) for name, ones in found.items() for one in ones])
    else:
        _tell(found, left, dry_run=dry_run)
    raise click.exceptions.Exit(1 if any(left.values()) else 0)


def _followers(bot: Bot, names: Sequence[str]) -> list[str]:
    """The pools that are meant. NotFound for one that follows nothing."""
    followers = list(bot.netbox_pools)
    for name in names:
        if name not in followers:
            near = near_miss(name, followers)
            hint = f" (did you mean {near!r}?)" if near else ""
            raise NotFound(f"no pool {name!r} follows NetBox{hint}")
    if not followers:
        raise NotPossible('no pool follows NetBox: write source = "netbox" below one, and [netbox]')
    return list(names) or followers


def _differences(bot: Bot, pools: Sequence[str]) -> Found:
    wanted = pool_definitions(bot.config)
    for problem in setting.committed(bot, lambda tx: space.sync_pools(tx.conn, wanted, bot.now())):
        say(f"warning: {problem}")
    return {name: bot.sourcing.look(name) for name in pools}


def _mended(bot: Bot, found: Found) -> Found:
    """What is left."""
    for name, differences in found.items():
        bot.sourcing.mend(name, differences, bot.now())
    while bot.source(None):
        pass
    with bot.store.reading() as conn:
        if paused := Transaction(conn).fact(PAUSED):
            say(f"warning: paused ({paused}): NetBox is told nothing until `mailbot resume`")
    return {name: bot.sourcing.look(name) if differences else [] for name, differences in found.items()}


def _shape(name: str, one: Difference, left: Found) -> dict[str, Any]:
    return {
        "pool": name,
        "prefix": str(one.prefix),
        "difference": one.what.value,
        "detail": one.detail,
        "mended": one not in left[name],
    }


def _tell(found: Found, left: Found, *, dry_run: bool) -> None:
    for name, differences in found.items():
        for one in differences:
            done = "" if dry_run else ": left as it is" if one in left[name] else ": mended"
            click.echo(f"{name}: {one}{done}")
        if not differences:
            click.echo(f"{name}: both agree")
    remaining = sum(map(len, left.values()))
    if remaining and not dry_run:
        say(f"{counted(remaining, 'difference')} left: docs/netbox.md tells what to do about each")
