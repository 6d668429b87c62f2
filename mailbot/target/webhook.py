"""A target that is a web server: what it is told is posted there as JSON, signed, under an id that stays the same."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from mailbot.config.targets import WebhookTarget
from mailbot.errors import MailbotError
from mailbot.mail.letter import PlainTemplates, Tongue, Unfit
from mailbot.process.request import Drive, NetworkState
from mailbot.target.base import KNOWN, Answer, CannotDrive, cannot, confirmed, failed, later, shortened, unknown
from mailbot.wire import Client, Cut, NotAllowed, NotReached, Reach, Reply, WireError, secret_key, signed

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
NOT_NOW = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""Statuses that say: I have not looked at it (RFC 9110, 8470, 6585)."""


class WebhookDriver:
    """Any 2xx confirms; 202 too, which says that it was taken, as a relay does by taking a mail. But with
    `answers_within` its answer comes later, and is waited for.
    """

    mailbox: str | None = None

    def __init__(self, target: WebhookTarget, templates: PlainTemplates, clock: Callable[[], datetime]) -> None:
        self._target = target
        self._templates = templates
        self._clock = clock
        self.answers_within = target.answers_within
        self._client = Client(
            reach=Reach(allow=target.allow), seconds=target.timeout.elapsed.total_seconds(), ca=target.ca
        )

    def drive(self, request: Drive, since: datetime) -> Answer:  # noqa: ARG002 (as the face has it)
        try:
            body = self._text(request)
            headers = {**self._head(), **signed(request.id, self._clock(), body, self._keys())}
            reply = self._client.post(self._target.url, body, headers)
        except (Unfit, CannotDrive, NotAllowed) as error:
            return cannot(error)
        except NotReached as error:
            return later(str(error))
        except Cut as error:
            return unknown(f"it was sent, and there was no answer. {error}")
        if reply.status == HTTPStatus.ACCEPTED and self.answers_within is not None:
            return Answer(state=NetworkState.SENT, detail=shortened(_said(reply) or "taken: its answer comes later"))
        return _answer(reply)

    def check(self) -> str:
        self._keys()
        self._head()
        if self._target.template is not None:
            self._templates.check(self._target.template, KNOWN)
        try:
            found = self._client.look(self._target.url)
        except WireError as error:
            raise CannotDrive(str(error)) from None
        return f"{self._target.url}, which is {found}"

    def _text(self, request: Drive) -> bytes:
        if self._target.template is None:
            return json.dumps(request.body, ensure_ascii=False).encode()
        return self._templates.render(
            self._target.template, {**request.body, "body": request.body}, self._tongue
        ).encode()

    @property
    def _kind(self) -> str:
        return self._target.content_type or (TEXT if self._target.template else JSON)

    @property
    def _tongue(self) -> Tongue:
        kind = self._kind.partition(";")[0].strip().lower()
        return next((tongue for tongue in (Tongue.JSON, Tongue.XML) if kind.endswith(tongue)), Tongue.LINES)

    def _head(self) -> dict[str, str]:
        """Raises CannotDrive."""
        head = {"Content-Type": self._kind, "User-Agent": "mailbot"}
        if self._target.authorization is not None:
            try:
                head["Authorization"] = self._target.authorization.reveal()
            except MailbotError as error:
                raise CannotDrive(str(error)) from None
        if not all(text.isascii() and text.isprintable() for text in head.values()):
            raise CannotDrive("content_type and authorization must be one line of ASCII: they stand in headers")
        return head

    def _keys(self) -> list[bytes]:
        """Raises CannotDrive."""
        try:
            return [secret_key(secret.reveal()) for secret in self._target.secrets]
        except (MailbotError, ValueError) as error:
            raise CannotDrive(f"{error}: `mailbot targets keys {self._target.name}` makes one") from None


def _answer(reply: Reply) -> Answer:
    """What a status says of what was done. A 500 may have come before the deed or after it."""
    said = _said(reply)
    told = f"{reply.status} {said}".strip()
    match reply.status // 100:
        case 2:
            return confirmed(said or f"answered with {reply.status}")
        case 3:
            return failed(f"it answers with a redirect ({reply.status}), which is not followed: mend url")
        case _ if reply.status in NOT_NOW:
            return later(told, _pause(reply))
        case 4:
            return failed(told)
        case _:
            return unknown(told)


def _said(reply: Reply) -> str:
    return reply.body.decode("utf-8", "replace").strip()


def _pause(reply: Reply) -> timedelta | None:
    """Retry-After, in seconds or as a date, which is held against the answer's own (RFC 9110 §10.2.3)."""
    text = reply.headers.get("retry-after", "")
    if text.isdecimal() and text.isascii():
        return timedelta(seconds=int(text[:9]))
    try:
        pause = parsedate_to_datetime(text) - parsedate_to_datetime(reply.headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    return max(pause, timedelta())
