"""The customers that a request is about: whom its form names, else the one whose space it names."""

from collections.abc import Mapping
from dataclasses import replace

from mailbot.process.customers import Standing, spelled
from mailbot.process.definition import TAKING, FieldType, Process, Value
from mailbot.process.directory import Directory
from mailbot.process.request import TO_COME, Held, Request


def customers_in(
    values: Mapping[str, Value], held: Held, process: Process, directory: Directory
) -> dict[str, Standing]:
    """By what the form, or the record of the space that it names (`held`), calls them.

    Space that is not all of one customer makes it nobody's request: his people would read what is others' (trap 20).
    """
    return _named_in(values, process, directory) or _of_space(held, directory)


def _named_in(values: Mapping[str, Value], process: Process, directory: Directory) -> dict[str, Standing]:
    fields = (field.name for field in process.fields if field.type is FieldType.CUSTOMER)
    standing = {str(values[name]): _standing(str(values[name]), directory) for name in fields if name in values}
    return {name: one for name, one in standing.items() if one is not None}


def _of_space(held: Held, directory: Directory) -> dict[str, Standing]:
    standing = {name: _standing(name, directory) for name in (one.get("customer", "") for one in held.values())}
    known = {name: one for name, one in standing.items() if one is not None}
    return known if len(known) == len(standing) and len({one.id for one in known.values()}) == 1 else {}


def _standing(name: str, directory: Directory) -> Standing | None:
    return directory.clientele.named.get(spelled(name))


def as_customers_stand(request: Request, process: Process, directory: Directory) -> Request:
    """The request with its customers as they are now. What they hold, and have left, stays as it was when the last
    step took something: that is what was decided on.
    """
    if request.is_closed or not request.customers:
        return request
    taking = [step for step in request.steps if process.step(step.name).kind in TAKING and step.undoes is None]
    judged = bool(taking) and not any(step.state in TO_COME for step in taking)
    now = {name: _now(name, was, directory, judged=judged) for name, was in request.customers.items()}
    return replace(request, customers=now)


def _now(name: str, was: Standing, directory: Directory, *, judged: bool) -> Standing:
    found = _standing(name, directory) or was
    return replace(found, held=was.held, left=was.left) if judged else found
