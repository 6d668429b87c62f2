"""Tables that come with a mail, understood by a form: a header of its labels or names, and under it one line each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mailbot import sheet
from mailbot.config.model import Limits
from mailbot.desk.enclosed.files import File
from mailbot.desk.patience import TookTooLong, in_time
from mailbot.errors import near_miss
from mailbot.mail.content import cleaned
from mailbot.process import form
from mailbot.process.definition import Field, Lines
from mailbot.sheet import Bounds, NotReadable, Row, Sheet
from mailbot.words import Phrase, listed, phrase_of, say

BOUNDS = Bounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: what stands in its cells, by field, empty ones left out. `place` names its file, sheet and row."""

    place: Phrase
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What all tables of a mail say. `faults` are of what cannot be understood: then nothing of it holds."""

    lines: tuple[Line, ...] = ()
    columns: frozenset[str] = frozenset()
    """names of the fields that have one"""
    faults: tuple[Phrase, ...] = ()

    def way(self, said: Lines | None, fields: Iterable[Field]) -> Lines:
        """One request a line, or one request with many items: as the rule file says, else as the form is made."""
        has_items = any(field.many and field.name in self.columns for field in fields)
        return said or (Lines.ITEMS if has_items else Lines.REQUESTS)


def table_of(files: Iterable[File], fields: Sequence[Field], limits: Limits, *, alone: bool) -> Table | None:
    """What the files say for this form; None where none of them is a table of it.

    `alone`: the mail says nothing for the form beside them; then a table that cannot be read is a fault too.
    """
    named = [(cleaned(name), content) for name, content in files if sheet.is_table(name)]
    found: list[Table] = []
    try:
        with in_time(limits.seconds):  # all of them together
            found += (part for name, content in named for part in _parts(name, content, fields, alone=alone))
    except TookTooLong:
        place = listed(name for name, _ in named)
        return Table(faults=(say("lines.trouble", place=place, words=say("lines.takes_too_long")),))
    if not found:
        return None
    lines = tuple(line for part in found for line in part.lines)
    faults = tuple(fault for part in found for fault in part.faults)
    if len(lines) > limits.lines_per_message:
        faults = (*faults, say("lines.there_are_too_many", count=len(lines), most=limits.lines_per_message))
    return Table(lines=lines, columns=frozenset().union(*(part.columns for part in found)), faults=faults)


def _parts(name: str, content: bytes, fields: Sequence[Field], *, alone: bool) -> Iterator[Table]:
    try:
        sheets = sheet.read(name, content, BOUNDS)
    except NotReadable as trouble:
        if alone:
            yield Table(faults=(say("lines.trouble", place=name, words=phrase_of(trouble)),))
        return
    for one in sheets:
        if (part := _part(name, one, fields)) is not None:
            yield part


def _part(name: str, sheet_: Sheet, fields: Sequence[Field]) -> Table | None:
    """None where the first row is no header of this form: at least half of its cells are its labels or names."""
    if not sheet_.rows:
        return None
    labels = {form.label_key(text): field for field in fields for text in (field.name, field.label)}
    head, *rows = sheet_.rows
    columns = [labels.get(form.label_key(cell)) for cell in head.cells]
    known = [field.name for field in columns if field is not None]
    if not known or 2 * len(known) < sum(map(bool, head.cells)):
        return None
    faults = list(_head_faults(name, sheet_, columns, labels))
    lines = tuple(_line(name, sheet_, row, columns) for row in rows)
    if not rows:
        faults.append(say("lines.trouble", place=_place(name, sheet_), words=say("lines.has_no_lines")))
    return Table(lines=tuple(line for line in lines if line.given), columns=frozenset(known), faults=tuple(faults))


def _head_faults(
    name: str, sheet_: Sheet, columns: Sequence[Field | None], labels: Mapping[str, Field]
) -> Iterator[Phrase]:
    head, seen = sheet_.rows[0], set[str]()
    place = _place(name, sheet_, head)
    for cell, field in zip(head.cells, columns, strict=True):
        if field is None and cell:
            near = near_miss(form.label_key(cell), labels)
            words = say("lines.is_no_field", text=repr(form.one_line(cell)[:60]))
            if near is not None:
                words = say("lines.is_no_field_but", text=repr(form.one_line(cell)[:60]), near=repr(labels[near].label))
            yield say("lines.trouble", place=place, words=words)
        elif field is not None and field.name in seen:
            yield say("lines.trouble", place=place, words=say("lines.is_there_twice", text=repr(field.label)))
        seen |= {field.name} if field else set()


def _line(name: str, sheet_: Sheet, row: Row, columns: Sequence[Field | None]) -> Line:
    cells = zip(columns, row.cells, strict=False)
    given = {field.name: cell for field, cell in cells if field is not None and cell}
    return Line(place=_place(name, sheet_, row), given=given)


def _place(name: str, sheet_: Sheet, row: Row | None = None) -> Phrase:
    title = form.one_line(sheet_.name)[:60]
    if row is None:
        return say("lines.sheet", file=name, sheet=title) if title else say("lines.file", file=name)
    if title:
        return say("lines.row_of_sheet", file=name, sheet=title, row=row.number)
    return say("lines.row", file=name, row=row.number)


def as_one(table: Table, fields: Iterable[Field]) -> tuple[dict[str, str], list[Phrase]]:
    """The lines as one form: of fields that take many the values of all, of all others the one that they agree on."""
    given: dict[str, str] = {}
    faults = []
    for field in fields:
        found = [(line, line.given[field.name]) for line in table.lines if field.name in line.given]
        values = dict.fromkeys(text for _, text in found)
        if field.many:
            given |= {field.name: "\n".join(values)} if values else {}
        elif values:
            first = next(iter(values))
            given[field.name] = first
            faults += [
                cell_fault(line.place, field, say("lines.differs", text=repr(text[:60]), first=repr(first[:60])))
                for line, text in found
                if text != first
            ]
    return given, faults


def cell_fault(place: Phrase, field: Field, words: str) -> Phrase:
    return say("lines.cell", place=place, label=field.label, words=words)
