"""Compiles and evaluates expressions: with check.py, the only place that knows rule-engine."""

import decimal
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import rule_engine
from rule_engine.errors import EngineError, FunctionCallError

from mailbot.process.expression.scan import Occurrence, occurrence_of, symbols
from mailbot.process.expression.words import EvaluationFailed, Result, Scope, ScopeValue
from mailbot.words import say

_DIGITS = 45
"""Of the largest amount that is computed with: all IPv6 addresses, a few times."""


class Compiled:
    """A source that has been parsed. ValueError or EngineError when it cannot be."""

    def __init__(self, source: str) -> None:
        text, self.names = symbols(source)
        self._context = rule_engine.Context(
            resolver=self._resolve,
            default_timezone="utc",
            decimal_context=decimal.Context(prec=_DIGITS),
        )
        self.rule = rule_engine.Rule(text, self._context)

    def occurrence(self, symbol: str) -> Occurrence:
        return self.names[occurrence_of(symbol)]

    def _resolve(self, scope: Mapping[str, ScopeValue], symbol: str) -> ScopeValue:
        name = self.occurrence(symbol).name
        if name not in scope:
            raise EvaluationFailed(say("expression.has_no_value", name=name))
        return scope[name]


@lru_cache(maxsize=4096)
def compiled(source: str) -> Compiled:
    return Compiled(source)


def evaluate(source: str, scope: Scope) -> Result:
    """The value of the expression; EvaluationFailed, in words, for whatever keeps it from having one."""
    try:
        value = compiled(source).rule.evaluate(scope)
    except EvaluationFailed as failed:
        raise EvaluationFailed(f"{source!r}: {failed}") from None
    except EngineError as error:
        words = error.error if isinstance(error, FunctionCallError) and error.error else error.message
        raise EvaluationFailed(f"{source!r}: {words}") from error
    except (ArithmeticError, TypeError, ValueError, RecursionError) as error:
        raise EvaluationFailed(f"{source!r}: {error}") from error
    return _plain(source, value)


def _plain(source: str, value: object) -> Result:
    match value:
        case bool() | str():
            return value
        case Decimal() if value.is_finite() and value == value.to_integral_value():
            return int(value)
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case tuple():
            return [str(each) for each in value]
        case _:
            raise EvaluationFailed(say("expression.gives_which_is_no", source=f"{source!r}", value=value))
