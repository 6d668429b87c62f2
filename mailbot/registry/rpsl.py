"""Objects of an RPSL registry (RFC 2622, RFC 4012) as the RIPE Database takes them: read line by line, and checked."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mailbot.errors import near_miss
from mailbot.registry.classes import CLASSES, Attribute
from mailbot.registry.syntax import why_not

LONGEST = 998
"""Characters of a line: no mail carries more (RFC 5322)."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9-]*):(.*)")
DELETE = "delete"
"""What is no attribute of the object, but says that it is to go; its value is why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An attribute with its whole value, comments left out and continued lines joined; `number` is its first line's."""

    number: int
    name: str
    value: str


class _Unreadable(Exception):
    """Its text is the fault."""


def faults(text: str) -> list[str]:
    """All that is wrong, each with its line. An object is at least one line; between two of them is an empty one."""
    found = list(_unfit_lines(text))
    objects, unread = _objects(text)
    found += unread
    if not objects and not found:
        return ["it holds no object"]
    for lines in objects:
        found += _of_object(lines)
    return found


def _unfit_lines(text: str) -> Iterator[str]:
    for number, line in enumerate(text.split("\n"), start=1):
        if bad := _CONTROL.search(line.removesuffix("\r")):
            yield f"line {number}: {bad[0]!r} must not stand in it"
        if len(line) > LONGEST:
            yield f"line {number}: it is longer than {LONGEST} characters"
        if line != line.encode("latin-1", "replace").decode("latin-1"):
            odd = next(letter for letter in line if ord(letter) > 0xFF)  # noqa: PLR2004 (the end of Latin-1)
            yield f"line {number}: {odd!r} is not in Latin-1, which is all that the registry keeps"


def _objects(text: str) -> tuple[list[list[Line]], list[str]]:
    objects: list[list[Line]] = []
    unread = []
    current: list[Line] = []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            ended = _read(line.removesuffix("\r"), number, current)
        except _Unreadable as fault:
            unread.append(f"line {number}: {fault}")
            continue
        if ended and current:
            objects.append(current)
            current = []
    return [*objects, current] if current else objects, unread


def _read(line: str, number: int, lines: list[Line]) -> bool:
    """Take one line; whether it ends the object. Raises _Unreadable."""
    if not line.strip():
        return True
    if line[0] in "%#":
        return False
    if line[0] in " \t+":
        if not lines:
            raise _Unreadable("it goes on with an attribute that has not begun")
        before = lines.pop()
        lines.append(replace(before, value=f"{before.value} {_without_comment(line[1:])}".strip()))
        return False
    found = _LINE.fullmatch(line)
    if found is None:
        raise _Unreadable(f'{line[:40]!r} is no attribute: write "name: value"')
    lines.append(Line(number=number, name=found[1].lower(), value=_without_comment(found[2])))
    return False


def _without_comment(value: str) -> str:
    return value.partition("#")[0].strip()


def _of_object(lines: Sequence[Line]) -> Iterator[str]:
    kind = next((line.name for line in lines if line.name != DELETE), DELETE)
    attributes = CLASSES.get(kind)
    if attributes is None:
        known = ", ".join(CLASSES)
        hint = _hint(kind, CLASSES) or f"; the first attribute says which it is: {known}"
        yield f"line {lines[0].number}: an object of class {kind!r} is not known{hint}"
        return
    counts = Counter(line.name for line in lines)
    for line in lines:
        yield from (f"line {line.number}: {fault}" for fault in _of_line(line, kind, attributes, counts))
    for name, attribute in attributes.items():
        if attribute.mandatory and not counts[name]:
            yield f"line {lines[0].number}: the {kind} has no {name!r}, which it must have"
    yield from _together(lines, kind)


def _of_line(line: Line, kind: str, attributes: dict[str, Attribute], counts: Counter[str]) -> Iterator[str]:
    if line.name == DELETE:
        if not line.value:
            yield "'delete' must say why"
        return
    attribute = attributes.get(line.name)
    if attribute is None:
        yield f"{line.name!r} is no attribute of a {kind}{_hint(line.name, attributes)}"
        return
    if not attribute.multiple and counts[line.name] > 1:
        yield f"{line.name!r} stands there {counts[line.name]} times, and may only once"
    if fault := why_not(attribute.syntax, line.value):
        yield f"{line.name}: {fault}"


def _together(lines: Sequence[Line], kind: str) -> Iterator[str]:
    """What one attribute says about another."""
    status = next((line.value.upper() for line in lines if line.name == "status"), "")
    sized = next((line for line in lines if line.name == "assignment-size"), None)
    if kind == "inet6num" and (status == "AGGREGATED-BY-LIR") != (sized is not None):
        rule = "'assignment-size' stands there where the status is AGGREGATED-BY-LIR, and only there"
        yield f"line {lines[0].number}: {rule}"


def _hint(name: str, known: dict[str, object] | dict[str, Attribute] | dict[str, dict[str, Attribute]]) -> str:
    near = near_miss(name, known)
    return f" (did you mean {near!r}?)" if near else ""
