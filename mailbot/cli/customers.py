"""`mailbot customers`: who is served, by configuration or import, what each holds and what his quotas leave him."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click
from pydantic import ValidationError

from mailbot.bot import Bot
from mailbot.cli import exchange, setting
from mailbot.cli.group import Group
from mailbot.cli.output import Cell, counted, json_option, print_json, print_line, print_table, say
from mailbot.config import Config
from mailbot.config.clientele import Around, clashes
from mailbot.config.customers import Customer as Table
from mailbot.config.customers import CustomerName, Kind
from mailbot.config.space import BITS
from mailbot.errors import NotPossible
from mailbot.process.customers import Customer, Standing, completed, customer_of, defaults_of
from mailbot.store import Connection, Transaction, quotas, records
from mailbot.store import customers as record
from mailbot.store.customers import Known
from mailbot.store.records import EVERYTHING
from mailbot.store.space import Allocation

COLUMNS = ("name", "id", "domains", "addresses", "account_manager")
QUOTA, ATTRIBUTE = "quota:", "attribute:"
"""Begin the columns of each pool, and of each attribute of [customer_attributes]."""
SHOWN = 1_000


class _Row(Table):
    """A customer as a row of an import says him."""

    name: CustomerName


@click.group(cls=Group)
def customers() -> None:
    """Customers: those of the configuration, and those that were imported."""


@customers.command("list")
@json_option
def list_(as_json: bool) -> None:
    """All customers."""
    with _as_configured() as (bot, conn):
        found = [_completed(known, bot.config) for known in record.all_(conn)]
    if as_json:
        print_json([_shape(known) for known in found])
    else:
        columns = ["name", "id", "account manager", "people", "from"]
        print_table(columns, (_row(known) for known in found), "No customers.")


@customers.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """One customer, by name or id: quotas, services, addresses and requests."""
    with _as_configured() as (bot, conn):
        known = _completed(record.one(conn, name), bot.config)
        customer, zone = known.customer, bot.config.bot.zone
        standing = quotas.standing(conn, customer, bot.now(), zone)
        rests = quotas.rests(conn, customer, bot.now(), zone)
        held = records.booked_under(conn, customer.names, EVERYTHING, SHOWN)
        requests = records.concerning(conn, customer.mark, EVERYTHING, SHOWN)
    if as_json:
        shape = _shape(known, standing)
        shape["addresses"] = [_held_shape(one) for one in held.rows]
        shape["requests"] = [request.reference for request in requests.rows]
        print_json(shape)
        return
    _summary(known)
    rows: list[list[Cell]] = [
        [quota.pool, f"{quota.told(quota.most)}{f' a {quota.every}' if quota.every else ''}", quota.told(rest)]
        for quota, rest in rests.items()
    ]
    print_table(["quota of", "at most", "left"], rows, "No quotas: rules have nothing left for it.")
    click.echo()
    print_table(["prefix", "pool", "state", "service", "request"], map(_held_row, held.rows), "Nothing is held.")
    click.echo()
    lines: list[list[Cell]] = [[one.reference, one.state.value, one.summary] for one in requests.rows]
    print_table(["request", "state", ""], lines, "No requests.")
    if more := held.more + requests.more:
        least = "at least " if records.COUNTED in {held.more, requests.more} else ""
        say(f"… and {least}{more:,} more: `mailbot history` and `mailbot pools export` tell them all")


@customers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Only tell what would be wrong.")
@click.option("--all", "whole", is_flag=True, help="FILE names all that there are to be: the others imported go.")
def import_(file: str, dry_run: bool, whole: bool) -> None:
    """Add or change customers: all, or none where a row is wrong.

    FILE is CSV with the columns name,id,domains,addresses,account_manager, one quota:POOL a pool and one attribute:NAME
    an attribute; "-" is standard input. Several domains, addresses or quotas of a cell have ";" between them.
    """

    def change(tx: Transaction) -> int:
        bot.sync_customers(tx)
        rows = exchange.read(file, _columns(bot.config), needed=("name", "account_manager"))
        good, problems = _read(rows, bot.config)
        problems += record.import_(tx.conn, good, whole=whole and not problems)
        if problems:
            raise _BadRows(sorted(problems), len(rows))
        if dry_run:
            raise _Rehearsed(len(rows))
        setting.house_note(tx, bot, "imported", counted(len(rows), "customer"))
        return len(rows)

    with setting.bot() as bot:
        try:
            count = setting.committed(bot, change)
        except _Rehearsed as rehearsed:
            click.echo(f"{counted(rehearsed.count, 'row')} could be imported")
            return
        except _BadRows as bad:
            for number, why in bad.problems:
                say(f"{file}: {f'row {number}: ' if number else ''}{why}")
            raise NotPossible(_nothing(len({number for number, _ in bad.problems if number}), bad.count)) from None
    click.echo(f"{counted(count, 'customer')} imported")


@customers.command()
@click.argument("name")
def remove(name: str) -> None:
    """Take an imported customer out who holds nothing any more."""

    def change(tx: Transaction) -> Customer:
        bot.sync_customers(tx)
        found = record.remove(tx.conn, name)
        if isinstance(found, str):
            raise NotPossible(found)
        setting.house_note(tx, bot, "customer removed", found.name)
        return found

    with setting.bot() as bot:
        gone = setting.committed(bot, change)
    click.echo(f"{gone.name} is removed")


class _BadRows(Exception):
    """Undoes an import."""

    def __init__(self, problems: Sequence[tuple[int, str]], count: int) -> None:
        self.problems, self.count = problems, count
        super().__init__()


def _nothing(wrong: int, count: int) -> str:
    """Why nothing was imported; no row is wrong where only others cannot go."""
    if not wrong:
        return "so nothing was imported: with --all, the file must name who cannot go"
    return f"{wrong} of {counted(count, 'row')} cannot be imported, and so none was"


class _Rehearsed(Exception):
    """Undoes an import that would do."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__()


