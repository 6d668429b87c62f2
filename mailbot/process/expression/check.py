"""Checks the types of an expression before it is ever evaluated: what would be silently false is an error.

rule-engine finds a number unequal to every text, and in no list of texts, without a word; so each operator's
operands are compared by kind, and a text that is compared with a choice must be one of its choices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from rule_engine import ast
from rule_engine.errors import EngineError, RuleSyntaxError

from mailbot.errors import near_miss
from mailbot.process.expression import scan
from mailbot.process.expression.engine import Compiled
from mailbot.process.expression.words import Argument, Kind, Mistake, Names

_ORDERED = frozenset({Kind.NUMBER, Kind.DATE})
_COMPARING = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_LITERALS = {
    ast.BooleanExpression: Kind.BOOLEAN,
    ast.FloatExpression: Kind.NUMBER,
    ast.StringExpression: Kind.TEXT,
    ast.DatetimeExpression: Kind.DATE,
}


def mistakes(source: str, names: Names, expected: Sequence[Kind]) -> tuple[Mistake, ...]:
    if found := scan.mistakes(source, names):
        return found
    try:
        tree = Compiled(source)
        check = _Check(tree, names)
        check.result(expected)
    except RuleSyntaxError as error:
        return (_syntax(source, error),)
    except EngineError as error:
        return (Mistake(offset=0, message=f"this cannot be computed: {error.message}"),)
    except (ArithmeticError, ValueError, TypeError) as error:
        return (Mistake(offset=0, message=f"this cannot be computed: {error}"),)
    except RecursionError:
        return (Mistake(offset=0, message="this is nested too deeply"),)
    return tuple(check.found)


def _syntax(source: str, error: RuleSyntaxError) -> Mistake:
    if error.token is None:
        return Mistake(offset=len(source), message="something is missing at the end")
    offset = error.token.lexpos
    word = next(token for token in scan.tokens(source) if token.end() > offset)[0]
    return Mistake(offset=offset, message=f"{word!r} is not expected here")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """What is known of a part: its kind (None after a mistake: each is told once), its place, its texts."""

    kind: Kind | None
    offset: int = 0
    choices: tuple[str, ...] = ()
    literal: str | None = None

    @property
    def base(self) -> Kind | None:
        return Kind.TEXT if self.kind in (Kind.PREFIX, Kind.CUSTOMER) else self.kind


class _Check:
    """One walk over a tree, gathering mistakes."""

    def __init__(self, tree: Compiled, names: Names) -> None:
        self._tree, self._names = tree, names
        self.found: list[Mistake] = []

    def result(self, expected: Sequence[Kind]) -> None:
        """The whole expression must be of one of these kinds."""
        typed = self._typed(self._tree.rule.statement.expression)
        if typed.kind is None or not expected or typed.kind in expected:
            return
        if Kind.PREFIX in expected and typed.literal is not None and _is_prefix(typed.literal):
            return
        wanted = " or ".join(expected)
        self._tell(0, f"this gives {typed.kind}, where {wanted} is needed")

    def _tell(self, offset: int, message: str, suggestion: str | None = None) -> _Typed:
        self.found.append(Mistake(offset=offset, message=message, suggestion=suggestion))
        return _Typed(kind=None, offset=offset)

    def _typed(self, node: ast.ExpressionBase) -> _Typed:
        match node:
            case ast.SymbolExpression():
                typed = self._symbol(node)
            case ast.LiteralExpressionBase() if type(node) in _LITERALS:
                literal = node.value if isinstance(node.value, str) else None
                typed = _Typed(kind=_LITERALS[type(node)], literal=literal)
            case ast.FunctionCallExpression():
                typed = self._call(node)
            case ast.UnaryExpression():
                typed = self._unary(node)
            case ast.TernaryExpression():
                typed = self._choice(node)
            case ast.ContainsExpression():
                typed = self._contains(node)
            case ast.BinaryExpressionBase():
                typed = self._binary(node)
            case _:
                typed = self._tell(0, "a list may only stand behind 'in', and [ ] is not known")
        return typed

    def _symbol(self, node: ast.SymbolExpression) -> _Typed:
        each = self._tree.occurrence(node.name)
        known = self._names[each.name]
        if known.takes is not None:
            return self._tell(each.offset, f"{each.name!r} is a function: write {_called(each.name, known.takes)}")
        return _Typed(kind=known.kind, offset=each.offset, choices=known.choices)

    def _call(self, node: ast.FunctionCallExpression) -> _Typed:
        """What it gives; each argument must be there, and of its kind."""
        if not isinstance(node.function, ast.SymbolExpression):
            return self._tell(0, "only a name can be called")
        each = self._tree.occurrence(node.function.name)
        known = self._names[each.name]
        if known.takes is None:
            return self._tell(each.offset, f"{each.name!r} is no function")
        needed = sum(argument.required for argument in known.takes)
        if not needed <= len(node.arguments) <= len(known.takes):
            return self._tell(each.offset, f"write {_called(each.name, known.takes)}")
        for argument, part in zip(known.takes, node.arguments, strict=False):
            self._argument(argument, self._typed(part), each.offset)
        return _Typed(kind=known.kind, offset=each.offset)

    def _argument(self, argument: Argument, given: _Typed, offset: int) -> None:
        fits = given.kind in (None, argument.kind) or (argument.kind is Kind.TEXT and given.base is Kind.TEXT)
        place = offset if given.literal is not None or not given.offset else given.offset
        if not fits:
            needed = "a field of type customer" if argument.kind is Kind.CUSTOMER else str(argument.kind)
            self._tell(place, f"its {argument.name} must be {needed}, this is {given.kind}")
            return
        for text in given.choices if given.literal is None else (given.literal,):
            if argument.choices and text not in argument.choices:
                self._tell(place, f"there is no {argument.name} {text!r}", near_miss(text, argument.choices))

    def _unary(self, node: ast.UnaryExpression) -> _Typed:
        needed = Kind.BOOLEAN if node.type == "not" else Kind.NUMBER
        return self._all(needed, "not" if node.type == "not" else "-", self._typed(node.right))

    def _choice(self, node: ast.TernaryExpression) -> _Typed:
        condition = self._all(Kind.BOOLEAN, "?", self._typed(node.condition))
        first, second = self._typed(node.case_true), self._typed(node.case_false)
        if first.kind and second.kind and first.base is not second.base:
            words = f"'?' gives {first.kind} or {second.kind}: both must be of one kind"
            return self._tell(condition.offset, words)
        kind = first.kind if first.kind is second.kind else first.base
        return _Typed(kind=kind, offset=condition.offset)

    def _contains(self, node: ast.ContainsExpression) -> _Typed:
        member = self._typed(node.member)
        if isinstance(node.container, ast.ArrayExpression):
            for each in node.container.value:
                self._comparable(member, self._typed(each), "in")
            return _Typed(kind=Kind.BOOLEAN, offset=member.offset)
        container = self._typed(node.container)
        if container.base not in (None, Kind.LIST, Kind.TEXT):
            return self._tell(container.offset, f"'in' looks into a list or a text, not {container.kind}")
        if container.kind is Kind.LIST and member.literal is not None:
            self._one_of(container, member.literal)
        return self._all(Kind.TEXT, "in", member, result=Kind.BOOLEAN)

    def _binary(self, node: ast.BinaryExpressionBase) -> _Typed:
        left, right = self._typed(node.left), self._typed(node.right)
        match node:
            case ast.LogicExpression():
                return self._all(Kind.BOOLEAN, node.type, left, right)
            case ast.ArithmeticComparisonExpression():
                return self._ordered(left, right, _COMPARING.get(node.type, node.type))
            case ast.ComparisonExpression():
                return self._comparable(left, right, "==" if node.type == "eq" else "!=")
            case ast.AddExpression() if left.base is Kind.TEXT:
                return self._all(Kind.TEXT, "+", left, right)
            case _:
                return self._all(Kind.NUMBER, "arithmetic", left, right)

    def _all(self, needed: Kind, operator: str, *parts: _Typed, result: Kind | None = None) -> _Typed:
        """All these operands are of the kind that the operator needs; it gives `result`, else the same."""
        for part in parts:
            if part.base not in (None, needed):
                return self._tell(_place(*parts), f"{operator!r} needs {needed}, this is {part.kind}")
        return _Typed(kind=result or needed, offset=_place(*parts))

    def _ordered(self, left: _Typed, right: _Typed, operator: str) -> _Typed:
        without = [part for part in (left, right) if part.kind and part.kind not in _ORDERED]
        if without and left.base is right.base:
            words = f"only numbers and dates have an order, this is {without[0].kind}"
            return self._tell(_place(left, right), words)
        return self._comparable(left, right, operator)

    def _comparable(self, left: _Typed, right: _Typed, operator: str) -> _Typed:
        offset = _place(left, right)
        if Kind.LIST in (left.kind, right.kind):
            return self._tell(offset, f"a list cannot be compared by {operator!r}: use 'in'")
        if left.kind and right.kind and left.base is not right.base:
            words = f"{operator!r} compares {left.kind} with {right.kind}: that can never hold"
            return self._tell(offset, words, _as_literal(left, right))
        for one, other in ((left, right), (right, left)):
            if other.literal is not None:
                self._one_of(one, other.literal)
        return _Typed(kind=Kind.BOOLEAN, offset=offset)

    def _one_of(self, part: _Typed, literal: str) -> None:
        if part.choices and literal not in part.choices:
            words = f"this is never {literal!r}"
            self._tell(part.offset, words, near_miss(literal, part.choices))


def _called(name: str, takes: Sequence[Argument]) -> str:
    """How it is written: "held(customer, [pool])"."""
    return f"{name}({', '.join(one.name if one.required else f'[{one.name}]' for one in takes)})"


def _place(*parts: _Typed) -> int:
    """Where a mistake among these is shown: at the first name; literals have no place of their own."""
    return min((part.offset for part in parts if part.literal is None), default=0)


def _as_literal(left: _Typed, right: _Typed) -> str | None:
    """What was probably meant by a text where another kind is needed: 22 for "22"."""
    for text, kind in ((left.literal, right.kind), (right.literal, left.kind)):
        if text is not None and kind is Kind.NUMBER and text.isdecimal():
            return text
        if text is not None and kind is Kind.DATE:
            return f'd"{text}"'
    return None


def _is_prefix(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True
