"""How letters leave: to an SMTP server or into a Maildir; the only room that knows smtplib."""

from mailbot.mail.account import Account, Unreachable, maildir_path
from mailbot.mail.relay.base import Deferred, Refused, Relay

__all__ = ["Account", "Deferred", "Refused", "Relay", "Unreachable", "open_relay"]


def open_relay(account: Account) -> Relay:
    """The relay of `account.url`; nothing is connected yet. Raises Usage for no such url."""
    # Both inside: smtplib is slow to load, and a bot has one relay.
    path = maildir_path(account)
    if path is not None:
        from mailbot.mail.relay.maildir import MaildirRelay  # noqa: PLC0415 - as said above

        return MaildirRelay(path)
    from mailbot.mail.relay.smtp import SmtpRelay  # noqa: PLC0415 - as said above

    return SmtpRelay(account)
