"""Prepared answers: the `mailto:` links behind the buttons of a letter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailbot.mail.letter import line, mailto
from mailbot.process.definition import Field, StepKind

APPROVAL = {
    "approve": "approve",
    "reject": "reject ",
    "ask": "ask ",
    "delay": "delay for 1 working day ",
    "assign": "assign ",
}
"""Link → what it writes for the sender; he reads it, adds to it, and sends it himself."""

OWN_REQUEST = {"comment": "comment ", "status": "status", "cancel": "cancel"}
"""What a requester may always say about his request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a prepared answer goes, and the subject that it bears."""

    to: str
    subject: str
    token: str = ""


def mailto_links(bodies: Mapping[str, str], address: Address) -> dict[str, str]:
    """The links by name; one that would be too long for a mail program to follow (trap 8c) is left out."""
    links = {name: mailto(address.to, address.subject, body, keep=address.token) for name, body in bodies.items()}
    return {name: link for name, link in links.items() if link}


def answers_to(kind: StepKind, fields: Iterable[Field]) -> dict[str, str]:
    """What the asked may answer to a step of this kind."""
    match kind:
        case StepKind.APPROVAL:
            return APPROVAL
        case StepKind.FORM:
            return {"fill": field_lines(fields)} | _without("approve")
        case StepKind.TASK:
            return {"done": "done"} | _without("approve")
        case _:
            return {}


def field_lines(fields: Iterable[Field]) -> str:
    """A line for each field, to be filled in behind its colon."""
    return "".join(f"{line(field.label)}: \n" for field in fields)


def _without(name: str) -> dict[str, str]:
    return {key: body for key, body in APPROVAL.items() if key != name}
