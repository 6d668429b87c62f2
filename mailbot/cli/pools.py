"""`mailbot pools`: address space, what of it is used, and by whom."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from mailbot.addresses import Family, parse_spaces, told
from mailbot.bot import Bot, pool_definitions
from mailbot.cli import exchange, setting
from mailbot.cli.group import Group
from mailbot.cli.output import (
    Cell,
    console,
    counted,
    is_terminal,
    json_option,
    print_json,
    print_json_list,
    print_line,
    print_table,
    say,
    when,
)
from mailbot.cli.reconcile import reconcile
from mailbot.errors import NotPossible
from mailbot.process.shape import instant
from mailbot.store import Connection, Transaction, space

T = TypeVar("T")

COLUMNS = ("prefix", "pool", "state", "customer", "description")
SHOWN = 1_000
"""Allocations that people are shown; programs get all."""
MANY = 10_000_000
"""Addresses that are still told one by one."""
BAR = 10
"""Columns of the bar that shows how full a pool is."""


@click.group(cls=Group)
def pools() -> None:
    """Pools and their prefixes, as the configuration defines them."""


pools.add_command(reconcile)


@pools.command("list")
@json_option
def list_(as_json: bool) -> None:
    """All pools, and how full each is."""
    with _as_configured() as (bot, conn):
        names = [definition.name for definition in pool_definitions(bot.config)]
        found = [space.figures(conn, name) for name in names]
    if as_json:
        print_json([_shape(figures) for figures in found])
    else:
        columns = ["pool", "title", "prefixes", "", "used", "largest free", "strategy"]
        print_table(columns, (_row(bot, figures) for figures in found), "No pools.")


@pools.command()
@click.argument("pool")
@json_option
def show(pool: str, as_json: bool) -> None:
    """One pool, and who has what of it."""
    with _as_configured() as (bot, conn):
        figures = space.figures(conn, pool)
        if as_json:
            print_json_list(map(_held_shape, figures.allocations), behind=_shape(figures), name="allocations")
            return
        _summary(bot, figures)
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
    """Add space to a pool, beside what the configuration says; to a pool of numbers, numbers like 4000-4010."""
    wanted = parse_spaces(prefixes)
    words = ", ".join(told(wanted))

    def change(tx: Transaction) -> None:
        for prefix in wanted:
            space.add_root(tx.conn, pool, prefix)
        setting.house_note(tx, bot, "space added", f"{words} to {pool}")

    with setting.bot() as bot:
        _sync(bot)
        setting.committed(bot, change)
    click.echo(f"{words} added to {pool}")


@pools.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Only tell what would be wrong.")
def import_(file: str, dry_run: bool) -> None:
    """Record allocations that were made elsewhere: all, or none where a row is wrong.

    FILE is CSV with the columns prefix,pool,state,customer,description; "-" is standard input. A state that is left
    out is allocated.
    """
    rows = exchange.read(file, COLUMNS, needed=("prefix", "pool"))

    def change(tx: Transaction) -> None:
        problems = space.import_rows(tx.conn, _with_progress(rows), bot.now())
        if problems:
            raise _BadRows(problems)
        if dry_run:
            raise _Rehearsed
        setting.house_note(tx, bot, "imported", f"{len(rows)} prefixes")

    with setting.bot() as bot:
        _sync(bot)
        try:
            setting.committed(bot, change)
        except _Rehearsed:
            click.echo(f"{counted(len(rows), 'row')} could be imported")
            return
        except _BadRows as bad:
            for problem in bad.problems:
                say(f"{file}: {problem}")
            words = f"{len(bad.problems)} of {counted(len(rows), 'row')} cannot be imported, and so none was"
            raise NotPossible(words) from None
    click.echo(f"{counted(len(rows), 'row')} imported")


@pools.command()
def export() -> None:
    """All that is held, as CSV that `import` reads."""
    with _as_configured() as (_, conn):
        exchange.write(COLUMNS, space.export_rows(conn))


@pools.command()
@json_option
def check(as_json: bool) -> None:
    """Prove that every pool is made up of what is held and what is free, with nothing lost and nothing twice."""
    with _as_configured() as (bot, conn):
        faults = space.check(conn)
    if as_json:
        print_json(faults)
    elif not faults:
        click.echo(f"All is accounted for in {len(pool_definitions(bot.config))} pools.")
    else:
        click.echo("\n".join(faults))
    raise click.exceptions.Exit(1 if faults else 0)


class _BadRows(Exception):
    """Undoes an import."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(f"{len(problems)} bad rows")


