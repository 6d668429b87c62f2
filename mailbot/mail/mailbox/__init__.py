"""Where requests come in: a Maildir or an IMAP server; the only room that knows imapclient."""

from mailbot.mail.account import Account, Unreachable, maildir_path
from mailbot.mail.mailbox.base import LARGEST, Folder, Mailbox, Waiting

__all__ = ["Account", "Folder", "Mailbox", "Unreachable", "Waiting", "open_mailbox"]


def open_mailbox(account: Account, *, largest: int = LARGEST) -> Mailbox:
    """The mailbox of `account.url`; nothing is connected yet. Raises Usage for no such url.

    Of a mail over `largest` bytes only the beginning is read.
    """
    # Both inside: each is slow to load and most bots need one alone.
    path = maildir_path(account)
    if path is not None:
        from mailbot.mail.mailbox.maildir import MaildirMailbox  # noqa: PLC0415 - as said above

        return MaildirMailbox(path, largest=largest)
    from mailbot.mail.mailbox.imap import ImapMailbox  # noqa: PLC0415 - as said above

    return ImapMailbox(account, largest=largest)