@contextmanager
def _as_configured() -> Iterator[tuple[Bot, Connection]]:
    """What the configuration makes of the record now; to look changes nothing, as this never commits."""
    with setting.bot() as bot, bot.store.rehearsing() as conn:
        for problem in bot.sync_customers(Transaction(conn)):
            say(f"warning: {problem}")
        yield bot, conn


def _completed(known: Known, config: Config) -> Known:
    return replace(known, customer=completed(known.customer, defaults_of(config)))


# -- rows --------------------------------------------------------------------------------------------------------------


def _columns(config: Config) -> list[str]:
    quotas = (QUOTA + name for name in config.pools)
    return [*COLUMNS, *quotas, *(ATTRIBUTE + name for name in config.customer_attributes)]


def _read(
    rows: Sequence[tuple[int, Mapping[str, str]]], config: Config
) -> tuple[list[tuple[int, Customer]], list[tuple[int, str]]]:
    """Customers by the numbers of their rows; and what is wrong, row by row."""
    tables = [_table(row, config) for _, row in rows]
    around = Around(
        pools={name: BITS[pool.family] if pool.family else 0 for name, pool in config.pools.items()},
        groups=config.groups,
        domains=config.bot.domains,
        attributes={name: terms.model_dump(mode="json") for name, terms in config.customer_attributes.items()},
    )
    found = clashes([(table.get("name", ""), table) for table in tables], around)
    problems = [(rows[clash.of][0], clash.message + _hint(clash.suggestion)) for clash in found]
    read: list[tuple[int, _Row]] = []
    for (number, _), table in zip(rows, tables, strict=True):
        try:
            read.append((number, _Row.model_validate(table)))
        except ValidationError as error:
            problems += [(number, _words(details)) for details in error.errors(include_url=False)]
    wrong = {number for number, _ in problems}
    good = [(number, customer_of(row.name, row, config)) for number, row in read if number not in wrong]
    return good, sorted(set(problems))


