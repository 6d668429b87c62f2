"""The shipped words and the code that says them keep in step: nothing missing, left over, or said beside them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot import words
from mailbot.words import holes_in, shipped

PACKAGE = Path(words.__file__).parent.parent
SAYING = [p for p in PACKAGE.rglob("*.py") if "from mailbot.words import" in p.read_text(encoding="utf-8")]
SENTENCE = re.compile(r"[a-z]{2,} (?:[a-z]{2,}|\{)")

ROOMS = {"process", "desk", "digest", "intake", "bot", "web", "activation", "broadcast", "sourcing"}
DOORS = {"dispatch.py", "followup.py"}
POOLS = {"giving.py", "pools.py", "reshaping.py", "taking.py", "values.py"}
"""Why a pool gives nothing, which a step tells people."""

ENGLISH = {
    "process/rules": "what `rules check` says, and `check`",
    "process/rehearse": "what `rules test` says",
    "process/expression": "what `check` says of an expression",
    "process/calendar.py": "what `check` says of a calendar",
    "process/chart": "drawings speak of a rule file's keys",
    "process/news": "events are read by programs, which look for words",
    "web/api": "other systems read it, and those who write them",
    "web/metrics.py": "Prometheus reads it",
    "desk/samples": "letters as they might be",
}
"""What never reaches a person by letter or on a page, and why (docs/language.md, "What stays English")."""


def speaks(path: Path) -> bool:
    """Whether what stands in a file is put into letters and pages."""
    inside = path.relative_to(PACKAGE)
    if any(inside.is_relative_to(english) for english in ENGLISH):
        return False
    return inside.parts[0] in ROOMS | DOORS or (inside.parts[:2] == ("store", "space") and path.name in POOLS)


SPEAKING = [path for path in PACKAGE.rglob("*.py") if speaks(path)]
SILENT_CALLS = frozenset(
    {"write", "_write", "Entry", "ignored", "held", "debug", "info", "warning", "error", "exception", "set_fact"}
    | {"compile", "RuntimeError", "AssertionError", "getLogger", "hold", "NoSuchTransition", "NotFound"}
    | {"alert"}  # an event: see "process/news"
)
"""What is said to the history, to the log, to the shell, to ourselves."""
SILENT = {
    "lists of actions",  # names of facts and locks
    "letters about no request",
    "has filled: ",
    "letters an hour",
    "network requests",
    "what waits for targets may have been done",
    "answer file of {}",
    "is known to be full: ",
    "answer not counted",  # an action of the history, said by its phrase there
    "held mail was told at",
    "held mail was told up to",
    "looked at in its source: ",
    "its source is away since: ",
    "told of its source: ",
    "away since {}",
    "taken by others",  # how a look at NetBox ended
    "%s: the timer %s of %s could not be followed, and is put off",  # to the log
    "cannot listen on {}:{}: {}",  # at the shell, before anybody is written to
    "the configuration has no [web]: write where to listen, and url, how people reach it",
    "the database is not of this version of mailbot: type `mailbot db upgrade`",
    "first start",
    "last digest",
    "references given out before the restore",
    "read Processed again",
    "delay for 1 working day ",  # a command, as it is prepared
    "---- form begins (keep this line) ----",  # a mark that is looked for
    "---- form ends ----",
    "changed form",  # the history's words
    "brought back",
    "completed form",
    "gave back",
    "refused step",
    "put off by network",
    "sent to network",
    "unknown on network",
    "not begun",
    "{} to {}",
    "week {} to {}",
    "until {}",
    " until {}Z",
    "from {} to {}",
    " (for {})",
    "id {} {}",
    "bytes {}",
    "absence of {}",
    "dropped mail",
    "reachable again",
    "an admin left it",  # why a mail lies where it does, as `mailbot inbox` tells
    "it answers a letter with no command, and its sender was told within this hour what to write",
    "until {}, deputy {}",
    "deputy was {}",
    "broken {}",
    "the content has changed since that letter",
    "released mail",
    "retried mail",
    "this version",  # in the name of a file
    "opened at the shell",
    "the database is of another version",  # to a machine that asks whether we are ready
    "the database does not answer",
    "default-src 'none'; style-src {}; frame-ancestors 'none'",
    "the sender has had all the answers of this hour",  # why a mail waits, for admins: as the log says it
    "From is not believed: {}",
    "it could not be handled: see the log",
    "this command is no query",  # what cannot be
    "a request that is {} cannot {}",
    "is optional and has no default: make it required, or give it a default",  # told by `rules check`
    "is optional, and its type has no default: make it required",
    "a list's column holds single values",
}


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Each `say(…)` of a file with the pattern of the names that it says."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            yield node, pattern(node.args[0])


def pattern(name: ast.expr) -> str:
    match name:
        case ast.Constant(value=str(text)):
            return re.escape(text)
        case ast.JoinedStr(values=parts):
            return "".join(re.escape(p.value) if isinstance(p, ast.Constant) else r"\w+" for p in parts)
        case _:
            return ""


def test_every_phrase_that_is_said_is_in_the_file_with_the_holes_that_are_filled():
    wrong = []
    for path in SAYING:
        for call, name in calls(path):
            filled = {keyword.arg for keyword in call.keywords}
            found = [key for key in shipped() if re.fullmatch(name, key)] if name else []
            wrong += [f"{path.name}:{call.lineno}: {name} is not in templates/words.toml"] * (bool(name) and not found)
            wrong += [
                f"{path.name}:{call.lineno}: {key} has {set(holes_in(shipped()[key]))}, and is given {filled}"
                for key in found
                if holes_in(shipped()[key]) != filled
            ]
    assert wrong == []


def test_no_phrase_of_the_file_is_left_over():
    said = {name for path in [*SAYING, *(PACKAGE / "words").glob("*.py")] for _, name in calls(path) if name}
    looked_up = {r"told\.\w+", r"history\.\w+", r"shown_states\.\w+"}  # said by a name that is looked for first
    patterns = [re.compile(name) for name in said | looked_up]
    assert [key for key in shipped() if not any(name.fullmatch(key) for name in patterns)] == []


def test_whatever_a_decision_writes_into_the_history_has_a_phrase_for_pages():
    written = {
        call.args[0].value
        for path in (PACKAGE / "process" / "decide").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "write"
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert {action for action in written if f"history.{action.replace(' ', '_')}" not in shipped()} == set()
    assert len(written) > 20


@pytest.mark.parametrize("path", SPEAKING, ids=[str(path.relative_to(PACKAGE)) for path in SPEAKING])
def test_nothing_is_said_but_by_a_phrase(path: Path):
    """Whoever writes a sentence into a decision: give it a name in templates/words.toml (CONTRIBUTING.md)."""
    assert [f"{path.name}:{line}: {text}" for line, text in sentences(path)] == []


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(inner) for node in ast.walk(tree) if _is_silent(node) for inner in ast.walk(node)}
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in silent or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        text = node.value if isinstance(node, ast.Constant) else _joined(node)
        if isinstance(text, str) and SENTENCE.search(text) and text not in SILENT:
            yield node.lineno, text


def _is_silent(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Assert():  # a docstring; what cannot be
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in SILENT_CALLS
        case _:
            return False


def _joined(node: ast.JoinedStr) -> str:
    return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
