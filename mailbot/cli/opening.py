"""`mailbot requests new`: a request as the mail would open it, for somebody who did not write one."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import json_option, print_json, say
from mailbot.desk.enclosed import FaultyLines, Opening, Table, kept, table_of
from mailbot.errors import NotFound, NotPossible, Usage, near_miss
from mailbot.intake.opening import may_ask
from mailbot.process import form
from mailbot.process.definition import Field, Process
from mailbot.process.request import Entry, Request, State, Submitted
from mailbot.store import Transaction

CHANNEL = "cli"


@click.command()
@click.argument("type_", metavar="TYPE")
@click.argument("values", nargs=-1, metavar="NAME=VALUE…")
@click.option("--as", "requester", required=True, metavar="ADDRESS", help="Whose request it is.")
@click.option(
    "--file",
    "table",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table of lines, CSV or XLSX, as it could come with a mail: all of it, or nothing.",
)
@click.option(
    "--attach",
    "attached",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that is kept with the request, as a mail's attachment is.",
)
@json_option
def new(
    type_: str,
    values: tuple[str, ...],
    requester: str,
    table: Path | None,
    attached: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Open a request: with the form's fields, by name, and checked as if they had come by mail.

    What is missing is asked of the requester by letter, and told here.
    """
    with setting.bot() as bot:
        bot.prepare()
        process = _process(bot, type_)
        given = _given(process.fields, values, needed=table is None)
        person = bot.directory.person(setting.address(requester))
        with bot.store.reading() as conn:
            directory = bot.desk.present(Transaction(conn), bot.now(), person)
        if not may_ask(process, person, directory):
            raise NotPossible(f"{person} may not ask for {process.type}: {', '.join(process.who)} may")
        files = [(path.name, path.read_bytes()) for path in (*attached, *([table] if table else []))]

        def event(tx: Transaction) -> Submitted:
            return Submitted(given=given, attachments=kept(tx, bot.files, files, person))

        if table is not None:
            lines = _lines(bot, process, table)
            opened = setting.committed(bot, lambda tx: _open_lines(tx, bot, process, event(tx), person, lines))
            _tell_opened(bot, opened, as_json=as_json)
            return
        request = setting.committed(bot, lambda tx: _open(tx, bot, process, event(tx), person))
        if as_json:
            with bot.store.reading() as conn:
                print_json(bot.shape(conn, request))
        else:
            click.echo(request.reference)
    if request.faults:
        stands = "pending" if request.state is State.PENDING else "stuck"
        say(f"{request.reference} is {stands} until these are right:")
        for name, fault in request.faults.items():
            say(f"  {name} {fault}")


def _lines(bot: Bot, process: Process, file: Path) -> Table:
    found = table_of([(file.name, file.read_bytes())], process.fields, bot.config.limits, alone=True)
    if found is None:
        labels = ", ".join(field.label for field in process.fields)
        raise NotPossible(f"{file.name} is no table of lines: its first row names fields of the form ({labels})")
    return found


def _open_lines(
    tx: Transaction, bot: Bot, process: Process, event: Submitted, person: str, table: Table
) -> list[Request]:
    opening = Opening(
        desk=bot.desk,
        tx=tx,
        process=process,
        source=bot.rules.current.sources[process.version],
        event=event,
        person=person,
        channel=CHANNEL,
        now=bot.now(),
    )
    try:
        opened = opening.settle(table)
    except FaultyLines as faulty:
        raise NotPossible("nothing was opened:\n" + "\n".join(f"  {one}" for one in faulty.faults)) from None
    for request in opened:
        setting.note(tx, bot, request.reference, _by_the_operator(person))
    return opened


def _tell_opened(bot: Bot, opened: Sequence[Request], *, as_json: bool) -> None:
    if as_json:
        with bot.store.reading() as conn:
            print_json([bot.shape(conn, request) for request in opened])
        return
    for request in opened:
        click.echo(request.reference)


def _by_the_operator(person: str) -> Entry:
    return Entry(actor=setting.operator(), action="opened at the shell", detail=f"as {person}")


def _process(bot: Bot, name: str) -> Process:
    found = bot.rules.current.find(name)
    if found is None:
        known = bot.rules.current.processes
        near = near_miss(name, known)
        hint = f" (did you mean {near!r}?)" if near else f"; there are {', '.join(known)}"
        raise NotFound(f"there is no process {name!r}{hint}")
    return found


def _given(fields: Iterable[Field], values: Iterable[str], *, needed: bool) -> dict[str, str]:
    """Field name → what was written for it; a field may be named by its label, too. Usage for everything else."""
    by_key = {form.label_key(name): field for field in fields for name in (field.label, field.name)}
    given: dict[str, str] = {}
    for value in values:
        name, equals, text = value.partition("=")
        field = by_key.get(form.label_key(name))
        if not equals:
            raise Usage(f"{value[:60]!r} gives no field a value: write NAME=VALUE")
        if field is None:
            raise Usage(f"there is no field {name[:60]!r}{_hint(name, fields)}")
        if field.name in given:
            raise Usage(f"{field.name!r} is given twice")
        given[field.name] = text
    if needed and not given:
        wanted = "\n".join(f"  {field.name}=…  {form.hint(field)}" for field in fields)
        raise Usage(f"name the fields of its form:\n{wanted}")
    return given


def _hint(name: str, fields: Iterable[Field]) -> str:
    names = [field.name for field in fields]
    near = near_miss(name.strip().lower(), names)
    return f" (did you mean {near!r}?)" if near else f": there are {', '.join(names)}"


def _open(tx: Transaction, bot: Bot, process: Process, event: Submitted, person: str) -> Request:
    request = bot.desk.open(
        tx,
        process,
        bot.rules.current.sources[process.version],
        event,
        requester=person,
        channel=CHANNEL,
        now=bot.now(),
    )
    setting.note(tx, bot, request.reference, _by_the_operator(person))
    return request
