"""`mailbot pools import|export|diff`: the address plan in and out, and held against another system's."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import click

from mailbot.addresses import Family
from mailbot.bot import Bot, pool_definitions
from mailbot.cli import exchange, planfile, setting
from mailbot.cli.output import Cell, counted, json_option, print_json_list, print_table, say
from mailbot.cli.planfile import Asked, Plan, format_option, outside_option, vrf_option
from mailbot.errors import NotPossible, Usage
from mailbot.netbox import Client
from mailbot.store import Connection, Transaction, customers, space

SHOWN = 1_000
"""Differences that people are shown; programs get all."""

file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))


@click.command("import")
@file_argument
@format_option
@vrf_option
@outside_option
@click.option("--dry-run", is_flag=True, help="Only tell what would be.")
def import_(file: str, format_: str | None, vrfs: tuple[str, ...], skip_outside: bool, dry_run: bool) -> None:
    """Record allocations that were made elsewhere: all, or none where a row is wrong.

    FILE is CSV with the columns prefix,pool,state,customer,description (and what else `pools export` writes), or an
    export of NetBox, NIPAP or phpIPAM, as CSV or JSON; "-" is standard input. A state that is left out is allocated;
    without a pool it is the one in which the prefix lies.
    """
    with setting.bot() as bot, planfile.opened(file, format_, vrfs) as plan:
        now = bot.now()
        if dry_run:
            with bot.store.rehearsing() as conn:
                _configured(Transaction(conn), bot, now)
                found = _taken(conn, plan, now, skip_outside=skip_outside, dry_run=True)
            click.echo(f"{counted(found.count, 'row')} could be imported{_left(found)}")
            return

        def change(tx: Transaction) -> space.Staged:
            staged = _taken(tx.conn, plan, now, skip_outside=skip_outside)
            setting.house_note(tx, bot, "imported", counted(staged.count, "prefix", "prefixes"))
            return staged

        setting.committed(bot, lambda tx: _configured(tx, bot, now))
        found = setting.committed(bot, change)
    click.echo(f"{counted(found.count, 'row')} imported{_left(found)}")


@click.command()
def export() -> None:
    """All that is held, as CSV that `import` reads."""
    with setting.bot() as bot, bot.store.rehearsing() as conn:
        _configured(Transaction(conn), bot, bot.now())
        exchange.write(space.export_columns(conn), space.export_rows(conn))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), required=False)
@click.option("--netbox", "ask_netbox", is_flag=True, help="Ask the NetBox of the configuration, instead of a file.")
@format_option
@vrf_option
@click.option("--pool", "pools", multiple=True, metavar="POOL", help="Only what is of this pool; may be repeated.")
@json_option
def diff(
    file: str | None,
    format_: str | None,
    vrfs: tuple[str, ...],
    pools: tuple[str, ...],
    *,
    ask_netbox: bool,
    as_json: bool,
) -> None:
    """Hold what is held here against another system's export, or NetBox itself: what only one of both has, and what
    they tell otherwise.

    Exit 1 where they differ. What lies in no pool of ours, rests or is kept free here counts on neither side.
    """
    if (file is None) is not ask_netbox:
        raise Usage("name a FILE that the other system wrote, or say --netbox")
    with setting.bot() as bot, bot.store.rehearsing() as conn:
        _configured(Transaction(conn), bot, bot.now())
        on = space.every_pool(conn, customers.current_names(conn))
        _only_known(pools, on)
        if file is None:
            roots = [root for name in pools or on.pools for root in on.roots[name]]
            is_same = _held_against(planfile.asked(_client(bot), roots, vrfs), conn, on, pools, bot, as_json=as_json)
        else:
            with planfile.opened(file, format_, vrfs) as plan:
                is_same = _held_against(plan, conn, on, pools, bot, as_json=as_json)
    raise click.exceptions.Exit(0 if is_same else 1)


def _client(bot: Bot) -> Client:
    if bot.config.netbox is None:
        raise NotPossible("the configuration has no [netbox]: write its url and a token (docs/netbox.md)")
    return Client(bot.config.netbox)


def _held_against(
    plan: Plan | Asked, conn: Connection, on: space.Ground, pools: Sequence[str], bot: Bot, *, as_json: bool
) -> bool:
    _only_known_vrfs(plan.vrfs, on)
    staged = space.stage(conn, plan.rows(), on, bot.now(), nested=plan.layout.nested, skip_outside=True)
    _tell_bad(plan, staged.problems, staged)
    return _show(space.differences(conn, pools or on.pools), as_json=as_json)


def _configured(tx: Transaction, bot: Bot, now: datetime) -> None:
    """Customers and pools as the configuration says, in the order in which the bot locks them."""
    kept = bot.sync_customers(tx)
    for problem in (*kept, *space.sync_pools(tx.conn, pool_definitions(bot.config), now)):
        say(f"warning: {problem}")


def _taken(conn: Connection, plan: Plan, now: datetime, *, skip_outside: bool, dry_run: bool = False) -> space.Staged:
    """What came of the rows; NotPossible where one is wrong, all of them told before. `dry_run`: nothing is placed."""
    on = space.every_pool(conn, customers.current_names(conn))
    _only_known_vrfs(plan.vrfs, on)
    staged = space.stage(conn, plan.rows(), on, now, nested=plan.layout.nested, skip_outside=skip_outside)
    with planfile.bar("Looking for room", staged.count) as moved_to:
        if dry_run or staged.problems:
            colliding = list(space.overlaps(conn, on, moved_to))
        else:
            colliding = space.place(conn, on, now, moved_to)
    _tell_bad(plan, sorted([*staged.problems, *colliding]), staged)
    return staged


def _tell_bad(plan: Plan | Asked, problems: Sequence[space.Problem], staged: space.Staged) -> None:
    for problem in problems:
        say(plan.told(problem))
    if problems:
        rows = counted(staged.count + len(staged.problems), "row")
        raise NotPossible(f"{len(problems)} of {rows} cannot be taken, and so none was")


def _left(found: space.Staged) -> str:
    told = ", ".join(f"{many:,} {why}" for why, many in found.left.items())
    return f"; left out: {told}" if told else ""


def _only_known(names: Iterable[str], on: space.Ground) -> None:
    for name in names:
        if name not in on.pools:
            raise NotPossible(f"there is no pool {name!r}; there are {', '.join(on.pools)}")


def _only_known_vrfs(vrfs: Mapping[str, str], on: space.Ground) -> None:
    known = {of.vrf for of in on.pools.values() if of.family is not Family.NUMBER}
    for theirs, ours in vrfs.items():
        if ours not in {"", *known}:
            there_are = f"there are {', '.join(sorted(known - {''}))}" if known - {""} else "there is none with a name"
            raise NotPossible(f"--vrf '{theirs}={ours}': no pool is of VRF {ours!r}; {there_are}")


# -- how differences look ----------------------------------------------------------------------------------------------


def _show(found: Iterable[space.Difference], *, as_json: bool) -> bool:
    """Whether there was none."""
    if as_json:
        shown = list(map(_shape, found))
        print_json_list(shown)
        return not shown
    rows: list[list[Cell]] = []
    more = 0
    for one in found:
        if len(rows) < SHOWN:
            rows.append(_row(one))
        else:
            more += 1
    print_table(["", "prefix", "pool", "here", "there"], rows, "Both tell the same.")
    if more:
        say(f"… and {more:,} more: `mailbot pools diff --json` tells them all")
    return not rows


def _row(one: space.Difference) -> list[Cell]:
    sign, style = {(True, False): ("+", "green"), (False, True): ("-", "red")}.get(
        (one.here is not None, one.there is not None), ("~", "yellow")
    )
    return [(sign, style), str(one.prefix), one.pool, one.here or "", one.there or ""]


def _shape(one: space.Difference) -> dict[str, object]:
    return {"prefix": str(one.prefix), "pool": one.pool, "here": one.here, "there": one.there}
