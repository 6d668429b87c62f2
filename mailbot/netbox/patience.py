"""How long NetBox is waited for: pynetbox has no timeout of its own, and would wait for ever."""

from typing import Any

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectTimeout, SSLError
from urllib3.exceptions import MaxRetryError, NewConnectionError


class Patient(HTTPAdapter):
    """Waits so many seconds for a connection, and then for each part of an answer."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def send(self, request: Any, **given: Any) -> Any:  # type: ignore[override]
        return super().send(request, **{**given, "timeout": self._seconds})


def was_never_sent(error: BaseException) -> bool:
    """Whether nothing can have reached the other side."""
    if isinstance(error, ConnectTimeout | SSLError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
