"""Who is driven: `[targets.NAME]`, a model for each kind."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, ConfigDict, Field

from mailbot.config.connection import File
from mailbot.config.duration import Duration, Unit
from mailbot.config.kinds import HIDDEN, Address, Addressee, Choice, Elapsed, Line, Name, Section, Several

LONGEST = timedelta(hours=1)
"""That a target may take for an answer: a program that takes longer than this hangs."""

Later = Literal["webhook", "dns"]
LATER: tuple[str, ...] = get_args(Later)
"""Kinds that the file may name already, and this version does not drive yet."""


class Check(StrEnum):
    """Whose grammar a rendered template must keep to, else it does not leave."""

    RPSL = "rpsl"
    ARIN = "arin"


def _program(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and not words[0].strip():
        raise ValueError("a command begins with the name of a program")
    return words


def _patience(timeout: Duration) -> Duration:
    if not timedelta() < timeout.elapsed <= LONGEST:
        raise ValueError(f"'{timeout}' is no time to wait for an answer: write up to an hour, like \"60 seconds\"")
    return timeout


class Target(Section):
    """What all kinds have in common. `owner` is told of what fails, beside the admins."""

    title: Line = ""
    owner: Addressee | None = None
    name: str = Field(default="", validation_alias=HIDDEN)


class CommandTarget(Target):
    """A program of one's own: JSON on its standard input, exit 0 confirms."""

    kind: Literal["command"]
    command: Annotated[Several[Line], AfterValidator(_program)] = Field(min_length=1)
    timeout: Annotated[Elapsed, AfterValidator(_patience)] = Duration(amount=60, unit=Unit.SECOND)


class FileTarget(Target):
    """A folder that another system collects from: one file a network request, JSON unless a template says otherwise."""

    kind: Literal["file"]
    folder: File
    template: Name | None = None
    check: Choice[Check] | None = None


class MailTarget(Target):
    """A mailbox where other people, or another system, take orders; `subject` are words of its own for these."""

    kind: Literal["mail"]
    to: Address
    subject: Line = ""
    template: Name | None = None
    check: Choice[Check] | None = None


def _object(text: str) -> str:
    if not re.fullmatch(r"[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*", text):
        raise ValueError(f'{text!r} is no kind of object: write it as NetBox\'s API does, like "ipam.vlans"')
    return text


class NetBoxTarget(Target):
    """An object of the NetBox of [netbox]: `template` says which one, and what is to stand in it."""

    kind: Literal["netbox"]
    object: Annotated[Line, AfterValidator(_object)]
    template: Name


class LaterTarget(Target):
    """Of a kind that is not yet in force; its keys are let through."""

    model_config = ConfigDict(extra="allow")

    kind: Later


AnyTarget = Annotated[CommandTarget | FileTarget | MailTarget | NetBoxTarget | LaterTarget, Field(discriminator="kind")]
