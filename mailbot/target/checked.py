"""What is rendered for a registry, held against its grammar before it leaves."""

from mailbot.config.targets import Check
from mailbot.mail.letter import Tongue
from mailbot.registry import faults
from mailbot.target.base import CannotDrive


def tongue_of(check: Check | None) -> Tongue:
    """What a text is read as that is checked so."""
    return Tongue.XML if check is Check.ARIN else Tongue.LINES


def checked(text: str, check: Check | None, template: str | None) -> str:
    """The text. Raises CannotDrive, with all that is wrong with it."""
    found = faults(check, text) if check is not None else []
    if found:
        raise CannotDrive(f"what the template {template}.txt gives, no registry takes ({check}): " + "\n".join(found))
    return text
