"""What the steps that run once an item know of it."""

from dataclasses import replace

from mailbot.process.definition import Field, FieldType, Process, StepRule
from mailbot.process.expression import Kind, Known
from mailbot.process.scope import columns, names_of_item

ITEM = "item"
_PREFIXES = frozenset({FieldType.PREFIX, FieldType.ALLOCATION, FieldType.ADDRESS})
_ELSEWHERE = 'is known only in a step that runs once an item: each = "form.FIELD"'


def field_behind(process: Process, rule: StepRule) -> Field | None:
    """The field of the form whose values the items are, at first or second hand; None where it is not that simple."""
    seen: set[str] = set()
    while rule.each is not None and rule.name not in seen:
        seen.add(rule.name)
        where, _, rest = rule.each.source.strip().partition(".")
        if where == "form":
            return next((field for field in process.fields if field.name == rest), None)
        name, _, last = rest.partition(".")
        before = next((other for other in process.steps if other.name == name), None)
        if where != "steps" or last != "items" or before is None:
            return None
        rule = before
    return None


def item_names(process: Process, rule: StepRule) -> dict[str, Known]:
    """What can be named of the item; in a step without any, why it cannot."""
    names = names_of_item(process)
    if rule.each is None:
        return {name: replace(known, refused=_ELSEWHERE) for name, known in names.items()}
    field = field_behind(process, rule)
    if field is None:
        return names
    kind = Kind.PREFIX if field.type in _PREFIXES else Kind.TEXT
    own = {f"{ITEM}.{name}" for name in (*field.carries, *columns(field))}
    of_field = {name: known for name, known in names.items() if name in own}
    return of_field | {ITEM: Known(kind=kind, choices=field.choices)}
