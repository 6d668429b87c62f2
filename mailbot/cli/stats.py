"""`mailbot stats`: how requests went in a span of time, by type and by department."""

from datetime import timedelta
from typing import Any

import click

from mailbot.cli import setting
from mailbot.cli.output import Cell, json_option, print_json, print_line, print_table, when
from mailbot.desk.outlook import NOT_KNOWN
from mailbot.digest import words
from mailbot.digest.figures import Pace, Span
from mailbot.digest.statistics import ALL, DepartmentFigures, Quality, Statistics, TypeFigures, statistics
from mailbot.errors import Usage
from mailbot.process.shape import instant


@click.command()
@click.option("--since", metavar="DATE", help="From this day or time on. Default: from the beginning.")
@click.option("--until", metavar="DATE", help="Up to the end of this day, or before this time. Default: now.")
@json_option
def stats(since: str | None, until: str | None, as_json: bool) -> None:
    """Cycle times, lead times met, mails and quality, over what came and ended in that time."""
    with setting.bot() as bot:
        zone = bot.config.bot.zone
        span = Span(
            since=setting.span(since, zone)[0] if since else None,
            until=setting.end(until, zone) if until else bot.now(),
        )
        if span.since and span.since >= span.until:
            raise Usage("--since is not before --until")
        with bot.store.reading() as conn:
            found = statistics(conn, bot.directory, span)
    if as_json:
        print_json(_shape(found, span))
    else:
        _print(found, f"From {when(span.since, zone) or 'the beginning'} to {when(span.until, zone)}")


def _print(found: Statistics, heading: str) -> None:
    print_line((heading, "bold"))
    click.echo()
    columns = ["type", "came", "granted", "refused", "cancelled", "failed", "lead times met"]
    columns += ["half within", "90 % within", "mails", "first try", "trace"]
    print_table(columns, map(_type_row, found.types))
    if found.departments:
        click.echo()
        columns = ["department", "answers", "lead times met", "half within", "90 % within"]
        print_table(columns, map(_department_row, found.departments))
    click.echo()
    click.echo("Times are working hours, over what was granted or refused; mails are those from people, a request.")


def _type_row(of: TypeFigures) -> list[Cell]:
    tally, quality = of.tally, of.quality
    counts = (tally.came, tally.granted, tally.refused, tally.cancelled, tally.failed)
    return [
        (of.name, "bold" if of.name == ALL else ""),
        *map(str, counts),
        words.kept(of.pace),
        words.hours(of.pace.median),
        words.hours(of.pace.ninety),
        f"{quality.mails / quality.closed:.1f}" if quality.closed else NOT_KNOWN,
        words.share(quality.complete_at_first_try, quality.closed),
        words.share(quality.trace_complete, quality.closed),
    ]


def _department_row(of: DepartmentFigures) -> list[Cell]:
    pace = of.pace
    return [of.title, str(pace.count), words.kept(pace), words.hours(pace.median), words.hours(pace.ninety)]


def _shape(found: Statistics, span: Span) -> dict[str, Any]:
    return {
        "since": instant(span.since),
        "until": instant(span.until),
        **_shape_of_type(found.types[-1]),
        "types": [{"type": of.name, **_shape_of_type(of)} for of in found.types[:-1]],
        "departments": [
            {"department": of.name, "title": of.title, "answers": of.pace.count, **_shape_of_pace(of.pace)}
            for of in found.departments
        ],
    }


def _shape_of_type(of: TypeFigures) -> dict[str, Any]:
    tally = of.tally
    return {
        "came": tally.came,
        "granted": tally.granted,
        "refused": tally.refused,
        "cancelled": tally.cancelled,
        "failed": tally.failed,
        **_shape_of_pace(of.pace),
        **_shape_of_quality(of.quality),
    }


def _shape_of_pace(pace: Pace) -> dict[str, Any]:
    return {
        "due": pace.due,
        "met": pace.met,
        "median_hours": _hours(pace.median),
        "ninety_per_cent_hours": _hours(pace.ninety),
    }


def _shape_of_quality(quality: Quality) -> dict[str, Any]:
    return {
        "closed": quality.closed,
        "mails_from_people": quality.mails,
        "complete_at_first_try": quality.complete_at_first_try,
        "trace_complete": quality.trace_complete,
    }


def _hours(time: timedelta | None) -> float | None:
    return None if time is None else round(time.total_seconds() / 3600, 2)
