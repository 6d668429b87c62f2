"""A process as text for a terminal: stage by stage, what can run at the same time side by side."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from mailbot.process.chart import words
from mailbot.process.chart.layers import direct, ranks
from mailbot.process.definition import Process, StepRule


def text(process: Process, width: int = 100) -> str:
    """`width` in columns; lines are broken between words."""
    return "\n".join([*_head(process, width), "", *_stages(process, width)]) + "\n"


def _head(process: Process, width: int) -> Iterator[str]:
    yield f"{process.type}: {process.title}"
    rows = {
        "may ask": words.listed(process.who),
        "form": words.asked_for(process),
        "lead time": f"{process.lead_time} for the whole",
        "told if late": words.listed(process.managers),
        "incomplete": f"lapses after {process.pending_expires}" if process.pending_expires else "",
    }
    for label, said in rows.items():
        if said:
            yield from wrap(said, width, initial_indent=f"  {label:<14}", subsequent_indent=" " * 16)


def _stages(process: Process, width: int) -> Iterator[str]:
    rank = ranks(process.steps)
    for number in range(1, max(rank.values()) + 1):
        steps = [rule for rule in process.steps if rank[rule.name] == number]
        above = {name for name in rank if rank[name] == number - 1}
        for place, rule in enumerate(steps):
            bar = _bar(place, len(steps))
            first = f"  {number if place == 0 else ' ':>2} {bar} "
            rest = f"     {'│' if place + 1 < len(steps) else ' '}     "
            yield f"{first}{_title(rule)}{_after(rule, process.steps, above)}"
            for line in _lines(rule):
                yield from wrap(line, width, initial_indent=rest, subsequent_indent=rest + "  ")
    yield "     ─ end: the request is completed"


def _bar(place: int, count: int) -> str:
    if count == 1:
        return "──"
    if place == 0:
        return "┬─"
    return "└─" if place == count - 1 else "├─"


def _title(rule: StepRule) -> str:
    return rule.title if rule.title.casefold() == rule.name.casefold() else f"{rule.title} ({rule.name})"


def _after(rule: StepRule, steps: Sequence[StepRule], above: set[str]) -> str:
    """What it waits for, where that is not just the whole stage above."""
    awaited = direct(steps)[rule.name]
    return "" if set(awaited) == above else f", after {words.listed(awaited)}"


def _lines(rule: StepRule) -> Iterator[str]:
    allowed = words.allowed(rule)
    yield f"{words.deed(rule)}{f', within {allowed}' if allowed else ''}"
    yield from filter(None, (words.each(rule), words.condition(rule), *words.terms(rule), words.ladder(rule)))
