"""What expressions know: the names that a process declares, and a request's values for them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from mailbot.process.definition import ASKING, Field, FieldType, Process, StepKind, StepRule, Value
from mailbot.process.directory import Directory
from mailbot.process.expression import Kind, Known, Scope, ScopeValue, names_in
from mailbot.process.functions import functions, known_functions
from mailbot.process.request import OVER, Request, Step, StepState

OWN_NAMES = frozenset({"done", "by", "prefix", "items"})
"""What each step may know beside its fields: no field of a step may be called so."""

_KINDS = {
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.PREFIX_LENGTH: Kind.NUMBER,
    FieldType.YES_NO: Kind.BOOLEAN,
    FieldType.DATE: Kind.DATE,
    FieldType.ADDRESS: Kind.PREFIX,
    FieldType.PREFIX: Kind.PREFIX,
    FieldType.ALLOCATION: Kind.PREFIX,
    FieldType.CUSTOMER: Kind.CUSTOMER,
}
OF_A_CUSTOMER = ("id", "name", "account_manager")
"""What expressions know of every customer: `form.customer.id`."""
_TAKING = frozenset({StepKind.ALLOCATE, StepKind.RELEASE, StepKind.RESERVE})
_NO_DEFAULT = "is optional and has no default: make it required, or give it a default"
_NEVER_ANY = "is optional, and its type has no default: make it required"
_WITHOUT_DEFAULT = frozenset({FieldType.ALLOCATION, FieldType.CUSTOMER})

# -- before there are values ----------------------------------------------------------------


def names_of(
    fields: Iterable[Field],
    groups: Iterable[str] = (),
    pools: Iterable[str] = (),
    attributes: Mapping[str, Known] | None = None,
) -> dict[str, Known]:
    """What can be named whatever the steps do: the form, the requester, the request; functions.

    `attributes` are those that are kept of every customer.
    """
    return {
        **known_functions(pools),
        "requester.email": Known(kind=Kind.TEXT),
        "requester.domain": Known(kind=Kind.TEXT),
        "requester.groups": Known(kind=Kind.LIST, choices=tuple(groups)),
        "request.reference": Known(kind=Kind.TEXT),
        **dict(_fields("form", fields, guard=None)),
        **dict(_of_customers(fields, attributes or {})),
    }


def names_of_step(rule: StepRule) -> dict[str, Known]:
    """The names that a step adds for those that come after it."""
    prefix = f"steps.{rule.name}"
    guard = f"{prefix}.done" if rule.when else None
    own = {f"{prefix}.done": Known(kind=Kind.BOOLEAN)}
    if rule.each is not None:
        of_item = rule.when is not None and any(name.partition(".")[0] == "item" for name in names_in(rule.when.source))
        return own | {f"{prefix}.items": Known(kind=Kind.LIST, guard=None if of_item else guard)}
    if rule.kind in ASKING:
        own[f"{prefix}.by"] = Known(kind=Kind.TEXT, guard=guard)
    if rule.kind in _TAKING or rule.changes_space:
        own[f"{prefix}.prefix"] = Known(kind=Kind.PREFIX, guard=guard)
    return own | dict(_fields(prefix, rule.fields, guard=guard))


def names_of_item(process: Process) -> dict[str, Known]:
    """What a step that runs for `each` knows of its item: itself, and what the allocations of the form carry."""
    found = {"item": Known(kind=Kind.PREFIX)}
    for field in process.fields:
        found |= {f"item.{name}": Known(kind=Kind.PREFIX) for name in field.carries}
        if field.many:
            found |= {f"item.{name}": _column(values, None, None) for name, values in columns(field).items()}
    return found


def _fields(prefix: str, fields: Iterable[Field], guard: str | None) -> Iterator[tuple[str, Known]]:
    for field in fields:
        name = f"{prefix}.{field.name}"
        refused = _refused(field)
        kind = Kind.LIST if field.many else _KINDS.get(field.type, Kind.TEXT)
        yield name, Known(kind=kind, choices=field.choices, refused=refused, guard=guard)
        if field.many:
            continue
        for carried in field.carries:
            yield f"{name}.{carried}", Known(kind=Kind.PREFIX, refused=refused, guard=guard)  # it may be a VLAN
        for column, values in columns(field).items():
            yield f"{name}.{column}", _column(values, refused, guard)


def _of_customers(fields: Iterable[Field], attributes: Mapping[str, Known]) -> Iterator[tuple[str, Known]]:
    """Of one that need not be named nothing is known."""
    for field in fields:
        if field.type is FieldType.CUSTOMER:
            own = {name: Known(kind=Kind.TEXT) for name in OF_A_CUSTOMER}
            for name, known in {**attributes, **own}.items():
                yield f"form.{field.name}.{name}", replace(known, refused=_refused(field))


def _refused(field: Field) -> str | None:
    """Why it cannot be counted on, and what to do."""
    if field.required or field.default is not None:
        return None
    return _NEVER_ANY if field.type in _WITHOUT_DEFAULT else _NO_DEFAULT


def columns(field: Field) -> dict[str, tuple[Value, ...]]:
    """The columns of a field's list, each with its values."""
    names = dict.fromkeys(name for row in field.rows.values() for name in row)
    return {name: tuple(row[name] for row in field.rows.values() if name in row) for name in names}


