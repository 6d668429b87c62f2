"""Whom a process names: groups that exist and have members, addresses, and as many voices as are needed."""

from collections.abc import Iterator

from mailbot.config.address import domain_of, normal
from mailbot.config.locate import KeyPath
from mailbot.errors import Fault, Severity, near_miss
from mailbot.process.definition import ASKING, StepRule
from mailbot.process.expression import Text
from mailbot.process.rules.build import pace_of
from mailbot.process.rules.case import Case

LEAD = "lead"
"""In an escalation: the leads of the groups that were asked."""
PARTY = "party:"


def people_faults(case: Case) -> Iterator[Fault]:
    for key, names in (("who", case.process.who), ("managers", case.process.managers)):
        for number, name in enumerate(names):
            if "@" not in name:
                yield from _group(case, (key, number), name)
    for index, rule in enumerate(case.process.steps):
        for key, texts in (("asks", rule.asks), ("to", rule.to)):
            for number, text in enumerate(texts):
                yield from _person(case, ("step", index, key, number), text)
        yield from _voices(case, index, rule)
        yield from _ladder(case, index, rule)


def _person(case: Case, path: KeyPath, text: Text) -> Iterator[Fault]:
    """A group, an address or a supplier; a text with holes is known only when the time comes."""
    name = text.plain
    if name is None:
        return
    if name.startswith(PARTY):
        yield from _party(case, path, name.removeprefix(PARTY))
    elif "*" in name:
        yield case.source.at(path, f"{name!r} is a pattern: only people and groups can be written to")
    elif "@" in name:
        yield from _address(case, path, name)
    else:
        yield from _group(case, path, name)


def _address(case: Case, path: KeyPath, name: str) -> Iterator[Fault]:
    address = normal(name)
    known = {member for members in case.around.groups.values() for member in members}
    if address is None:
        yield case.source.at(path, f"{name!r} is no mail address")
    elif "asks" in path and address not in known and domain_of(address) not in case.around.domains:
        yield case.source.unwise(path, f"{name!r} is neither of our domains nor of a group, and would decide")


def _party(case: Case, path: KeyPath, name: str) -> Iterator[Fault]:
    if name not in case.around.parties:
        words = f"there is no [parties.{name}] in the configuration"
        yield case.source.at(path, words, near_miss(name, case.around.parties))


def _group(case: Case, path: KeyPath, name: str) -> Iterator[Fault]:
    groups = case.around.groups
    if name not in groups:
        words = f"there is no [groups.{name}] in the configuration"
        yield case.source.at(path, words, near_miss(name, groups))
    elif not groups[name]:
        severity = Severity.ERROR if "asks" in path else Severity.WARNING
        yield case.source.at(path, f"the group {name!r} has no members", severity=severity)


def _voices(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    """No more may be needed than can answer: members have a voice each, also where one letter goes to all of them."""
    names = [text.plain for text in rule.asks]
    if rule.kind not in ASKING or rule.needs is None or None in names:
        return
    voices: set[str] = set()
    for name in filter(None, names):
        voices |= set(case.around.groups.get(name, (name,)))
    if voices and rule.needs > len(voices):
        words = f"{rule.needs} answers are needed, but {len(voices)} can be given"
        yield case.source.at(("step", index, "needs"), words)


def _ladder(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    for number, rung in enumerate(pace_of(case.file.steps[index], case.house)["escalate"]):
        for place, name in enumerate(rung.to):
            path = ("step", index, "escalate", number, "to", place)
            if name == LEAD:
                yield from _lead(case, path, rule)
            elif "@" not in name:
                yield from _group(case, path, name)


def _lead(case: Case, path: KeyPath, rule: StepRule) -> Iterator[Fault]:
    asked = {text.plain for text in rule.asks}
    if None not in asked and not asked & case.around.led:
        words = f"no group that step {rule.name!r} asks has a lead: nobody would be told"
        yield case.source.unwise(path, words)
