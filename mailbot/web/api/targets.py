"""What targets answer later: brought by a call that bears their signature, and needs no key."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from mailbot.config.targets import WebhookTarget
from mailbot.errors import NotFound, NotPossible
from mailbot.target import Answer, confirmed, failed
from mailbot.web.api.call import count_failure, pace_of
from mailbot.web.api.errors import Refused, conflict, not_signed, wrong_body
from mailbot.web.api.media import raw, read
from mailbot.web.api.models.plain import Outcome, TargetAnswer, TargetAnswers
from mailbot.web.api.published import brings, errors
from mailbot.web.parts import Parts
from mailbot.web.visit import parts_of
from mailbot.wire import secret_key, verified

_SIGNED: dict[str, Any] = {"security": [{"signature": []}]}

router = APIRouter(prefix="/api/targets", tags=["targets"])


@router.post(
    "/{name}/answers",
    status_code=204,
    summary="What came of network requests that a target has taken",
    response_model=None,
    responses=errors(),
    openapi_extra=brings(TargetAnswers)["openapi_extra"] | _SIGNED,
)
def answers(request: Request, name: str, said: Annotated[bytes, Depends(raw)]) -> Response:
    """All of them, or none; the same once more changes nothing."""
    parts = parts_of(request)
    if not _is_signed(request, parts, name, said):
        count_failure(request, pace_of(request), parts.now())
        raise not_signed()
    pace_of(request).count(f"target {name}", parts.config.limits.calls_per_minute, parts.now())
    found = read(request, said, TargetAnswers)
    by_id = {one.id: _answer(one) for one in found.answers}
    if len(by_id) < len(found.answers):
        raise wrong_body([("answers", "a network request stands there twice")])
    try:
        parts.answered(name, by_id)
    except NotFound as error:
        raise Refused(HTTPStatus.NOT_FOUND, "neverTold", f"{error}: nothing of this was taken.") from None
    except NotPossible as error:
        raise conflict("settled", f"{error}: nothing of this was taken.") from None
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _is_signed(request: Request, parts: Parts, name: str, said: bytes) -> bool:
    target = parts.config.targets.get(name)
    if not isinstance(target, WebhookTarget) or target.answers_within is None:
        return False
    keys = [secret_key(secret.reveal()) for secret in target.secrets]
    return verified(request.headers, said, keys, parts.now())


def _answer(one: TargetAnswer) -> Answer:
    match one.state:
        case Outcome.CONFIRMED:
            return confirmed(one.detail)
        case Outcome.FAILED:
            return failed(one.detail or "it says no more")
