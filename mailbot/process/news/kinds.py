"""One event, as a value: what it is of, and what there is to say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mailbot.config.events import TYPES, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One event. `facts` are plain JSON values, by the names that stand in the event: `step`, `actor`, `alert`, …"""

    type: str
    severity: Severity = Severity.INFO
    facts: Mapping[str, Any] = field(default_factory=dict)


def news(type_: str, severity: Severity | None = None, /, **facts: Any) -> News:
    """An event of a type, as grave as its type is; what is None is left out."""
    told = {name: value for name, value in facts.items() if value is not None}
    return News(type=type_, severity=TYPES[type_][0] if severity is None else severity, facts=told)
