"""A request as people see it at the shell: where it stands, its form, its steps, its addresses, and what happened."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import click

from mailbot.cli.output import Cell, counted, one_line, print_line, print_table, printable, when
from mailbot.process import form
from mailbot.process.definition import Process, Value

_STATES = {"inProgress": "in progress"}
STYLES = {
    "completed": "green",
    "done": "green",
    "rejected": "red",
    "refused": "red",
    "failed": "red",
    "held": "yellow",
    "pending": "yellow",
    "open": "bold",
    "waiting": "dim",
    "skipped": "dim",
    "cancelled": "dim",
}
INDENT = 2


def state_of(request: Mapping[str, Any]) -> Cell:
    """Its state; and whether it is late, or will be."""
    state = request["state"]
    words = _STATES.get(state, state)
    if request["late"]:
        return f"{words}, late", "red"
    if request["jeopardy"]:
        return f"{words}, in jeopardy", "yellow"
    return words, STYLES.get(state, "")


def show(request: Mapping[str, Any], process: Process, history: Iterable[Mapping[Any, Any]], zone: ZoneInfo) -> None:
    """`request` has the keys of contract §6, and `unreachable`: whom it waits for, and letters do not reach."""
    print_line((f"{request['reference']}  {one_line(request['summary'])}", "bold"))
    print_table(["", ""], _head(request, process, zone), indent=INDENT)
    _section("Form", ["", ""], _form(request, process))
    _section("Steps", ["step", "state", "whom it waits for, or who answered"], _steps(request, process, zone))
    _section("Addresses", ["", "", "", ""], _addresses(request, zone))
    _section("Attachments", ["", "", "", ""], _files(request, zone))
    _section("What happened", ["", "", "", ""], _events(history, zone))


def _section(title: str, columns: list[str], rows: Iterator[list[Cell]]) -> None:
    found = list(rows)
    if found:
        click.echo()
        print_line((title, "bold"))
        print_table(columns, found, indent=INDENT)


def _head(request: Mapping[str, Any], process: Process, zone: ZoneInfo) -> Iterator[list[Cell]]:
    yield ["State", state_of(request)]
    if request["reason"]:
        yield ["Reason", request["reason"]]
    yield ["Process", f"{process.title} ({process.type})"]
    yield ["Requester", request["requester"]]
    yield ["Opened", f"{when(request['created'], zone)}, by {request['channel']}"]
    if names := [*filter(None, [request["external_reference"]]), *request["other_names"]]:
        yield ["Elsewhere", ", ".join(names)]
    if request["closed"]:
        yield ["Closed", when(request["closed"], zone)]
    yield ["Due", when(request["due"], zone) or "not yet: its form is not complete, or its clock stands"]


def _form(request: Mapping[str, Any], process: Process) -> Iterator[list[Cell]]:
    values: Mapping[str, Value] = request["form"]
    for field in process.fields:
        if field.name in values:
            yield [field.label, form.written(values[field.name])]


def marked(seats: Iterable[str], lost: Collection[str]) -> str:
    """Whom something waits for, and which of these letters do not reach."""
    return ", ".join(f"{seat} (unreachable)" if seat in lost else seat for seat in seats)


def _steps(request: Mapping[str, Any], process: Process, zone: ZoneInfo) -> Iterator[list[Cell]]:
    for step in request["steps"]:
        title = process.step(step["name"]).title
        name = title if title == step["name"] else f"{title} ({step['name']})"
        name = f"{name}: {step['item']}" if step["item"] else name
        state = step["state"]
        yield [name, (state, STYLES.get(state, "")), _who(step, request["unreachable"], zone)]


def _who(step: Mapping[str, Any], lost: Collection[str], zone: ZoneInfo) -> str:
    if step["trouble"]:
        return f"stuck: {step['trouble']}"
    if step["answered_by"]:
        answer = f": {one_line(step['answer'])}" if step["answer"] else ""
        return f"{step['answered_by']}, {when(step['answered_at'], zone)}{answer}"
    if step["state"] != "open":
        return ""
    due = f", due {when(step['due'], zone)}" if step["due"] else ""
    return f"{marked(step['asked'], lost) or 'nobody'}{due}"


def _addresses(request: Mapping[str, Any], zone: ZoneInfo) -> Iterator[list[Cell]]:
    for held in request["addresses"]:
        until = f"until {when(held['until'], zone)}" if held["until"] else ""
        yield [(held["prefix"], "bold"), held["pool"], held["state"], until]


def _files(request: Mapping[str, Any], zone: ZoneInfo) -> Iterator[list[Cell]]:
    for one in request["attachments"]:
        yield [
            (one["name"], "bold"),
            f"{counted(one['size'], 'byte')}, {one['type']}",
            one["from"],
            when(one["at"], zone),
        ]


def _events(history: Iterable[Mapping[Any, Any]], zone: ZoneInfo) -> Iterator[list[Cell]]:
    for entry in history:
        about = ": ".join(filter(None, [entry["step"], printable(entry["detail"] or "")]))
        yield [(when(entry["at"], zone), "dim"), entry["actor"] or "(erased)", entry["action"], about]
