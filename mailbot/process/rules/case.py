"""A rule file under examination: what the checks look at."""

from dataclasses import dataclass

from mailbot.config.locate import KeyPath
from mailbot.process.definition import Process
from mailbot.process.rules.models import HouseFile, RuleFile
from mailbot.process.rules.source import Source
from mailbot.process.rules.surroundings import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The tables as they were written, the process made of them, and what is around.

    `damaged` are the tables in which a key is wrong: nothing is concluded from what they lack.
    """

    source: Source
    file: RuleFile
    house: HouseFile
    process: Process
    around: Surroundings
    damaged: frozenset[KeyPath] = frozenset()
