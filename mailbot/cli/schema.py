"""`mailbot schema`: JSON Schemas, for editors and for whoever reads what mailbot writes."""

from typing import Any

import click

from mailbot.cli.output import print_json

WHAT = ("rules", "house", "config", "request", "event")


@click.command()
@click.argument("what", type=click.Choice(WHAT))
def schema(what: str) -> None:
    """The JSON Schema of rule files (rules), rules/_house.toml (house), config.toml, a request, or an event."""
    print_json(_schema(what))


def _schema(what: str) -> dict[str, Any]:
    if what in {"request", "event"}:
        from mailbot.web.api.models.event import EventShape  # noqa: PLC0415 (slow to import)
        from mailbot.web.api.models.plain import RequestShape  # noqa: PLC0415
        from mailbot.web.api.published import json_schema  # noqa: PLC0415

        return json_schema(RequestShape if what == "request" else EventShape)
    from mailbot.config.model import Config  # noqa: PLC0415
    from mailbot.config.schema import of_file  # noqa: PLC0415
    from mailbot.process.rules.models import HouseFile, RuleFile  # noqa: PLC0415

    match what:
        case "rules":
            return of_file(RuleFile, "A trade process of mailbot (rules/TYPE.toml)")
        case "house":
            return of_file(HouseFile, "What all of mailbot's rule files share (rules/_house.toml)")
        case _:
            return of_file(Config, "mailbot's config.toml")
