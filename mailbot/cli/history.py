"""`mailbot history`: the trace: who did what and when, who had an address, and whether it is as it was written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from typing import Any
from zoneinfo import ZoneInfo

import click

from mailbot.addresses import Block, parse_address, parse_prefix
from mailbot.bot import Bot
from mailbot.cli import exchange, setting
from mailbot.cli.output import Cell, json_option, print_json, print_json_list, print_line, print_table, when
from mailbot.errors import Usage
from mailbot.process.shape import instant
from mailbot.store import Connection, space, views

KEYS = ("at", "reference", "actor", "action", "step", "detail")
ERASED = "(erased)"

Entry = Mapping[Any, Any]


@click.command()
@click.option("--user", metavar="ADDRESS", help="What he did, and what happened to his requests.")
@click.option("--reference", metavar="REF")
@click.option(
    "--action", metavar="WORD", help="One kind of entry, as the history names it: approved, letter, rejected …"
)
@click.option("--address", metavar="ADDRESS", help="Of the requests that had this address (or prefix).")
@click.option("--at", metavar="TIME", help="With --address: who had it then. A day, or a time.")
@click.option("--type", "type_", metavar="TYPE", help="Of requests of this type.")
@click.option("--since", metavar="TIME", help="From this day or time on.")
@click.option("--until", metavar="TIME", help="Up to the end of this day, or before this time.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option(
    "--verify", is_flag=True, help="Hold the whole history against its chain of hashes; exit 1 where it is broken."
)
@json_option
def history(
    verify: bool, as_csv: bool, as_json: bool, address: str | None, at: str | None, **options: str | None
) -> None:
    """What happened, oldest first; of all options given, only what all of them hold for."""
    if as_csv and as_json:
        raise Usage("--csv and --json exclude each other")
    if at and not address:
        raise Usage("--at says when somebody had an address: name it with --address")
    with setting.bot() as bot, bot.store.reading() as conn:
        if verify:
            _verify(conn, as_json=as_json)
        held = _held(conn, address, at, bot.config.bot.zone) if address else []
        wanted = _filter(bot, _references(conn, held, at) if address else None, **options)
        entries: Iterator[Entry] = views.history(conn, wanted)
        found = merge(entries, _without_request(held, wanted), key=lambda entry: entry["at"])
        _print(found, held, bot.config.bot.zone, as_csv=as_csv, as_json=as_json)


def _print(found: Iterable[Entry], held: Sequence[space.Held], zone: ZoneInfo, *, as_csv: bool, as_json: bool) -> None:
    if as_json:
        print_json_list(map(_shape, found))
        return
    if as_csv:
        exchange.write(KEYS, map(_shape, found))
        return
    if held:
        print_line(("Who had it", "bold"))
        columns = ["from", "to", "prefix", "state", "request", "held by"]
        print_table(columns, (_held_row(one, zone) for one in held), indent=2)
        click.echo()
    columns = ["at", "request", "actor", "action", "step", "detail"]
    print_table(columns, (_row(entry, zone) for entry in found), "Nothing happened.")


def _filter(
    bot: Bot,
    references: Sequence[str] | None,
    *,
    user: str | None,
    reference: str | None,
    action: str | None,
    type_: str | None,
    since: str | None,
    until: str | None,
) -> views.HistoryFilter:
    """`references` are of the requests that had the address that was asked for; None where none was."""
    zone = bot.config.bot.zone
    return views.HistoryFilter(
        user=_person(bot, user) if user else None,
        reference=setting.reference(reference, bot) if reference else None,
        references=references,
        action=action,
        type=type_,
        since=setting.span(since, zone)[0] if since else None,
        until=setting.end(until, zone) if until else None,
    )


def _person(bot: Bot, text: str) -> str:
    """An address, or an operator as the history names him."""
    return bot.directory.person(setting.address(text)) if "@" in text else text


def _held(conn: Connection, address: str, at: str | None, zone: ZoneInfo) -> list[space.Held]:
    """Who had an address, oldest first; with `at` at that time, or at any time of that day."""
    held = space.who_had(conn, _block(address))
    if at is None:
        return held
    begin, end = setting.span(at, zone)
    return [one for one in held if one.since < end and (one.ended is None or one.ended > begin)]


def _references(conn: Connection, held: Iterable[space.Held], at: str | None) -> list[str]:
    """Of the requests that took what was held and, where no time is named, of those that gave it back."""
    taken = [one.allocation for one in held if one.allocation.reference]
    given_back = [] if at else views.gave_back(conn, {(str(one.prefix), one.pool) for one in taken})
    return [*(one.reference or "" for one in taken), *given_back]


def _block(text: str) -> Block:
    return parse_prefix(text) if "/" in text else parse_address(text)


def _without_request(held: Iterable[space.Held], wanted: views.HistoryFilter) -> Iterator[Entry]:
    """Space that no request took, as imports bring it, has no other history than this."""
    if wanted.user or wanted.reference or wanted.action or wanted.type:
        return
    for one in held:
        is_then = (not wanted.since or one.since >= wanted.since) and (not wanted.until or one.since < wanted.until)
        if one.allocation.reference is None and is_then:
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
        (str(allocation.prefix), "bold"),
        allocation.state.value,
        allocation.reference or "",
        allocation.customer or allocation.holder or "",
    ]
