"""Trouble in words: what a person at the shell reads where a program would show a traceback."""

from mailbot.errors import MailbotError


def words(error: BaseException) -> str | None:
    """What is wrong, where it is something that an operator can mend; None for a fault of ours."""
    import sqlite3  # noqa: PLC0415 (`mailbot --help` needs none of it)

    original = getattr(error, "orig", None) or error
    if isinstance(error, MailbotError):
        return str(error)
    if isinstance(error, OSError):
        return ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
    if isinstance(error, UnicodeError):
        return f"this is no text in UTF-8: {error}"
    if isinstance(original, sqlite3.Error):
        return f"the database cannot be used: {original}"
    return None
