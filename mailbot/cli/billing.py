"""`mailbot billing`: a month's records for a billing system."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import json_option, print_json, print_line, print_table
from mailbot.digest import billing as books
from mailbot.digest.billing import Month, Service, Usage
from mailbot.errors import Usage as WrongUsage
from mailbot.process.shape import instant
from mailbot.store import Connection

COLUMNS = (
    "record", "month", "customer", "reference", "holder", "pool", "vrf", "prefix", "kind", "addresses", "since",
    "until", "began", "ended", "days", "address_days", "carries", "type", "state", "created", "due", "closed",
    "lead_time_hours", "met",
)  # fmt: skip


@click.command()
@click.argument("month", metavar="MONTH")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV: a row a record, usage first, then lead times.")
@json_option
def billing(month: str, as_csv: bool, as_json: bool) -> None:
    """Who held which space in a month (2026-11), and which lead times were met, from the history."""
    if as_csv and as_json:
        raise WrongUsage("--csv and --json exclude each other")
    with setting.bot() as bot, bot.store.reading() as conn:
        try:
            of = Month.parse(month, bot.config.bot.zone)
        except ValueError:
            raise WrongUsage(f"{month!r} is no month, like 2026-11") from None
        if of.since > bot.now():
            raise WrongUsage(f"{of.name} has not begun: there is nothing to bill yet")
        if as_csv:
            _print_csv(bot, conn, of)
        elif as_json:
            print_json(_whole(bot, conn, of))
        else:
            _print(bot, conn, of)


def _print_csv(bot: Bot, conn: Connection, of: Month) -> None:
    rows = [*_usage(bot, conn, of), *_services(conn, of)]
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        carries = "; ".join(f"{name}={value}" for name, value in row.get("carries", {}).items())
        writer.writerow({name: _cell(value) for name, value in (row | {"month": of.name, "carries": carries}).items()})
    click.echo(text.getvalue(), nl=False)


def _cell(value: object) -> str:
    """A spreadsheet takes text that begins so for a formula."""
    if not isinstance(value, str):
        return "" if value is None else str(value).lower()
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _whole(bot: Bot, conn: Connection, of: Month) -> dict[str, Any]:
    def bare(rows: Iterator[dict[str, Any]]) -> list[Mapping[str, Any]]:
        return [{name: value for name, value in row.items() if name != "record"} for row in rows]

    return {
        "month": of.name,
        "since": instant(of.since),
        "until": instant(min(of.until, bot.now())),
        "usage": bare(_usage(bot, conn, of)),
        "sla": bare(_services(conn, of)),
    }


def _print(bot: Bot, conn: Connection, of: Month) -> None:
    print_line((f"Space held in {of.name}", "bold"))
    names = ["customer", "prefix", "pool", "kind", "since", "until", "days", "address_days"]
    rows = [[str(row[name] or "") for name in names] for row in _usage(bot, conn, of)]
    print_table([name.replace("_", " ") for name in names], rows, "None.")
    click.echo()
    print_line((f"Requests closed in {of.name}", "bold"))
    names = ["reference", "type", "customer", "state", "due", "closed", "met"]
    rows = [[_cell(row[name]) for name in names] for row in _services(conn, of)]
    print_table(names, rows, "None.")


def _usage(bot: Bot, conn: Connection, of: Month) -> Iterator[dict[str, Any]]:
    return map(_usage_row, books.usage(conn, of, bot.now()))


def _usage_row(one: Usage) -> dict[str, Any]:
    held = one.held
    return {
        "record": "usage",
        "customer": held.customer,
        "reference": held.reference,
        "holder": held.holder,
        "pool": held.pool,
        "vrf": held.vrf,
        "prefix": str(held.prefix),
        "kind": "reservation" if held.state == "reserved" else "allocation",
        "addresses": one.addresses,
        "since": instant(one.since),
        "until": instant(one.until),
        "began": one.began,
        "ended": one.ended,
        "days": round(one.seconds / 86_400, 6),
        "address_days": round(float(one.address_days), 6),
        "carries": {name: value for name, value in held.carries.items() if name != "customer"},
    }


def _services(conn: Connection, of: Month) -> Iterator[dict[str, Any]]:
    return map(_service_row, books.services(conn, of))


def _service_row(one: Service) -> dict[str, Any]:
    request = one.request
    return {
        "record": "sla",
        "customer": one.customer,
        "reference": request.reference,
        "holder": request.requester,
        "type": request.type,
        "state": request.state.value,
        "created": instant(request.created),
        "due": instant(request.due),
        "closed": instant(request.closed),
        "lead_time_hours": None if one.allowed is None else round(one.allowed / timedelta(hours=1), 2),
        "met": one.met,
    }
