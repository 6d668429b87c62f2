"""What templates know: a notice and its request as plain values, times and people as they are shown."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import cached_property
from typing import Any

from mailbot.mail.letter import line, lines
from mailbot.process.coming import to_come
from mailbot.process.definition import ASKING, Field, Process, StepKind, StepRule, Value
from mailbot.process.directory import Directory
from mailbot.process.expression import EvaluationFailed, Scope
from mailbot.process.form import written
from mailbot.process.request import Address, Question, Remark, Request, State, Step, StepState
from mailbot.words import Phrase, first_of, listed, say

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TAKING = frozenset({StepKind.ALLOCATE, StepKind.RESERVE, StepKind.RELEASE})

JUSTIFICATION = "justification"

MOST_NAMED = 10
"""Prefixes that one sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One field of a form: its label, what stands in it, and what is wrong with it."""

    name: str
    label: str
    lines: tuple[str, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What somebody said: an answer to a step, a question (`asks`), a comment."""

    by: str
    at: str
    lines: tuple[str, ...]
    approves: bool = False
    asks: bool = False
    answer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of the request as people see it. `who` are departments by title, else addresses; `item` is what it
    runs for, where it runs for each of several. `changeable` are labels of the form that who is asked may write anew.
    """

    name: str
    title: str
    kind: str
    state: str
    who: str
    needs: int
    due: str
    by: str
    at: str
    rows: tuple[Row, ...]
    voices: tuple[Saying, ...]
    trouble: str
    item: str = ""
    changeable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRow:
    """Address space, or a number, that an approval leads to. "" and None where the request does not say it yet."""

    kind: str
    pool: str
    length: int | None
    prefix: str
    is_number: bool = False
    count: int = 1
    """So many of the same; `prefix` names them all, or the first of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRow:
    prefix: str
    pool: str
    state: str
    until: str


def shown(moment: datetime | None, zone: tzinfo, *, exactly: bool = False) -> str:
    """A moment as people read it: "Mon 23 Nov 2026, 17:00 CET"; "" for none. `exactly`: with its seconds, if any."""
    if moment is None:
        return ""
    at = moment.astimezone(zone)
    name = at.tzname() or ""
    clock = f"{at:%H:%M:%S}" if exactly and at.second else f"{at:%H:%M}"
    if not name:
        return say("moment.without_zone", day=shown_day(at), time=clock)
    return say("moment.at", day=shown_day(at), time=clock, zone=f"UTC{name}" if name[:1] in "+-" else name)


def shown_day(day: date) -> Phrase:
    """A day as people read it: "Mon 23 Nov 2026"."""
    weekday, month = say(f"weekday.{_DAYS[day.weekday()]}"), say(f"month.{_MONTHS[day.month - 1]}")
    return say("moment.day", weekday=weekday, day=day.day, month=month, year=day.year)


def shown_shortly(moment: datetime | None, zone: tzinfo) -> str:
    """The same without its year: "Mon 23 Nov"; "" for none."""
    if moment is None:
        return ""
    day = moment.astimezone(zone)
    weekday, month = say(f"weekday.{_DAYS[day.weekday()]}"), say(f"month.{_MONTHS[day.month - 1]}")
    return say("moment.short_day", weekday=weekday, day=day.day, month=month)


def form_rows(
    fields: Iterable[Field],
    values: Mapping[str, Value],
    given: Mapping[str, str],
    faults: Mapping[str, str],
) -> tuple[Row, ...]:
    """A form as it was sent: what is known, else what was written; empty fields only where they are wrong."""
    found = []
    for field in fields:
        value = values.get(field.name, given.get(field.name, ""))
        fault = line(faults.get(field.name, ""))
        if value != "" or fault:
            row = Row(name=field.name, label=line(field.label), lines=lines(written(value)), fault=fault)
            found.append(row)
    return tuple(found)


def reason_given(rows: Iterable[Row]) -> Row | None:
    """The requester's justification, by the house's name for it."""
    return next((row for row in rows if row.name == JUSTIFICATION and row.lines), None)


