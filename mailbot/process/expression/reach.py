"""What a condition can come to while only some of its names have values: whether it can hold, and can fail to.

A part that uses a name without a value may be either; so what is found possible may still not be, but what is found
impossible certainly is.
"""

from collections.abc import Iterator, Mapping

from rule_engine import ast
from rule_engine.errors import EngineError

from mailbot.process.expression.engine import Compiled, compiled
from mailbot.process.expression.words import EvaluationFailed, Scope

EITHER = frozenset({True, False})


def outcomes(source: str, scope: Scope) -> frozenset[bool]:
    """Whether a condition can be true, and can be false, with these values; of one that is wrong, nothing is said."""
    tree = _tree(source)
    return EITHER if tree is None else _of(tree.rule.statement.expression, scope)


def _tree(source: str) -> Compiled | None:
    try:
        return compiled(source)
    except (EngineError, ArithmeticError, TypeError, ValueError, RecursionError):
        return None


def _of(node: ast.ExpressionBase, scope: Scope) -> frozenset[bool]:
    match node:
        case ast.LogicExpression(type=type_, left=left, right=right):
            first, second = _of(left, scope), _of(right, scope)
            return frozenset(one and other if type_ == "and" else one or other for one in first for other in second)
        case ast.UnaryExpression(type="not", right=right):
            return frozenset(not one for one in _of(right, scope))
        case ast.TernaryExpression(condition=condition, case_true=yes, case_false=no):
            asked = _of(condition, scope)
            return frozenset(one for holds in asked for one in _of(yes if holds else no, scope))
        case _:
            return _alone(node, scope)


def _alone(node: ast.ExpressionBase, scope: Scope) -> frozenset[bool]:
    """A comparison, or a name: what cannot be computed may be either."""
    try:
        return frozenset({bool(node.evaluate(scope))})
    except (EvaluationFailed, EngineError, ArithmeticError, TypeError, ValueError):
        return EITHER


def landmarks(source: str) -> Mapping[str, frozenset[int]]:
    """The names that are compared with plain numbers and used for nothing else, each with these numbers.

    Between two of them the condition is the same for every number.
    """
    tree = _tree(source)
    if tree is None:
        return {}
    found: dict[str, set[int]] = {}
    otherwise: set[str] = set()
    for names, numbers in _uses(tree, tree.rule.statement.expression):
        if len(names) == 1 and numbers is not None:
            found.setdefault(names[0], set()).update(numbers)
        else:
            otherwise.update(names)
    return {name: frozenset(numbers) for name, numbers in found.items() if name not in otherwise}


def _uses(tree: Compiled, node: ast.ExpressionBase) -> Iterator[tuple[list[str], list[int] | None]]:
    """Each comparison: the names in it, and the numbers that its one name is compared with (None: it is no such)."""
    match node:
        case ast.LogicExpression(left=left, right=right):
            yield from _uses(tree, left)
            yield from _uses(tree, right)
        case ast.UnaryExpression(type="not", right=right):
            yield from _uses(tree, right)
        case ast.TernaryExpression(condition=condition, case_true=yes, case_false=no):
            for part in (condition, yes, no):
                yield from _uses(tree, part)
        case ast.ComparisonExpression(left=left, right=right):
            one, other = (left, right) if isinstance(left, ast.SymbolExpression) else (right, left)
            yield _compared(tree, one, [other])
        case ast.ContainsExpression(member=member, container=ast.ArrayExpression(value=values)):
            yield _compared(tree, member, list(values))
        case _:
            yield _names(tree, node), None


def _compared(
    tree: Compiled, one: ast.ExpressionBase, others: list[ast.ExpressionBase]
) -> tuple[list[str], list[int] | None]:
    if isinstance(one, ast.SymbolExpression) and all(isinstance(other, ast.FloatExpression) for other in others):
        return _names(tree, one), [int(other.value // 1) for other in others]
    return [name for part in (one, *others) for name in _names(tree, part)], None


def _names(tree: Compiled, node: ast.ExpressionBase) -> list[str]:
    """The names anywhere in a part."""
    if isinstance(node, ast.SymbolExpression):
        return [tree.occurrence(node.name).name]
    parts = [getattr(node, key, None) for key in ("left", "right", "condition", "case_true", "case_false", "member")]
    container = getattr(node, "container", None)
    inner = list(container.value) if isinstance(container, ast.ArrayExpression) else [container]
    inner += getattr(node, "arguments", ())
    return [name for part in (*parts, *inner) if isinstance(part, ast.ExpressionBase) for name in _names(tree, part)]
