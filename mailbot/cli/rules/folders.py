"""The rule files that a command is about, and their tests, played."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from mailbot.bot import Bot
from mailbot.config import Config
from mailbot.errors import Fault, Faulty, NotFound, Usage, near_miss
from mailbot.intake.deeds import Asked, deed_of
from mailbot.mail.command import parse
from mailbot.mail.reply import words
from mailbot.process.definition import Process
from mailbot.process.rehearse.coverage import Coverage, coverage
from mailbot.process.rehearse.examples import Heard, Played, play
from mailbot.process.request import Deed
from mailbot.process.rules import Rules, Source, load

FILES = click.argument(
    "files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="[FILE…]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One process and its tests, played."""

    process: Process
    source: Source
    played: tuple[Played, ...]
    coverage: Coverage

    @property
    def failed(self) -> tuple[Played, ...]:
        return tuple(one for one in self.played if one.mismatches)


def folders_of(bot: Bot, files: Iterable[Path]) -> list[Path]:
    """The folders of these files; without any, the bot's own. A file alone lacks what it shares with the others."""
    return sorted({file.resolve().parent for file in files} or {bot.config.home / "rules"})


def rules_in(bot: Bot, folder: Path) -> Rules:
    """Faulty, with every fault, where they do not hold."""
    if not folder.is_dir():
        raise Usage(f"there is no folder {folder}: the rule files stand in rules/ beside the configuration")
    return load(folder, bot.surroundings)


def rules_for(bot: Bot, files: Iterable[Path]) -> list[Rules]:
    """Of all folders at once. Faulty, with the faults of all of them."""
    found: list[Rules] = []
    faults: list[Fault] = []
    for folder in folders_of(bot, files):
        try:
            found.append(rules_in(bot, folder))
        except Faulty as faulty:
            faults += faulty.faults
    if faults:
        raise Faulty(faults)
    return found


def chosen(rules: Rules, type_: str) -> Process:
    """The process of that type or alias. NotFound."""
    if (found := rules.find(type_)) is not None:
        return found
    near = near_miss(type_, rules.processes)
    hint = f" (did you mean {near!r}?)" if near else f"; there are {', '.join(rules.processes)}"
    raise NotFound(f"there is no process {type_!r}{hint}")


def tried(bot: Bot, rules: Rules, files: Iterable[Path] = ()) -> Iterator[Tried]:
    """Every process, or those of these files, with its tests played."""
    wanted = {file.resolve() for file in files}
    pools = pools_of(bot.config)
    for process in rules.processes.values():
        source = rules.origins[process.version]
        if wanted and source.rule.path.resolve() not in wanted:
            continue
        examples = rules.examples[process.version]
        played = tuple(play(one, process, bot.directory, pools, read) for one in examples)
        yield Tried(process=process, source=source, played=played, coverage=coverage(process, played))


def pools_of(config: Config) -> Mapping[str, tuple[str, ...]]:
    """The prefixes or numbers of each pool."""
    return {name: (*pool.prefixes, *pool.numbers) for name, pool in config.pools.items()}


def read(text: str, heard: Heard) -> Deed:
    """What a mail says, read as intake reads it."""
    parted = words(text)
    asked = Asked(process=heard.process, rule=heard.rule, question=heard.question, requester=heard.requester)
    return deed_of(parse(parted.own), parted, asked)


def place(fault: Fault) -> str:
    """file:line, as an editor follows it; the file as seen from here where that is shorter."""
    return f"{shown(fault.file)}:{fault.line}"


def shown(path: Path) -> str:
    full, here = path.resolve(), Path.cwd()
    return str(full.relative_to(here)) if full.is_relative_to(here) else str(path)
