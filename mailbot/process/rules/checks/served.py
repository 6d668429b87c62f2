"""Pools that serve none of those who may ask: such a step could only ever be refused."""

from collections.abc import Iterator, Mapping

from mailbot.config.address import matches
from mailbot.errors import Fault
from mailbot.process.rules.case import Case
from mailbot.process.rules.checks.numbers import pools_of

_PATTERN = "*"


def served_faults(case: Case) -> Iterator[Fault]:
    groups = case.around.groups
    for index, rule in enumerate(case.process.steps):
        for pool in sorted(pools_of(case, rule) & set(case.around.served)):
            users = case.around.served[pool]
            if not any(_may_be_one(asker, user, groups) for asker in case.process.who for user in users):
                words = f"{pool} serves {', '.join(users)} alone, and none of them may ask for this"
                yield case.source.at(("step", index, "pool"), words)


def _may_be_one(asker: str, user: str, groups: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether somebody may be both. Of two patterns nobody can say that."""
    if asker == user:
        return True
    askers, users = (groups.get(name, (name,)) for name in (asker, user))
    return any(_alike(one, other) for one in askers for other in users)


def _alike(one: str, other: str) -> bool:
    if one.startswith(_PATTERN) and other.startswith(_PATTERN):
        return True
    return matches(one, other) or matches(other, one)
