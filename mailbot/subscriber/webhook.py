"""A subscriber that is called by HTTP: signed, with the event's id, and taken by any 2xx."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus

from mailbot.config.url import HttpUrl
from mailbot.subscriber.base import Gone, Message, NotTaken
from mailbot.wire import Client, WireError, signed

SHOWN = 200
"""Characters of an answer that are kept."""


class WebhookSink:
    """`keys` reveals the keys to sign with, when something is sent; none: whoever is called knows no secret."""

    def __init__(self, url: str, client: Client, keys: Callable[[], Sequence[bytes]] = tuple) -> None:
        self._url = url
        self._client = client
        self._keys = keys

    def deliver(self, message: Message, now: datetime) -> None:
        headers = signed(message.id, now, message.body, self._keys())
        if not headers["webhook-signature"]:
            del headers["webhook-signature"]
        try:
            reply = self._client.post(self._url, message.body, headers | {"Content-Type": message.content_type})
        except WireError as error:
            raise NotTaken(str(error)) from None
        if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            return
        said = reply.body.decode("utf-8", "replace")[:SHOWN].strip()
        words = f"{HttpUrl.parse(self._url)} answered {reply.status}{f': {said}' if said else ''}"
        if reply.status == HTTPStatus.GONE:
            raise Gone(words)
        raise NotTaken(words)

    def check(self) -> str:
        try:
            self._keys()
            found = self._client.look(self._url)
        except (WireError, ValueError) as error:
            raise NotTaken(str(error)) from None
        return f"{HttpUrl.parse(self._url)}, which is {found}"

    def close(self) -> None:
        """Each call has a connection of its own."""
