"""Makes the values of a process from what stands in its files. What is wrong, the checks tell."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from mailbot.config.kinds import Section
from mailbot.process.definition import (
    ASKING,
    AT_ONCE,
    Action,
    Escalation,
    Field,
    FieldType,
    OnFailure,
    OrderAction,
    Part,
    Process,
    Review,
    StepKind,
    StepRule,
    Unanswered,
    Value,
    Verdict,
)
from mailbot.process.duration import Duration, Unit
from mailbot.process.expression import Expression, Text
from mailbot.process.form import parse, written
from mailbot.process.rules.models import FieldTable, HouseFile, Pace, PartTable, RuleFile, StepTable
from mailbot.process.rules.models import Unanswered as UnansweredTable

REQUEST_LEAD_TIME = Duration(amount=5, unit=Unit.DAY, working=True)
"""What a request may take when neither its file nor the house says so."""


_ORDERED = {"update": OrderAction.MODIFY, "liberation": OrderAction.DELETE}
"""What orders of these types do where their files do not say it; all others add."""


def process_of(file: RuleFile, house: HouseFile, version: str) -> Process:
    return Process(
        type=file.type,
        title=file.title or titled(file.type),
        version=version,
        who=file.who,
        fields=tuple(field_of(table, house) for table in file.fields),
        steps=tuple(_step(index, file, house) for index in range(len(file.steps))),
        aliases=file.aliases,
        summary=Text(file.summary) if file.summary else None,
        lead_time=file.lead_time or house.defaults.request_lead_time or REQUEST_LEAD_TIME,
        calendar=file.calendar,
        managers=file.managers,
        pending_expires=file.pending_expires,
        review=_review(file, house),
        lines=file.lines,
        specification=(file.service and file.service.specification) or file.type,
        order_action=(file.service and file.service.action) or _ORDERED.get(file.type, OrderAction.ADD),
    )


def _review(file: RuleFile, house: HouseFile) -> Review | None:
    if file.review is None:
        return None
    named = (field for table in file.fields if (field := field_of(table, house)).type is FieldType.ALLOCATION)
    return Review(after=file.review.after, pools=file.review.pools, field=next((f.name for f in named), ""))


def titled(name: str) -> str:
    """What people read for a name that has no title: "prefix_length" → "Prefix length"."""
    words = name.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


# -- fields --------------------------------------------------------------------------------------


def field_of(table: FieldTable, house: HouseFile) -> Field:
    """A field, less what it does not know: a `use` or `list` that the house does not have."""
    keys = keys_of(table, house)
    name = keys.pop("name", None) or keys.get("use") or ""
    listed = keys.get("list_name")
    rows = house.lists.get(listed or "", {})
    choices = keys.get("choices") or tuple(rows)
    field = Field(
        name=name,
        label=keys.get("label") or titled(name),
        type=keys.get("type") or (FieldType.CHOICE if choices or listed else FieldType.TEXT),
        required=keys.get("required", False),
        help=keys.get("help", ""),
        min=keys.get("min"),
        max=keys.get("max"),
        min_length=keys.get("min_length"),
        max_length=keys.get("max_length"),
        choices=choices,
        rows=rows,
        many=keys.get("many", False),
        carries=keys.get("carries", ()),
        reference=keys.get("reference", False),
    )
    return with_default(field, keys.get("default"))[0]


def with_default(field: Field, default: Value | date | None) -> tuple[Field, str | None]:
    """The field with its default, read as if somebody had written it; and what is wrong with that."""
    if default is None:
        return field, None
    raw = default.isoformat() if isinstance(default, date) else written(default)
    values, faults = parse({field.name: raw}, (field,))
    made = {name: getattr(field, name) for name in Field.__dataclass_fields__}
    return Field(**{**made, "default": values.get(field.name)}), faults.get(field.name)


def keys_of(table: FieldTable, house: HouseFile) -> dict[str, Any]:
    """The keys that are set: the table's own before those of the field that it uses."""
    used = house.fields.get(table.use or "")
    return (_set(used) if used else {}) | _set(table)


