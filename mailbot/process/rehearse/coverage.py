"""Which steps ran in a set of tests, and which conditions held and did not: what no test reached, nobody has seen."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailbot.config.locate import KeyPath
from mailbot.process.definition import Process, StepRule
from mailbot.process.rehearse.examples import Played
from mailbot.process.rehearse.stage import ran
from mailbot.process.request import Step, StepState


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that no test reached, and where it stands."""

    path: KeyPath
    step: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """`reached` of `total`: each step counts once, one that runs for each of several items once more (that it did for
    one), each condition twice (that it holds, and that it does not).
    """

    reached: int
    total: int
    gaps: tuple[Gap, ...]


def coverage(process: Process, played: Iterable[Played]) -> Coverage:
    """Of the tests of one process, failed ones included: they did run."""
    all_ = list(played)
    found = _Found(
        begun=frozenset(name for one in all_ for name in ran(one.request)),
        passed_over=frozenset(name for one in all_ for name in _passed_over(one)),
        with_items=frozenset(_base(step) for one in all_ for step in one.request.steps if _is_item(step)),
    )
    gaps = tuple(gap for index, rule in enumerate(process.steps) for gap in _gaps(index, rule, found))
    total = sum(1 + (rule.each is not None) + 2 * (rule.when is not None) for rule in process.steps)
    return Coverage(reached=total - len(gaps), total=total, gaps=gaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The steps that began, those that were passed over, and those that ran for an item."""

    begun: frozenset[str]
    passed_over: frozenset[str]
    with_items: frozenset[str]


def _passed_over(one: Played) -> Iterator[str]:
    """Steps whose condition did not hold, be it for one item; one that somebody skipped by hand has an answer."""
    for step in one.request.steps:
        if step.state is StepState.SKIPPED and step.answered_by is None and step.undoes is None:
            yield _base(step)


def _is_item(step: Step) -> bool:
    """Whether it ran for one."""
    return step.item is not None and step.undoes is None and step.opened is not None


def _base(step: Step) -> str:
    return step.name.partition(".")[0]


def _gaps(index: int, rule: StepRule, found: _Found) -> Iterator[Gap]:
    def gap(key: str, message: str) -> Gap:
        return Gap(path=("step", index, key), step=rule.name, message=message)

    begun = rule.name in found.begun
    if not begun:
        yield gap("name", f"step {rule.name} never ran")
    if rule.each is not None and rule.name not in found.with_items:
        yield gap("each", f"each {rule.each}: never ran for an item")
    if rule.when is not None and (not begun or (rule.each is not None and rule.name not in found.with_items)):
        yield gap("when", f"when {rule.when}: never true")
    if rule.when is not None and rule.name not in found.passed_over:
        yield gap("when", f"when {rule.when}: never false")
