"""`mailbot schema`: the schemas by which editors and other programs read what mailbot says, and write what it reads."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from mailbot.cli.output import print_json
from mailbot.errors import NotFound, near_miss

XML = "xml"


@click.command()
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print a JSON Schema by its name, or the XML schema of the API (xml); without a name, the names that there are.

    For editors: rules (rules/TYPE.toml), house (rules/_house.toml), config (config.toml).
    """
    from mailbot.web.api.published import by_name, json_schema, xml_schema  # noqa: PLC0415 (slow to import)

    files, spoken = _files(), by_name()
    known = [*sorted({*files, *spoken}), XML]
    if name is None:
        click.echo("\n".join(known))
    elif name == XML:
        click.echo(xml_schema())
    elif name in files:
        print_json(files[name]())
    elif name in spoken:
        print_json(json_schema(spoken[name]))
    else:
        near = near_miss(name, known)
        hint = f" (did you mean {near!r}?)" if near else ": `mailbot schema` tells the names"
        raise NotFound(f"there is no schema {name!r}{hint}")


def _files() -> Mapping[str, Callable[[], dict[str, Any]]]:
    """Of what people write."""
    from mailbot.config.model import Config  # noqa: PLC0415 (slow to import)
    from mailbot.config.schema import of_file  # noqa: PLC0415
    from mailbot.process.rules.models import HouseFile, RuleFile  # noqa: PLC0415

    return {
        "rules": lambda: of_file(RuleFile, "A trade process of mailbot (rules/TYPE.toml)"),
        "house": lambda: of_file(HouseFile, "What all of mailbot's rule files share (rules/_house.toml)"),
        "config": lambda: of_file(Config, "mailbot's config.toml"),
    }
