"""`mailbot read`: how the bot reads a mail, without acting on it. Any bytes get an answer."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import counted, json_option, print_json_line, printable, say
from mailbot.config import Config, load
from mailbot.delivered import asset
from mailbot.desk.enclosed import table_of
from mailbot.errors import Faulty, MailbotError
from mailbot.intake import answering, carriers, opening
from mailbot.intake.reading import read_within
from mailbot.mail.command import Command, Commands, Unclear, parse
from mailbot.mail.message import Message
from mailbot.mail.reply import Reply, words
from mailbot.mail.sender import MailClass, classify, judge
from mailbot.mail.token import Tokens, mask
from mailbot.process import form
from mailbot.process.definition import Process
from mailbot.process.rules import Rules, restore
from mailbot.store import Store, TokenRow, Transaction, views


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@json_option
def read(files: tuple[str, ...], as_json: bool) -> None:
    """How the bot reads the mail in FILE… ("-": standard input).

    Without a configuration, as the one that `mailbot init` writes reads it.
    """
    with setting.bot(_config()) as bot, _reader(bot) as reader:
        for file in files:
            raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            found = reader.read(raw)
            if as_json:
                print_json_line(found)
            else:
                _show(file if len(files) > 1 else "", found)


def _config() -> Config:
    """The caller's, or ours where he has none; a file that he named must be there."""
    given = click.get_current_context().find_root().params.get("config")
    return load(asset("config.toml")) if given is None and not setting.path().exists() else setting.config()


@contextmanager
def _reader(bot: Bot) -> Iterator["_Reader"]:
    """With rules, keys and database as far as they are there: a mail can be read without any of them."""
    try:
        rules = bot.load_rules()
    except Faulty:
        say("the rule files have errors (`mailbot rules check`): no fields are read")
        rules = Rules(processes={}, sources={})
    try:
        tokens: Tokens | None = Tokens(bot.config.keys("token"))
    except MailbotError:
        tokens = None
    with _ledgers(bot.config) as tx:
        yield _Reader(bot=bot, rules=rules, tokens=tokens, tx=tx)


@contextmanager
def _ledgers(config: Config) -> Iterator[Transaction | None]:
    """To look up what a token stands for; None where there is no database of this version."""
    url = config.database_url()
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        yield None
        return
    store = Store(url)
    try:
        if not _is_current(store):
            yield None
            return
        with store.reading() as conn:
            yield Transaction(conn)
    finally:
        store.close()


def _is_current(store: Store) -> bool:
    try:
        return store.is_current()
    except MailbotError as trouble:
        say(f"{trouble}: what a token stands for is not looked up")
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A token in a mail, and what it stands for."""

    text: str
    row: TokenRow


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads as intake does, and stops where intake would act."""

    bot: Bot
    rules: Rules
    tokens: Tokens | None
    tx: Transaction | None

    def read(self, raw: bytes) -> dict[str, Any]:
        """The keys of contract §1, and what else may help."""
        config, message = self.bot.config, read_within(raw, self.bot.config.limits)
        parted = words(message.text)
        said = parse(parted.own)
        token = self._token(message, parted)
        verdict = judge(message, config.trust.authentication_results)
        own, separator = [config.bot.address], config.bot.subaddress
        return {
            "sender": message.sender,
            "verdict": {"believed": verdict.believed, "reason": verdict.reason},
            "class": classify(message, own_addresses=own, separator=separator, lists=config.trust.lists).value,
            "token": token.text if token else None,
            "request": self._request(message, token),
            "subject": message.subject,
            "message_id": message.message_id,
            "text": parted.own,
            "command": said.verb.value if isinstance(said, Command) else None,
            "arguments": _arguments(said),
            "unclear": said.reason if isinstance(said, Unclear) else None,
            "fields": self._fields(message, parted, token),
            "attachments": [
                {"name": one.name, "type": one.type, "size": one.size, "sha256": one.digest}
                for one in message.attachments
            ],
            "lines": self._lines(message, parted, token),
            "bounce": _bounce(message),
            "obstacle": message.obstacle.value if message.obstacle else None,
        }

    def _token(self, message: Message, parted: Reply) -> _Found | None:
        """The one that counts; where they contradict each other none does (trap 8a)."""
        texts: dict[str, str] = {}

        def lookup(text: str) -> TokenRow | None:
            row = self._row(text)
            if row is not None:
                texts[row.id] = text
            return row

        try:
            row = carriers.token_of(message, parted.quoted, lookup)
        except carriers.Contradiction:
            return None
        return _Found(text=texts[row.id], row=row) if row else None

    def _row(self, text: str) -> TokenRow | None:
        """What the store knows of it; without a store (or keys) whatever looks like one stands for itself."""
        id_ = self.tokens.verify(text) if self.tokens else text.partition(".")[0]
        if id_ is None or self.tx is None:
            return _unknown(id_) if id_ else None
        return self.tx.token(id_)

    def _request(self, message: Message, token: _Found | None) -> str | None:
        named = answering.reference_in(message.subject, self.bot.config.bot.reference)
        return (token.row.reference if token else None) or named

    def _fields(self, message: Message, parted: Reply, token: _Found | None) -> Mapping[str, str]:
        """Of the step that the token is about, else of the request's form, else of the form that the mail opens."""
        process = self._process(token)
        if token and process:
            rule = process.step(token.row.step) if token.row.step else None
            fields = rule.fields if rule and rule.fields else process.fields
            return form.read(parted.own, parted.quoted, fields)
        bot = self.bot.config.bot
        opened = opening.meant(message, parted.own, bot.address, bot.subaddress, self.rules)
        return opening.given_in(opened, parted.own, parted.quoted) if opened else {}

    def _lines(self, message: Message, parted: Reply, token: _Found | None) -> dict[str, Any] | None:
        """What the tables of a mail that opens something say for its form."""
        bot = self.bot.config.bot
        opened = opening.meant(message, parted.own, bot.address, bot.subaddress, self.rules) if token is None else None
        files = [(one.name, one.content) for one in message.attachments]
        table = table_of(files, opened.fields, self.bot.config.limits, alone=True) if opened else None
        if opened is None or table is None:
            return None
        return {
            "become": table.way(opened.lines, opened.fields).value,
            "rows": [{"place": str(line.place), "fields": dict(line.given)} for line in table.lines],
            "faults": list(map(str, table.faults)),
        }

    def _process(self, token: _Found | None) -> Process | None:
        if token is None or token.row.reference is None or self.tx is None:
            return None
        request = views.request(self.tx.conn, token.row.reference)
        return restore(self.tx.rules(request.rules))


