"""A process that begins by itself: its form must be complete with nothing but the prefix that is reviewed."""

from collections.abc import Iterator

from mailbot.errors import Fault, near_miss
from mailbot.process.definition import FieldType
from mailbot.process.rules.case import Case


def review_faults(case: Case) -> Iterator[Fault]:
    review = case.process.review
    if review is None or () in case.damaged:
        return
    named = [f for f in case.process.fields if f.type is FieldType.ALLOCATION]
    if len(named) != 1 or named[0].many:
        words = "a review fills in one field of type allocation, for one prefix, and the form must have just that one"
        yield case.source.at(("review",), words)
    for field in case.process.fields:
        if field.required and field.default is None and field.type is not FieldType.ALLOCATION:
            words = f"nobody fills in {field.name!r} when a review begins: give it a default, or ask for it in a step"
            yield case.source.at(("review",), words)
    for number, pool in enumerate(review.pools):
        if pool not in case.around.pools:
            words = f"there is no [pools.{pool}] in the configuration"
            yield case.source.at(("review", "pools", number), words, near_miss(pool, case.around.pools))
        elif pool in case.around.numbers:
            words = f"a review asks about prefixes, and [pools.{pool}] gives out numbers"
            yield case.source.at(("review", "pools", number), words)
