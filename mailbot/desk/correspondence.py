"""From a notice to the letter that tells it: what its template shows, its words, its bytes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mailbot.desk.context import JUSTIFICATION, View, form_rows, reason_given, shown
from mailbot.desk.found import Found
from mailbot.desk.listing import ItemRow, absent_of, links_of, links_to_all
from mailbot.desk.lists import items_in
from mailbot.desk.narrowed import narrowed, summary_for
from mailbot.desk.overview import Overview
from mailbot.desk.prepared import OWN_REQUEST, Address, answers_to, field_lines, mailto_links
from mailbot.desk.reasons import Reasons
from mailbot.desk.withheld import Withheld
from mailbot.mail.letter import (
    Letter,
    Letterhead,
    Templates,
    Thread,
    compose,
    line,
    lines,
    mailto,
    reply_address,
)
from mailbot.mail.reply import SEPARATOR
from mailbot.mail.token import Token
from mailbot.process import form
from mailbot.process.definition import Field, Process
from mailbot.process.directory import Directory
from mailbot.process.request import Kind, Notice, Request, StepState
from mailbot.words import Catalogue, say

BAD_NEWS = frozenset({Kind.REJECTED, Kind.INCOMPLETE, Kind.FAILED, Kind.CANCELLED, Kind.EXPIRED})
"""Kinds that name no address of a pool that the requester did not write himself."""

UNANSWERED = frozenset(
    {Kind.FORMS, Kind.SETTLED, Kind.COMPLETED, Kind.REJECTED, Kind.CANCELLED, Kind.FAILED, Kind.EXPIRED, Kind.ENDED}
    | {Kind.ANSWER, Kind.ALERT, Kind.EVENT, Kind.HELP, Kind.DIGEST}
)
"""Kinds that wait for no reply; all others begin with the separator."""

ASKING_KINDS = frozenset({Kind.ACTION, Kind.REMINDER, Kind.ESCALATION, Kind.MISUNDERSTOOD})
"""Kinds that show a step to somebody who may answer it."""

# What `decide` puts into a notice's facts: each is optional, and shown by what it is.
_ONE_LINE = ("why", "news", "outcome", "headline", "by", "asker", "subject", "page", "unreached")
_PARAGRAPHS = ("question", "answer", "text", "reason", "wrote", "excerpt")
_LISTS = ("changes", "given_back", "lines", "waiting_for")
_FLAGS = ("faulty", "late", "assign", "reminds", "unfit")
_MOMENTS = ("at", "began", "ends")

_NUMBERED = frozenset({"list", "held"})
"""Facts of letters that are answered by the numbers in them."""

EXAMPLES = (say("fields.a_prefix"), say("fields.an_ip_address"))
"""What stands in forms that are sent back: their addresses are nobody's, whatever the pools hold."""

