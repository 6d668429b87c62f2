"""A process as a Mermaid flowchart, for pages that draw it: wikis, merge requests, Markdown."""

from collections.abc import Iterator

from mailbot.process.chart import words
from mailbot.process.chart.layers import END, START, direct
from mailbot.process.definition import Process, StepKind, StepRule

_SHAPES = {
    StepKind.ALLOCATE: ("[(", ")]"),
    StepKind.RELEASE: ("[(", ")]"),
    StepKind.RESERVE: ("[(", ")]"),
    StepKind.CHECK: ("{{", "}}"),
    StepKind.NOTIFY: (">", "]"),
    StepKind.CHANGE: ("[/", "/]"),
    StepKind.ACTIVATE: ("[/", "/]"),
    StepKind.VERIFY: ("[/", "/]"),
    StepKind.WAIT: ("([", "])"),
}
_STACKED = ("[[", "]]")
_IDS = {START: "request_begins", END: "request_ends"}


def mermaid(process: Process) -> str:
    return "\n".join(_lines(process)) + "\n"


def _lines(process: Process) -> Iterator[str]:
    yield "flowchart TD"
    yield f'    {_IDS[START]}(["{_escaped(process.title)}"])'
    for rule in process.steps:
        begin, end = _STACKED if rule.each else _SHAPES.get(rule.kind, ("[", "]"))
        yield f'    {_id(rule.name)}{begin}"{_label(rule)}"{end}{":::sometimes" if rule.when else ""}'
    yield f'    {_IDS[END]}(["completed"])'
    waits = direct(process.steps)
    for name, awaited in waits.items():
        for other in awaited or (START,):
            yield f"    {_id(other)} --> {_id(name)}"
    awaited_by_any = {name for names in waits.values() for name in names}
    for name in waits:
        if name not in awaited_by_any:
            yield f"    {_id(name)} --> {_IDS[END]}"
    yield "    classDef sometimes stroke-dasharray: 5 4"


def _id(name: str) -> str:
    """Mermaid has words of its own, "end" among them."""
    return _IDS.get(name) or f"step_{name}"


def _label(rule: StepRule) -> str:
    lines = [f"<b>{_escaped(rule.title)}</b>", _escaped(words.deed(rule))]
    lines += [f"<i>{_escaped(words.each(rule))}</i>"] if rule.each else []
    lines += [f"<i>{_escaped(words.condition(rule))}</i>"] if rule.when else []
    lines += [_escaped(line) for line in words.terms(rule)]
    lines += [_escaped(f"within {allowed}")] if (allowed := words.allowed(rule)) else []
    return "<br/>".join(lines)


def _escaped(text: str) -> str:
    """Quotes end a label, angle brackets begin a tag, "#" an entity of Mermaid's own."""
    entities = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"}
    return "".join(entities.get(character, character) for character in text)
