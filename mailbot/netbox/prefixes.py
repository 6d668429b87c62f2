"""Prefixes of one VRF of a NetBox: what there is, and the making, changing and removing of one."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mailbot.addresses import Block, parse_prefix
from mailbot.netbox.client import Client, Refused

KIND = "ipam.prefixes"
CONTAINER = "container"
"""The status of a prefix that is nobody's: others are cut out of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """`id` is NetBox's number of it, `status` the word of its API ("active", "container", …)."""

    id: int
    prefix: Block
    status: str
    description: str = ""

    @property
    def is_container(self) -> bool:
        return self.status == CONTAINER


class Prefixes:
    """`vrf` is a VRF's name, "" for the global one. Raises as Client does; Refused where there is no such VRF."""

    def __init__(self, client: Client, vrf: str = "") -> None:
        self._client = client
        self._vrf = vrf

    def within(self, root: Block) -> list[Prefix]:
        """This prefix, and all that lie in it."""
        return self._found(within_include=str(root))

    def around(self, prefix: Block) -> list[Prefix]:
        """All that overlap it: itself, what covers it, and what lies in it."""
        found = {one.id: one for one in (*self._found(contains=str(prefix)), *self.within(prefix))}
        return [found[number] for number in sorted(found)]

    def create(self, prefix: Block, status: str, description: str) -> Prefix:
        fields = {"prefix": str(prefix), "status": status, "description": description, "vrf": self._vrf_id}
        return _prefix(self._client.create(KIND, fields))

    def change(self, number: int, status: str, description: str) -> None:
        self._client.change(KIND, number, {"status": status, "description": description})

    def remove(self, number: int) -> None:
        self._client.remove(KIND, number)

    def _found(self, **by: str) -> list[Prefix]:
        number = "null" if self._vrf_id is None else self._vrf_id
        return [_prefix(fields) for fields in self._client.find(KIND, {**by, "vrf_id": number})]

    @cached_property
    def _vrf_id(self) -> int | None:
        if not self._vrf:
            return None
        found = self._client.find("ipam.vrfs", {"name": self._vrf})
        if len(found) != 1:
            raise Refused(f"NetBox has {len(found) or 'no'} VRF{'s' if len(found) > 1 else ''} called {self._vrf!r}")
        return int(found[0]["id"])


def _prefix(fields: dict[str, Any]) -> Prefix:
    status = fields["status"]
    return Prefix(
        id=int(fields["id"]),
        prefix=parse_prefix(str(fields["prefix"])),
        status=str(status["value"] if isinstance(status, dict) else status),
        description=str(fields.get("description") or ""),
    )
