"""What registries take: the grammar of their objects, so that a faulty one is found before it leaves. Pure."""

from typing import assert_never

from mailbot.config.targets import Check
from mailbot.registry import arin, rpsl

__all__ = ["faults"]


def faults(check: Check, text: str) -> list[str]:
    """What is wrong with a rendered template, each with its line; nothing where the registry can read it."""
    match check:
        case Check.RPSL:
            return rpsl.faults(text)
        case Check.ARIN:
            return arin.faults(text)
        case _:
            assert_never(check)
