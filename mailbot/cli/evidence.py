"""`mailbot history --evidence FILE`: one document for the authorities, which proves itself; making it is on record."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.delivered import asset
from mailbot.desk.context import shown
from mailbot.mail.letter import Templates
from mailbot.process.request import Entry
from mailbot.process.shape import instant
from mailbot.store import copies, evidence, period, space, views
from mailbot.store.chain import SEALED
from mailbot.store.evidence import Chain, Line, Proof

PAGE, CHECK = "page.html", "check.txt"
"""The document, and the script in it by which whoever has it holds it against itself."""
_OF_SPACE = {"allocated": "allocated", "reserved": "reserved", "quarantined": "gave back"}
"""State of address space → the action of the entry that tells of it."""
HOUSE = "(the house)"
"""What the chain is called that belongs to no request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What was asked for, by option, and who had the address that was named."""

    asked: Mapping[str, str]
    wanted: views.HistoryFilter
    around: Sequence[space.Held]
    within: Sequence[space.Held]

    @property
    def references(self) -> Iterator[str]:
        """Requests by which somebody had the address."""
        yield from (held.allocation.reference for held in (*self.around, *self.within) if held.allocation.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A document: how many entries it holds, the SHA-256 that is on record of it, and what in the chains is broken."""

    entries: int
    digest: str
    broken: Sequence[str]


def write(bot: Bot, file: Path, selected: Selected) -> Made:
    """Write the document into a new file that its owner alone reads. NotPossible where there is such a file."""
    with copies.new_file(file) as draft, bot.store.transaction() as tx:
        period.hold_history(tx.conn)
        proof = evidence.proof(tx.conn, selected.wanted, selected.references)
        document = _Document(bot=bot, now=bot.now(), operator=setting.operator(), selected=selected, proof=proof)
        content = document.text().encode()
        digest = sha256(content).hexdigest()
        draft.write_bytes(content)
        detail = f"{_words(selected.asked)}; sha256 {digest}"
        sealed = Entry(actor=document.operator, action=SEALED, detail=proof.seal)
        tx.write_house([sealed, Entry(actor=document.operator, action="evidence", detail=detail)], document.now)
    broken = [f"{chain.reference or HOUSE}: {words}" for chain in proof.chains for words in chain.broken]
    return Made(
        entries=sum(line.is_told for chain in proof.chains for line in chain.lines), digest=digest, broken=broken
    )


@dataclass(frozen=True, kw_only=True)
class _Document:
    bot: Bot
    now: datetime
    operator: str
    selected: Selected
    proof: Proof

    def text(self) -> str:
        config, proof = self.bot.config, self.proof
        folders = [config.home / "templates" / "evidence", asset("templates") / "evidence"]
        templates = Templates(folders)
        data = json.dumps(self._data(), ensure_ascii=True).replace("<", "\\u003c")
        context = {
            "bot": {"name": config.bot.name, "address": config.bot.address},
            "version": version("mailbot"),
            "at": instant(self.now),
            "at_local": shown(self.now, config.bot.zone),
            "operator": self.operator,
            "asked": dict(self.selected.asked),
            "zone": config.bot.timezone,
            "around": [self._holder(held) for held in self.selected.around],
            "within": [self._holder(held) for held in self.selected.within],
            "lines": [self._line(line, name) for line, name in sorted(_told(proof.chains), key=lambda one: one[0].id)],
            "chains": [self._chain(chain) for chain in proof.chains],
            "heads": len(proof.heads),
            "seal": proof.seal,
            "check": templates.page(CHECK, {}),
            "data": data,
        }
        return templates.page(PAGE, context)

    def _holder(self, held: space.Held) -> dict[str, Any]:
        allocation = held.allocation
        return {
            "prefix": str(allocation.prefix),
            "pool": allocation.pool,
            "vrf": allocation.vrf,
            "state": allocation.state.value,
            "since": instant(held.since),
            "ended": instant(held.ended),
            "reference": allocation.reference,
            "holder": allocation.holder,
            "customer": allocation.customer,
            "entry": self._entries.get((held.since, _OF_SPACE.get(allocation.state, ""), str(allocation.prefix))),
        }

    @cached_property
    def _entries(self) -> Mapping[tuple[datetime, str, str], int]:
        """Numbers of the entries that tell of address space, by their time, their action, and what they name first."""
        lines = (line for chain in self.proof.chains for line in chain.lines if line.action in _OF_SPACE.values())
        return {(line.at, line.action, (line.detail or "").partition(" ")[0]): line.id for line in lines}

    def _line(self, line: Line, name: str) -> dict[str, Any]:
        return {
            "id": line.id,
            "at": instant(line.at),
            "reference": name,
            "actor": line.actor,
            "action": line.action,
            "step": line.step,
            "detail": line.detail,
            "message_id": line.message_id,
            "erased": line.salt is None,
            "hash": line.hash.hex(),
        }

    def _chain(self, chain: Chain) -> dict[str, Any]:
        lines = [
            {"id": line.id, "at": instant(line.at), "action": line.action, "step": line.step, "hash": line.hash.hex()}
            | {"commitment": line.commitment.hex(), "told": line.is_told}
            for line in chain.lines
        ]
        return {"name": chain.reference or HOUSE, "lines": lines, "head": chain.head.hex(), "broken": chain.broken}

    def _data(self) -> dict[str, Any]:
        """The same for programs, with all that a proof needs."""
        return {
            "made": instant(self.now),
            "by": self.operator,
            "asked": dict(self.selected.asked),
            "holders": [self._holder(held) for held in self.selected.around],
            "within": [self._holder(held) for held in self.selected.within],
            "chains": {chain.reference or "": [_link(line) for line in chain.lines] for chain in self.proof.chains},
            "heads": {reference or "": head.hex() for reference, head in self.proof.heads.items()},
            "seal": self.proof.seal,
        }


def _link(line: Line) -> dict[str, Any]:
    """As `check.py` reads it; `at` is in seconds since 1970."""
    link = {
        "id": line.id,
        "at": int(line.at.timestamp()),
        "action": line.action,
        "step": line.step,
        "commitment": line.commitment.hex(),
        "hash": line.hash.hex(),
    }
    if line.salt is None or not line.is_told:
        return link
    return link | {"actor": line.actor, "detail": line.detail, "message_id": line.message_id, "salt": line.salt.hex()}


def _told(chains: Sequence[Chain]) -> Iterator[tuple[Line, str]]:
    for chain in chains:
        yield from ((line, chain.reference or HOUSE) for line in chain.lines if line.is_told)


def _words(asked: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in asked.items())
