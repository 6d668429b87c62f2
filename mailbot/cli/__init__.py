"""The command line: one small file a group of commands, imported only when it is called."""

import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from mailbot.cli.group import Group
from mailbot.errors import Faulty, Usage

# name → (module in this folder, what --help says). Importing them all to ask would take longer than --help may.
COMMANDS = {
    "init": ("start", "write a configuration, rule files and an embedded mailbox into a folder"),
    "demo": ("demo", "play a whole conversation, mail by mail"),
    "check": ("check", "try everything: configuration, rules, templates, each connection"),
    "run": ("run", "the bot: read mail, fire timers, send what is due, serve the pages"),
    "serve": ("serve", "the pages and the API alone"),
    "read": ("read", "how the bot reads a mail, without acting on it"),
    "rules": ("rules", "the rule files: check, test, show, replay"),
    "requests": ("requests", "list, show, open and steer requests"),
    "pools": ("pools", "address space: list, show, add, import, export, check"),
    "customers": ("customers", "who is served, and what each may hold: list, show, import, remove"),
    "usage": ("usage", "what is used of the space that is given out, and what lies idle: import, idle"),
    "targets": (
        "targets",
        "network requests that wait, failed or are unknown: list, show, retry, resume, keys, read, expect",
    ),
    "subscribers": ("subscribers", "who is told of events, and who takes none: list, test, skip"),
    "keys": ("keys", "keys by which other systems call the API: add, list, revoke"),
    "inbox": ("inbox", "mail that was held or quarantined: list, show, release, retry"),
    "why": ("why", "which rules chose a request's way, its people, its pool and its due date"),
    "history": ("history", "who did what and when, and who had an address"),
    "digest": ("digest", "the weekly digest, now"),
    "stats": ("stats", "cycle times, lead times met, mails and quality, by type and department"),
    "billing": ("billing", "a month's records for billing: what was held, and which lead times were met"),
    "probe": ("probe", "how it does, in one line for a monitoring system: exit 0, 1, 2 or 3"),
    "pause": ("pause", "the brake: mail is still taken in, nothing leaves"),
    "resume": ("pause", "let go of the brake"),
    "privacy": ("privacy", "what is kept of a person: export, erase, legal holds"),
    "schema": ("schema", "JSON Schemas: of rule files, the configuration, requests and events"),
    "db": ("db", "the database: upgrade, backup, restore"),
}

TRACEBACK = "MAILBOT_TRACEBACK"
"""Set in the environment, a fault of mailbot's own shows where it is."""


class _Commands(Group):
    """Imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return super().get_command(ctx, name)
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


def main(args: Sequence[str] | None = None) -> None:
    """Exit 0: done; 1: it does not hold, or is not there; 2: wrong usage, or faults in a user's files."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")  # a terminal that cannot show a letter is no reason to stop
    try:
        code = _call(args)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our answer has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except OSError as error:
        _tell(error)
        code = 1
    sys.exit(code)


def _call(args: Sequence[str] | None) -> int:
    try:
        result = cli.main(args=args, prog_name="mailbot", standalone_mode=False)
    except click.ClickException as mistake:
        mistake.show()
        return 2
    except Faulty as faulty:
        click.echo("\n".join(map(str, faulty.faults)), err=True)
        return 2
    except click.Abort:
        return 130
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 (the last place where anything can still be put into words)
        _tell(error)
        return 2 if isinstance(error, Usage) else 1
    return result if isinstance(result, int) else 0


def _tell(error: Exception) -> None:
    from mailbot.cli.output import printable  # noqa: PLC0415 (only when there is trouble)
    from mailbot.cli.trouble import words  # noqa: PLC0415

    told = words(error)
    if told is None and os.environ.get(TRACEBACK):
        raise error
    if told is None and logging.getLogger().handlers:
        logging.getLogger(__name__).critical("stopped by a fault of mailbot's own", exc_info=error)
        return
    ours = f"a fault of mailbot's own: {type(error).__name__}: {error} ({TRACEBACK}=1 shows where)"
    click.echo(f"mailbot: {printable(told or ours)}", err=True)
