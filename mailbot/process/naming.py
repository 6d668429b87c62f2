"""What others call a request: a supplier's order, a customer's number, the number that their system gave it."""

from collections.abc import Iterable, Iterator, Mapping

from mailbot.process.definition import Field, Process, Value
from mailbot.process.form import written
from mailbot.process.request import Request


def other_names(process: Process, request: Request) -> frozenset[str]:
    """What stands in its fields of reference, and what suppliers' systems have said; as they wrote it."""
    return frozenset(_other_names(process, request))


def _other_names(process: Process, request: Request) -> Iterator[str]:
    yield from request.other_names
    yield from _in(process.fields, request.form)
    for step in request.steps:
        yield from _in(process.step(step.name).fields, step.fields)


def _in(fields: Iterable[Field], values: Mapping[str, Value]) -> Iterator[str]:
    for field in fields:
        match values.get(field.name) if field.reference else None:
            case None:
                continue
            case tuple() as several:
                yield from several
            case value:
                yield written(value)
