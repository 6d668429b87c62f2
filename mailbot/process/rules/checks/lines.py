"""What the lines of a table become: one request with many items needs a field that takes many."""

from collections.abc import Iterator

from mailbot.errors import Fault
from mailbot.process.definition import Lines
from mailbot.process.rules.case import Case


def line_faults(case: Case) -> Iterator[Fault]:
    process = case.process
    if process.lines is Lines.ITEMS and not any(field.many for field in process.fields) and () not in case.damaged:
        yield case.source.at(("lines",), 'no field takes the items of all lines: give one "many = true"')
