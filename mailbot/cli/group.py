"""Groups of commands: near misses are told, and what a later version brings is named."""

from typing import Any

import click

from mailbot.errors import Usage


class Group(click.Group):
    """`later` are commands of the contract that this version does not have yet."""

    def __init__(self, *args: Any, later: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._later = later

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return super().get_command(ctx, name) or (_later(name) if name in self._later else None)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand:
            known = [*self.list_commands(ctx), *self._later]
            raise click.exceptions.NoSuchCommand(args[0], possibilities=known, ctx=ctx) from None


Group.group_class = Group


def _later(name: str) -> click.Command:
    """A command that takes whatever is written behind it, and says that it is not there yet."""

    @click.pass_context
    def tell(ctx: click.Context) -> None:
        raise Usage(f"{ctx.command_path!r} comes with a later version")

    settings = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
    return click.Command(name, callback=tell, context_settings=settings, add_help_option=False)
