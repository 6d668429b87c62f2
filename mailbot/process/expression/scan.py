"""Reads an expression into tokens: each mistake has its place, and nothing unwanted reaches the engine."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailbot.errors import near_miss
from mailbot.process.expression.words import Known, Mistake, Names

LONGEST = 500
"""Characters that an expression may have."""

WORDS = frozenset({"and", "or", "not", "in", "true", "false"})
"""The words of the language."""

RESERVED = WORDS | {"null", "inf", "nan", "for", "if", "elif", "else", "while"}
"""What no field, step or column may be called: rule-engine's own words."""

_TOKEN = re.compile(
    r"""(?P<space>[ \t]+)
      | (?P<date>d"[^"\n]*"|d'[^'\n]*')
      | (?P<text>"[^"\n]*"|'[^'\n]*')
      | (?P<name>[A-Za-z_]\w*(?:\.\w+)*)
      | (?P<number>\d+(?:\.\d+)?)(?!\w)
      | (?P<refused>=~~?|!~~?|\*\*|<<|>>|&&?\.?|\|\|?|\^|\?\?|\$\w*|\.\w*|=(?!=)|!(?!=)|[{}\#"'])
      | (?P<operator>==|!=|<=|>=|//|[-<>+*/%(),?:\[\]])
      | (?P<strange>.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)

_INSTEAD = {
    "=": ("compare with ==", "=="),
    "!": ("write not", "not"),
    "&&": ("write and", "and"),
    "||": ("write or", "or"),
    '"': ("this quote is not closed", None),
    "'": ("this quote is not closed", None),
    "#": ("a comment goes behind the value, outside of the quotes", None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A name where it stands in the source."""

    offset: int
    name: str


def tokens(source: str) -> Iterator[re.Match[str]]:
    return _TOKEN.finditer(source)


def occurrences(source: str) -> tuple[Occurrence, ...]:
    """Every name in the source, in its order."""
    return tuple(
        Occurrence(offset=token.start(), name=token.group())
        for token in tokens(source)
        if token.lastgroup == "name" and token.group() not in WORDS
    )


def calls(source: str) -> tuple[str, ...]:
    """Every call in the source, as it is written: "held(form.customer)"; of one within another, the outer one."""
    found: list[str] = []
    begin, name, depth = None, None, 0
    for token in tokens(source):
        text = token.group()
        if begin is None and text == "(" and name is not None and name.end() == token.start():
            begin, depth = name.start(), 0
        depth += (text == "(") - (text == ")")
        if begin is not None and text == ")" and not depth:
            found.append(source[begin : token.end()])
            begin = None
        name = token if token.lastgroup == "name" and text not in WORDS else None
    return tuple(dict.fromkeys(found))


def symbols(source: str) -> tuple[str, tuple[Occurrence, ...]]:
    """The source with each name replaced by a symbol of the same length, and what the symbols stand for.

    rule-engine takes `form.length` for the length of a mapping, and forgets where a symbol stood (trap 48). A
    symbol of ours, numbered by occurrence, has neither trouble: `form.size <= 28` becomes `n0_______ <= 28`.
    """
    found = occurrences(source)
    pieces, end = [], 0
    for number, each in enumerate(found):
        pieces += [source[end : each.offset], f"n{number}".ljust(len(each.name), "_")]
        end = each.offset + len(each.name)
    return "".join([*pieces, source[end:]]), found


def occurrence_of(symbol: str) -> int:
    """The number of the occurrence that a symbol stands for."""
    return int(symbol.strip("n_"))


def mistakes(source: str, names: Names) -> tuple[Mistake, ...]:
    """What can be said without a tree: length, unwanted tokens, unknown names."""
    if not source.strip():
        return (Mistake(offset=0, message="an expression is missing"),)
    if len(source) > LONGEST:
        words = f"an expression has at most {LONGEST} characters, this has {len(source)}"
        return (Mistake(offset=LONGEST, message=words),)
    unwanted = tuple(mistake for token in tokens(source) if (mistake := _unwanted(token)))
    return unwanted or tuple(m for each in occurrences(source) if (m := _unusable(each, source, names)))


def _unwanted(token: re.Match[str]) -> Mistake | None:
    text, offset = token.group(), token.start()
    match token.lastgroup:
        case "refused":
            words, instead = _INSTEAD.get(text, (f"{text!r} is not part of the language", None))
            return Mistake(offset=offset, message=words, suggestion=instead)
        case "strange":
            return Mistake(offset=offset, message=f"the character {text!r} has no place here")
        case "text" if "\\" in text:
            return Mistake(offset=offset, message="a backslash has no place in a text")
        case _:
            return None


def _unusable(each: Occurrence, source: str, names: Names) -> Mistake | None:
    known = names.get(each.name)
    if known is None:
        words = f"there is no {each.name!r} here"
        return Mistake(offset=each.offset, message=words, suggestion=_meant(each.name, names))
    if known.refused:
        return Mistake(offset=each.offset, message=f"{each.name!r} {known.refused}")
    if known.guard and known.guard not in {other.name for other in occurrences(source)}:
        words = f"{each.name!r} may have no value, its step can be skipped: ask for {known.guard!r} too"
        return Mistake(offset=each.offset, message=words)
    return None


def _meant(name: str, names: Names) -> str | None:
    usable = [known for known, what in names.items() if _is_usable(what)]
    same_end = [known for known in usable if known.rpartition(".")[2] == name]
    return same_end[0] if same_end else near_miss(name, usable)


def _is_usable(known: Known) -> bool:
    return known.refused is None
