"""Which steps ran in a set of tests, and which conditions held and did not: what no test reached, nobody has seen."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailbot.config.locate import KeyPath
from mailbot.process.definition import Process
from mailbot.process.rehearse.examples import Played
from mailbot.process.rehearse.stage import ran
from mailbot.process.request import StepState


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that no test reached, and where it stands."""

    path: KeyPath
    step: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """`reached` of `total`: each step counts once, each condition twice (that it holds, and that it does not)."""

    reached: int
    total: int
    gaps: tuple[Gap, ...]


def coverage(process: Process, played: Iterable[Played]) -> Coverage:
    """Of the tests of one process, failed ones included: they did run."""
    all_ = list(played)
    begun = {name for one in all_ for name in ran(one.request)}
    passed_over = {name for one in all_ for name in _passed_over(one)}
    gaps = tuple(_gaps(process, begun, passed_over))
    total = len(process.steps) + 2 * sum(rule.when is not None for rule in process.steps)
    return Coverage(reached=total - len(gaps), total=total, gaps=gaps)


def _passed_over(one: Played) -> Iterator[str]:
    """Steps whose condition did not hold; one that somebody skipped by hand has an answer."""
    for step in one.request.steps:
        if step.state is StepState.SKIPPED and step.answered_by is None:
            yield step.name


def _gaps(process: Process, begun: set[str], passed_over: set[str]) -> Iterator[Gap]:
    for index, rule in enumerate(process.steps):
        if rule.name not in begun:
            yield Gap(path=("step", index, "name"), step=rule.name, message=f"step {rule.name} never ran")
        if rule.when is not None and rule.name not in begun:
            yield Gap(path=("step", index, "when"), step=rule.name, message=f"when {rule.when}: never true")
        if rule.when is not None and rule.name not in passed_over:
            yield Gap(path=("step", index, "when"), step=rule.name, message=f"when {rule.when}: never false")