@dataclass(frozen=True, kw_only=True)
class View:
    """A request through its process and directory, in one time zone; `pools` are titles by name, and `numbers` those
    that give out no addresses. `house` is what we are called outside.

    All letters of one change look through one view, so that what they share is made once.
    """

    request: Request
    process: Process
    directory: Directory
    pools: Mapping[str, str]
    zone: tzinfo
    house: str = ""
    numbers: Collection[str] = ()

    @cached_property
    def form(self) -> tuple[Row, ...]:
        r = self.request
        return form_rows(self.process.fields, r.form, r.given, r.faults)

    @cached_property
    def steps(self) -> tuple[StepRow, ...]:
        return tuple(self._step(step) for step in self.request.steps)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Of the steps, by name; with the item, where a step runs for one."""
        return {step.name: self._title(step) for step in self.request.steps}

    def _title(self, step: Step) -> str:
        title, item = line(self.process.step(step.name).title), line(self._item(step))
        return f"{title} ({item})" if item else title

    @cached_property
    def asking(self) -> tuple[StepRow, ...]:
        """The steps that ask somebody, as letters list them: one that runs for each of several items is one line, and
        behind it those of its items that were refused.
        """
        rows = [row for row in self.steps if row.kind in ASKING]
        items = {row.name: [child for child in rows if child.name.startswith(f"{row.name}.")] for row in rows}
        listed = (row for row in rows if not row.item or row.state == StepState.REFUSED)
        return tuple(_whole(row, items[row.name]) if items[row.name] else row for row in listed)

    def _step(self, step: Step) -> StepRow:
        rule = self.process.step(step.name)
        return StepRow(
            name=step.name,
            title=line(rule.title),
            kind=rule.kind.value,
            state=step.state.value,
            who=self._who(rule, step),
            needs=len(step.asked) if rule.needs is None else rule.needs,
            due=shown(None if self.request.state is State.HELD else step.due, self.zone),  # the clock stands
            by=line(step.answered_by or ""),
            at=shown(step.answered_at, self.zone),
            rows=form_rows(rule.fields, step.fields, {}, {}),
            voices=tuple(self._voices(step)),
            trouble=line(step.trouble or ""),
            item=line(self._item(step)),
            changeable=tuple(line(f.label) for f in self.process.fields if f.name in rule.may_change),
        )

    def _item(self, step: Step) -> str:
        """What it runs for, with what that carries as far as the form says: who decides must know whose it is."""
        carries = self.request.carries.get(step.item or "", {})
        named = dict.fromkeys(name for field in self.process.fields for name in field.carries)
        words = ", ".join(f"{name} {carries[name]}" for name in named if name in carries)
        return f"{step.item} ({words})" if words else step.item or ""

    @cached_property
    def sayings(self) -> tuple[Saying, ...]:
        """Questions and comments so far, in the order in which they were written."""
        said: list[Question | Remark] = [*self.request.questions, *self.request.remarks]
        said.sort(key=lambda one: one.at)
        return tuple(self._asked(one) if isinstance(one, Question) else self._remarked(one) for one in said)

    @cached_property
    def addresses(self) -> tuple[AddressRow, ...]:
        return tuple(self._address(address) for address in self.request.addresses)

    @cached_property
    def takes(self) -> tuple[TakeRow, ...]:
        """The address space that is still to be taken or given back, as far as it is decided now."""
        wanted = to_come(self.request, self.process, self.directory, _TAKING)
        return tuple(_counted(self._take(rule, scope) for rule, scope in wanted))

    def _who(self, rule: StepRule, step: Step) -> str:
        named = step.departments or tuple(filter(None, (text.plain for text in rule.asks)))
        groups = [self.directory.departments[n] for n in named if n in self.directory.departments]
        parties = [self.directory.parties[n] for n in named if n in self.directory.parties]
        seats = {seat for group in groups for seat in (*group.members, group.address, group.lead)}
        seats |= {party.address for party in parties}
        people = [seat for seat in step.asked if seat not in seats]
        titles = [*(group.title for group in groups), *(party.title for party in parties)]
        return ", ".join(line(word) for word in (*titles, *people))

    def _voices(self, step: Step) -> Iterator[Saying]:
        for voice in step.voices:
            at = shown(voice.at, self.zone)
            said = lines(voice.text)
            yield Saying(by=line(voice.actor), at=at, lines=said, approves=voice.approves)

    def _asked(self, question: Question) -> Saying:
        return Saying(
            by=line(question.asker),
            at=shown(question.at, self.zone),
            lines=lines(question.text),
            asks=True,
            answer=lines(question.answer or ""),
        )

    def _remarked(self, remark: Remark) -> Saying:
        return Saying(by=line(remark.actor), at=shown(remark.at, self.zone), lines=lines(remark.text))

    def _address(self, address: Address) -> AddressRow:
        return AddressRow(
            prefix=address.prefix,
            pool=self._pool(address.pool),
            state=address.state,
            until=shown(address.until, self.zone),
        )

    def _take(self, rule: StepRule, scope: Scope) -> TakeRow:
        length = _evaluated(rule.length.evaluate, scope) if rule.length else ""
        prefix = _evaluated(rule.prefix.evaluate, scope) if rule.prefix else ""
        pool = _evaluated(rule.pool.render, scope) if rule.pool else ""
        return TakeRow(
            kind=rule.kind.value,
            pool=self._pool(pool),
            length=int(length) if length else None,
            prefix=line(prefix),
            is_number=pool in self.numbers,
        )

    def _pool(self, name: str) -> str:
        return line(self.pools.get(name, name))


def _counted(rows: Iterable[TakeRow]) -> Iterator[TakeRow]:
    """Each kind once, of each pool and length."""
    names: dict[TakeRow, list[str]] = {}
    for row in rows:
        names.setdefault(replace(row, prefix=""), []).append(row.prefix)
    for row, prefixes in names.items():
        named = first_of([prefix for prefix in prefixes if prefix], MOST_NAMED)
        yield replace(row, prefix=listed(named), count=len(prefixes))


def _whole(row: StepRow, items: Sequence[StepRow]) -> StepRow:
    """A step that stands for all its items: how many are done, and by whom they are."""
    done = sum(item.state == StepState.DONE for item in items)
    who = dict.fromkeys(item.who for item in items if item.who)
    return replace(row, item=say("letters.so_many_of", done=done, all=len(items)), who=", ".join(who), by="")


def _evaluated(evaluate: Callable[[Scope], Any], scope: Scope) -> str:
    try:
        return str(evaluate(scope))
    except EvaluationFailed:
        return ""  # it hangs on an answer that is still to come
