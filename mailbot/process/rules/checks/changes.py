"""Changes of space: renumbering, splitting and making one, each with all that it needs and nothing besides."""

from collections.abc import Iterator

from mailbot.errors import Fault
from mailbot.process.definition import StepRule
from mailbot.process.form import LONGEST_LENGTH
from mailbot.process.rules.case import Case
from mailbot.process.rules.checks.numbers import pools_of


def space_faults(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    if not rule.changes_space or ("step", index) in case.damaged:
        return
    path = ("step", index)
    ways = [key for key, said in (("pool", rule.pool), ("split", rule.parts), ("merge", rule.merge)) if said]
    if len(ways) > 1:
        yield case.source.at((*path, ways[-1]), f'"{ways[0]}" and "{ways[-1]}" exclude each other: make two steps')
    if rule.prefix is None:
        yield case.source.at((*path, "kind"), "a change of space needs prefix: what is it that is held?")
    for key in ("for", "until"):
        if case.source.rule.at((*path, key)) is not None:
            yield case.source.at((*path, key), f'"{key}" means nothing in a change of space, which has no end')
    if rule.length is not None and rule.pool is None:
        yield case.source.at((*path, "length"), '"length" is that of the new prefix: it goes with "pool"')
    if rule.holder is not None and rule.merge is None:
        yield case.source.at((*path, "holder"), '"holder" is whose the whole is: it goes with "merge"')
    if rule.set and rule.parts:
        yield case.source.at((*path, "set"), "what is split carries what each part says: set = { … } in the parts")
    if numbers := pools_of(case, rule) & case.around.numbers:
        words = f"{min(numbers)} is a pool of numbers: a number is allocated anew, and the old one released"
        yield case.source.at((*path, "pool"), words)
    yield from _parts(case, index, rule)


def _parts(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    path = ("step", index, "split")
    if len(rule.parts) == 1:
        yield case.source.at(path, "one part is no split: say two or more, in order of address")
    sources = [part.length.source for part in rule.parts]
    if len(sources) > 1 and all(source.isdecimal() for source in sources):
        yield from _whole(case, index, list(map(int, sources)))


def _whole(case: Case, index: int, lengths: list[int]) -> Iterator[Fault]:
    """Plain numbers say beforehand whether the parts can be one prefix: each begins where it may, and they fill it."""
    path = ("step", index, "split")
    for number, length in enumerate(lengths):
        if length > LONGEST_LENGTH:
            yield case.source.at((*path, number, "length"), f"a prefix length is from 0 to {LONGEST_LENGTH}")
            return
    cursor = 0
    for number, length in enumerate(lengths):
        size = 1 << (LONGEST_LENGTH - length)
        if cursor % size:
            yield case.source.at((*path, number, "length"), f"no /{length} begins here: the larger parts come first")
            return
        cursor += size
    if cursor & (cursor - 1):
        words = " and ".join(f"/{length}" for length in lengths)
        yield case.source.at(path, f"{words} make up no whole prefix: something of it would be nobody's")
