"""Hold a document against a pydantic model, and tell in plain words all that does not fit, and where."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mailbot.config.document import Document
from mailbot.config.kinds import Misfit
from mailbot.config.locate import KeyPath
from mailbot.config.shape import follow, is_section, known_keys
from mailbot.config.wording import EXPECTED, follows_from_another, joined, named, offered, phrase, section, shown
from mailbot.errors import Fault, Faulty, near_miss

M = TypeVar("M", bound=BaseModel)

MANY = 20
"""More names than this are not told to somebody who wrote an unknown one."""


def check(document: Document, model: type[M], at: KeyPath = ()) -> tuple[M | None, list[Fault]]:
    """The document, or its table at a key path, as a model; or None and every fault.

    Validators of the model find the file's folder in their context, as "home".
    """
    try:
        home = document.path.parent.resolve()
        value = document.at(at)
        return model.model_validate(value, context={"home": home}, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, faults_of(document, error, model, at)


def validate(document: Document, model: type[M]) -> M:
    """The document as a model; Faulty, with every fault, where it is none."""
    made, faults = check(document, model)
    if made is None:
        raise Faulty(faults)
    return made


def faults_of(document: Document, error: ValidationError, model: type[BaseModel], at: KeyPath = ()) -> list[Fault]:
    """What pydantic found in the document's table at `at`, in the order of the file."""
    finds = [
        _find(document, details, model, at)
        for details in error.errors(include_url=False)
        if not follows_from_another(details)
    ]
    faults = [find.fault(document) for find in _merged(finds)]
    return sorted(dict.fromkeys(faults), key=lambda fault: (fault.line, fault.column))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Find:
    """One error of pydantic's, understood: a message, or what was `expected` and what is there `instead`."""

    path: KeyPath
    message: str = ""
    suggestion: str | None = None
    of_value: bool = True
    expected: tuple[str, ...] = ()
    instead: str = ""

    def fault(self, document: Document) -> Fault:
        message = self.message or f"{named(self.path)} must be {joined(self.expected)}, not {self.instead}"
        of_value = self.of_value and not isinstance(document.at(self.path), dict)
        return document.fault(self.path, message, self.suggestion, of_value=of_value)


def _find(document: Document, details: ErrorDetails, model: type[BaseModel], at: KeyPath) -> _Find:
    *outer, key = details["loc"] or ("",)
    table, kinds = follow(document.at(at), outer, model, at)
    if details["type"] == "missing":
        return _missing(table, str(key), section_missing=is_section(kinds, key))
    if details["type"] == "extra_forbidden":
        return _unknown(document, (*table, key), known_keys(kinds))
    path, _ = follow(document.at(at), details["loc"], model, at)
    return _wrong_value(path, document, details)


def _wrong_value(path: KeyPath, document: Document, details: ErrorDetails) -> _Find:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "value_error":
        return _refused(path, context["error"], of_value=details["loc"][-1:] != ("[key]",))
    if kind == "union_tag_not_found":
        return _missing(path, context["discriminator"].strip("'"))
    if kind == "union_tag_invalid":
        path = (*path, context["discriminator"].strip("'"))
    if choices := context.get("expected_tags") or context.get("expected"):
        return _no_choice(path, offered(choices), document.at(path))
    if kind in EXPECTED:
        return _Find(path=path, expected=(EXPECTED[kind],), instead=shown(document.at(path)))
    return _Find(path=path, message=f"{named(path)} {phrase(kind, context)}")


def _unknown(document: Document, path: KeyPath, keys: list[str]) -> _Find:
    table = isinstance(document.at(path), dict)
    what = f"section {section(path)}" if table else f'key "{path[-1]}"'
    suggestion = near_miss(str(path[-1]), keys)
    listed = "" if suggestion or len(keys) > MANY else f"; known here: {', '.join(sorted(keys))}"
    return _Find(path=path, message=f"unknown {what}{listed}", suggestion=suggestion, of_value=False)


def _missing(path: KeyPath, key: str, *, section_missing: bool = False) -> _Find:
    if section_missing:
        message = f"the section {section((*path, key))} is missing"
        return _Find(path=path, message=message, of_value=False)
    where = f" in {section(path)}" if path else ""
    return _Find(path=path, message=f'"{key}" is missing{where}', of_value=False)


def _no_choice(path: KeyPath, choices: list[str], value: object) -> _Find:
    quoted = tuple(f'"{choice}"' for choice in choices)
    if not isinstance(value, str):
        return _Find(path=path, expected=quoted, instead=shown(value))
    return _Find(path=path, expected=quoted, instead=repr(value[:40]), suggestion=near_miss(value, choices))


def _refused(path: KeyPath, error: Exception, *, of_value: bool) -> _Find:
    suggestion = error.suggestion if isinstance(error, Misfit) else None
    return _Find(path=path, message=str(error), suggestion=suggestion, of_value=of_value)


def _merged(finds: list[_Find]) -> Iterator[_Find]:
    """A value of none of several kinds is told once, with all of them; not at all where a find says more."""
    told: set[KeyPath] = set()
    for find in finds:
        if not find.expected:
            yield find
        elif find.path not in told and not any(_says_more(other, find.path) for other in finds):
            told.add(find.path)
            same = [words for other in finds if other.path == find.path for words in other.expected]
            yield replace(find, expected=tuple(dict.fromkeys(same)))


def _says_more(find: _Find, path: KeyPath) -> bool:
    below = len(find.path) > len(path) and find.path[: len(path)] == path
    return below or (find.path == path and not find.expected)
