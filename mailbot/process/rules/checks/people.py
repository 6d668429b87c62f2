"""Whom a process names: groups that exist and have members, addresses, and as many voices as are needed."""

from collections.abc import Iterator

from mailbot.config.address import domain_of, normal
from mailbot.config.locate import KeyPath
from mailbot.errors import Fault, Severity, near_miss
from mailbot.process.customers import CUSTOMERS
from mailbot.process.definition import ASKING, StepKind, StepRule
from mailbot.process.directory import PARTY
from mailbot.process.expression import Text
from mailbot.process.rules.build import pace_of
from mailbot.process.rules.case import Case
from mailbot.process.rules.checks.worlds import readings
from mailbot.process.scope import names_of

LEAD = "lead"
"""In an escalation: the leads of the groups that were asked."""
REQUESTER = "requester.email"


def people_faults(case: Case) -> Iterator[Fault]:
    for key, names in (("who", case.process.who), ("managers", case.process.managers)):
        for number, name in enumerate(names):
            if "@" not in name and not (key == "who" and name == CUSTOMERS):
                yield from _group(case, (key, number), name)
    for index, rule in enumerate(case.process.steps):
        for key, texts in (("asks", rule.asks), ("to", rule.to)):
            for number, text in enumerate(texts):
                yield from _person(case, ("step", index, key, number), text, rule)
        yield from _voices(case, index, rule)
        yield from _suppliers(case, index, rule)
        yield from _ladder(case, index, rule)


def _person(case: Case, path: KeyPath, text: Text, rule: StepRule) -> Iterator[Fault]:
    """A group, an address or a supplier; a text with holes as far as its choices are known beforehand."""
    for name in sorted(readings(case.process, rule, text) or _attributes(case, text)):
        if not name:
            yield case.source.at(path, "this names nobody: the text is empty, or a choice has nothing in this column")
        elif name.startswith(PARTY):
            yield from _party(case, path, name.removeprefix(PARTY))
        elif "*" in name:
            yield case.source.at(path, f"{name!r} is a pattern: only people and groups can be written to")
        elif "@" in name:
            yield from _address(case, path, name)
        else:
            yield from _group(case, path, name)


def _attributes(case: Case, text: Text) -> frozenset[str]:
    """What a text can come to that is one of the choices of an attribute of customers."""
    known = names_of(case.process.fields, attributes=case.around.attributes)
    holes = [hole.source.strip() for _, hole in text.holes()]
    if len(holes) != 1 or holes[0] not in known:
        return frozenset()
    return frozenset(text.render({holes[0]: choice}).strip() for choice in known[holes[0]].choices)


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
    """No more may be needed than can answer: members have a voice each, also where one letter goes to all of them.

    Nobody approves his own request: where he is always among the asked, his voice does not count.
    """
    voices = _voters(case, rule)
    if rule.kind not in ASKING or voices is None or not rule.asks:
        return
    requesters = _requesters(case) if rule.kind is StepKind.APPROVAL else frozenset()
    own = bool(requesters) and requesters <= voices
    if (own and len(voices) == 1) or _asks_requester(rule):
        who = min(requesters, default="the requester")
        words = f"only {who} is asked, who asks for it too, and nobody approves his own request: name somebody else"
        yield case.source.at(("step", index, "asks"), words)
    elif voices and rule.needs is not None and rule.needs > len(voices) - own:
        words = f"{rule.needs} answers are needed, but {len(voices) - own} can be given"
        more = ": whoever asks for it is one of those asked, and approves nothing of his own" if own else ""
        yield case.source.at(("step", index, "needs"), words + more)


def _voters(case: Case, rule: StepRule) -> frozenset[str] | None:
    """Everybody whose answer can count; None where nobody knows that beforehand."""
    found: set[str] = set()
    for text in rule.asks:
        if rule.kind is StepKind.APPROVAL and _is_requester(text):
            continue
        if text.plain is None:
            return None
        found |= set(case.around.groups.get(text.plain, (text.plain,)))
    return frozenset(found)


def _asks_requester(rule: StepRule) -> bool:
    return rule.kind is StepKind.APPROVAL and all(map(_is_requester, rule.asks))


def _is_requester(text: Text) -> bool:
    return [hole.source.strip() for _, hole in text.holes()] == [REQUESTER]


def _requesters(case: Case) -> frozenset[str]:
    """Everybody who may ask for it; nobody where that is open."""
    if any("*" in name or name == CUSTOMERS for name in case.process.who):
        return frozenset()
    return frozenset(who for name in case.process.who for who in case.around.groups.get(name, (name,)))


def _suppliers(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    """Somebody outside the house sees what he needs, and decides nothing that is the house's to decide."""
    asked = [text.plain or "" for text in rule.asks]
    parties = [number for number, name in enumerate(asked) if name.startswith(PARTY)]
    if not parties:
        return
    path = ("step", index, "asks", parties[0])
    if rule.shows is None:
        words = f"{asked[parties[0]]} sees nothing of the form: shows = [FIELDS], or [] where that is meant"
        yield case.source.unwise(path, words)
    if rule.kind is StepKind.APPROVAL and not rule.fields and len(parties) == len(asked):
        words = "suppliers alone would decide on this: ask them by a form or task, and somebody of the house to approve"
        yield case.source.unwise(path, words)


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
    if rule.kind in ASKING and None not in asked and not asked & case.around.led:
        words = f"no group that step {rule.name!r} asks has a lead: nobody would be told"
        yield case.source.unwise(path, words)
