"""What a rule file may hold already although it does nothing yet: accepted, and told as such."""

from collections.abc import Iterator

from mailbot.config.locate import KeyPath
from mailbot.errors import Fault
from mailbot.process.definition import DRIVING
from mailbot.process.rules.case import Case


def not_in_force(case: Case) -> Iterator[Fault]:
    for index, rule in enumerate(case.process.steps):
        path = ("step", index, "on_failure")
        if rule.kind not in DRIVING and case.source.rule.at(path) not in {None, "hold"}:
            yield _told(case, path, f'"on_failure" in a step of kind "{rule.kind}" (it holds)')


def _told(case: Case, path: KeyPath, what: str) -> Fault:
    return case.source.unwise(path, f"{what} is not yet in force")
