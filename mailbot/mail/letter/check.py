"""What is wrong with templates: told of every file at once, before a letter is to be written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from traceback import extract_tb
from typing import Any

from jinja2 import Environment, TemplateError, TemplateNotFound, TemplateSyntaxError, nodes

from mailbot.errors import Fault, Severity, near_miss

Samples = Mapping[str, Sequence[Mapping[str, Any]]]

_BUILT_IN = frozenset({"loop", "self", "super", "caller", "varargs", "kwargs"})
_METHODS = frozenset(
    {"items", "keys", "values", "get", "upper", "lower", "title", "strip", "split", "join"}
    | {"startswith", "endswith", "replace", "splitlines", "format"}
    | {"first", "last", "index", "index0", "length", "previtem", "nextitem", "cycle", "revindex"}
)


def check(environment: Environment, folders: Sequence[Path], samples: Samples, files: Sequence[str]) -> list[Fault]:
    """All faults of the templates of these kinds, each once, by file and line."""
    sources = _Sources(environment)
    deep = _METHODS | {key for found in samples.values() for c in found for key in _keys(c)}
    faults = [
        fault
        for kind, contexts in samples.items()
        for file in files
        for fault in _faults(sources, folders, f"{kind}/{file}", contexts, deep)
    ]
    once = {(f.file, f.line, f.message): f for f in [*faults, *_unused(folders, samples)]}
    return sorted(once.values(), key=lambda f: (str(f.file), f.line, f.column))


@dataclass(frozen=True, slots=True)
class _Source:
    """One template as it was parsed."""

    path: Path
    rows: list[str]
    tree: nodes.Template
    names: tuple[nodes.Name, ...]
    own: frozenset[str]
    """names that it gives values itself"""
    parents: tuple[str, ...]
    """templates that it extends, includes or imports"""


class _Sources:
    """Templates by name, each parsed once."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.read = lru_cache(maxsize=None)(self._read)

    def all_of(self, name: str) -> list[_Source]:
        """A template, and all that it builds on."""
        found: dict[str, _Source] = {}
        waiting = [name]
        while waiting:
            if (name := waiting.pop()) not in found:
                found[name] = self.read(name)
                waiting.extend(found[name].parents)
        return list(found.values())

    def _read(self, name: str) -> _Source:
        loader = self.environment.loader
        assert loader is not None  # noqa: S101 — Templates has given it one
        text, filename, _ = loader.get_source(self.environment, name)
        tree = self.environment.parse(text, name, filename)
        names = tuple(tree.find_all(nodes.Name))
        return _Source(
            path=Path(filename or name),
            rows=text.splitlines(),
            tree=tree,
            names=tuple(node for node in names if node.ctx == "load"),
            own=frozenset(_assigned(tree, names)),
            parents=tuple(_built_on(tree)),
        )


def _faults(
    sources: _Sources,
    folders: Sequence[Path],
    name: str,
    contexts: Sequence[Mapping[str, Any]],
    deep: frozenset[str],
) -> Iterator[Fault]:
    """Of one template: its syntax, else the names in it and in what it builds on, else its rendering."""
    try:
        found = sources.all_of(name)
    except TemplateNotFound as error:
        where = next((f / name for f in folders if (f / name).exists()), folders[-1] / name)
        yield _fault(where, 1, f"there is no template {error.name!r}")
        return
    except TemplateSyntaxError as error:
        yield _fault(Path(error.filename or name), error.lineno, f"{error.message}")
        return
    static = [*_unknown_names(sources, found, contexts), *_unknown_attributes(found, deep)]
    yield from static or _rendering(sources.environment, name, contexts)


def _unknown_names(
    sources: _Sources, found: Iterable[_Source], contexts: Sequence[Mapping[str, Any]]
) -> Iterator[Fault]:
    known = _BUILT_IN | sources.environment.globals.keys() | {k for c in contexts for k in c}
    for source in found:
        for node in source.names:
            if node.name not in known and node.name not in source.own:
                yield _unknown(source, node.lineno, node.name, known | source.own)


