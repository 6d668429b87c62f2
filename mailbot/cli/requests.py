"""`mailbot requests`: see what there is, and steer it."""

from typing import Any

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import json_option, print_json, print_table
from mailbot.process.shape import shape
from mailbot.store import views


@click.group()
def requests() -> None:
    """List, show, open and steer requests."""


@requests.command("list")
@click.option("--state", help="acknowledged, pending, inProgress, held, completed, rejected, cancelled, failed")
@click.option("--type", "type_")
@click.option("--requester", metavar="ADDRESS")
@click.option("--open", "only_open", is_flag=True)
@click.option("--late", "only_late", is_flag=True)
@json_option
def list_(
    state: str | None, type_: str | None, requester: str | None, only_open: bool, only_late: bool, as_json: bool
) -> None:
    """All requests, or those that the options name."""
    wanted = views.RequestFilter(state=state, type=type_, requester=requester, open=only_open, late=only_late)
    with setting.bot() as bot, bot.store.reading() as conn:
        found = [bot.shape(conn, request) for request in views.requests(conn, wanted, bot.now())]
    if as_json:
        print_json(found)
    else:
        print_table(["", "state", "requester", "due", "summary"], map(_row, found), "No requests.")


def _row(request: dict[str, Any]) -> list[str]:
    state = f"{request['state']}{' (late)' if request['late'] else ''}"
    return [request["reference"], state, request["requester"], request["due"] or "", request["summary"]]


@requests.command()
@click.argument("reference")
@json_option
def show(reference: str, as_json: bool) -> None:
    """One request, whole."""
    with setting.bot() as bot, bot.store.reading() as conn:
        print_json(bot.shape(conn, views.request(conn, reference)))


__all__ = ["Bot", "requests", "shape"]
