"""When something is not right: TM Forum's error, in JSON or XML, and the same one for all that nobody may see."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from mailbot.web.api.models.plain import Error, Problem

MOST = 50
"""Problems of one body that are told."""


class Refused(Exception):
    """The call is answered with an error. `details` are (where, what) of all that is wrong."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        *,
        details: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.code, self.message = status, code, message
        self.details, self.headers = tuple(details), dict(headers or {})
        super().__init__(message)

    @property
    def told(self) -> Error:
        details = tuple(Problem(field=where, message=what) for where, what in self.details)
        return Error(
            code=self.code,
            reason=self.status.phrase,
            message=self.message,
            status=str(self.status.value),
            details=details,
        )


def nothing_here() -> Refused:
    """One answer for what is not there, and for what is there for others: it repeats nothing of what was asked."""
    return Refused(HTTPStatus.NOT_FOUND, "notFound", "There is nothing here, or nothing that this key may see.")


def no_key() -> Refused:
    """No key, a wrong one and a revoked one are answered alike."""
    words = "This needs a key: send it as `Authorization: Bearer KEY`."
    return Refused(HTTPStatus.UNAUTHORIZED, "noKey", words, headers={"WWW-Authenticate": "Bearer"})


def not_signed() -> Refused:
    """As for a wrong key: nobody can tell what is wrong, or whether there is such a target."""
    words = "This must be signed with a secret of the target, as Standard Webhooks says, and not be old."
    return Refused(HTTPStatus.UNAUTHORIZED, "notSigned", words)


def not_yours(what: str) -> Refused:
    return Refused(HTTPStatus.FORBIDDEN, "notAllowed", f"This key may not {what}.")


def wrong_query(name: str, words: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, "invalidQuery", f"{name}: {words}", details=[(name, words)])


def wrong_body(details: Iterable[tuple[str, str]]) -> Refused:
    found = list(details)
    words = "; ".join(f"{where}: {what}" if where else what for where, what in found[:MOST])
    return Refused(HTTPStatus.BAD_REQUEST, "invalidBody", words, details=found[:MOST])


def conflict(code: str, message: str, details: Iterable[tuple[str, str]] = ()) -> Refused:
    return Refused(HTTPStatus.CONFLICT, code, message, details=details)
