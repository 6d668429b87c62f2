"""`mailbot schema`: the schemas by which other programs read what mailbot says, and write what it reads."""

import json

import click

from mailbot.errors import NotFound, near_miss

XML = "xml"


@click.command()
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print a JSON Schema by its name, or the XML schema of all (xml); without a name, the names that there are."""
    from mailbot.web.api.published import by_name, json_schema, xml_schema  # noqa: PLC0415 (slow to import)

    known = by_name()
    if name is None:
        click.echo("\n".join([*sorted(known), XML]))
    elif name == XML:
        click.echo(xml_schema())
    elif name in known:
        click.echo(json.dumps(json_schema(known[name]), indent=2))
    else:
        near = near_miss(name, [*known, XML])
        hint = f" (did you mean {near!r}?)" if near else ": `mailbot schema` tells the names"
        raise NotFound(f"there is no schema {name!r}{hint}")
