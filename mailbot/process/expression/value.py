"""Expression and Text: what a rule file's strings are once read. Frozen, equal by source, cheap to make."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailbot.process.expression.words import EvaluationFailed, Mistake, Result, Scope
from mailbot.words import say

_PIECE = re.compile(
    r"""(?P<brace>\{\{|\}\})
      | \{(?P<hole>(?:[^{}"']|"[^"]*"|'[^']*')*)\}
      | (?P<lone>[{}])
      | (?P<plain>[^{}]+)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition or a computed value: `form.size <= 28`."""

    source: str

    def __str__(self) -> str:
        return self.source

    def evaluate(self, scope: Scope) -> Result:
        """Its value; EvaluationFailed, in words, where it has none. It is never False instead."""
        # rule-engine takes half a second to import: only who evaluates pays for it
        from mailbot.process.expression.engine import evaluate  # noqa: PLC0415

        return evaluate(self.source, scope)

    def holds(self, scope: Scope) -> bool:
        """Its value as a condition; EvaluationFailed when it is anything but true or false."""
        value = self.evaluate(scope)
        if not isinstance(value, bool):
            raise EvaluationFailed(
                say("expression.gives_which_is_neither", source=f"{self.source!r}", value=f"{value!r}")
            )
        return value


@dataclass(frozen=True, slots=True)
class Text:
    """A text in which `{…}` holds an expression, and `{{` and `}}` are braces: `{form.customer}: new`."""

    source: str

    def __str__(self) -> str:
        return self.source

    @property
    def plain(self) -> str | None:
        """The text itself when it has no holes, else None."""
        if self.holes():
            return None
        return self.render({})

    def holes(self) -> tuple[tuple[int, Expression], ...]:
        """The expressions in it, each with its offset in the source."""
        return tuple(
            (piece.start("hole"), Expression(piece["hole"])) for piece in self._pieces() if piece.lastgroup == "hole"
        )

    def lone_braces(self) -> tuple[Mistake, ...]:
        return tuple(
            Mistake(offset=piece.start(), message=f"a {piece[0]!r} by itself: write {piece[0] * 2!r}")
            for piece in self._pieces()
            if piece.lastgroup == "lone"
        )

    def render(self, scope: Scope) -> str:
        """The text with its holes filled, on one line. EvaluationFailed where a hole has no value."""
        return "".join(self._filled(piece, scope) for piece in self._pieces())

    def _pieces(self) -> Iterator[re.Match[str]]:
        return _PIECE.finditer(self.source)

    def _filled(self, piece: re.Match[str], scope: Scope) -> str:
        match piece.lastgroup:
            case "hole":
                return _shown(Expression(piece["hole"]).evaluate(scope))
            case "brace":
                return piece[0][0]
            case _:
                return piece[0]


def _shown(value: Result) -> str:
    """A value within a text. A form's line ends must not add lines to a subject or an address (trap 44)."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(value)
        case _:
            return " ".join(str(value).split())
