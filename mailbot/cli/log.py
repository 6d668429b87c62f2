"""The bot's log, on standard error: a line a thing that happened, as text or JSON, tokens masked, whoever wrote it."""

import json
import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from mailbot.cli.output import printable
from mailbot.config.model import LogFormat
from mailbot.mail.token import mask

Event = MutableMapping[str, Any]

REFERENCE = "reference"
"""What `extra` may hold: the request that something is about."""


def begin(level: int, form: LogFormat = LogFormat.TEXT) -> None:
    """Write down what is at least of this level, from structlog and from logging alike, in one shape."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=[REFERENCE]),
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _json if form is LogFormat.JSON else _line,
        ],
    )
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [stream]
    root.setLevel(logging.WARNING)  # libraries speak when something is wrong
    logging.getLogger("mailbot").setLevel(level)


def _line(_logger: object, _method: str, event: Event) -> str:
    """`2026-11-23T08:00:00Z warning mailbot.dispatch: a letter waits  kind=action`; below it any traceback."""
    trace = event.pop("exception", None)
    head = " ".join(str(event.pop(key, "")) for key in ("timestamp", "level", "logger"))
    line = f"{head}: {_one_line(event.pop('event', ''))}{_facts(event)}"
    return line if trace is None else f"{line}\n{printable(mask(str(trace)))}"


def _json(_logger: object, _method: str, event: Event) -> str:
    """One object a line, whatever stands in it: JSON has no line breaks."""
    told = {key: value for key, value in event.items() if not key.startswith("_")}
    at, words = told.pop("timestamp", None), told.pop("event", "")
    found = {"at": at, "level": told.pop("level", None), "logger": told.pop("logger", None), "words": words, **told}
    return json.dumps({key: mask(str(value)) for key, value in found.items() if value is not None})


def _facts(event: Mapping[str, Any]) -> str:
    """Beside the words, as key=value; values with blanks stand in quotes."""
    said = {key: _one_line(value) for key, value in event.items() if not key.startswith("_")}
    quoted = {key: f'"{value}"' if " " in value or not value else value for key, value in said.items()}
    return "".join(f"  {key}={value}" for key, value in quoted.items())


def _one_line(value: object) -> str:
    """Somebody else's words begin no line of their own in a log, and leave no token there (trap 8a)."""
    return printable(mask(str(value)).replace("\n", " ↵ "))
