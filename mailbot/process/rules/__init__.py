"""Rule files → processes: all faults of all files at once, or processes that hold.

A folder holds one file a process, and `_house.toml` with what they share. What a running request needs
to keep its version, whatever happens to the files, is one text (`Rules.sources`): `restore` makes it again.
"""

from mailbot.process.rules.folder import Rules, load, restore
from mailbot.process.rules.source import Source
from mailbot.process.rules.surroundings import Surroundings

__all__ = ["Rules", "Source", "Surroundings", "load", "restore"]
