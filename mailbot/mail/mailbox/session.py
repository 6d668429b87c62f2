"""The connection to an IMAP server: login, connecting again with back-off, and listening (IDLE)."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import (
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
    ProtocolError,
)

from mailbot.errors import Usage
from mailbot.mail.account import (
    Account,
    Attempts,
    Endpoint,
    Unreachable,
    endpoint,
    is_loopback,
    tls_context,
    trouble,
)
from mailbot.mail.oauth import Tokens

T = TypeVar("T")

PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143}
# All in seconds.
CONNECT = 20.0
READ = 60.0
# Servers may hang up after 30 minutes (RFC 2177), and routers on the way forget sooner.
IDLE = 9 * 60.0
# For an answer while nothing but waiting is done.
PATIENCE = 10.0
# Between two looks where there is no IDLE.
POLL = 10.0

# After these the connection is of no further use.
BROKEN = (IMAPClientAbortError, ProtocolError, OSError)
# A refused login with one of these (RFC 5530) is not the password's fault.
PASSING = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]", re.IGNORECASE)


class Session:
    """One connection at a time to the account's server, made when needed."""

    def __init__(self, account: Account) -> None:
        self.where = endpoint(account.url, PORTS)
        if self.where.scheme == "imap" and not is_loopback(self.where.host):
            raise Usage(f"{account.url}: without TLS only on this machine; elsewhere imaps://")
        self._account = account
        self._tokens = Tokens(account) if account.auth == "oauth2" else None
        self._client: IMAPClient | None = None
        self._selected: tuple[str, int] | None = None
        self._idle_until: float | None = None
        self._attempts = Attempts()

    # -- commands

    def run(self, work: Callable[[IMAPClient], T]) -> T:
        """Do `work` on the connection; on a new one, once more, when the old one turns out dead.

        `work` may so be done twice. Raises Unreachable, soon after a failure the same again.
        """
        if self._client is None:
            self._attempts.allow()
        with self._attempts.watched(), _told(self.where):
            if self._client is not None:
                try:
                    return work(self._ready(self._client, READ))
                except BROKEN:
                    self.close()
            self._client = self._connect()
            try:
                return work(self._client)
            except BROKEN:
                self.close()
                raise

    def glance(self, work: Callable[[IMAPClient], T]) -> T | None:
        """Do `work` on the connection that is there; None when there is none, or it is lost thereby."""
        if self._client is None:
            return None
        try:
            return work(self._ready(self._client, PATIENCE))
        except (IMAPClientError, OSError):
            self.close()
            return None

    def select(self, client: IMAPClient, folder: str) -> int:
        """Make a folder the current one; its UIDVALIDITY."""
        if self._selected is None or self._selected[0] != folder:
            return int(self.reselect(client, folder)[b"UIDVALIDITY"])
        return self._selected[1]

    def reselect(self, client: IMAPClient, folder: str) -> dict[bytes, int]:
        """The same, with a fresh view; what the server says of the folder."""
        self._selected = None
        found: dict[bytes, int] = client.select_folder(folder)
        self._selected = (folder, int(found[b"UIDVALIDITY"]))
        return found

    def close(self) -> None:
        """Hang up; the next command connects again."""
        client, self._client = self._client, None
        self._selected = self._idle_until = None
        if client is not None:
            _hang_up(client)

    # -- listening

    @property
    def listening(self) -> bool:
        """Whether the server would already have told of something new."""
        return self._idle_until is not None

    @property
    def resting(self) -> bool:
        """Whether something failed so shortly ago that there is no use in another attempt."""
        return self._attempts.left > 0

    def listen(self, seconds: float) -> None:
        """Wait for the server to say anything about the selected folder, at most so long.

        Then `listening` ends, and it is time to look. Without a connection there is only the wait.
        """
        client = self._client
        if client is None or self.resting:
            time.sleep(min(seconds, self._attempts.left))
        elif not client.has_capability("IDLE"):
            time.sleep(min(seconds, POLL))
        else:
            try:
                self._idle(client, seconds)
            except (IMAPClientError, OSError):
                self.close()

    def _idle(self, client: IMAPClient, seconds: float) -> None:
        if self._idle_until is None:
            client.idle()
            self._idle_until = time.monotonic() + IDLE
        end = min(time.monotonic() + seconds, self._idle_until)
        heard = client.idle_check(timeout=max(0.0, end - time.monotonic()))
        # A dead connection returns early, too: DONE finds out.
        if heard or time.monotonic() < end or end == self._idle_until:
            self._ready(client, PATIENCE)

    # -- connecting

    def _ready(self, client: IMAPClient, within: float) -> IMAPClient:
        """The connection, taken out of IDLE."""
        client.socket().settimeout(within)
        if self._idle_until is not None:
            self._idle_until = None
            client.idle_done()
        return client

    def _connect(self) -> IMAPClient:
        where = self.where
        context = None if where.scheme == "imap" else tls_context(self._account.ca)
        client = IMAPClient(
            where.host,
            where.port,
            ssl=where.scheme == "imaps",
            ssl_context=context,
            timeout=SocketTimeout(connect=CONNECT, read=READ),
        )
        # IMAPClient sets 5, and imaplib then formats every literal: FETCH takes 4 times as long.
        client._imap.debug = 0  # noqa: SLF001 - there is no other way
        try:
            if where.scheme == "imap+starttls":
                client.starttls(context)
            self._log_in(client)
        except BaseException:
            _hang_up(client)
            raise
        return client

    def _log_in(self, client: IMAPClient) -> None:
        account = self._account
        if account.user is None:
            raise Unreachable(f"{self.where}: no user is given", lasting=True)
        user = account.user.reveal()
        if self._tokens is not None:
            self._log_in_by_token(client, user, self._tokens)
        elif account.password is None:
            raise Unreachable(f"{self.where}: no password is given", lasting=True)
        elif client.has_capability("AUTH=PLAIN"):  # LOGIN knows neither UTF-8 nor odd user names
            client.plain_login(user, account.password.reveal())
        else:
            client.login(user, account.password.reveal())

    def _log_in_by_token(self, client: IMAPClient, user: str, tokens: Tokens) -> None:
        try:
            client.oauth2_login(user, tokens.token())
        except LoginError:
            tokens.forget()  # it may have been revoked before its time
            client.oauth2_login(user, tokens.token())


@contextlib.contextmanager
def _told(where: Endpoint) -> Iterator[None]:
    """Turn what goes wrong with a server into words."""
    try:
        yield
    except LoginError as error:
        words = f"{where}: the login was refused: {str(error).rstrip('.')}."
        if PASSING.search(str(error)) or isinstance(error.__context__, IMAPClientAbortError):
            raise Unreachable(words) from error
        words += " Are user and password right, and may this user log in by IMAP?"
        raise Unreachable(words, lasting=True) from error
    except IMAPClientReadOnlyError as error:
        words = f"{where}: {error}. May this user move mail there?"
        raise Unreachable(words, lasting=True) from error
    except IMAPClientAbortError as error:
        raise Unreachable(f"{where}: the connection broke: {error}") from error
    except IMAPClientError as error:
        raise Unreachable(f"{where}: the server said no: {error}") from error
    except UnicodeError as error:
        words = f"{where}: its login takes no letters beyond ASCII in user and password"
        raise Unreachable(words, lasting=True) from error
    except OSError as error:
        raise trouble(where, error) from error


def _hang_up(client: IMAPClient) -> None:
    with contextlib.suppress(IMAPClientError, OSError):
        client.shutdown()
