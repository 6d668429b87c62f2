"""How each system writes its prefixes, and how its file is recognised.

Columns of a name that is not told here are left where they are. Where each comes from:

- NetBox: columns of its PrefixTable (netbox/ipam/tables/ip.py), as "Export" writes them ("Current view", "All data");
  as older ones wrote them, by name; JSON as its API answers (/api/ipam/prefixes/).
- NIPAP: what its utilities/export-csv.py writes, which has no header (VRF, prefix, type, node, order, description);
  or with a header, and JSON, by the attributes of pynipap's Prefix.
- phpIPAM: columns of app/admin/import-export/export-subnets.php and of its import (with "Mask"), saved as CSV;
  JSON as its API answers (/api/APP/subnets/).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Cells = Mapping[str, str]

SKIP = "skip"
"""The column that says why a row is no allocation."""
WRONG = "wrong"
"""The column that says what cannot be read of a row: "their column: why"."""

NIPAP_HEAD = ("vrf", "prefix", "type", "node", "order_id", "description")
_NIPAP_TYPES = {"reservation", "assignment", "host"}
_TYPE = 2

_NETBOX_STATES = {"active": "allocated", "reserved": "reserved", "deprecated": "quarantined"}
_NETBOX_NONE = {"container": "containers", "available": "lines of free space"}
_NIPAP_STATES = {"": "allocated", "assigned": "allocated", "reserved": "reserved", "quarantine": "quarantined"}
_NIPAP_NONE = {"reservation": "containers", "host": "hosts of an assignment"}
_GLOBAL = {"", "-", "global", "default", "none", "0"}


class Format(StrEnum):
    CSV = "csv"
    NETBOX = "netbox"
    NIPAP = "nipap"
    PHPIPAM = "phpipam"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A format: `row` makes a row of theirs ours, `named` tells what they call a column of ours.

    `nested`: a prefix around others of the file is their container. `strict`: an unknown column is an error.
    `head`: the columns where the file has no header. `needed`: those that it must have, each by any of some names.
    """

    format: Format
    row: Callable[[Cells], dict[str, str]]
    named: Mapping[str, str] = field(default_factory=dict)
    nested: bool = False
    strict: bool = False
    head: Sequence[str] = ()
    needed: Sequence[Sequence[str]] = ()


def recognised(first: Sequence[str]) -> Format | None:
    """By the first row of a file, or the keys of its first item."""
    names = {name.strip().lower() for name in first}
    if "subnet" in names:
        return Format.PHPIPAM
    if names & {"prefix", "display_prefix"} and "type" in names:
        return Format.NIPAP
    if "prefix" in names and "pool" in names:
        return Format.CSV
    if "prefix" in names and names & {"status", "vrf", "tenant"}:
        return Format.NETBOX
    if len(first) > _TYPE and first[_TYPE].strip().lower() in _NIPAP_TYPES:
        return Format.NIPAP
    return Format.CSV if "prefix" in names else None


def layout(format_: Format, first: Sequence[str]) -> Layout:
    """What a file with this first row is read by."""
    headless = len(first) > _TYPE and first[_TYPE].strip().lower() in _NIPAP_TYPES
    match format_:
        case Format.CSV:
            return Layout(format=format_, row=dict, strict=True)
        case Format.NETBOX:
            named = {"state": "status", "customer": "tenant"}
            return Layout(format=format_, row=_netbox, named=named, needed=[["prefix"]])
        case Format.NIPAP:
            head = NIPAP_HEAD if headless else ()
            needed = () if headless else [["prefix", "display_prefix"], ["type"]]
            named = {"state": "status", "customer": "customer_id"}
            return Layout(format=format_, row=_nipap, named=named, head=head, needed=needed)
        case Format.PHPIPAM:
            return Layout(format=format_, row=_phpipam, named={"prefix": "subnet"}, nested=True, needed=[["subnet"]])


def _netbox(cells: Cells) -> dict[str, str]:
    status = cells.get("status", "").lower()
    if status in _NETBOX_NONE:
        return {SKIP: _NETBOX_NONE[status]}
    site = cells.get("site") or cells.get("scope", "")
    return {
        "prefix": cells.get("prefix", ""),
        "vrf": _vrf(cells.get("vrf", "")),
        "state": _NETBOX_STATES.get(status, status),
        "customer": cells.get("tenant", ""),
        "description": cells.get("description", ""),
        **_carried(vlan=cells.get("vlan") or cells.get("vlan_vid", ""), site=site, role=cells.get("role", "")),
    }


def _nipap(cells: Cells) -> dict[str, str]:
    kind = cells.get("type", "").lower()
    if kind in _NIPAP_NONE:
        return {SKIP: _NIPAP_NONE[kind]}
    if kind not in _NIPAP_TYPES:
        return {WRONG: f"type: {kind!r} is none of NIPAP's, which are {', '.join(sorted(_NIPAP_TYPES))}"}
    status = cells.get("status", "").lower()
    kept = {name: cells.get(name, "") for name in ("vlan", "node", "order_id")}
    return {
        "prefix": cells.get("display_prefix") or cells.get("prefix", ""),
        "vrf": _vrf(cells.get("vrf_name") or cells.get("vrf_rt") or cells.get("vrf", "")),
        "state": _NIPAP_STATES.get(status, status),
        "customer": cells.get("customer_id", ""),
        "description": cells.get("description", ""),
        **_carried(**kept),
    }


def _phpipam(cells: Cells) -> dict[str, str]:
    subnet = cells.get("subnet", "")
    if subnet.endswith("(folder)") or cells.get("isfolder", "") in {"1", "True", "true"}:
        return {SKIP: "folders"}
    mask = cells.get("mask", "")
    vlan = cells.get("vlan", "")
    if subnet and "/" not in subnet and not mask:
        return {WRONG: f"mask: {subnet} has none: how long the prefix is stands in no column"}
    return {
        "prefix": subnet if "/" in subnet or not mask else f"{subnet}/{mask}",
        "vrf": _vrf(cells.get("vrf") or cells.get("vrfid", "")),
        "state": "",
        "customer": cells.get("customer", ""),
        "description": cells.get("description", ""),
        **_carried(vlan="" if vlan == "NA" else vlan),
    }


def _vrf(name: str) -> str:
    """Ours for their table without a name is ""."""
    return "" if name.lower() in _GLOBAL else name


def _carried(**values: str) -> dict[str, str]:
    return {f"carries.{name}": value for name, value in values.items() if value}
