"""`mailbot inbox`: mail that waits for a decision of ours, and what became of all other."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.group import Group
from mailbot.cli.output import Cell, counted, json_option, one_line, print_json, print_table, printable, when
from mailbot.errors import MailbotError, NotPossible
from mailbot.intake.arrival import InboxState, Outcome
from mailbot.mail.message import Message
from mailbot.mail.message import read as read_message
from mailbot.mail.token import mask
from mailbot.process.shape import instant
from mailbot.store import views

WAITING = (InboxState.UNCONFIRMED, InboxState.HELD, InboxState.QUARANTINED)
_STYLES = {InboxState.HELD: "yellow", InboxState.QUARANTINED: "red", InboxState.UNCONFIRMED: "yellow"}

_NUMBER = click.IntRange(min=1, max=2**63 - 1)
"""As a database counts."""

_numbers = click.argument("numbers", nargs=-1, required=True, type=_NUMBER, metavar="NUMBER…")


@click.group(cls=Group)
def inbox() -> None:
    """Mail that was held (its sender is not believed) or quarantined (it could not be handled)."""


@inbox.command("list")
@click.option("--all", "everything", is_flag=True, help="Handled and ignored mail, too.")
@json_option
def list_(everything: bool, as_json: bool) -> None:
    """Mail that waits, oldest first."""
    with setting.bot() as bot, bot.store.reading() as conn:
        found = views.inbox(conn, () if everything else [state.value for state in WAITING])
        zone = bot.config.bot.zone
    if as_json:
        print_json([_shape(row) for row in found])
    else:
        columns = ["", "received", "from", "state", "subject", "reason"]
        print_table(columns, (_row(row, zone) for row in found), "No mail." if everything else "No mail waits.")


@inbox.command()
@click.argument("number", type=_NUMBER)
@json_option
def show(number: int, as_json: bool) -> None:
    """One mail: what it says, and why it waits. Tokens are masked."""
    with setting.bot() as bot, bot.store.reading() as conn:
        row = views.mail(conn, number)
        zone = bot.config.bot.zone
    message = read_message(row["raw"]) if row["raw"] is not None else None
    if as_json:
        print_json(_shape(row) | {"text": mask(message.text) if message else None})
        return
    print_table(["", ""], [[label, mask(value)] for label, value in _lines(row, message, zone) if value])
    click.echo()
    click.echo(printable(mask(message.text)) if message else "Its text is kept no more.")


@inbox.command()
@_numbers
def release(numbers: tuple[int, ...]) -> None:
    """Vouch for the sender of a mail that was held: it is handled as if he were believed."""
    _again(numbers, "released mail", lambda bot, number, now: bot.intake.release(number, now))


@inbox.command()
@_numbers
def retry(numbers: tuple[int, ...]) -> None:
    """Handle a quarantined mail again, when what was wrong is mended."""
    _again(numbers, "retried mail", lambda bot, number, now: bot.intake.retry(number, now))


def _again(numbers: tuple[int, ...], action: str, handle: Callable[[Bot, int, datetime], Outcome]) -> None:
    """Each by itself, so that one that cannot be handled keeps no other from it."""
    refused = 0
    with setting.bot() as bot:
        bot.prepare()
        for number in numbers:
            try:
                outcome = handle(bot, number, bot.now())
            except MailbotError as refusal:
                refused += 1
                click.echo(f"mailbot: {printable(str(refusal))}", err=True)
                continue
            except Exception as error:
                raise NotPossible(f"mail {number} still cannot be handled: {type(error).__name__}: {error}") from error
            _note(bot, action, number, outcome)
            refused += outcome.state in WAITING
    if refused:
        raise click.exceptions.Exit(1)


def _note(bot: Bot, action: str, number: int, outcome: Outcome) -> None:
    """Who vouched belongs into the history: of the request that came of it, if one did."""
    words = ": ".join(filter(None, [outcome.state.value, outcome.reason]))
    with bot.store.transaction() as tx:
        setting.house_note(tx, bot, action, " ".join(filter(None, [str(number), words, outcome.reference])))
    about = f" ({outcome.reference})" if outcome.reference else ""
    click.echo(f"{number}: {printable(words)}{about}")


def _shape(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "number": row["id"],
        "received": instant(row["received"]),
        "sender": row["sender"],
        "subject": mask(row["subject"]),
        "class": row["class"],
        "believed": row["believed"],
        "verdict": row["verdict"],
        "state": row["state"],
        "reason": row["reason"],
        "request": row["reference"],
        "message_id": mask(row["message_id"]) if row["message_id"] else None,
    }


def _row(row: Mapping[Any, Any], zone: ZoneInfo) -> list[Cell]:
    state = InboxState(row["state"])
    return [
        str(row["id"]),
        when(row["received"], zone),
        row["sender"] or "nobody",
        (state.value, _STYLES.get(state, "")),
        one_line(mask(row["subject"]))[:60],
        row["reason"] or row["reference"] or "",
    ]


def _lines(row: Mapping[Any, Any], message: Message | None, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "Mail", str(row["id"])
    yield "Received", when(row["received"], zone)
    yield "From", row["sender"] or "nobody: From is not one plain address"
    yield "To", ", ".join(message.recipients) if message else ""
    yield "Subject", row["subject"]
    yield "Class", row["class"]
    yield "Believed", f"{'yes' if row['believed'] else 'no'}: {row['verdict']}" if row["verdict"] else ""
    yield "State", row["state"]
    yield "Reason", row["reason"]
    yield "Request", row["reference"] or ""
    for one in message.attachments if message else ():
        yield "Attachment", f"{one.name or 'unnamed'} ({one.type}, {counted(one.size, 'byte')})"
