"""What a version of a process is made of: its rule file and _house.toml, bound into one text to be stored."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from mailbot.config.document import Document
from mailbot.config.locate import KeyPath
from mailbot.errors import Fault, Severity

_EMPTY_HOUSE = Path("_house.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A rule file and what it shares with the others."""

    rule: Document
    house: Document

    @classmethod
    def of(cls, rule: Document, house: Document | None) -> Self:
        return cls(rule=rule, house=house or Document.parse(_EMPTY_HOUSE, ""))

    @classmethod
    def unbound(cls, text: str) -> Self:
        """The reverse of `bound`."""
        texts = json.loads(text)
        rule = Document.parse(Path("rule.toml"), texts["rule"])
        return cls(rule=rule, house=Document.parse(_EMPTY_HOUSE, texts["house"]))

    @property
    def bound(self) -> str:
        return json.dumps({"rule": self.rule.text, "house": self.house.text}, sort_keys=True)

    @property
    def version(self) -> str:
        return f"sha256:{hashlib.sha256(self.bound.encode()).hexdigest()}"

    # -- where a fault is shown: in the rule file, or where that has it from ---------------------

    def at(
        self,
        path: KeyPath,
        message: str,
        suggestion: str | None = None,
        *,
        offset: int | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Fault:
        """A fault at a key's value; at its table, where the key is not there."""
        document, path = self._home(path)
        of_value = bool(path) and not isinstance(document.at(path), dict | list)
        return document.fault(path, message, suggestion, severity, of_value=of_value, offset=offset)

    def unwise(self, path: KeyPath, message: str, suggestion: str | None = None) -> Fault:
        return self.at(path, message, suggestion, severity=Severity.WARNING)

    def value(self, path: KeyPath) -> Any:
        """What a key holds, by itself or inherited; None where nothing does."""
        document, path = self._home(path)
        return document.at(path)

    def _home(self, path: KeyPath) -> tuple[Document, KeyPath]:
        """The document and path that a key of the rule file has its value from."""
        if self.rule.at(path) is not None:
            return self.rule, path
        for inherited in self._inherited(path):
            if self.house.at(inherited) is not None:
                return self.house, inherited
        return self.rule, path

    def _inherited(self, path: KeyPath) -> list[KeyPath]:
        match path:
            case ("step", int(), str(key), *rest) if key != "field":
                return [("defaults", key, *rest)]
            case (*table, str(key)) if use := self.rule.at((*table, "use")):
                return [("fields", use, key)]
            case _:
                return []