def _table(row: Mapping[str, str], config: Config) -> dict[str, Any]:
    """A row as the configuration would say it; what is left out is not said."""
    table: dict[str, Any] = {
        **{key: cell for key in ("name", "id", "account_manager") if (cell := row.get(key, "").strip())},
        "domains": _pieces(row.get("domains", "")),
        "addresses": _pieces(row.get("addresses", "")),
        "quotas": {pool: _pieces(cell) for pool, cell in _cells(row, QUOTA) if cell},
        "attributes": {
            name: _value(cell, config.customer_attributes[name].type) for name, cell in _cells(row, ATTRIBUTE) if cell
        },
    }
    return table


def _cells(row: Mapping[str, str], beginning: str) -> list[tuple[str, str]]:
    return [(name.removeprefix(beginning), cell.strip()) for name, cell in row.items() if name.startswith(beginning)]


def _pieces(cell: str) -> list[str]:
    return [piece.strip() for piece in cell.split(";") if piece.strip()]


def _value(cell: str, kind: Kind) -> str | int | bool:
    """As the configuration would hold it; what is none stays a text, and is told as such."""
    if kind is Kind.INTEGER and cell.isdecimal():
        return int(cell)
    if kind is Kind.YES_NO and cell.lower() in {"yes", "no"}:
        return cell.lower() == "yes"
    return cell


def _words(details: Any) -> str:
    column, more = ":".join(map(str, details["loc"][:1])) or "name", details.get("ctx", {})
    match details["type"]:
        case "value_error":
            return str(more["error"])
        case "missing":
            return f"{column}: it is missing, and every customer has one"
        case "too_long":
            return f"{column}: it has {more['actual_length']} characters; write at most {more['max_length']}"
        case _:
            return f"{column}: {details['msg']}"


def _hint(suggestion: str | None) -> str:
    return f" (did you mean {suggestion!r}?)" if suggestion else ""


# -- how they look -----------------------------------------------------------------------------------------------------


def _row(known: Known) -> list[Cell]:
    one = known.customer
    people = ", ".join([*one.domains, *one.addresses])
    return [one.name, one.id, one.account_manager, people, known.source.value]


def _summary(known: Known) -> None:
    one = known.customer
    print_line((one.name, "bold"), f"({one.id}, from the {'configuration' if known.source == 'config' else 'import'})")
    print_line(f"account manager: {one.account_manager}")
    if people := ", ".join([*one.domains, *one.addresses]):
        print_line(f"people: {people}")
    for name, value in one.attributes.items():
        print_line(f"{name}: {value}")
    if one.formerly:
        print_line(f"formerly: {', '.join(one.formerly)}")
    click.echo()


def _held_row(held: Allocation) -> list[Cell]:
    return [str(held.prefix), held.pool, held.state.value, held.carries.get("service", ""), held.reference or ""]


def _shape(known: Known, standing: Standing | None = None) -> dict[str, Any]:
    one = known.customer
    shape: dict[str, Any] = {
        "name": one.name,
        "id": one.id,
        "source": known.source.value,
        "account_manager": one.account_manager,
        "domains": list(one.domains),
        "mail_addresses": list(one.addresses),
        "attributes": dict(one.attributes),
        "formerly": list(one.formerly),
        "quotas": [
            {"pool": quota.pool, "most": quota.most, "every": quota.every.value if quota.every else None}
            for quota in one.quotas
        ],
    }
    return shape if standing is None else shape | {"held": dict(standing.held), "left": dict(standing.left)}


def _held_shape(held: Allocation) -> dict[str, Any]:
    return {
        "prefix": str(held.prefix),
        "pool": held.pool,
        "state": held.state.value,
        "service": held.carries.get("service"),
        "reference": held.reference,
    }
