"""A house's own words: the files that hold them, read and checked."""

from collections.abc import Iterator
from pathlib import Path

from mailbot.config.document import Document, read
from mailbot.delivered import asset
from mailbot.errors import Fault, Faulty, Severity, near_miss
from mailbot.words import Catalogue, flat, holes_in, shipped

WORDS = "words.toml"
NAMED = 8
"""Missing phrases that are named."""


def catalogue_of(house: Path, language: str) -> Catalogue:
    """The words that lie in a house's folder of templates, and in ours, in its language; the house's own first.

    Raises Faulty for what `faults_in` finds wrong.
    """
    found: dict[str, str] = {}
    for path in files(house, language):
        document = read(path)
        if errors := [fault for fault in _faults(document) if fault.severity is Severity.ERROR]:
            raise Faulty(errors)
        found |= flat(document.value)
    return Catalogue(texts=found, language=language)


def faults_in(house: Path, language: str) -> list[Fault]:
    """Phrases and holes that are unknown, and what a language still lacks. A file that is no TOML says only that."""
    found: list[Fault] = []
    for path in files(house, language):
        try:
            document = read(path)
        except Faulty as faulty:
            found += faulty.faults
            continue
        found += _faults(document)
    found += _lacking(house, language)
    return found


def files(house: Path, language: str) -> list[Path]:
    """The files of words beside the shipped English that are there, from the most general on."""
    places = [house] if language == "en" else [house, asset("templates") / language, house / language]
    return [path for folder in places if (path := folder / WORDS).is_file()]


def _faults(document: Document) -> Iterator[Fault]:
    known, sections = shipped(), {name.partition(".")[0] for name in shipped()}
    for section, table in document.value.items():
        if section not in sections or not isinstance(table, dict):
            yield document.fault(
                (section,), f"there is no section {section!r}", suggestion=near_miss(section, sections)
            )
            continue
        for key, text in table.items():
            yield from _faults_of(document, section, key, text, known.get(f"{section}.{key}"))


def _faults_of(document: Document, section: str, key: str, text: object, english: str | None) -> Iterator[Fault]:
    if english is None:
        names = [name.partition(".")[2] for name in shipped() if name.startswith(f"{section}.")]
        yield document.fault((section, key), f"there is no phrase {key!r}", suggestion=near_miss(key, names))
    elif not isinstance(text, str) or not text.strip():
        yield document.fault((section, key), "a phrase is a text in quotes", of_value=True)
    else:
        holes = holes_in(english)
        for hole in sorted(holes_in(text) - holes):
            offset, known = text.find("{" + hole), ", ".join(sorted(holes)) or "none"
            said = f"there is no {{{hole}}} here; known are: {known}"
            yield document.fault((section, key), said, suggestion=near_miss(hole, holes), offset=offset)


def _lacking(house: Path, language: str) -> Iterator[Fault]:
    """What a language does not say yet, and is said in English."""
    if language == "en":
        return
    own = [path for path in files(house, language) if path.parent.name == language]
    try:
        said = {name for path in own for name in flat(read(path).value)}
    except Faulty:
        return  # told already
    missing = [name for name in shipped() if name not in said]
    if missing:
        more = f", and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        yield Fault(
            file=own[-1] if own else house / language / WORDS,
            line=1,
            column=1,
            message=f"{len(missing)} of {len(shipped())} phrases are missing, and said in English: "
            f"{', '.join(missing[:NAMED])}{more}",
            severity=Severity.WARNING,
        )
