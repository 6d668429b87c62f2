"""What a list of actions shows of each of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailbot.desk.context import JUSTIFICATION, Row, Saying, StepRow, TakeRow, View, reason_given
from mailbot.desk.lists import items_in
from mailbot.desk.narrowed import Sight, sight_of
from mailbot.desk.prepared import Address, mailto_links
from mailbot.mail.letter import line
from mailbot.process.definition import ASKING, StepKind
from mailbot.process.request import Notice, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One of several things to do. `item` is what the step runs for, where it runs for each of several; `stands_for` is
    in whose place the reader is asked; `others` are the steps that others have answered.
    """

    number: int
    reference: str
    title: str
    summary: str
    requester: str
    item: str
    step: StepRow
    stands_for: str
    late: bool
    changed: bool
    justification: Row | None
    details: tuple[Row, ...]
    attachments: tuple[str, ...]
    others: tuple[StepRow, ...]
    sayings: tuple[Saying, ...]
    takes: tuple[TakeRow, ...]
    links: Mapping[str, str] = field(default_factory=dict)


def row_of(view: View, name: str, *, reader: str, number: int, why: object, now: datetime) -> ItemRow:
    """A step of a request, with all that is decided about."""
    request, step = view.request, view.request.step(name)
    shown = next(row for row in view.steps if row.name == name)
    asking = (row for row in view.steps if row.kind in ASKING and row.name != name)
    sight = sight_of(reader, view)
    found = ItemRow(
        number=number,
        reference=request.reference,
        title=line(view.process.title),
        summary=line(request.summary or view.process.title),
        requester=request.requester,
        item=shown.item,
        step=shown,
        stands_for=line(", ".join(absent_of(step, reader))),
        late=step.due is not None and step.due < now,
        changed=why == "changed",
        justification=reason_given(view.form),
        details=tuple(row for row in view.form if row.name != JUSTIFICATION),
        attachments=tuple(line(str(one)) for one in request.attachments),
        others=tuple(row for row in asking if row.rows or row.voices),
        sayings=view.sayings,
        takes=view.takes,
    )
    return found if sight is None else _narrowed(found, sight)


def _narrowed(row: ItemRow, sight: Sight) -> ItemRow:
    """As far as its reader sees."""
    step = sight.step(row.step) or row.step
    found = replace(
        row,
        step=step,
        justification=sight.row(row.justification),
        details=sight.rows(row.details),
        attachments=(),
        others=sight.steps(row.others),
        sayings=sight.sayings(row.sayings),
    )
    if not sight.is_outside:
        return found
    return replace(found, title=step.title, summary=step.title, requester=sight.view.house, stands_for="", takes=())


def rows_of(notice: Notice, view: View, now: datetime) -> tuple[ItemRow, ...]:
    """Of a list about several items of one request."""
    reader, why = notice.to, notice.facts.get("why")
    items = enumerate(items_in(notice), 1)
    return tuple(row_of(view, item.step, reader=reader, number=n, why=why, now=now) for n, item in items)


def absent_of(step: Step, reader: str) -> tuple[str, ...]:
    """In whose place somebody is asked."""
    return tuple(one.absent for one in step.stand_ins if one.deputy == reader)


_ANSWERS = {
    StepKind.APPROVAL.value: {"approve": "{} approve", "reject": "{} reject ", "ask": "{} ask "},
    StepKind.TASK.value: {"done": "{} done", "reject": "{} reject ", "ask": "{} ask "},
}
"""Link → what it writes for the sender, by what he is asked."""

_ALL = {StepKind.APPROVAL.value: ("approve", "approve"), StepKind.TASK.value: ("done", "done")}


def links_of(row: ItemRow, address: Address) -> dict[str, str]:
    """Prepared answers to one number."""
    answers = _ANSWERS[row.step.kind]
    return mailto_links({name: text.format(row.number) for name, text in answers.items()}, address)


def links_to_all(rows: tuple[ItemRow, ...]) -> dict[str, str]:
    """What agrees to all at once: of each kind, where there are both, all of that kind. Link → what it writes."""
    kinds = {row.step.kind for row in rows}
    found = {}
    for kind in kinds:
        numbers = [row.number for row in rows if row.step.kind == kind]
        name, word = _ALL[kind]
        found[name] = f"{'all' if len(kinds) == 1 else ranges(numbers)} {word}"
    return found


def ranges(numbers: Iterable[int]) -> str:
    """Ascending numbers, short: "1-3, 5"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
