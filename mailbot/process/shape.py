"""A request as the outside sees it: the JSON of contract §6."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from mailbot.process.definition import Process
from mailbot.process.directory import Directory
from mailbot.process.forecast import in_jeopardy, is_late
from mailbot.process.naming import other_names
from mailbot.process.request import Address, Kept, Request, Step


def shape(
    request: Request,
    process: Process,
    directory: Directory,
    addresses: Iterable[Address],
    files: Iterable[Kept],
    now: datetime,
) -> dict[str, Any]:
    """`addresses` are what the request took, as they stand now: a later request may have given them back.

    `files` are those that came with it.
    """
    return {
        "reference": request.reference,
        "type": request.type,
        "state": request.state.value,
        "requester": request.requester,
        "summary": request.summary,
        "channel": request.channel,
        "external_reference": request.external_reference,
        "other_names": sorted(other_names(process, request)),
        "created": instant(request.created),
        "due": instant(request.due),
        "closed": instant(request.closed),
        "late": is_late(request, now),
        "jeopardy": in_jeopardy(request, process, directory, now),
        "rules": request.rules,
        "reason": request.reason,
        "form": dict(request.form),
        "steps": [_step(step, process.step(step.name).kind.value) for step in request.steps],
        "addresses": [
            {
                "prefix": a.prefix,
                "pool": a.pool,
                "state": a.state,
                "until": instant(a.until),
                "carries": dict(a.carries),
            }
            for a in addresses
        ],
        "attachments": [file_shape(one) for one in files],
    }


def file_shape(one: Kept) -> dict[str, Any]:
    """A file that came with a request: all but its bytes."""
    return {
        "id": one.id,
        "name": one.name,
        "size": one.size,
        "type": one.type,
        "sha256": one.digest,
        "from": one.who,
        "at": instant(one.at),
    }


def _step(step: Step, kind: str) -> dict[str, Any]:
    return {
        "name": step.name,
        "kind": kind,
        "state": step.state.value,
        "asked": list(step.asked),
        "due": instant(step.due),
        "answered_by": step.answered_by,
        "answered_at": instant(step.answered_at),
        "answer": step.answer,
        "fields": dict(step.fields),
        "trouble": step.trouble,
        "item": step.item,
        "until": instant(step.until),
        "undoes": step.undoes,
        "network": [
            {"id": n.id, "target": n.target, "action": n.action.value, "state": n.state.value, "detail": n.detail}
            for n in step.network
        ],
    }


def instant(moment: datetime | None) -> str | None:
    """ISO 8601, UTC, whole seconds, `Z`."""
    if moment is None:
        return None
    return (
        f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"  # strftime takes twice as long
    )
