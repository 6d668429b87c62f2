"""`mailbot requests new`: a request as the mail would open it, for somebody who did not write one."""

from collections.abc import Iterable

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import json_option, print_json, say
from mailbot.errors import NotFound, NotPossible, Usage, near_miss
from mailbot.intake.opening import may_ask
from mailbot.process import form
from mailbot.process.definition import Field, Process
from mailbot.process.request import Entry, Request, Submitted
from mailbot.store import Transaction

CHANNEL = "cli"


@click.command()
@click.argument("type_", metavar="TYPE")
@click.argument("values", nargs=-1, metavar="NAME=VALUE…")
@click.option("--as", "requester", required=True, metavar="ADDRESS", help="Whose request it is.")
@json_option
def new(type_: str, values: tuple[str, ...], requester: str, as_json: bool) -> None:
    """Open a request: with the form's fields, by name, and checked as if they had come by mail.

    What is missing is asked of the requester by letter, and told here.
    """
    with setting.bot() as bot:
        bot.prepare()
        process = _process(bot, type_)
        given = _given(process.fields, values)
        person = bot.directory.person(setting.address(requester))
        with bot.store.reading() as conn:
            directory = bot.desk.present(Transaction(conn), bot.now(), person)
        if not may_ask(process, person, directory):
            raise NotPossible(f"{person} may not ask for {process.type}: {', '.join(process.who)} may")
        request = setting.committed(bot, lambda tx: _open(tx, bot, process, given, person))
        if as_json:
            with bot.store.reading() as conn:
                print_json(bot.shape(conn, request))
        else:
            click.echo(request.reference)
    if request.faults:
        say(f"{request.reference} is pending until these are right:")
        for name, fault in request.faults.items():
            say(f"  {name} {fault}")


def _process(bot: Bot, name: str) -> Process:
    found = bot.rules.current.find(name)
    if found is None:
        known = bot.rules.current.processes
        near = near_miss(name, known)
        hint = f" (did you mean {near!r}?)" if near else f"; there are {', '.join(known)}"
        raise NotFound(f"there is no process {name!r}{hint}")
    return found


def _given(fields: Iterable[Field], values: Iterable[str]) -> dict[str, str]:
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
    if not given:
        wanted = "\n".join(f"  {field.name}=…  {form.hint(field)}" for field in fields)
        raise Usage(f"name the fields of its form:\n{wanted}")
    return given


def _hint(name: str, fields: Iterable[Field]) -> str:
    names = [field.name for field in fields]
    near = near_miss(name.strip().lower(), names)
    return f" (did you mean {near!r}?)" if near else f": there are {', '.join(names)}"


def _open(tx: Transaction, bot: Bot, process: Process, given: dict[str, str], person: str) -> Request:
    request = bot.desk.open(
        tx,
        process,
        bot.rules.current.sources[process.version],
        Submitted(given=given),
        requester=person,
        channel=CHANNEL,
        now=bot.now(),
    )
    entry = Entry(actor=setting.operator(), action="opened at the shell", detail=f"as {person}")
    setting.note(tx, bot, request.reference, entry)
    return request
