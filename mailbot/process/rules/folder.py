"""The folder of rule files: read, checked as a whole, and kept by version."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from mailbot.config.check import faults_of
from mailbot.config.document import Document, read
from mailbot.config.locate import KeyPath
from mailbot.errors import Fault, Faulty, Severity
from mailbot.process.definition import Process
from mailbot.process.rules import checks, finding
from mailbot.process.rules.build import process_of
from mailbot.process.rules.case import Case
from mailbot.process.rules.examples import Example, examples_of
from mailbot.process.rules.models import HouseFile, RuleFile
from mailbot.process.rules.salvage import salvage
from mailbot.process.rules.source import Source
from mailbot.process.rules.surroundings import Surroundings

HOUSE_FILE = "_house.toml"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rule files of a folder, once they hold."""

    processes: Mapping[str, Process]
    """Type → its process."""
    sources: Mapping[str, str]
    """Version → the text that `restore` makes the process of."""
    origins: Mapping[str, Source] = field(default_factory=dict)
    """Version → the files that it was read from, and where in them each key stands."""
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    """Version → the tests in its rule file."""
    warnings: tuple[Fault, ...] = ()

    def find(self, words: str) -> Process | None:
        """The process whose type or alias these words begin with: a subject, a sub-address, a `Type:` line.

        Whole words, in any case, less `Re:` and the like; the longest type or alias wins.
        """
        return finding.find(words, self.processes.values())


@dataclass(slots=True)
class _Found:
    """What the files have come to so far."""

    cases: list[Case] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def load(folder: Path, surroundings: Surroundings) -> Rules:
    """Read every rule file of a folder; Faulty, with all faults of all files, when one does not hold."""
    found = _Found()
    house, shared = _house(folder / HOUSE_FILE, found)
    paths = sorted(path for path in folder.glob("*.toml") if not path.name.startswith("_"))
    if not paths:
        found.faults.append(Fault(file=folder, line=1, column=1, message="no rule file stands here"))
    for path in paths:
        _rule(path, house, shared, surroundings, found)
    found.faults += _told_apart(found.cases)
    found.faults += checks.faults_between(found.cases)
    return _held(found)


def restore(source: str) -> Process:
    """The process of a version that was once loaded. It depends on `source` alone, which held once."""
    bound = Source.unbound(source)
    file = RuleFile.model_validate(bound.rule.value)
    return process_of(file, HouseFile.model_validate(bound.house.value), bound.version)


def _house(path: Path, found: _Found) -> tuple[Document | None, HouseFile | None]:
    """What the files share; no tables where what stands in them cannot be relied upon."""
    if not path.exists():
        return None, HouseFile()
    document = _read(path, found)
    if document is None:
        return None, None
    shared, damaged = _tables(document, HouseFile, found)
    return document, None if any(at[:1] in {("fields",), ("lists",)} for at in damaged) else shared


def _rule(path: Path, house: Document | None, shared: HouseFile | None, around: Surroundings, found: _Found) -> None:
    document = _read(path, found)
    if document is None:
        return
    file, damaged = _tables(document, RuleFile, found)
    if file is None or shared is None:
        return
    source = Source.of(document, house)
    process = process_of(file, shared, source.version)
    case = Case(source=source, file=file, house=shared, process=process, around=around, damaged=damaged)
    found.cases.append(case)
    found.faults += checks.faults_of(case)


def _read(path: Path, found: _Found) -> Document | None:
    try:
        return read(path)
    except Faulty as faulty:
        found.faults += faulty.faults
        return None


def _tables(document: Document, model: type[M], found: _Found) -> tuple[M | None, frozenset[KeyPath]]:
    """The file as tables. Where a key is wrong, the rest of them: what they say is checked in the same go."""
    try:
        return model.model_validate(document.value), frozenset()
    except ValidationError as error:
        found.faults += faults_of(document, error, model)
        return salvage(document.value, error, model)


def _told_apart(cases: Iterable[Case]) -> Iterator[Fault]:
    """No two processes answer to the same words."""
    taken: dict[tuple[str, ...], Case] = {}
    for case in cases:
        for number, name in enumerate(finding.names(case.process)):
            path = ("aliases", number - 1) if number else ("type",)
            if not name:
                yield case.source.at(path, "this holds no word that a subject could begin with")
            elif (other := taken.setdefault(name, case)) is not case:
                words = f"{' '.join(name)!r} already stands for {other.source.rule.path.name}"
                yield case.source.at(path, words)


def _held(found: _Found) -> Rules:
    faults = sorted(dict.fromkeys(found.faults), key=lambda fault: (fault.file, fault.line, fault.column))
    if any(fault.severity is Severity.ERROR for fault in faults):
        raise Faulty(faults)
    return Rules(
        processes={case.process.type: case.process for case in found.cases},
        sources={case.source.version: case.source.bound for case in found.cases},
        origins={case.source.version: case.source for case in found.cases},
        examples={case.source.version: tuple(examples_of(case.file)) for case in found.cases},
        warnings=tuple(faults),
    )
