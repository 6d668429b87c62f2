"""The plain view of requests: what `mailbot requests` tells at the shell, and what can be said about one of them."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.desk.query import reference as spelled
from mailbot.process import form
from mailbot.process.definition import Field
from mailbot.process.request import State
from mailbot.store import Connection, lists
from mailbot.store.keys import Scope
from mailbot.web import deeds
from mailbot.web.api import query
from mailbot.web.api.call import Call, Orders, Reads
from mailbot.web.api.changing import do, must_be_own
from mailbot.web.api.errors import not_yours, nothing_here, wrong_body
from mailbot.web.api.media import answer, body
from mailbot.web.api.models.plain import Deed, FieldShape, RequestCreate, RequestShape, TypeShape, files_in, written_by
from mailbot.web.api.paged import page
from mailbot.web.api.placing import ONCE, Placed, asker, place
from mailbot.web.api.published import brings, gives, gives_bytes
from mailbot.web.api.query import Kind, Parameter, documented
from mailbot.web.api.seen import seen
from mailbot.web.forms import PREFIX
from mailbot.web.picture import saved
from mailbot.web.reading import Reading
from mailbot.web.visit import Unknown

OWN = ("amend", "cancel")
"""Words that are for who may change the request; the others are for all whom it concerns."""
OF_ACTORS = ("hold", "resume")
WORDS = (*OWN, *OF_ACTORS, "comment", "reply", "watch", "unwatch")

FILTERS = (
    query.LIMIT,
    Parameter(name="after", words=query.AFTER),
    Parameter(name="order", words="Newest first where nothing is said.", choices=("newest", "oldest")),
    Parameter(name="state", words="In one of these.", kind=Kind.SEVERAL, choices=tuple(s.value for s in State)),
    Parameter(name="type", words="Of these types.", kind=Kind.SEVERAL),
    Parameter(name="requester", words="Whose it is, by mail address.", kind=Kind.ADDRESS),
    Parameter(name="reference", words="Of these.", kind=Kind.SEVERAL),
    Parameter(name="external_reference", words="What their senders call them.", kind=Kind.SEVERAL),
    Parameter(name="open", words="Neither completed nor ended otherwise.", kind=Kind.FLAG),
    Parameter(name="late", words="Over the request's own due time.", kind=Kind.FLAG),
)

router = APIRouter(prefix="/api", tags=["plain"])


@router.get(
    "/requests", summary="List requests", openapi_extra=documented(*FILTERS), **gives(RequestShape, several=True)
)
def list_(call: Reads) -> Response:
    """Those that the key may see; X-Total-Count tells how many, and Link where the next page is."""
    asked = query.read(call.request, FILTERS)
    who = asked["requester"]
    wanted = lists.Wanted(
        references=asked["reference"],
        external_references=asked["external_reference"],
        states=asked["state"],
        types=asked["type"],
        requesters=[call.parts.desk.directory.person(who)] if who else None,
        open=bool(asked["open"]),
        late=bool(asked["late"]),
    )
    with call.reading() as conn:
        after = call.place(conn, asked["after"])
        cut = lists.Cut(most=asked.cut.most, after=after, oldest_first=asked["order"] == "oldest")
        found = lists.requests(conn, wanted, call.sight, cut, call.now)
        rows = [_seen(conn, one) for one in call.readings_of(conn, found.rows)]
    return page(call, asked, rows, found, RequestShape, rows[-1]["reference"] if rows else "")


@router.get("/requests/{reference}", summary="One request", **gives(RequestShape))
def show(call: Reads, reference: str) -> Response:
    query.read(call.request, ())
    return shown(call, reference)


def shown(call: Call, reference: str, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Response:
    with call.reading() as conn:
        found = _seen(conn, call.found(conn, named(call, reference)))
    return answer(call.request, found, RequestShape, status, headers)


def _seen(conn: Connection, reading: Reading) -> dict[str, Any]:
    return seen(reading, reading.files(conn))


@router.get(
    "/requests/{reference}/attachments/{number}",
    summary="A file that came with a request",
    **gives_bytes("What was sent, as it was sent: to be saved, and never to be shown by a browser."),
)
def attached(call: Reads, reference: str, number: int) -> Response:
    """Its name is in Content-Disposition; its type, by content, stands with the request."""
    query.read(call.request, ())
    with call.reading() as conn:
        reading = call.found(conn, named(call, reference))
        found = next((one for one in reading.files(conn) if one.id == number), None)
    content = call.parts.files.read(found.digest) if found else None
    if found is None or content is None:
        raise nothing_here()
    return saved(content, found.name)


def named(call: Call, reference: str) -> str:
    """As it is kept: `ip-7` and `7` are IP-7."""
    return spelled(reference, call.parts.config.bot.reference)


@router.post(
    "/requests",
    status_code=201,
    summary="Open a request",
    **brings(RequestCreate, ONCE),
    **gives(RequestShape, 201, 200),
)
def open_(call: Orders, asked: Annotated[RequestCreate, body(RequestCreate)]) -> Response:
    """As a mail would: by the same process. With faults in its form nothing is opened, and all of them are told."""
    asks = asker(call, asked.requester, "requester")
    process = asks.processes.get(asked.type)
    if process is None or not asks.may_ask_for(process):
        offered = ", ".join(p.type for p in asks.processes.values() if asks.may_ask_for(p))
        raise wrong_body([("type", f"there is no such type to be asked for; there are {offered or 'none'}")])
    placed = Placed(
        process=process,
        requester=asks.person,
        given=written_by(asked.form),
        external_reference=asked.external_reference,
        said=asked,
        files=files_in(asked.attachments),
        where={field.name: f"form.{field.name}" for field in process.fields},
    )
    reference, is_new = place(call, [placed])
    status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
    return shown(call, reference, status, Location=f"{call.base}/api/requests/{reference}")


@router.post(
    "/requests/{reference}/{word}", summary="Say something about a request", **brings(Deed), **gives(RequestShape)
)
def say(call: Orders, reference: str, word: str, said: Annotated[Deed, body(Deed)]) -> Response:
    """`word` is comment, reply, amend, cancel, hold, resume, watch or unwatch."""
    with call.reading() as conn:
        reading = call.found(conn, named(call, reference))
    if word not in WORDS:
        raise nothing_here()
    if word in OWN:
        must_be_own(call, reading.request)
    if word in OF_ACTORS and not call.key.scope.covers(Scope.APPROVE):
        raise not_yours(word)
    _known(said, {field.name for field in reading.process.fields})
    text = {"text": said.text, **{PREFIX + name: value for name, value in written_by(said.form).items()}}
    try:
        deed = deeds.about_request(word, text, reading.process, with_files=bool(said.attachments))
    except deeds.Missing as missing:
        raise wrong_body([(missing.field, str(missing))]) from None
    except Unknown:
        raise nothing_here() from None
    call.parts.committed(lambda tx: do(tx, call, reading, deed, files=files_in(said.attachments)))
    return shown(call, reading.request.reference)


def _known(said: Deed, names: set[str]) -> None:
    if unknown := sorted(set(said.form) - names):
        raise wrong_body((f"form.{name}", "the form has no such field") for name in unknown)


# -- what may be asked for -------------------------------------------------------------------------------------------


@router.get("/types", summary="What may be asked for", **gives(TypeShape, several=True))
def types(call: Reads) -> Response:
    """The types that any of those may ask for whom the key calls, and the fields of their forms."""
    query.read(call.request, ())
    viewers = [visit.viewer for visit in call.visits]
    found = {p.type: p for asks in viewers for p in asks.processes.values() if asks.may_ask_for(p)}
    rows = [
        TypeShape(
            type=process.type,
            title=process.title,
            specification=process.specification,
            action=process.order_action.value,
            fields=tuple(map(field_shape, process.fields)),
        ).plain()
        for process in found.values()
    ]
    return answer(call.request, rows, TypeShape)


def field_shape(field: Field) -> FieldShape:
    return FieldShape(
        name=field.name,
        label=field.label,
        type=field.type.value,
        required=field.required and field.default is None,
        many=field.many,
        choices=field.choices,
        hint=form.hint(field),
    )