class _Rehearsed(Exception):
    """Undoes an import that would have gone well."""


# -- pools as the configuration says -----------------------------------------------------------------------------------


@contextmanager
def _as_configured() -> Iterator[tuple[Bot, Connection]]:
    """What the configuration makes of the pools now; to look changes nothing, as this never commits."""
    with setting.bot() as bot, bot.store.reading() as conn:
        _tell(space.sync_pools(conn, pool_definitions(bot.config), bot.now()))
        yield bot, conn


def _sync(bot: Bot) -> None:
    """Make the pools what the configuration says, as `run` does when it starts."""
    _tell(setting.committed(bot, lambda tx: space.sync_pools(tx.conn, pool_definitions(bot.config), bot.now())))


def _tell(problems: Iterable[str]) -> None:
    for problem in problems:
        say(f"warning: {problem}")


# -- how they look -----------------------------------------------------------------------------------------------------


def _shape(figures: space.Figures) -> dict[str, Any]:
    """The keys of contract §6, less the allocations; of numbers, the prefixes are from … to, and the least is free."""
    return {
        "name": figures.name,
        "prefixes": told(figures.prefixes),
        "strategy": figures.strategy.value,
        "size": figures.size,
        "used": figures.used,
        "free": figures.free,
        "largest_free": str(figures.largest_free) if figures.largest_free else None,
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


def _row(bot: Bot, figures: space.Figures) -> list[Cell]:
    pool = bot.config.pools[figures.name]
    return [
        figures.name,
        pool.title,
        _some(told(figures.prefixes)),
        _bar(figures, pool.warn_at),
        _share(figures),
        str(figures.largest_free or "full"),
        figures.strategy.value,
    ]


def _summary(bot: Bot, figures: space.Figures) -> None:
    pool, numbers = bot.config.pools[figures.name], figures.family is Family.NUMBER
    used = f"{_share(figures)}: {_number(figures.used)} of {_number(figures.size)}"
    rows: list[list[Cell]] = [
        ["Title", pool.title],
        ["Numbers" if numbers else "Prefixes", ", ".join(told(figures.prefixes))],
        ["Used", f"{used} {'numbers' if numbers else 'addresses'}"],
        ["Lowest free" if numbers else "Largest free", str(figures.largest_free or "none")],
        ["Strategy", figures.strategy.value],
        ["Quarantine", str(pool.quarantine)],
        ["Owner", pool.owner or ""],
    ]
    print_line((figures.name, "bold"))
    print_table(["", ""], [row for row in rows if row[1]])
    click.echo()


def _held_row(held: space.Allocation, zone: ZoneInfo) -> list[Cell]:
    style = {space.State.ALLOCATED: "", space.State.RESERVED: "yellow"}.get(held.state, "dim")
    whose = held.customer or held.holder or ""
    return [
        str(held.prefix),
        (held.state.value, style),
        when(held.until, zone),
        held.reference or "",
        whose,
        ", ".join(filter(None, [held.description, *_carried(held)])),
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


def _with_progress(rows: Sequence[T]) -> Iterable[T]:
    """The rows, with a bar on a terminal while they are looked at."""
    if not is_terminal(stderr=True):
        return rows
    from rich.progress import track  # noqa: PLC0415 (slow to import)

    return track(rows, description="Looking at the rows", console=console(stderr=True), transient=True)
