"""`mailbot keys`: keys by which other systems call the API. A key is shown once, when it is made."""

import re

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.group import Group
from mailbot.cli.output import json_option, print_json, print_table, say, when
from mailbot.errors import Usage
from mailbot.process.shape import instant
from mailbot.store import Transaction, customers
from mailbot.store import keys as kept
from mailbot.store.keys import BEGINNING, Key, Scope

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


@click.group("keys", cls=Group)
def keys() -> None:
    """Keys by which other systems call the API: each acts for its own people, and sees what they see."""


@keys.command()
@click.argument("name")
@click.option("--for", "people", multiple=True, metavar="ADDRESS", help="For whom it calls; may be given again.")
@click.option("--customer", metavar="NAME", help="It is shown this customer's data, and nothing else.")
@click.option(
    "--scope",
    type=click.Choice([scope.value for scope in Scope]),
    default=Scope.READ.value,
    show_default=True,
    help="What it may do: read; order (and change and cancel its own); approve (answer what its people are asked); "
    "admin (what an admin may).",
)
@json_option
def add(name: str, people: tuple[str, ...], customer: str | None, scope: str, as_json: bool) -> None:
    """Make a key, and show it: it is stored as a hash, and nobody can show it again."""
    if not NAME.fullmatch(name):
        raise Usage(f"{name!r} is no name for a key: small letters, digits, '.', '-' and '_', at most 60")
    _agree(Scope(scope), people, customer)
    with setting.bot() as bot:
        who = tuple(dict.fromkeys(bot.directory.person(setting.address(one)) for one in people))
        _admins_only(bot, Scope(scope), who)
        customer = _his(bot, customer, who) if customer else None
        key, text = setting.committed(bot, lambda tx: _make(tx, bot, name, Scope(scope), who, customer))
    if as_json:
        print_json({**_shape(key), "key": text})
        return
    click.echo(text)
    say(f"This is the key {name!r}. It is shown this once: keep it where secrets are kept.")


def _admins_only(bot: Bot, scope: Scope, people: tuple[str, ...]) -> None:
    others = [who for who in people if who not in bot.directory.admins]
    if scope is Scope.ADMIN and others:
        raise Usage(f"{', '.join(others)} is no admin: an admin's key calls for those whom [bot] admins names")


def _agree(scope: Scope, people: tuple[str, ...], customer: str | None) -> None:
    if not people and (customer is None or scope is Scope.ADMIN):
        raise Usage("say for whom it calls: --for ADDRESS, or --customer NAME")
    if customer is not None and scope.covers(Scope.APPROVE):
        raise Usage("a customer's key reads and orders: nobody approves for the house by it")
    if customer is not None and scope is Scope.ORDER and not people:
        raise Usage("say whose requests its orders are: --for ADDRESS")


def _his(bot: Bot, name: str, people: tuple[str, ...]) -> str:
    """The customer's id, where all of these are his people."""
    bot.prepare()
    with bot.store.reading() as conn:
        customer = customers.one(conn, name).customer
        others = [who for who in people if customers.of_person(conn, who) != customer]
    if others:
        raise Usage(f"{', '.join(others)} does not write for {customer.name}")
    return customer.id


def _make(
    tx: Transaction, bot: Bot, name: str, scope: Scope, people: tuple[str, ...], customer: str | None
) -> tuple[Key, str]:
    made, text = kept.make(tx.conn, name, scope, people, customer, bot.now())
    setting.house_note(tx, bot, "made a key", f"{name} ({scope}) for {_whom(made)}")
    return made, text


@keys.command("list")
@json_option
def list_(as_json: bool) -> None:
    """All keys, revoked ones too: by what each begins with, and when it was last used."""
    with setting.bot() as bot, bot.store.reading() as conn:
        found, zone = kept.known(conn), bot.config.bot.zone
    if as_json:
        print_json([_shape(key) for key in found])
        return
    columns = ["name", "begins with", "scope", "for", "made", "last used", ""]
    rows = [
        (
            key.name,
            _beginning(key),
            key.scope.value,
            _whom(key),
            when(key.created, zone),
            when(key.last_used, zone) or "never",
            "revoked" if key.revoked else "",
        )
        for key in found
    ]
    print_table(columns, rows, "There are no keys.")


@keys.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Take a key out of use, at once and for good."""
    with setting.bot() as bot:
        setting.committed(bot, lambda tx: _revoke(tx, bot, name))
    click.echo(f"{name} is revoked.")


def _revoke(tx: Transaction, bot: Bot, name: str) -> None:
    kept.revoke(tx.conn, name, bot.now())
    setting.house_note(tx, bot, "revoked a key", name)


def _whom(key: Key) -> str:
    return f"customer {key.customer}" if key.customer else ", ".join(key.people)


def _beginning(key: Key) -> str:
    return f"{BEGINNING}_{key.prefix}_"


def _shape(key: Key) -> dict[str, object]:
    return {
        "name": key.name,
        "begins_with": _beginning(key),
        "scope": key.scope.value,
        "for": list(key.people),
        "customer": key.customer,
        "created": instant(key.created),
        "last_used": instant(key.last_used),
        "revoked": instant(key.revoked),
    }
