"""`mailbot history`: the trace: who did what and when, who had an address, and whether it is as it was written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import click

from mailbot.addresses import Family
from mailbot.bot import Bot
from mailbot.cli import exchange, setting
from mailbot.cli.output import (
    Cell,
    json_option,
    print_json,
    print_json_list,
    print_line,
    print_table,
    printable,
    say,
    when,
)
from mailbot.desk.query import block_of
from mailbot.errors import Usage
from mailbot.mail.command.dates import Doubt
from mailbot.mail.command.times import read_span
from mailbot.process.shape import instant
from mailbot.store import Connection, customers, records, space, views
from mailbot.store.records import EVERYTHING, Place

KEYS = ("at", "reference", "actor", "action", "step", "detail")
ERASED = "(erased)"

Entry = Mapping[Any, Any]


@click.command()
@click.option("--user", metavar="ADDRESS", help="What he did, and what happened to his requests.")
@click.option("--reference", metavar="REF", help="Of this request; also by what others call it.")
@click.option(
    "--action", metavar="WORD", help="One kind of entry, as the history names it: approved, letter, rejected …"
)
@click.option("--address", metavar="ADDRESS", help="Of the requests that had this address (or prefix, or number).")
@click.option("--at", metavar="TIME", help="With --address: who had it then. A day, or a time.")
@click.option("--customer", metavar="NAME", help="Of the requests that are about this customer, by name or id.")
@click.option("--type", "type_", metavar="TYPE", help="Of requests of this type.")
@click.option("--since", metavar="TIME", help="From this day or time on.")
@click.option("--until", metavar="TIME", help="Up to the end of this day, or before this time.")
@click.option(
    "--evidence",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all of it, with its proof, into a new file (HTML) for the authorities; that goes on record.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option(
    "--verify", is_flag=True, help="Hold the whole history against its chain of hashes; exit 1 where it is broken."
)
@json_option
def history(
    verify: bool,
    as_csv: bool,
    as_json: bool,
    evidence: Path | None,
    address: str | None,
    at: str | None,
    **options: str | None,
) -> None:
    """What happened, oldest first; of all options given, only what all of them hold for."""
    if as_csv and as_json:
        raise Usage("--csv and --json exclude each other")
    if at and not address:
        raise Usage("--at says when somebody had an address: name it with --address")
    if evidence and (verify or as_csv or as_json):
        raise Usage("--evidence writes one document: leave --verify, --csv and --json out")
    asked = {"address": address, "at": at, **options}
    if evidence and not any(asked.values()):
        raise Usage("say what the evidence is to be about: --address, --reference, --user …")
    with setting.bot() as bot, bot.store.reading() as conn:
        if verify:
            _verify(conn, as_json=as_json)
        place = _place(bot, address, at) if address else None
        held = _Held.of(conn, place)
        if named := options["reference"]:
            options["reference"] = setting.one_reference(conn, named, bot)
        name = options.pop("customer")
        customer = customers.one(conn, name).customer if name else None
        wanted = replace(_filter(bot, place, **options), customer=customer)
        if evidence:
            _write_evidence(bot, evidence, asked, wanted, held)
            return
        entries: Iterator[Entry] = views.history(conn, wanted)
        found = merge(entries, _without_request(held.all, wanted), key=lambda entry: entry["at"])
        _print(found, held, bot.config.bot.zone, as_csv=as_csv, as_json=as_json)


def _write_evidence(
    bot: Bot, file: Path, asked: Mapping[str, str | None], wanted: views.HistoryFilter, held: "_Held"
) -> None:
    from mailbot.cli import evidence  # noqa: PLC0415 (letters' templates are slow to import)

    named = {name.removesuffix("_"): value for name, value in asked.items() if value}
    selected = evidence.Selected(asked=named, wanted=wanted, around=held.around, within=held.within)
    made = evidence.write(bot, file, selected)
    for words in made.broken:
        say(f"the history is not as it was written: {words}")
    click.echo(
        f"{printable(str(file))}: {made.entries:,} {'entry' if made.entries == 1 else 'entries'}, sha256 {made.digest}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """Who had the space that was asked for, and who had something smaller that lies in it; each oldest first."""

    around: Sequence[space.Held] = ()
    within: Sequence[space.Held] = ()

    @classmethod
    def of(cls, conn: Connection, place: Place | None) -> Self:
        if place is None:
            return cls()
        around, within = replace(place, within=False), replace(place, around=False)
        return cls(
            around=records.holders(conn, around, EVERYTHING).rows, within=records.holders(conn, within, EVERYTHING).rows
        )

    @property
    def all(self) -> Iterator[space.Held]:
        return merge(self.around, self.within, key=lambda held: held.since)


def _print(found: Iterable[Entry], held: _Held, zone: ZoneInfo, *, as_csv: bool, as_json: bool) -> None:
    if as_json:
        print_json_list(map(_shape, found))
        return
    if as_csv:
        exchange.write(KEYS, map(_shape, found))
        return
    for title, rows in (("Who had it", held.around), ("What lies in it", held.within)):
        if rows:
            print_line((title, "bold"))
            columns = ["from", "to", "prefix", "state", "request", "held by"]
            print_table(columns, (_held_row(one, zone) for one in rows), indent=2)
            click.echo()
    columns = ["at", "request", "actor", "action", "step", "detail"]
    print_table(columns, (_row(entry, zone) for entry in found), "Nothing happened.")


def _filter(
    bot: Bot,
    place: Place | None,
    *,
    user: str | None,
    reference: str | None,
    action: str | None,
    type_: str | None,
    since: str | None,
    until: str | None,
) -> views.HistoryFilter:
    zone = bot.config.bot.zone
    return views.HistoryFilter(
        user=_person(bot, user) if user else None,
        reference=reference,
        place=place,
        action=action,
        type=type_,
        since=setting.span(since, zone)[0] if since else None,
        until=setting.end(until, zone) if until else None,
    )


def _person(bot: Bot, text: str) -> str:
    """An address, or an operator as the history names him."""
    return bot.directory.person(setting.address(text)) if "@" in text else text


def _place(bot: Bot, address: str, at: str | None) -> Place:
    """The space that is asked for; with `at` as it was at that time, or at any time of that day."""
    span = read_span(at, bot.now(), bot.config.bot.zone) if at else None
    if isinstance(span, Doubt):
        raise Usage(span.reason)
    return Place(block=block_of(address), span=(span.begin, span.end) if span else None)


def _without_request(held: Iterable[space.Held], wanted: views.HistoryFilter) -> Iterator[Entry]:
    """Space that no request took, as imports bring it, has no other history than this."""
    if wanted.user or wanted.reference or wanted.action or wanted.type:
        return
    for one in held:
        is_then = (not wanted.since or one.since >= wanted.since) and (not wanted.until or one.since < wanted.until)
        is_theirs = not wanted.customer or one.allocation.customer in wanted.customer.names
        if one.allocation.reference is None and is_then and is_theirs:
            yield _entry_of(one)


def _entry_of(held: space.Held) -> Entry:
    allocation = held.allocation
    words = [f"{allocation.prefix} of {allocation.pool}", allocation.customer, allocation.description]
    return {
        "at": held.since,
        "reference": None,
        "actor": allocation.holder or allocation.customer or "",
        "action": allocation.state.value,
        "step": None,
        "detail": ": ".join(filter(None, words)),
    }


def _verify(conn: Connection, *, as_json: bool) -> None:
    broken = list(views.broken_chains(conn))
    if as_json:
        print_json(broken)
    elif broken:
        click.echo("\n".join(broken))
    else:
        click.echo("The history is as it was written.")
    raise click.exceptions.Exit(1 if broken else 0)


def _shape(entry: Entry) -> dict[str, Any]:
    """The keys of contract §6, and no other; what was erased is null."""
    return {**{key: entry[key] for key in KEYS}, "at": instant(entry["at"])}


def _row(entry: Entry, zone: ZoneInfo) -> list[Cell]:
    return [
        (when(entry["at"], zone), "dim"),
        entry["reference"] or "",
        ERASED if entry["actor"] is None else entry["actor"],
        entry["action"],
        entry["step"] or "",
        ERASED if entry["detail"] is None else entry["detail"],
    ]


def _held_row(held: space.Held, zone: ZoneInfo) -> list[Cell]:
    allocation = held.allocation
    return [
        when(held.since, zone),
        when(held.ended, zone) or "now",
        (_named(allocation), "bold"),
        allocation.state.value,
        allocation.reference or "",
        allocation.customer or allocation.holder or "",
    ]


def _named(allocation: space.Allocation) -> str:
    """A number says nothing without its pool."""
    of_pool = f" of {allocation.pool}" if allocation.prefix.family is Family.NUMBER else ""
    return f"{allocation.prefix}{of_pool}"
