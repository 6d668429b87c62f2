"""An SMTP server as relay: one connection for many letters, and 4xx told apart from 5xx."""

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

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
from mailbot.mail.relay.base import Deferred, Refused

PORTS = {"smtp+starttls": 587, "smtps": 465, "smtp": 25}
# Seconds. Servers scan a letter at its end, and giving up there sends it twice (RFC 5321 §4.5.3.2).
REPLY = 30.0
REPLY_AT_END = 600.0

CLOSING = 421  # may come at any time, RFC 5321 §3.8
LOGGED_IN = 235
CHALLENGE = 334
BAD_ADDRESS = 553
# 5xx replies that are about our login, not about the letter (RFC 4954 §6).
LOGIN_REPLIES = (530, 534, 535, 538)

ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
DOT = re.compile(rb"(?m)^\.")
BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class SmtpRelay:
    """A letter is either surely not taken, and sent again; or taken; or unknown (Deferred says)."""

    def __init__(self, account: Account) -> None:
        self.where = endpoint(account.url, PORTS)
        if self.where.scheme == "smtp" and account.user and not is_loopback(self.where.host):
            raise Usage(f"{account.url}: a login goes over TLS only: use smtp+starttls://")
        self._account = account
        self._tokens = Tokens(account) if account.auth == "oauth2" else None
        self._attempts = Attempts()
        self._smtp: smtplib.SMTP | None = None

    def send(self, raw: bytes, *, sender: str, to: Sequence[str]) -> None:
        for address in filter(None, (sender, *to)):
            # Not left to smtplib, which writes to somebody else where an address is odd (trap 16).
            if not ADDRESS.fullmatch(address):
                raise Refused(f"{address!r} is no address for SMTP", code=BAD_ADDRESS)
        text = BARE.sub(b"\r\n", raw)
        try:
            smtp = self._begin(text, sender, to)
        except Unreachable as error:
            raise Deferred(str(error)) from error
        self._finish(smtp, text)

    def check(self) -> list[str]:
        smtp = self._connected()
        lines = [f"{self.where}: connected"]
        if isinstance(smtp.sock, ssl.SSLSocket):
            lines.append(f"its certificate is believed; {smtp.sock.version()}")
        if self._account.user is not None:
            lines.append("logged in")
        return lines

    def close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(OSError):
                smtp.quit()
            smtp.close()

    # -- one letter

    def _begin(self, text: bytes, sender: str, to: Sequence[str]) -> smtplib.SMTP:
        """All up to the text. On a connection that the server has closed meanwhile, once more."""
        with _told(self.where):
            if self._smtp is not None:
                try:
                    return self._envelope(self._smtp, text, sender, to)
                except OSError:
                    self._drop()
            try:
                return self._envelope(self._connected(), text, sender, to)
            except OSError:
                self._drop()
                raise

    def _envelope(self, smtp: smtplib.SMTP, text: bytes, sender: str, to: Sequence[str]) -> smtplib.SMTP:
        size = f" SIZE={len(text)}" if smtp.has_extn("size") else ""
        try:
            _offered(f"the sender <{sender}>", *smtp.docmd("MAIL", f"FROM:<{sender}>{size}"))
            for address in to:
                _offered(f"<{address}>", *smtp.docmd("RCPT", f"TO:<{address}>"))
            _offered("the letter", *smtp.docmd("DATA"))
        except (Deferred, Refused):
            with suppress(OSError):  # gone, it forgets the envelope by itself
                smtp.rset()
            raise
        return smtp

    def _finish(self, smtp: smtplib.SMTP, text: bytes) -> None:
        """The text. What breaks here is not tried again at once: the server may have taken it."""
        end = b".\r\n" if text.endswith(b"\r\n") else b"\r\n.\r\n"
        try:
            _patience(smtp, REPLY_AT_END)
            smtp.send(DOT.sub(b"..", text) + end)
            code, words = smtp.getreply()
            _patience(smtp, REPLY)
        except OSError as error:
            self._drop()
            broken = f"{self.where}: the connection broke amid the letter: {error}"
            raise Deferred(broken, unknown=True) from error
        if code == CLOSING:
            self._drop()
        _taken("the letter", code, words)

    # -- connecting

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._attempts.allow()
            with self._attempts.watched(), _told(self.where):
                self._smtp = self._connect()
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        where, account = self.where, self._account
        context = None if where.scheme == "smtp" else tls_context(account.ca)
        # smtplib's own way to a name asks DNS, and may wait for it long.
        name = socket.gethostname() if "." in socket.gethostname() else "[127.0.0.1]"
        if where.scheme == "smtps":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(where.host, where.port, name, timeout=REPLY, context=context)
        else:
            smtp = smtplib.SMTP(where.host, where.port, name, timeout=REPLY)
        try:
            if where.scheme == "smtp+starttls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if account.user is not None:
                self._log_in(smtp, account.user.reveal())
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _log_in(self, smtp: smtplib.SMTP, user: str) -> None:
        password = self._account.password
        if self._tokens is not None:
            try:
                _sasl(smtp, "XOAUTH2", _bearer(user, self._tokens.token()))
            except smtplib.SMTPAuthenticationError:
                self._tokens.forget()  # it may have been revoked before its time
                _sasl(smtp, "XOAUTH2", _bearer(user, self._tokens.token()))
        elif password is None:
            raise Unreachable(f"{self.where}: a user, but no password is given", lasting=True)
        elif "PLAIN" in smtp.esmtp_features.get("auth", "").upper().split():
            _sasl(smtp, "PLAIN", f"\0{user}\0{password.reveal()}")
        else:
            smtp.login(user, password.reveal())

    def _drop(self) -> None:
        """Without a QUIT: nobody listens any more."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _bearer(user: str, token: str) -> str:
    return f"user={user}\1auth=Bearer {token}\1\1"


def _sasl(smtp: smtplib.SMTP, mechanism: str, response: str) -> None:
    """Log in with one response; by hand, since smtplib sends ASCII alone."""
    text = base64.b64encode(response.encode()).decode()
    code, words = smtp.docmd("AUTH", f"{mechanism} {text}")
    if code == CHALLENGE:  # XOAUTH2's way to say why not; the refusal follows an empty line
        code, words = smtp.docmd("")
    if code != LOGGED_IN:
        raise smtplib.SMTPAuthenticationError(code, words)


def _patience(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def _offered(what: str, code: int, words: bytes) -> None:
    """Before DATA, 421 is no answer about the letter: the server wants another connection."""
    if code == CLOSING:
        raise smtplib.SMTPServerDisconnected(_text(code, words))
    _taken(what, code, words)


def _taken(what: str, code: int, words: bytes) -> None:
    """Nothing when it was a yes. Raises Deferred or Refused."""
    match code // 100:
        case 2 | 3:
            return
        case 5 if code not in LOGIN_REPLIES:
            raise Refused(f"{what}: {_text(code, words)}", code=code)
        case _:
            raise Deferred(f"{what}: {_text(code, words)}")


def _text(code: int, words: bytes | str) -> str:
    text = words if isinstance(words, str) else words.decode("utf-8", "replace")
    return f"{code} {' '.join(text.split())}"


@contextmanager
def _told(where: Endpoint) -> Iterator[None]:
    """Turn what goes wrong with a server into words."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        words = f"{where}: the login was refused: {_text(error.smtp_code, error.smtp_error)}"
        lasting = error.smtp_code // 100 == 5  # noqa: PLR2004 - 4xx is their trouble, 5xx ours
        hint = ". Are user and password right, and may this user send by SMTP?" if lasting else ""
        raise Unreachable(words + hint, lasting=lasting) from error
    except smtplib.SMTPResponseException as error:
        raise Unreachable(f"{where}: the server said no: {_text(error.smtp_code, error.smtp_error)}") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Unreachable(f"{where}: {error} Is it the right port?", lasting=True) from error
    except UnicodeError as error:
        words = f"{where}: its login takes no letters beyond ASCII in user and password"
        raise Unreachable(words, lasting=True) from error
    except OSError as error:
        raise trouble(where, error) from error
