"""What an answer to `why` shows: which lines of the rules chose the way, the people, the pool and the due date."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from mailbot.mail.letter import line
from mailbot.process import why
from mailbot.process.definition import Process
from mailbot.process.directory import Directory
from mailbot.process.reader import reader_of
from mailbot.process.request import Notice, Request
from mailbot.process.rules import Source
from mailbot.process.why import Lines, Reason
from mailbot.words import say

WHY = "why"
"""What such an answer is about, and the template that it is written from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRow:
    """`place` is where the rules say so: "attribution.toml:31", "" where nobody but a person did."""

    about: str
    words: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReasonsRow:
    title: str
    item: str
    state: str
    reasons: tuple[ReasonRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Of the request, then of its steps, as far as they concern the reader."""

    whole: tuple[ReasonRow, ...]
    steps: tuple[StepReasonsRow, ...]


def explained(
    notice: Notice, request: Request, process: Process, directory: Directory, source: Callable[[], str]
) -> Notice:
    """An answer to `why`, with the reasons that its reader may know; any other notice as it is.

    `source` is the text of the rules that the request began with.
    """
    if notice.facts.get("about") != WHY:
        return notice
    reader = reader_of(notice.to, request, process, directory)
    lines = Lines(request.type, Source.unbound(source()))
    reasons = Reasons(
        whole=tuple(_row(reason, lines) for reason in why.of_request(request, process, directory, reader)),
        steps=tuple(
            StepReasonsRow(
                title=line(one.rule.title),
                item=line(one.step.item or ""),
                state=one.step.state.value,
                reasons=tuple(_row(reason, lines) for reason in one.reasons),
            )
            for one in why.of_steps(request, process, directory, reader)
        ),
    )
    return replace(notice, template=WHY, facts={**notice.facts, "reasons": reasons})


def _row(reason: Reason, lines: Lines) -> ReasonRow:
    place = lines.place(reason)
    about = say(f"reasons.{reason.about.replace(' ', '_')}")
    return ReasonRow(about=about, words=line(reason.words), place=f"{place[0]}:{place[1]}" if place else "")
