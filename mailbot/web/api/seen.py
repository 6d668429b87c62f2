"""A request as `mailbot requests show --json` tells it (contract §6), less what its reader may not see."""

from collections.abc import Iterable
from typing import Any

from mailbot.process.reader import Reader
from mailbot.process.request import Kept, State
from mailbot.process.shape import shape
from mailbot.web.reading import Reading, masked_in

BAD_ENDS = frozenset({State.REJECTED, State.CANCELLED, State.FAILED})
STUCK = "it cannot go on by itself; those who can mend it have been told"


def seen(reading: Reading, files: Iterable[Kept] = ()) -> dict[str, Any]:
    """`files` are those that came with it, as far as its reader may see them."""
    request, viewer = reading.request, reading.visit.viewer
    shown = shape(request, reading.process, viewer.directory, request.addresses, files, reading.visit.now)
    reader = viewer.reads(request, reading.process)
    if reader.words:
        return shown
    return {
        **shown,
        "form": readable(shown["form"], reader),
        "reason": reading.reason or None,
        "steps": [_course_of(step) for step in shown["steps"] if reader.steps is None or step["name"] in reader.steps],
        "addresses": [] if request.state in BAD_ENDS else shown["addresses"],
    }


def readable(form: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """Of a form, what this reader is shown."""
    return {name: value for name, value in form.items() if reader.fields is None or name in reader.fields}


def said(reading: Reading, text: str) -> str:
    """Somebody's words: without tokens, and after a bad end without addresses that are not the reader's to know."""
    found: str = masked_in(reading.kept_back(text))
    return found


def _course_of(step: dict[str, Any]) -> dict[str, Any]:
    """That something happened, and not what others have answered."""
    network = [{**one, "detail": ""} for one in step["network"]]
    trouble = STUCK if step["trouble"] else None
    return {**step, "answer": None, "fields": {}, "trouble": trouble, "network": network}
