"""A NetBox as a few verbs about objects, and its troubles as the three that make a difference to who called."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any, TypeVar

from mailbot.config.netbox import NetBox
from mailbot.errors import MailbotError

Fields = Mapping[str, Any]
"""An object, or a part of one, as NetBox writes it in JSON."""

PAGE = 500
"""Objects that one call reads."""
SERVER_ERROR, TOO_MANY, NOT_FOUND = 500, 429, 404
DENIED = {401: "it does not know our token", 403: "our token may not do this"}
SHOWN = 300
"""Characters of an answer that are told."""

T = TypeVar("T")


class Trouble(MailbotError):
    """NetBox did not do what it was asked to."""


class Away(Trouble):
    """Surely nothing was done, and another time it may be: it is down, busy, or does not know our token."""


class Unsure(Trouble):
    """It may have been done, or be done yet: the answer did not come, or says nothing of it."""


class Refused(Trouble):
    """Surely nothing was done, and the same again would be refused again; the text is NetBox's own."""


class Gone(Refused):
    """There is no such object, or not any more."""


class Client:
    """One NetBox, called by one thread at a time. Objects are told apart by `kind`: "ipam.prefixes", "dcim.devices".

    Everything raises Away and Refused; what changes something raises Unsure too.
    """

    def __init__(self, netbox: NetBox) -> None:
        self._netbox = netbox

    @property
    def url(self) -> str:
        return self._netbox.url

    def version(self) -> str:
        return str(self._reading(self._api.status)["netbox-version"])

    def find(self, kind: str, by: Fields) -> list[dict[str, Any]]:
        """All objects that these filters let through, in NetBox's order."""
        # Without a filter pynetbox wants `all`; a filter that NetBox does not know finds nothing or everything.
        endpoint = self._endpoint(kind)
        return self._reading(lambda: [dict(found) for found in endpoint.filter(**by, limit=PAGE)])

    def create(self, kind: str, fields: Fields) -> dict[str, Any]:
        return self._writing(lambda: dict(self._endpoint(kind).create(dict(fields))))

    def change(self, kind: str, number: int, fields: Fields) -> None:
        """Only these fields. Gone where there is no such object."""

        def changed() -> None:
            record = self._endpoint(kind).get(number)
            if record is None:
                raise Gone(f"NetBox has no {kind} {number} any more")
            record.update(dict(fields))

        self._writing(changed)

    def remove(self, kind: str, number: int) -> None:
        """What is gone already is no trouble."""

        def removed() -> None:
            record = self._endpoint(kind).get(number)
            if record is not None:
                record.delete()

        with suppress(Gone):  # since we looked
            self._writing(removed)

    @cached_property
    def _api(self) -> Any:
        import pynetbox  # noqa: PLC0415 (slow to import)
        from requests import Session  # noqa: PLC0415

        from mailbot.netbox.patience import Patient  # noqa: PLC0415

        session = Session()
        session.trust_env = False  # no proxy and no .netrc: the token goes to the url, and nowhere else
        adapter = Patient(self._netbox.timeout.elapsed.total_seconds())
        for scheme in ("https://", "http://"):
            session.mount(scheme, adapter)
        if self._netbox.ca is not None:
            session.verify = str(self._netbox.ca)
        api = pynetbox.api(self._netbox.url, token=self._netbox.token.reveal())
        api.http_session = session
        return api

    def _endpoint(self, kind: str) -> Any:
        app, _, name = kind.partition(".")
        return getattr(getattr(self._api, app), name.replace("-", "_"))

    def _reading(self, call: Callable[[], T]) -> T:
        try:
            with _told():
                return call()
        except Unsure as trouble:  # to read does nothing
            raise Away(str(trouble)) from trouble

    def _writing(self, call: Callable[[], T]) -> T:
        with _told():
            return call()


@contextmanager
def _told() -> Iterator[None]:
    """What pynetbox and requests raise, in our three words."""
    from pynetbox import AllocationError, ContentError, RequestError  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    from mailbot.netbox.patience import was_never_sent  # noqa: PLC0415

    try:
        yield
    except (RequestError, AllocationError) as error:
        raise _answered(error.req) from None
    except ContentError:
        raise Unsure("NetBox does not answer in JSON: is that its url?") from None
    except (RequestException, OSError) as error:
        why = re.sub(r"<[^<>]* object at 0x[0-9a-f]+>:? ?", "", str(error))
        words = f"NetBox does not answer: {type(error).__name__}: {why}"[:SHOWN]
        raise (Away if was_never_sent(error) else Unsure)(words) from None


def _answered(response: Any) -> Trouble:
    """What an answer that is no success means."""
    status, text = response.status_code, " ".join(response.text.split())[:SHOWN]
    words = f"NetBox says {status}: {text}" if text else f"NetBox says {status}"
    if status in DENIED:
        return Away(f"NetBox says {status}, {DENIED[status]}: {text}")
    if status == TOO_MANY:
        return Away(words)
    if status == NOT_FOUND:
        return Gone(words)
    return Unsure(words) if status >= SERVER_ERROR else Refused(words)
