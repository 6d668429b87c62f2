"""The board: what waits for a department, late and in jeopardy first."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.process.request import Step
from mailbot.store import Connection, pages, unreachable
from mailbot.web.reading import Reading, process_of
from mailbot.web.visit import Unknown, Visit, Visited

MOST_CARDS = 50

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An open step on the board."""

    reading: Reading
    step: str
    title: str
    who: str
    due: datetime | None
    trouble: bool
    late: bool
    mine: bool
    lost: tuple[str, ...]
    """Those whom it waits for, and letters do not reach."""

    @property
    def urgency(self) -> tuple[bool, bool, bool, float]:
        """What is late comes first, then what will be; each by its due time."""
        due = self.due.timestamp() if self.due else float("inf")
        return (not (self.late or self.reading.is_late), not self.reading.is_in_jeopardy, self.due is None, due)


@router.get("/board")
def board(visit: Visited, department: str = "") -> Response:
    """What waits for this person's departments; of an admin, for all."""
    theirs = _departments(visit)
    if department and department not in theirs:
        raise Unknown
    everybody = visit.viewer.is_admin and not department
    wanted = None if everybody else {department} if department else set(theirs)
    with visit.reading() as conn:
        found = pages.open_steps(conn, wanted, visit.viewer.sight, MOST_CARDS)
        cards = sorted(_cards(visit, conn, found), key=lambda card: card.urgency)
    return visit.page(
        "board.html", cards=cards, departments=theirs, department=department, full=len(found) == MOST_CARDS
    )


def _departments(visit: Visit) -> dict[str, str]:
    """Title by name: those that this person belongs to, or leads."""
    groups = visit.viewer.directory.departments
    mine = groups if visit.viewer.is_admin else visit.viewer.names & groups.keys()
    return {name: groups[name].title for name in sorted(mine)}


def _cards(visit: Visit, conn: Connection, found: Iterable[pages.OpenStep]) -> Iterator[Card]:
    """Of a step that runs for several items, the items."""
    lost = unreachable.all_(conn)
    for one in found:
        reading = Reading(visit=visit, request=one.request, process=process_of(visit, conn, one.request))
        if not reading.stands_for_items(step := one.request.step(one.step)):
            yield _card(visit, reading, step, lost)


def _card(visit: Visit, reading: Reading, step: Step, lost: Collection[str]) -> Card:
    row = next(row for row in reading.view.steps if row.name == step.name)
    return Card(
        reading=reading,
        step=step.name,
        title=f"{row.title} ({row.item})" if row.item else row.title,
        who=row.who,
        due=step.due,
        trouble=step.trouble is not None,
        lost=reading.unreached(lost).get(step.name, ()),
        late=step.due is not None and step.due < visit.now,
        mine=reading.may_answer(step),
    )
