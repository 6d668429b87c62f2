"""The command line: one small file a group of commands, imported only when it is called."""

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from mailbot.errors import Faulty, MailbotError, Usage

# name → (module in this folder, what --help says). Importing them all to ask would take longer than --help may.
COMMANDS = {
    "init": ("start", "write a configuration, rule files and an embedded mailbox into a folder"),
    "run": ("run", "the bot: read mail, fire timers, send what is due"),
    "rules": ("rules", "check the rule files"),
    "requests": ("requests", "list, show, open and steer requests"),
}


class _Commands(click.Group):
    """Imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        module = import_module(f"mailbot.cli.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The configuration. Default: $MAILBOT_CONFIG, then ./config.toml",
)
@click.version_option(package_name="mailbot", message="mailbot %(version)s")
@click.pass_context
def cli(ctx: click.Context, config: Path | None) -> None:
    """Requests for IP address space, by mail: forms, approvals by reply, allocation, trace."""
    ctx.obj = config or Path(os.environ.get("MAILBOT_CONFIG") or "config.toml")


def main() -> None:
    """Exit 0: done; 1: it does not hold, or is not there; 2: wrong usage, or faults in a user's files."""
    try:
        cli.main(prog_name="mailbot", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as mistake:
        mistake.show()
        sys.exit(2)
    except Faulty as faulty:
        click.echo("\n".join(map(str, faulty.faults)), err=True)
        sys.exit(2)
    except MailbotError as error:
        click.echo(f"mailbot: {error}", err=True)
        sys.exit(2 if isinstance(error, Usage) else 1)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
