"""The functions of expressions: how many addresses a length has, how many there are in a list, what a customer holds,
and what his quotas leave.
"""

from collections.abc import Iterable, Mapping

from mailbot.process.customers import Standing
from mailbot.process.expression import Argument, EvaluationFailed, Kind, Known, Scope
from mailbot.words import say

IPV4 = 32
"""A longer prefix is one of IPv6."""

OF_QUOTAS = frozenset({"quota_left", "held"})
"""What they give changes by what others do: it is judged anew in the moment of taking."""


def known_functions(pools: Iterable[str]) -> dict[str, Known]:
    """All of them, as expressions are checked against."""
    customer = Argument(name="customer", kind=Kind.CUSTOMER)
    pool = Argument(name="pool", kind=Kind.TEXT, choices=tuple(sorted(pools)))
    maybe = Argument(name="pool", kind=Kind.TEXT, choices=pool.choices, required=False)
    length = Argument(name="length", kind=Kind.NUMBER)
    several = Argument(name="list", kind=Kind.LIST)
    return {
        "addresses": Known(kind=Kind.NUMBER, takes=(length,)),
        "count": Known(kind=Kind.NUMBER, takes=(several,)),
        "quota_left": Known(kind=Kind.NUMBER, takes=(customer, pool)),
        "held": Known(kind=Kind.NUMBER, takes=(customer, maybe)),
    }


def functions(customers: Mapping[str, Standing]) -> Scope:
    """The same with values: `customers` are those that the form names, by what it calls them."""

    def quota_left(customer: str, pool: str) -> int:
        return _known(customers, customer).left.get(pool, 0)

    def held(customer: str, pool: str | None = None) -> int:
        holds = _known(customers, customer).held
        return sum(holds.values()) if pool is None else holds.get(pool, 0)

    return {"addresses": addresses, "count": len, "quota_left": quota_left, "held": held}


def addresses(length: int) -> int:
    """How many a prefix of this length has; up to /32 it is one of IPv4."""
    length = int(length)
    width = IPV4 if length <= IPV4 else 4 * IPV4
    if not 0 <= length <= width:
        raise EvaluationFailed(say("expression.is_no_prefix_length", length=length))
    return 1 << (width - length)


def _known(customers: Mapping[str, Standing], name: str) -> Standing:
    if name not in customers:
        raise EvaluationFailed(say("expression.nothing_is_known_of", name=repr(name)))
    return customers[name]
