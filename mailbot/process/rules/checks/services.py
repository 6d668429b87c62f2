"""What processes are ordered as: an order must mean one of them."""

from collections.abc import Iterable, Iterator

from mailbot.errors import Fault
from mailbot.process.definition import OrderAction
from mailbot.process.rules.case import Case


def service_faults(cases: Iterable[Case]) -> Iterator[Fault]:
    taken: dict[tuple[str, OrderAction], Case] = {}
    for case in cases:
        ordered = (case.process.specification.casefold(), case.process.order_action)
        other = taken.setdefault(ordered, case)
        if other is not case:
            words = (
                f"{ordered[0]!r} with the action {ordered[1].value!r} already stands for {other.source.rule.path.name}"
            )
            yield case.source.at(("service",), words)