def _column(values: tuple[Value, ...], refused: str | None, guard: str | None) -> Known:
    match values[0]:
        case bool():
            return Known(kind=Kind.BOOLEAN, refused=refused, guard=guard)
        case int():
            return Known(kind=Kind.NUMBER, refused=refused, guard=guard)
        case str():
            texts = tuple(dict.fromkeys(map(str, values)))
            return Known(kind=Kind.TEXT, choices=texts, refused=refused, guard=guard)
        case tuple():
            raise TypeError("a list's column holds single values")


# -- with a request's values ----------------------------------------------------------------


def scope_of(process: Process, request: Request, directory: Directory, item: str | None = None) -> Scope:
    """The values that this request's expressions are evaluated against: dotted name → value.

    A step that is not done has no value but `done`. What has no value is left out: using it fails. `item` is the one
    that a step runs for.
    """
    scope: dict[str, ScopeValue] = {
        "requester.email": request.requester,
        "requester.domain": request.requester.rpartition("@")[2],
        "requester.groups": directory.groups_of(request.requester),
        "request.reference": request.reference,
        **dict(_values("form", process.fields, request.form)),
        **dict(_carried(process, request)),
        **dict(_customers(process, request)),
        **functions(request.customers),
    }
    for step in request.steps:
        if "." not in step.name:
            scope |= _of_step(process.step(step.name), step, request)
    if item is not None:
        scope |= _of_item(process, request, item)
    return scope


def items_done(request: Request, name: str) -> tuple[str, ...]:
    """The items of a step that ran for each, without those that were refused or have failed. Skipped counts as done."""
    children = (step for step in request.steps if step.name.startswith(f"{name}.") and step.undoes is None)
    return tuple(step.item for step in children if step.item is not None and step.state in OVER)


def _carried(process: Process, request: Request) -> Iterator[tuple[str, ScopeValue]]:
    for field in process.fields:
        carried = request.carries.get(str(request.form.get(field.name)), {})
        for name in field.carries:
            if name in carried:
                yield f"form.{field.name}.{name}", carried[name]


def _customers(process: Process, request: Request) -> Iterator[tuple[str, ScopeValue]]:
    for field in process.fields:
        customer = request.customers.get(str(request.form.get(field.name)))
        if field.type is FieldType.CUSTOMER and customer is not None:
            for name, value in customer.attributes.items():
                yield f"form.{field.name}.{name}", value
            for name in OF_A_CUSTOMER:
                yield f"form.{field.name}.{name}", getattr(customer, name)


def _of_item(process: Process, request: Request, item: str) -> dict[str, ScopeValue]:
    scope: dict[str, ScopeValue] = {"item": item}
    for field in process.fields:
        if field.many:
            scope |= {f"item.{column}": cell for column, cell in field.rows.get(item, {}).items()}
    return scope | {f"item.{name}": value for name, value in request.carries.get(item, {}).items()}


def _of_step(rule: StepRule, step: Step, request: Request) -> dict[str, ScopeValue]:
    prefix, done = f"steps.{step.name}", step.state is StepState.DONE
    if not done:
        return {f"{prefix}.done": False}
    scope: dict[str, ScopeValue] = {f"{prefix}.done": True}
    if rule.each is not None:
        return scope | {f"{prefix}.items": items_done(request, step.name)}
    if step.answered_by is not None:
        scope[f"{prefix}.by"] = step.answered_by
    if step.prefix is not None:
        scope[f"{prefix}.prefix"] = step.prefix
    return scope | dict(_values(prefix, rule.fields, step.fields))


def _values(prefix: str, fields: Iterable[Field], given: Mapping[str, Value]) -> Iterator[tuple[str, ScopeValue]]:
    for field in fields:
        value = given.get(field.name, field.default)
        if value is None:
            continue
        name = f"{prefix}.{field.name}"
        yield name, date.fromisoformat(str(value)) if field.type is FieldType.DATE else value
        for column, cell in field.rows.get(str(value), {}).items():
            yield f"{name}.{column}", cell
