"""Writes a form into a letter: one line a field, help above it, what is known filled in."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from mailbot.process.definition import Field, Value
from mailbot.process.form.reading import MARKERS
from mailbot.process.form.values import hint, one_line, written
from mailbot.words import say


def blank(
    fields: Iterable[Field],
    values: Mapping[str, Value] | None = None,
    given: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    told: Callable[[str], str] = str,
) -> str:
    """The form between its marker lines, with "\\n" line ends.

    Filled in is what was `given` (raw, for values that were not right), else the value, else the default.
    `told` says its phrases in the reader's language.
    Each line begins with a label, a "#" or a marker's dashes: none is a command by itself (trap 22).
    """
    values, given, faults = values or {}, given or {}, faults or {}
    lines = [MARKERS[0]]
    for field in fields:
        lines += _comments(field, faults.get(field.name), told)
        lines.append(f"{field.label}: {_filled(field, values, given)}".rstrip())
    return "\n".join([*lines, MARKERS[1]]) + "\n"


def _comments(field: Field, fault: str | None, told: Callable[[str], str]) -> Iterator[str]:
    yield "#"
    if fault:
        yield f"# {told(say('fields.not_yet_right'))}: {one_line(told(fault))}"
    if field.help:
        yield f"# {one_line(field.help)}"
    yield f"# {told(hint(field))}"


def _filled(field: Field, values: Mapping[str, Value], given: Mapping[str, str]) -> str:
    if raw := one_line(given.get(field.name, "")):
        return raw
    value = values.get(field.name, field.default)
    return "" if value is None else written(value)