_SUBJECTS = {Kind.CONFIRM: say("letters.re_is_this_yours"), Kind.ACTIONS: say("letters.re_what_waits_for")}
_PLAIN_ANSWERS = {Kind.CONFIRM: {"yes": "yes"}, Kind.QUESTION: {"reply": ""}}
_LINKS = ("approve", "reject", "done", "fill", "ask", "delay", "assign", "reply", "yes")
NO_LINKS = dict.fromkeys((*_LINKS, *OWN_REQUEST), "")
NO_REQUEST: Mapping[str, Any] = {
    **dict.fromkeys(("summary", "requester", "state", "created", "due", "stands_for"), ""),
    **dict.fromkeys(("form", "details", "attachments", "steps", "open", "sayings", "addresses", "takes"), ()),
    "mine": False,
    "review": False,
    "asked": False,
    "justification": None,
    "step": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondent:
    """Writes the bot's letters.

    `pools` are their titles by name, `numbers` those that give out no addresses; `space` all their prefixes: what a
    letter of bad news must not name.
    """

    letterhead: Letterhead
    templates: Templates
    pools: Mapping[str, str] = field(default_factory=dict)
    numbers: Collection[str] = ()
    space: Sequence[str] = ()
    catalogue: Catalogue = field(default_factory=Catalogue)

    def write(
        self,
        notice: Notice,
        view: View | None,
        process: Process | None,
        *,
        token: Token,
        thread: Thread,
        serial: int,
        now: datetime,
    ) -> Letter:
        """The letter that tells this notice, in its final bytes.

        `view` is of the request that it is about; without one, `process` is what the letter is about. `serial` is any
        number that no other letter with this token has.
        """
        context = self.context(notice, view, process, token)
        pictures = context["overview"].pictures if context["overview"] else ()
        return compose(
            words=self.templates.render(notice.template or notice.kind, context),
            letterhead=self.letterhead,
            to=notice.to,
            reply_to=context["reply_to"] or None,
            token=token,
            kind=notice.kind,
            serial=serial,
            now=now,
            answers=notice.answers,
            reference=view.request.reference if view else None,
            step=notice.step,
            thread=thread,
            pictures=pictures,
        )

    def view(self, request: Request | None, process: Process | None, directory: Directory) -> View | None:
        """What all letters of one change look through; None where they are about no request."""
        return None if request is None or process is None else self.view_of(request, process, directory)

    def view_of(self, request: Request, process: Process, directory: Directory) -> View:
        zone = self.letterhead.zone
        return View(
            request=self.catalogue.told(request),
            process=process,
            directory=directory,
            pools=self.pools,
            zone=zone,
            house=line(self.letterhead.name),
            numbers=self.numbers,
        )

    def context(self, notice: Notice, view: View | None, process: Process | None, token: Token) -> dict[str, Any]:
        """What the templates know: every name is always there, "" or () where there is nothing."""
        notice = replace(notice, facts=self.catalogue.told(notice.facts))
        context = {
            **facts_of(notice.facts, self.letterhead),
            **request_of(notice, view),
            **form_of(notice, view, process, self.catalogue),
        }
        if notice.kind in BAD_NEWS and view is not None:
            examples = map(self.catalogue.of, EXAMPLES)
            withheld = Withheld(self.space, (*own_words(notice, view.request), *examples))
            context = {name: withheld.of(value) for name, value in context.items()}
        summary = (summary_for(notice, view) if view else None) or context["summary"]
        whole = context | self._frame(notice, view, process, token, summary)
        return self.catalogue.told(dict(narrowed(whole, notice, view)) if view else whole)

    def _frame(
        self,
        notice: Notice,
        view: View | None,
        process: Process | None,
        token: Token,
        summary: str,
    ) -> dict[str, Any]:
        """What stands around the words: who writes, how to answer, where to look."""
        kind = notice.kind
        numbered = not _NUMBERED.isdisjoint(notice.facts)
        about = view is not None or kind is Kind.CONFIRM or numbered
        type_ = process.type if process else line(str(notice.facts.get("type", "")))
        opens = view is None and (kind is Kind.FORM or bool(notice.facts.get("faulty")))
        detail = token.text if about else type_ if opens else ""
        reply_to = reply_address(self.letterhead, detail) if detail else ""
        reference = view.request.reference if view else ""
        url = self.letterhead.url
        address = Address(
            to=reply_to or self.letterhead.address,
            subject=f"Re: [{reference}] {summary}" if view else type_ or _SUBJECTS.get(kind, ""),
            token=token.text if about else "",
        )
        rows = _rows(notice.facts)
        return {
            "kind": kind.value,
            "to": notice.to,
            "outside": False,
            "summary": summary,
            "bot": {"name": line(self.letterhead.name), "address": self.letterhead.address},
            "reference": reference,
            "type": type_,
            "title": line(process.title if process else str(notice.facts.get("title", ""))),
            "url": f"{url.rstrip('/')}/requests/{reference}" if url and reference else "",
            "separator": "" if kind in UNANSWERED and not numbered else SEPARATOR,
            "token": token.text if about else "",
            "reply_to": reply_to,
            "links": NO_LINKS | mailto_links(answers_in(notice, view, process), address),
            "types": types_of(notice, self.letterhead),
            "items": tuple(replace(row, links=NO_LINKS | links_of(row, address)) for row in rows),
        }


def facts_of(facts: Mapping[str, object], letterhead: Letterhead) -> dict[str, Any]:
    """A notice's facts as templates show them; `by` is "" where it was nobody but the bot."""
    level, by, more = facts.get("level"), str(facts.get("by") or ""), facts.get("more")
    overview, found, reasons = facts.get("overview"), facts.get("found"), facts.get("reasons")
    return {
        **{name: line(str(facts.get(name) or "")) for name in _ONE_LINE},
        **{name: lines(str(facts.get(name) or "")) for name in _PARAGRAPHS},
        **{name: tuple(line(str(item)) for item in _items(facts.get(name))) for name in _LISTS},
        **{name: bool(facts.get(name)) for name in _FLAGS},
        "by": "" if by == letterhead.address else line(by),
        **{name: _moment(facts.get(name), letterhead) for name in _MOMENTS},
        "level": level if isinstance(level, int) else 0,
        "more": more if isinstance(more, int) else 0,
        "overview": overview if isinstance(overview, Overview) else None,
        "found": found if isinstance(found, Found) else None,
        "reasons": reasons if isinstance(reasons, Reasons) else None,
    }


def _moment(value: object, letterhead: Letterhead) -> str:
    return shown(value, letterhead.zone) if isinstance(value, datetime) else ""


def request_of(notice: Notice, view: View | None) -> Mapping[str, Any]:
    """The request as it stands; of another one's letter of bad news, no more than its course."""
    if view is None:
        return NO_REQUEST
    request, form_shown, steps = view.request, view.form, view.steps
    around = (notice.step or "").partition(".")[0] if notice.step else None
    secret = notice.kind in BAD_NEWS
    return {
        "summary": line(request.summary or view.process.title),
        "requester": request.requester,
        "mine": notice.to == request.requester,
        "review": request.is_review,
        "state": request.state.value,
        "created": shown(request.created, view.zone),
        "due": shown(request.due, view.zone),
        "form": form_shown,
        "justification": reason_given(form_shown),
        "details": tuple(row for row in form_shown if row.name != JUSTIFICATION),
        "attachments": tuple(line(str(one)) for one in request.attachments),
        "steps": view.asking,
        "open": tuple(step for step in view.asking if step.state == StepState.OPEN and step.name != around),
        "asked": is_asked(notice, request),
        "stands_for": _stands_for(notice, request),
        "step": next((step for step in steps if step.name == notice.step), None),
        "sayings": () if secret else _other_sayings(notice, view),
        "addresses": () if secret else view.addresses,
        "takes": view.takes if _hears_what_comes(notice, request) else (),
    }


def _hears_what_comes(notice: Notice, request: Request) -> bool:
    """Whether what comes of it when all agree is told; of a review, who is asked says himself what comes of it."""
    his_own_review = request.is_review and notice.to == request.requester
    return notice.kind in {*ASKING_KINDS, Kind.ACTIONS} and not his_own_review


def is_asked(notice: Notice, request: Request) -> bool:
    """Whether the letter is about a step that its reader may answer now: a question's reader may not."""
    if notice.step is None:
        return False
    step = request.step(notice.step)
    return step.state is StepState.OPEN and (notice.to != request.requester or notice.to in step.asked)


def _stands_for(notice: Notice, request: Request) -> str:
    """In whose place the reader is asked."""
    names = {notice.step, *(item.step for item in items_in(notice))}
    steps = [step for step in request.steps if step.name in names]
    return line(", ".join(dict.fromkeys(absent for step in steps for absent in absent_of(step, notice.to))))


def _other_sayings(notice: Notice, view: View) -> tuple[Any, ...]:
    """What was asked before; a question that the letter is about stands at its top already."""
    about = lines(str(notice.facts.get("question") or ""))
    return tuple(said for said in view.sayings if said.lines != about)


def form_of(notice: Notice, view: View | None, process: Process | None, catalogue: Catalogue) -> dict[str, Any]:
    """The form to fill in: `form_text` between its markers, and `faults`, the fields that are wrong."""
    facts = notice.facts
    text = str(facts.get("form_text") or "")
    if view is None:
        return {"form_text": text or _blank(process, notice, catalogue), "faults": ()}
    request = view.request
    values, given, faults = request.form, request.given, request.faults
    if notice.step is not None:
        values, given, faults = request.step(notice.step).fields, {}, {}
    given, faults = _mapping(facts, "given", given), _mapping(facts, "faults", faults)
    fields = _fields(notice, view)
    wanted = notice.kind is Kind.INCOMPLETE or (notice.step and notice.kind in ASKING_KINDS)
    if wanted and fields and not text:
        text = form.blank(fields, values, given, faults, told=catalogue.of)
    rows = form_rows(fields, values, given, faults)
    return {"form_text": text, "faults": tuple(row for row in rows if row.fault)}


def own_words(notice: Notice, request: Request) -> Iterator[str]:
    """What the reader wrote himself: his form, and what this letter answers."""
    yield from map(str, request.form.values())
    yield from request.given.values()
    yield from _mapping(notice.facts, "given", {}).values()


def answers_in(notice: Notice, view: View | None, process: Process | None) -> Mapping[str, str]:
    """The prepared answers of a letter, name → text."""
    kind = notice.kind
    if rows := _rows(notice.facts):
        return links_to_all(rows)
    if kind in _PLAIN_ANSWERS:
        return _PLAIN_ANSWERS[kind]
    if kind is Kind.FORM:
        return {"fill": field_lines(process.fields)} if process else {}
    if view is None:
        return {}
    if kind is Kind.INCOMPLETE:
        faults = _mapping(notice.facts, "faults", view.request.faults)
        return {"fill": field_lines(f for f in _fields(notice, view) if f.name in faults)}
    if kind in ASKING_KINDS and notice.step and is_asked(notice, view.request):
        rule = view.process.step(notice.step)
        return answers_to(rule.kind, rule.fields)
    return OWN_REQUEST if notice.to == view.request.requester else {}


def types_of(notice: Notice, letterhead: Letterhead) -> tuple[dict[str, Any], ...]:
    """What the reader may ask for, each with a link that fetches its form."""
    return tuple(_type_of(found, letterhead) for found in _items(notice.facts.get("types")))


def _type_of(found: Any, letterhead: Letterhead) -> dict[str, Any]:
    type_ = line(str(found["type"]))
    return {
        "type": type_,
        "title": line(str(found.get("title") or type_)),
        "aliases": tuple(line(str(alias)) for alias in found.get("aliases") or ()),
        "link": mailto(reply_address(letterhead, type_), type_, "") or "",
    }


def _fields(notice: Notice, view: View) -> tuple[Field, ...]:
    """The fields that the letter is about; of the requester's form, those that an approver has written wrongly."""
    if not notice.step:
        return view.process.fields
    rule, faults = view.process.step(notice.step), _mapping(notice.facts, "faults", {})
    anew = (field for field in view.process.fields if field.name in rule.may_change and field.name in faults)
    return (*rule.fields, *anew)


def _blank(process: Process | None, notice: Notice, catalogue: Catalogue) -> str:
    if process is None or notice.kind is not Kind.FORM:
        return ""
    return form.blank(process.fields, given=_mapping(notice.facts, "given", {}), told=catalogue.of)


def _mapping(facts: Mapping[str, object], name: str, otherwise: Mapping[str, str]) -> Mapping[str, str]:
    found = facts.get(name)
    return found if isinstance(found, Mapping) else otherwise


def _rows(facts: Mapping[str, object]) -> tuple[ItemRow, ...]:
    """What a list shows; () where the letter is none."""
    found = facts.get("items")
    return found if isinstance(found, tuple) else ()


def _items(value: object) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,) if value else ()