def _unknown(id_: str) -> TokenRow:
    return TokenRow(id=id_, person="", purpose="", expires=datetime.max.replace(tzinfo=UTC))


def _arguments(said: Command | Commands | Unclear | None) -> object:
    """What the command takes; of the answers to a list, all of them."""
    match said:
        case Command():
            taken: dict[str, Any] = {
                "text": said.text,
                "duration": said.duration,
                "address": said.address,
                "at": said.at,
            }
            taken |= {"until": said.until.isoformat() if said.until else None, "length": said.length}
            taken |= {"query": said.query.value if said.query else None}
            return {key: value for key, value in taken.items() if value}
        case Commands(commands=commands):
            return [{"items": one.items, "command": one.verb.value, "arguments": _arguments(one)} for one in commands]
        case _:
            return {}


def _bounce(message: Message) -> dict[str, Any] | None:
    """Only of a mail that tells of trouble: the receipt of a delivery is no bounce."""
    delivery = message.delivery
    if delivery is None or delivery.is_success:
        return None
    return {"recipient": delivery.recipient, "status": delivery.status, "action": delivery.action}


# -- for people --------------------------------------------------------------------------------------------------------


def _show(file: str, found: Mapping[str, Any]) -> None:
    if file:
        click.echo(f"{printable(file)}:")
    for label, value in _lines(found):
        if value:
            shown = mask(printable(value)).rstrip().replace("\n", f"\n{'':13}")
            click.echo(f"{label:<13}{shown}")
    click.echo()


def _lines(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    verdict, bounce = found["verdict"], found["bounce"]
    yield "Sender", found["sender"] or "nobody: From is not one plain address"
    yield "Believed", f"{'yes' if verdict['believed'] else 'no'}: {verdict['reason']}"
    yield "Class", f"{found['class']}{'' if found['class'] == MailClass.HUMAN else ': no command of it counts'}"
    yield "Subject", found["subject"]
    yield "Token", found["token"] or ""
    yield "Request", found["request"] or ""
    yield "Command", found["command"] or ""
    arguments = found["arguments"]
    pairs = arguments.items() if isinstance(arguments, dict) else ((one["items"], one["command"]) for one in arguments)
    for name, value in pairs:
        yield f"  {name}", str(value)
    yield "Unclear", found["unclear"] or ""
    for name, value in found["fields"].items():
        yield f"  {name}", value
    if lines := found["lines"]:
        yield "Lines", f"{len(lines['rows'])}, which become {lines['become']}"
        for row in lines["rows"]:
            yield "  Line", f"{row['place']}: {'; '.join(f'{name} {text}' for name, text in row['fields'].items())}"
        for fault in lines["faults"]:
            yield "  Fault", fault
    for one in found["attachments"]:
        yield "Attachment", f"{one['name'] or 'unnamed'} ({one['type']}, {counted(one['size'], 'byte')})"
    yield "Bounce", f"{bounce['recipient']}: {bounce['action']}, status {bounce['status']}" if bounce else ""
    yield "Obstacle", found["obstacle"] or ""
    yield "Text", found["text"]
