"""`mailbot pools`: address space, what of it is used, and by whom."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import click

from mailbot import spacemap
from mailbot.addresses import Family, parse_spaces, told
from mailbot.bot import Bot, pool_definitions
from mailbot.cli import plan, setting
from mailbot.cli.branches import Pools, branch, children, related, tree, ways
from mailbot.cli.group import Group
from mailbot.cli.output import (
    Cell,
    counted,
    json_option,
    print_json,
    print_json_list,
    print_line,
    print_table,
    say,
    when,
)
from mailbot.cli.reconcile import reconcile
from mailbot.desk.outlook import Outlook, outlooks
from mailbot.errors import NotPossible
from mailbot.process.shape import instant
from mailbot.store import Connection, Transaction, space

SHOWN = 1_000
"""Allocations that people are shown; programs get all."""
MANY = 10_000_000
"""Addresses that are still told one by one."""
BAR = 10
"""Columns of the bar that shows how full a pool is."""
GONE = "not in the configuration any more"
"""What is told of a pool that still has what somebody holds: nothing is taken from it."""


@click.group(cls=Group)
def pools() -> None:
    """Pools and their prefixes, as the configuration defines them."""


for command in (plan.import_, plan.export, plan.diff, reconcile):
    pools.add_command(command)


@pools.command("list")
@json_option
def list_(as_json: bool) -> None:
    """All pools, and how full each is."""
    with _as_configured() as (bot, conn):
        known = _known(bot, conn)
        found = {name: space.figures(conn, name) for name in known}
    if as_json:
        print_json([_shape(figures, bot, known) for figures in found.values()])
    else:
        columns = ["pool", "title", "prefixes", "", "used", "largest free", "strategy"]
        print_table(columns, (_row(bot, found[name], depth) for name, depth in tree(known)), "No pools.")


@pools.command()
@click.argument("pool")
@click.option("--svg", type=click.Path(dir_okay=False, allow_dash=True), metavar="FILE", help="Draw it into a file.")
@json_option
def show(pool: str, svg: str | None, as_json: bool) -> None:
    """One pool, and who has what of it."""
    with _as_configured() as (bot, conn):
        if svg is not None:
            _draw(conn, pool, svg)
            return
        figures, known = space.figures(conn, pool), _known(bot, conn)
        if as_json:
            behind = _shape(figures, bot, known)
            print_json_list(map(_held_shape, figures.allocations), behind=behind, name="allocations")
            return
        _summary(bot, figures, outlooks(conn, bot.desk, bot.now())[pool], known)
        zone = bot.config.bot.zone
        shown = list(islice(figures.allocations, SHOWN + 1))
    columns = ["prefix", "state", "until", "request", "held by", "description"]
    print_table(columns, (_held_row(held, zone) for held in shown[:SHOWN]), "Nothing is held.")
    if len(shown) > SHOWN:
        say(f"… and more: `mailbot pools show {pool} --json` and `mailbot pools export` tell them all")


@pools.command()
@click.argument("pool")
@click.argument("prefixes", nargs=-1, required=True, metavar="PREFIX…")
def add(pool: str, prefixes: tuple[str, ...]) -> None:
    """Add space to a pool, beside what the configuration says; to a pool of numbers, numbers like 4000-4010.

    To a pool with a parent, free space of its parent's.
    """
    wanted = parse_spaces(prefixes)
    words = ", ".join(told(wanted))

    def change(tx: Transaction) -> None:
        if pool in _gone(bot, tx.conn):
            raise NotPossible(f"{pool} is {GONE}: put [pools.{pool}] back first")
        for prefix in wanted:
            space.add_root(tx.conn, pool, prefix, bot.now())
        setting.house_note(tx, bot, "space added", f"{words} to {pool}")

    with setting.bot() as bot:
        _sync(bot)
        setting.committed(bot, change)
    click.echo(f"{words} added to {pool}")


@pools.command()
@json_option
def check(as_json: bool) -> None:
    """Prove that every pool is made up of what is held and what is free, with nothing lost and nothing twice."""
    with _as_configured() as (bot, conn):
        space.lock_pools(conn, space.families(conn))  # so that all is read as it is at one moment
        faults = space.check(conn)
        known, gone = len(space.families(conn)), _gone(bot, conn)
    if as_json:
        print_json(faults)
    elif not faults:
        beside = f", of which {', '.join(gone)} {'is' if len(gone) == 1 else 'are'} {GONE}" if gone else ""
        click.echo(f"All is accounted for in {counted(known, 'pool')}{beside}.")
    else:
        click.echo("\n".join(faults))
    raise click.exceptions.Exit(1 if faults else 0)


@pools.command()
@click.argument("names", nargs=-1, metavar="[POOL]…")
def rebuild(names: tuple[str, ...]) -> None:
    """Derive what is free anew from what is held: of these pools, or of all. What is held stays as it is."""
    with setting.bot() as bot:
        _sync(bot)

        def change(tx: Transaction) -> int:
            of = names or tuple(_known(bot, tx.conn))
            for name in of:
                space.rebuild(tx.conn, name)
            setting.house_note(tx, bot, "rebuilt", ", ".join(of))
            return len(of)

        count = setting.committed(bot, change)
    click.echo(f"free space derived anew in {counted(count, 'pool')}")


# -- pools as the configuration says -----------------------------------------------------------------------------------


@contextmanager
def _as_configured() -> Iterator[tuple[Bot, Connection]]:
    """What the configuration makes of the pools now; to look changes nothing, as this never commits."""
    with setting.bot() as bot, bot.store.rehearsing() as conn:
        _tell(space.sync_pools(conn, pool_definitions(bot.config), bot.now()))
        yield bot, conn


def _sync(bot: Bot) -> None:
    """Make the pools what the configuration says, as `run` does when it starts."""
    _tell(setting.committed(bot, lambda tx: space.sync_pools(tx.conn, pool_definitions(bot.config), bot.now())))
    _tell(setting.committed(bot, bot.sync_customers))


def _tell(problems: Iterable[str]) -> None:
    for problem in problems:
        say(f"warning: {problem}")


def _known(bot: Bot, conn: Connection) -> Pools:
    """The pools that there are: in the order of the configuration, then those that are not in it any more."""
    present = space.parents(conn)
    return {name: present[name] for name in (*bot.config.pools, *present) if name in present}


def _gone(bot: Bot, conn: Connection) -> list[str]:
    return [name for name in space.parents(conn) if name not in bot.config.pools]


def _draw(conn: Connection, pool: str, file: str) -> None:
    picture = spacemap.svg(space.picture(conn, pool))
    try:
        with click.open_file(file, "w", encoding="utf-8", atomic=True) as drawn:
            drawn.write(picture)
    except OSError as error:  # it names a file of its own, which it would have moved there
        raise NotPossible(f"{file}: {error.strerror}") from None
    if file != "-":
        click.echo(f"{pool} is drawn in {file}")


# -- how they look -----------------------------------------------------------------------------------------------------


def _shape(figures: space.Figures, bot: Bot, known: Pools) -> dict[str, Any]:
    """The keys of contract §6, less the allocations; of numbers, the prefixes are from … to, and the least is free."""
    pool = bot.config.pools.get(figures.name)
    return {
        "name": figures.name,
        "prefixes": told(figures.prefixes),
        "strategy": figures.strategy.value,
        "size": figures.size,
        "used": figures.used,
        "free": figures.free,
        "largest_free": str(figures.largest_free) if figures.largest_free else None,
        "vrf": figures.vrf if figures.family is not Family.NUMBER else "",
        "parent": figures.parent,
        "children": children(known, figures.name),
        "delegated": figures.delegated,
        "owner": pool.owner if pool else None,
        "users": list(pool.users) if pool else [],
        "configured": pool is not None,
        "fragmentation": figures.fragmentation,
    }


def _held_shape(held: space.Allocation) -> dict[str, Any]:
    return {
        "prefix": str(held.prefix),
        "state": held.state.value,
        "until": instant(held.until),
        "reference": held.reference,
        "holder": held.holder,
        "customer": held.customer,
        "description": held.description,
        "carries": dict(held.carries),
    }


def _row(bot: Bot, figures: space.Figures, depth: int) -> list[Cell]:
    pool = bot.config.pools.get(figures.name)
    vrf = f" (VRF {figures.vrf})" if figures.vrf and figures.family is not Family.NUMBER else ""
    return [
        branch(depth) + figures.name,
        pool.title if pool else (GONE, "yellow"),
        _some(told(figures.prefixes)) + vrf,
        _bar(figures, pool.warn_at if pool else None),
        _share(figures),
        str(figures.largest_free or "full"),
        figures.strategy.value,
    ]


def _summary(bot: Bot, figures: space.Figures, outlook: Outlook, known: Pools) -> None:
    pool, numbers = bot.config.pools.get(figures.name), figures.family is Family.NUMBER
    used = f"{_share(figures)}: {_number(figures.used)} of {_number(figures.size)}"
    delegated = f"{_number(figures.delegated)} of them" if figures.delegated else ""
    rows: list[list[Cell]] = [
        ["Title", pool.title if pool else ""],
        ["", "" if pool else (f"{GONE}: nothing is taken from it, and it goes with what is held", "yellow")],
        ["Numbers" if numbers else "Prefixes", ", ".join(told(figures.prefixes))],
        ["Used", f"{used} {'numbers' if numbers else 'addresses'}"],
        ["Delegated", delegated],
        ["Lowest free" if numbers else "Largest free", str(figures.largest_free or "none")],
        ["Fragmentation", "" if figures.fragmentation is None else f"{figures.fragmentation} %"],
        ["Lasts", outlook.lasts(figures.used, figures.size)],
        ["If all is granted", outlook.lasts_if_granted(figures.used, figures.size) if outlook.asked_for else ""],
        ["Strategy", ways(figures, pool) if pool else ""],
        ["VRF", "" if numbers else figures.vrf],
        ["Quarantine", str(pool.quarantine) if pool else ""],
        ["Owner", (pool.owner if pool else None) or ""],
        ["Serves", ", ".join(pool.users) if pool else ""],
        *related(known, figures.name),
    ]
    print_line((figures.name, "bold"))
    print_table(["", ""], [row for row in rows if row[1]])
    click.echo()


def _held_row(held: space.Allocation, zone: ZoneInfo) -> list[Cell]:
    style = {space.State.ALLOCATED: "", space.State.RESERVED: "yellow"}.get(held.state, "dim")
    whose = held.customer or held.holder or (f"pool {held.delegate}" if held.delegate else "")
    description = None if held.delegate else held.description
    return [
        str(held.prefix),
        (held.state.value, style),
        when(held.until, zone),
        held.reference or "",
        whose,
        ", ".join(filter(None, [description, *_carried(held)])),
    ]


def _carried(held: space.Allocation) -> list[str]:
    """What it carries beside its customer, who has a column of his own."""
    return [f"{name} {value}" for name, value in held.carries.items() if name != "customer" and value]


def _some(prefixes: Sequence[str]) -> str:
    """The first ones: a pool may have hundreds."""
    more = f" and {len(prefixes) - 2} more" if len(prefixes) > 2 else ""  # noqa: PLR2004 (two fit a line)
    return ", ".join(prefixes[:2]) + more


def _share(figures: space.Figures) -> str:
    """In whole tenths of a per cent; exact for IPv6 too, where a float would be not."""
    tenths = figures.used * 1000 // figures.size
    if not tenths:
        return "< 0.1 %" if figures.used else "0 %"
    return f"{tenths / 10:.1f} %"


def _bar(figures: space.Figures, warn_at: int | None) -> Cell:
    filled = -(-figures.used * BAR // figures.size)
    is_full = figures.used * 100 >= figures.size * (warn_at or 80)
    return "█" * filled + "░" * (BAR - filled), "red" if is_full else "green"


def _number(count: int) -> str:
    return f"{count:,}" if count < MANY else f"{count:.1e}"
