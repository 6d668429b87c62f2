"""Forms of a process as forms of a page, and what comes back as the words that a mail would have held."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailbot.process import form
from mailbot.process.definition import Field, FieldType, Value

PREFIX = "f."
"""Begins the names of a form's fields, so that no field is taken for one of ours."""

MOST_CHARACTERS = 20_000

_INPUTS = {
    FieldType.LONG_TEXT: "long",
    FieldType.CHOICE: "choice",
    FieldType.YES_NO: "choice",
    FieldType.DATE: "date",
    FieldType.EMAIL: "email",
    FieldType.INTEGER: "number",
    FieldType.PREFIX_LENGTH: "number",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Widget:
    """One field as it is shown: `input` is how, `text` what stands in it, `fault` what is wrong with that.

    `hint` says what to write, where what is shown does not say it by itself.
    """

    name: str
    label: str
    input: str
    text: str
    hint: str
    help: str
    fault: str
    required: bool
    choices: tuple[str, ...] = ()


def widgets(
    fields: Iterable[Field],
    values: Mapping[str, Value] | None = None,
    given: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> tuple[Widget, ...]:
    """`given` is as it was written, and goes before what it means."""
    values, given, faults = values or {}, given or {}, faults or {}
    return tuple(_widget(f, values.get(f.name, f.default), given.get(f.name), faults.get(f.name, "")) for f in fields)


def _widget(field: Field, value: Value | None, given: str | None, fault: str) -> Widget:
    input_ = "many" if field.many else _INPUTS.get(field.type, "text")
    text = given if given is not None else "" if value is None else form.written(value)
    return Widget(
        name=PREFIX + field.name,
        label=field.label,
        input=input_,
        text="\n".join(form.pieces(text)) if field.many else text,
        hint="" if input_ == "choice" else form.wanted(field),
        help=field.help,
        fault=fault,
        required=field.required and field.default is None,
        choices=("yes", "no") if field.type is FieldType.YES_NO else field.choices,
    )


def given_in(text: Mapping[str, str], fields: Iterable[Field]) -> dict[str, str]:
    """Field name → what was written for it, on one line: just as it is found in a mail."""
    found = {}
    for field in fields:
        raw = text.get(PREFIX + field.name, "")[:MOST_CHARACTERS]
        words = ", ".join(form.pieces(raw)) if field.many else " ".join(raw.split())
        if words:
            found[field.name] = words
    return found
