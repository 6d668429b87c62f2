"""From config.toml to a Config, or to everything that is wrong with it."""

from pathlib import Path
from typing import TypeVar

from mailbot.config.check import check
from mailbot.config.clientele import clientele_faults
from mailbot.config.cross import cross_faults
from mailbot.config.document import read
from mailbot.config.kinds import Section
from mailbot.config.model import Config
from mailbot.config.tree import tree_faults
from mailbot.config.within import within_faults
from mailbot.errors import Fault, Faulty, Severity

Named = TypeVar("Named", bound=Section)


def load(path: Path) -> Config:
    """The configuration; Faulty, with all that is wrong, where it does not hold. What is unwise passes."""
    config, faults = inspect(path)
    if config is None:
        raise Faulty(fault for fault in faults if fault.severity is Severity.ERROR)
    return config


def inspect(path: Path) -> tuple[Config | None, list[Fault]]:
    """The configuration, None where it has errors; and every fault and warning, in the order of the file."""
    try:
        document = read(path)
    except Faulty as faulty:
        return None, list(faulty.faults)
    config, misfits = check(document, Config)
    said = (within_faults, cross_faults, tree_faults, clientele_faults)
    faults = [*misfits, *(fault for faults_in in said for fault in faults_in(document))]
    faults.sort(key=lambda fault: (fault.line, fault.column))
    if config is None or any(fault.severity is Severity.ERROR for fault in faults):
        return None, faults
    return _completed(config, path.resolve().parent), faults


def _completed(config: Config, home: Path) -> Config:
    """With what the file does not say itself: where it lies, and what its tables are called."""
    return config.model_copy(
        update={
            "home": home,
            "mailbox": config.mailbox.model_copy(update={"home": home}),
            "relay": config.relay.model_copy(update={"home": home}),
            "groups": {name: _titled(group, name) for name, group in config.groups.items()},
            "parties": {name: _titled(party, name) for name, party in config.parties.items()},
            "pools": {name: _titled(pool, name) for name, pool in config.pools.items()},
            "targets": {name: _titled(target, name) for name, target in config.targets.items()},
            "subscribers": {name: _titled(one, name) for name, one in config.subscribers.items()},
        }
    )


def _titled(table: Named, name: str) -> Named:
    title = getattr(table, "title", "") or name
    return table.model_copy(update={"name": name, "title": title})
