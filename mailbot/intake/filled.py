"""A reply that brings its answer as a table: the form of a step, or the requester's form again."""

from mailbot.config.model import Limits
from mailbot.desk.enclosed import Cells, fillable, filled_in, filling, table_of
from mailbot.intake.arrival import Arrival
from mailbot.intake.deeds import Asked
from mailbot.process.definition import StepKind
from mailbot.process.request import Amend, Deed, Done, Unclear


def filled(arrival: Arrival, deed: Deed, asked: Asked, cells: Cells, limits: Limits) -> Deed:
    """The deed with what the mail's tables say, where they are of the form that it may fill in."""
    meant = _meant(deed, asked)
    fields = fillable(meant, asked.process, asked.rule)
    if not fields:
        return deed
    alone = isinstance(deed, Unclear) and not arrival.words.own.strip()
    table = table_of(arrival.files, fields, limits, alone=alone)
    return deed if table is None else filled_in(meant, filling(table, fields, cells))


def _meant(deed: Deed, asked: Asked) -> Deed:
    """Words that are no command mean what fields among them would mean."""
    if not isinstance(deed, Unclear):
        return deed
    if asked.rule is not None and asked.rule.kind in {StepKind.FORM, StepKind.TASK}:
        return Done(bare=True)
    return Amend(given={}) if asked.requester else deed