def _set(table: Section) -> dict[str, Any]:
    return {key: getattr(table, key) for key in sorted(table.model_fields_set)}


_OF_PEOPLE = {"remind": (), "unanswered": None, "shows": None}
"""What [defaults] say for steps that wait for people alone."""

_ACTIONS = {StepKind.CHANGE: Action.CHANGE, StepKind.VERIFY: Action.VERIFY}
"""What targets are told to do where the step does not say it; else to add."""

# -- steps ---------------------------------------------------------------------------------------


def after_of(index: int, steps: tuple[StepTable, ...]) -> tuple[str, ...]:
    """What a step comes after: by default, the step above."""
    own = steps[index].after
    if own is not None:
        return own
    return (steps[index - 1].name,) if index else ()


def pace_of(table: StepTable, house: HouseFile) -> Mapping[str, Any]:
    """The keys that [defaults] may have, as they hold for this step.

    What is done at once (an allocation, a notice) inherits no lead time: it would be a forecast of lateness. Nor does
    what only waits for a date. A target is not reminded, and silence is no answer of its.
    """
    unhurried = table.kind in AT_ONCE or table.kind is StepKind.WAIT
    inherited = Pace(calendar=house.defaults.calendar) if unhurried else house.defaults
    if table.kind not in ASKING:
        inherited = inherited.model_copy(update=_OF_PEOPLE)
    own = table.model_fields_set
    return {key: getattr(table if key in own else inherited, key) for key in Pace.model_fields}


def _step(index: int, file: RuleFile, house: HouseFile) -> StepRule:
    table = file.steps[index]
    pace = pace_of(table, house)
    after = after_of(index, file.steps)
    return StepRule(
        name=table.name,
        kind=table.kind,
        title=table.title or titled(table.name),
        after=after,
        when=_expression(table.when),
        asks=tuple(map(Text, table.asks)),
        needs=_voices(table.needs),
        fields=tuple(field_of(field, house) for field in table.fields),
        lead_time=pace["lead_time"],
        calendar=pace["calendar"],
        remind=tuple(sorted(set(pace["remind"]))),
        escalate=tuple(Escalation(after=rung.after, to=rung.to) for rung in pace["escalate"]),
        pool=_text(table.pool),
        length=_expression(table.length),
        prefix=_expression(table.prefix),
        to=tuple(map(Text, table.to)),
        template=table.template,
        each=_expression(table.each),
        may_change=table.may_change,
        shows=pace["shows"],
        verified=table.trust == "verified",
        set={name: Text(text) for name, text in (table.set or {}).items()},
        lasts=_text(table.for_),
        until=_text(table.until),
        not_before=_text(pace["not_before"]),
        targets=tuple(dict.fromkeys((*([table.target] if table.target else []), *table.targets))),
        action=Action(table.action) if table.action else _ACTIONS.get(table.kind, Action.ADD),
        on_failure=OnFailure(pace["on_failure"] or "hold"),
        unanswered=_unanswered(pace["unanswered"]),
        parts=tuple(map(_part, table.split)),
        merge=_expression(table.merge),
        holder=_text(table.holder),
        digest=_digest(_set(table), pace, [keys_of(field, house) for field in table.fields]),
    )


def _part(table: PartTable) -> Part:
    carried = {name: Text(text) for name, text in (table.set or {}).items()}
    return Part(length=Expression(str(table.length)), holder=_text(table.holder), set=carried)


def _expression(source: str | int | None) -> Expression | None:
    return None if source is None else Expression(str(source))


def _text(source: str | None) -> Text | None:
    return Text(source) if source else None


def _unanswered(table: UnansweredTable | None) -> Unanswered | None:
    return Unanswered(after=table.after, then=Verdict(table.then)) if table else None


def _voices(needs: int | str | None) -> int | None:
    """How many must agree: one by default, None for all."""
    match needs:
        case int():
            return needs
        case "all":
            return None
        case _:
            return 1


def _digest(*parts: object) -> str:
    """A hash over what a step's tables say; the same for the same definition, wherever it stands."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()
