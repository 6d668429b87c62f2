"""A table that fills in one form: the requester's, or that of somebody who is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.desk.enclosed.tables import Table, as_one, cell_fault
from mailbot.desk.holding import held_prefixes
from mailbot.desk.settle import Desk
from mailbot.process import form
from mailbot.process.definition import Field, Process, StepRule
from mailbot.process.directory import Directory
from mailbot.process.request import Amend, Approve, Deed, Done, Unclear
from mailbot.store import Transaction
from mailbot.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What may stand in a cell. `own` are the fields of a step; all others are of the requester's form."""

    desk: Desk
    tx: Transaction
    process: Process
    requester: str
    now: datetime
    own: Sequence[Field] = ()

    def faults(self, table: Table, field: Field) -> list[Words]:
        """Each cell that is wrong by itself."""
        directory = self.desk.present(self.tx, self.now, self.requester)
        cells = [(line, line.given[field.name]) for line in table.lines if field.name in line.given]
        wrong = [(line, why) for line, text in cells if (why := self._wrong(field, text, directory))]
        return [cell_fault(line.place, field, why) for line, why in wrong]

    def _wrong(self, field: Field, text: str, directory: Directory) -> Words | None:
        given = {field.name: text}
        if field in self.own:
            return form.parse(given, (field,))[1].get(field.name)
        held = held_prefixes(self.tx, self.process, given, self.requester, directory)
        _, faults = form.parse(given, (field,), held=held, nameable=directory.nameable_by(self.requester))
        return faults.get(field.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What the tables among some files say for one form; where there are `faults`, nothing of it holds."""

    given: Mapping[str, str]
    faults: tuple[Words, ...] = ()


def filling(table: Table, fields: Sequence[Field], cells: Cells) -> Filling:
    """What the lines of a table say for one form."""
    given, differing = as_one(table, fields)
    wrong = [fault for field in fields for fault in cells.faults(table, field)]
    return Filling(given=given, faults=(*table.faults, *dict.fromkeys((*differing, *wrong))))


def fillable(deed: Deed, process: Process, rule: StepRule | None) -> tuple[Field, ...]:
    """The fields that a table may fill in beside this deed; `rule`: of the step that it answers."""
    match deed:
        case Approve() if rule is not None:
            return (*rule.fields, *(field for field in process.fields if field.name in rule.may_change))
        case Done() if rule is not None:
            return rule.fields
        case Amend():
            return process.fields
        case _:
            return ()


def filled_in(deed: Deed, found: Filling) -> Deed:
    """The deed with what the tables say; a cell goes before what is written beside them."""
    if found.faults:
        return Unclear(wrote="", faults=found.faults)
    match deed:
        case Approve(given=given) | Done(given=given) | Amend(given=given):
            return replace(deed, given={**given, **found.given})
        case _:
            return deed
