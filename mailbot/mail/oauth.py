"""OAuth 2 access tokens for mailbox and relay (Microsoft 365, Gmail), kept while they are good."""

import json
import time
from urllib.parse import urlsplit

from mailbot.mail.account import Account, OAuth2, Unreachable, is_loopback, tls_context

TIMEOUT = 20.0
# A token that ends within this many seconds is renewed before it is used.
MARGIN = 60.0


class Tokens:
    """The access token of one account, fetched when needed."""

    def __init__(self, account: Account) -> None:
        if account.oauth2 is None:
            raise Unreachable(f"{account.url}: auth is oauth2, but there is no oauth2 table", lasting=True)
        self._oauth2 = account.oauth2
        self._ca = account.ca
        self._token = ""
        self._until = 0.0  # on the monotonic clock

    def token(self) -> str:
        """A token that is good for a while yet. Raises Unreachable."""
        if time.monotonic() >= self._until:
            self._renew()
        return self._token

    def forget(self) -> None:
        """The server did not take it: the next one is fetched anew."""
        self._until = 0.0

    def _renew(self) -> None:
        answer = self._ask(_form(self._oauth2))
        token = answer.get("access_token")
        if not isinstance(token, str):
            raise Unreachable(f"{self._oauth2.token_url}: its answer holds no access token")
        lifetime = _seconds(answer.get("expires_in"))
        self._token = token
        # A token that lives shorter than the margin still serves for half its life.
        self._until = time.monotonic() + max(lifetime - MARGIN, lifetime / 2)
        self._keep(answer.get("refresh_token"))

    def _keep(self, rotated: object) -> None:
        """Some servers give a new refresh token each time, and soon forget the old one."""
        secret = self._oauth2.refresh_token
        if isinstance(rotated, str) and secret is not None and rotated != secret.reveal():
            store = getattr(secret, "store", None)  # a secret from the environment has none
            if store is not None:
                store(rotated)

    def _ask(self, form: dict[str, str]) -> dict[str, object]:
        import httpx  # noqa: PLC0415 - slow to load, and most bots need no tokens

        url = self._oauth2.token_url
        parts = urlsplit(url)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise Unreachable(f"{url}: secrets are sent by https only", lasting=True)
        try:
            answer = httpx.post(url, data=form, timeout=TIMEOUT, verify=tls_context(self._ca))
        except httpx.HTTPError as error:
            raise Unreachable(f"{url}: no token could be fetched: {error}") from error
        try:
            found = json.loads(answer.content)
        except ValueError:
            found = None
        if not answer.is_success or not isinstance(found, dict):
            busy = answer.status_code in (
                httpx.codes.REQUEST_TIMEOUT,
                httpx.codes.TOO_MANY_REQUESTS,
            )
            lasting = answer.is_client_error and not busy
            raise _refusal(f"{url}: no token: {answer.status_code}", found, lasting=lasting)
        return found


def _form(oauth2: OAuth2) -> dict[str, str]:
    form = {"grant_type": oauth2.grant, "client_id": oauth2.client_id, "scope": oauth2.scope}
    if oauth2.client_secret is not None:
        form["client_secret"] = oauth2.client_secret.reveal()
    if oauth2.grant == "refresh_token" and oauth2.refresh_token is not None:
        form["refresh_token"] = oauth2.refresh_token.reveal()
    return {name: value for name, value in form.items() if value}


def _seconds(lifetime: object) -> float:
    """RFC 6749 wants a number; old Microsoft endpoints write it as text, others leave it out."""
    try:
        return float(str(lifetime))
    except ValueError:
        return 3600.0


def _refusal(words: str, found: object, *, lasting: bool) -> Unreachable:
    """With the server's own reason (RFC 6749 §5.2)."""
    said = found if isinstance(found, dict) else {}
    reason = "".join(f" {said[key]}" for key in ("error", "error_description") if key in said)
    hint = " Are client_id, client_secret, scope and refresh_token right?" if lasting else ""
    return Unreachable(f"{words}{reason}.{hint}", lasting=lasting)
