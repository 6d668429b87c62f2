"""`mailbot why`: which rules chose a request's way, its people, its pool and its due date."""

from collections.abc import Iterable
from typing import Any

import click

from mailbot.bot import Bot
from mailbot.cli import page, setting
from mailbot.cli.output import Cell, json_option, one_line, print_json, print_line, print_table, say
from mailbot.errors import Faulty
from mailbot.process import why as reasons
from mailbot.process.request import Request
from mailbot.process.rules import Source
from mailbot.store import views


@click.command()
@click.argument("reference", metavar="REF")
@json_option
def why(reference: str, as_json: bool) -> None:
    """Each step of a request: why it ran or not, who was asked, until when; with the line of the rule that said so.

    By the version of the rules that the request began with.
    """
    with setting.bot() as bot, bot.store.reading() as conn:
        request = views.request(conn, setting.one_reference(conn, reference, bot))
        process = bot.process(conn, request)
        source = Source.unbound(views.rules_source(conn, request.rules))
        whole = reasons.of_request(request, process, bot.directory)
        steps = reasons.of_steps(request, process, bot.directory)
        if not _is_current(bot, request):
            say(f"{request.reference} goes by an older version of {request.type}.toml: lines are those of that version")
    lines = reasons.Lines(request.type, source)
    if as_json:
        print_json(_as_json(request, whole, steps, lines))
    else:
        _show(request, whole, steps, lines)


def _is_current(bot: Bot, request: Request) -> bool:
    try:
        return request.rules in bot.load_rules().sources
    except Faulty:
        return False


def _show(
    request: Request, whole: Iterable[reasons.Reason], steps: Iterable[reasons.StepReasons], lines: reasons.Lines
) -> None:
    print_line((f"{request.reference}  {one_line(request.summary)}", "bold"))
    print_table(["", "", ""], [_row(reason, lines) for reason in whole], indent=2)
    for one in steps:
        click.echo()
        print_line((one.rule.title, "bold"), f"({one.step.name})", _state(one))
        print_table(["", "", ""], [_row(reason, lines) for reason in one.reasons], indent=2)


def _state(one: reasons.StepReasons) -> Cell:
    state = one.step.state.value
    return state, page.STYLES.get(state, "")


def _row(reason: reasons.Reason, lines: reasons.Lines) -> list[Cell]:
    place = lines.place(reason)
    return [(reason.about, "dim"), (f"{place[0]}:{place[1]}" if place else "", "dim"), reason.words]


def _as_json(
    request: Request, whole: Iterable[reasons.Reason], steps: Iterable[reasons.StepReasons], lines: reasons.Lines
) -> dict[str, Any]:
    return {
        "reference": request.reference,
        "type": request.type,
        "rules": request.rules,
        "reasons": [_reason(reason, lines) for reason in whole],
        "steps": [
            {
                "name": one.step.name,
                "state": one.step.state.value,
                "reasons": [_reason(reason, lines) for reason in one.reasons],
            }
            for one in steps
        ],
    }


def _reason(reason: reasons.Reason, lines: reasons.Lines) -> dict[str, Any]:
    file, line = lines.place(reason) or (None, None)
    return {"about": reason.about, "words": reason.words, "file": file, "line": line}
