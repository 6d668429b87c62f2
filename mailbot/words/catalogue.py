"""What a house says instead of the shipped English: its own words, and its own language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from mailbot.words.phrase import Phrase, filled, shipped

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """`texts` are a house's own, by the name of their phrase; what is missing there is said in English."""

    texts: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"

    def of(self, words: str) -> str:
        """Words as this house says them; a person's own stay as they are."""
        if not isinstance(words, Phrase):
            return words
        text = self.texts.get(words.name) or shipped().get(words.name)
        try:
            return filled(text, words.values, self.of) if text else str(words)
        except KeyError:
            return str(words)  # it was kept by another version, which had other holes

    def shown(self, value: Any) -> Any:
        """What a template puts out: a phrase as this house says it, anything else as it is."""
        return self.of(value) if isinstance(value, Phrase) else value

    def told(self, value: T) -> T:
        """A value with all the phrases in it said, at any depth."""
        said: T = self._told(value) if self.texts else value
        return said

    def _told(self, value: Any) -> Any:
        match value:
            case Phrase():
                return self.of(value)
            case str() | int() | None:
                return value
            case Mapping():
                return {key: self._told(inner) for key, inner in value.items()}
            case tuple() | list() if type(value) in (tuple, list):
                return type(value)(map(self._told, value))
            case _ if is_dataclass(value) and not isinstance(value, type):
                return self._retold(value)
            case _:
                return value

    def _retold(self, value: Any) -> Any:
        inner = {one.name: getattr(value, one.name) for one in fields(value) if one.init}
        said = {name: found for name, was in inner.items() if (found := self._told(was)) != was or _is_said(was)}
        return replace(value, **said) if said else value


def _is_said(was: object) -> bool:
    """A phrase equals its English, which may be what is said."""
    return isinstance(was, Phrase)


def folders(kind: str, *, house: Path, ours: Path, language: str) -> Sequence[Path]:
    """Where templates are looked for, in this order: in its language, then in English; the house's own first."""
    roots = [house, ours] if language == "en" else [house / language, ours / language, house, ours]
    return [root / kind for root in roots]