def _unknown_attributes(found: list[_Source], deep: frozenset[str]) -> Iterator[Fault]:
    """`row.lable`: a name that no value of any sample has, and that no template here makes."""
    known = deep.union(*(source.own for source in found))
    for source in found:
        for node in source.tree.find_all((nodes.Getattr, nodes.Getitem)):
            word = _attribute(node)
            if word and word not in known:
                yield _unknown(source, node.lineno, word, known)


def _attribute(node: nodes.Node) -> str | None:
    match node:
        case nodes.Getattr(attr=word):
            return str(word)
        case nodes.Getitem(arg=nodes.Const(value=str(word))):
            return word
    return None


def _built_on(tree: nodes.Template) -> Iterator[str]:
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        target = node.template  # type: ignore[attr-defined]
        if isinstance(target, nodes.Const):
            yield str(target.value)


def _assigned(tree: nodes.Template, names: Iterable[nodes.Name]) -> Iterator[str]:
    """Names that the template gives values itself: set, for, macros and their arguments, imports, dictionaries."""
    yield from (node.name for node in names if node.ctx in ("store", "param"))
    yield from (node.name for node in tree.find_all(nodes.Macro))
    yield from (node.target for node in tree.find_all(nodes.Import))
    yield from (str(node.value) for pair in tree.find_all(nodes.Pair) for node in _constants(pair.key))
    for node in tree.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in node.names)


def _constants(node: nodes.Node) -> tuple[nodes.Const, ...]:
    return (node,) if isinstance(node, nodes.Const) else ()


def _keys(value: object) -> Iterator[str]:
    """Every key and field name in a value, at any depth."""
    match value:
        case Mapping():
            yield from (str(key) for key in value)
            inner: Iterable[object] = value.values()
        case list() | tuple():
            inner = value
        case _ if is_dataclass(value):
            names = [f.name for f in fields(value)]
            yield from names
            yield from (name for name, what in vars(type(value)).items() if isinstance(what, property))
            inner = [getattr(value, name) for name in names]
        case _:
            inner = ()
    for item in inner:
        yield from _keys(item)


def _rendering(environment: Environment, name: str, contexts: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    for context in contexts:
        try:
            environment.get_template(name).render(context)
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            path, number = _place(error, environment, name)
            yield _fault(path, number, str(error) or type(error).__name__)


def _place(error: Exception, environment: Environment, name: str) -> tuple[Path, int]:
    """Where in the templates it went wrong: jinja2 puts their lines into the traceback."""
    searched = tuple(environment.loader.searchpath)  # type: ignore[union-attr]
    frames = [f for f in extract_tb(error.__traceback__) if f.filename.startswith(searched)]
    if frames:
        return Path(frames[-1].filename), frames[-1].lineno or 1
    return Path(environment.get_template(name).filename or name), 1


def _unused(folders: Sequence[Path], samples: Samples) -> Iterator[Fault]:
    """Folders of a user that no letter is written from: probably a kind's name mistyped."""
    for folder in folders[:-1]:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_dir() and path.name not in samples and not path.name.startswith(("_", ".")):
                said = f"no letter is of kind {path.name!r}"
                hint = near_miss(path.name, samples)
                yield Fault(
                    file=path, line=1, column=1, message=said, suggestion=hint,
                    severity=Severity.WARNING,
                )  # fmt: skip


def _unknown(source: _Source, number: int, name: str, known: Iterable[str]) -> Fault:
    return Fault(
        file=source.path,
        line=number,
        column=source.rows[number - 1].find(name) + 1 or 1,
        message=f"{name!r} is not known here",
        suggestion=near_miss(name, known),
    )


def _fault(path: Path, number: int, message: str) -> Fault:
    return Fault(file=path, line=number, column=1, message=message)
