"""A NetBox on the loopback: the part of its REST API that mailbot speaks, stateful, and faulty on purpose.

`faults` says what goes wrong with each call. NetBox's own users are played by `add`, `take_next` and `drop`.
"""

import ipaddress
import json
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mailbot.config.duration import Duration, Unit
from mailbot.config.netbox import NetBox
from mailbot.config.secret import SecretRef, Source

TOKEN = "0123456789abcdef"
VERSION = "4.1.3"
STATUSES = ("container", "active", "reserved", "deprecated")
LATE = 0.9
"""Seconds by which a slow answer is later than anybody waits here."""
PATIENCE = 0.4

Object = dict[str, Any]


class Fault(StrEnum):
    """What goes wrong: before anything is done, or after it was."""

    FAILS = "500 before it is done"
    FAILS_AFTER = "500 after it is done"
    BUSY = "429"
    DENIES = "403"
    CUTS = "cut off before it is done"
    CUTS_AFTER = "cut off after it is done"
    SLOW = "done when nobody waits any more"
    SLOW_AFTER = "done at once, answered when nobody waits any more"
    BABBLES = "an answer that is no JSON"


SLOW = {Fault.SLOW, Fault.SLOW_AFTER}
AFTER = {Fault.FAILS_AFTER, Fault.CUTS_AFTER, Fault.SLOW_AFTER, Fault.BABBLES}


class NetBoxServer:
    """`calls` are the calls so far, as "POST ipam/prefixes"."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.objects: dict[str, dict[int, Object]] = {}
        self.calls: list[str] = []
        self.faults: Callable[[int, str], Fault | None] = lambda _number, _call: None
        self.told: Callable[[str], object] = lambda _call: None
        """Looks on, after the call is counted and before anything is done."""
        self.refuses: str | None = None
        """What it answers with 400 to whoever writes: a rule of its house."""
        self.unique = False
        """Whether it refuses the same prefix twice, as ENFORCE_GLOBAL_UNIQUE makes it."""
        self._serial = count(1)
        self._late: list[threading.Thread] = []
        self._server = _Quiet(("127.0.0.1", 0), type("Answers", (_Answers,), {"netbox": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def section(self) -> NetBox:
        """A [netbox] that names it, with little patience."""
        token = SecretRef(source=Source.PLAIN, name=TOKEN)
        return NetBox(url=self.url, token=token, timeout=Duration(amount=30, unit=Unit.SECOND))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # -- its users -----------------------------------------------------------------------------------------------------

    def add(self, prefix: str, status: str = "active", description: str = "", vrf: int | None = None) -> int:
        return self.put("ipam/prefixes", {"prefix": prefix, "status": status, "description": description, "vrf": vrf})

    def put(self, kind: str, fields: Object) -> int:
        with self.lock:
            number = next(self._serial)
            self.objects.setdefault(kind, {})[number] = {"id": number, **fields}
            return number

    def take_next(self, root: str, length: int, description: str = "") -> str:
        """What somebody gets who asks for the next available prefix."""
        with self.lock:
            held = [one for text in self.prefixes(root) if (one := ipaddress.ip_network(text)) != _network(root)]
            free = next(n for n in _network(root).subnets(new_prefix=length) if not any(n.overlaps(o) for o in held))
            self.add(str(free), description=description)
            return str(free)

    def drop(self, prefix: str) -> None:
        with self.lock:
            for number in [n for n, one in self.objects["ipam/prefixes"].items() if one["prefix"] == prefix]:
                del self.objects["ipam/prefixes"][number]

    def prefixes(self, within: str = "0.0.0.0/0") -> list[str]:
        """All that are no containers, in order of address."""
        with self.lock:
            rows = self.objects.get("ipam/prefixes", {}).values()
            found = [_network(row["prefix"]) for row in rows if row["status"] != "container"]
            return [str(one) for one in sorted(found, key=_order) if _lies_in(one, _network(within))]

    def status_of(self, prefix: str) -> list[str]:
        with self.lock:
            return [r["status"] for r in self.objects["ipam/prefixes"].values() if r["prefix"] == prefix]

    def described(self, prefix: str) -> list[str]:
        with self.lock:
            return [r["description"] for r in self.objects["ipam/prefixes"].values() if r["prefix"] == prefix]

    # -- its API -------------------------------------------------------------------------------------------------------

    def later(self, change: Callable[[], object]) -> None:
        """Do it once its caller has gone."""

        def wait() -> None:
            time.sleep(LATE)
            change()

        thread = threading.Thread(target=wait, daemon=True)
        self._late.append(thread)
        thread.start()

    def settle(self) -> None:
        """Wait until all is done that was to be done late."""
        for thread in self._late:
            thread.join()
        self._late.clear()

    def answer(self, method: str, kind: str, number: int | None, asked: dict[str, str], body: Any) -> tuple[int, Any]:
        with self.lock:
            if kind == "status":
                return 200, {"netbox-version": VERSION}
            rows = self.objects.setdefault(kind, {})
            if number is not None and number not in rows:
                return 404, {"detail": "No object matches the given query."}
            match method:
                case "GET" if number is not None:
                    return 200, self._shown(kind, rows[number])
                case "GET":
                    return 200, self._page(kind, rows.values(), asked)
                case "POST":
                    return self._create(kind, rows, body)
                case "PATCH" if number is not None:
                    return self._change(kind, rows[number], body)
                case "DELETE" if number is not None:
                    del rows[number]
                    return 204, None
        return 405, {"detail": f'Method "{method}" not allowed.'}

    def _page(self, kind: str, rows: Iterable[Object], asked: dict[str, str]) -> Object:
        limit, offset = int(asked.pop("limit", 50)), int(asked.pop("offset", 0))
        found = [row for row in rows if all(_lets_through(row, name, value) for name, value in asked.items())]
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        more = f"{self.url}/api/{kind}/?{query}&limit={limit}&offset={offset + limit}"
        return {
            "count": len(found),
            "next": more if offset + limit < len(found) else None,
            "previous": None,
            "results": [self._shown(kind, row) for row in found[offset : offset + limit]],
        }

    def _create(self, kind: str, rows: dict[int, Object], body: Object) -> tuple[int, Any]:
        if fault := self._unfit(kind, body):
            return 400, fault
        if kind == "ipam/prefixes" and self.unique and any(r["prefix"] == body["prefix"] for r in rows.values()):
            return 400, {"prefix": [f"Duplicate prefix found in global table: {body['prefix']}"]}
        return 201, self._shown(kind, rows[self.put(kind, {"status": "active", "description": "", **body})])

    def _change(self, kind: str, row: Object, body: Object) -> tuple[int, Any]:
        if fault := self._unfit(kind, {**row, **body}):
            return 400, fault
        fields = {**row.get("custom_fields", {}), **body.get("custom_fields", {})}
        row.update(body, **({"custom_fields": fields} if fields else {}))
        return 200, self._shown(kind, row)

    def _unfit(self, kind: str, body: Object) -> Object | None:
        if self.refuses:
            return {"__all__": [self.refuses]}
        if kind == "ipam/prefixes" and body.get("status", "active") not in STATUSES:
            return {"status": [f"{body['status']} is not a valid choice."]}
        if len(body.get("description", "")) > 200:
            return {"description": ["Ensure this field has no more than 200 characters."]}
        return None

    def _shown(self, kind: str, row: Object) -> Object:
        """As NetBox writes it: choices and other objects are tables of their own."""
        status = row.get("status")
        shown = {**row, "url": f"{self.url}/api/{kind}/{row['id']}/", "display": str(row.get("prefix", row["id"]))}
        if status is not None:
            shown["status"] = {"value": status, "label": status.title()}
        if row.get("vrf") is not None:
            shown["vrf"] = {"id": row["vrf"], "url": f"{self.url}/api/ipam/vrfs/{row['vrf']}/", "name": "red"}
        return shown


def patient(server: NetBoxServer, fault: Fault | None = None) -> NetBox:
    """A [netbox] that waits long enough for any machine; no longer than a test may, where the fault is to be slow."""
    seconds = PATIENCE if fault in SLOW else 60

    class Patience(Duration):
        """Config takes whole seconds."""

        __slots__ = ()

        @property
        def elapsed(self) -> timedelta:
            return timedelta(seconds=seconds)

    return server.section.model_copy(update={"timeout": Patience(amount=1, unit=Unit.SECOND)})


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Who has hung up is no fault."""


def _network(text: str) -> Any:
    return ipaddress.ip_network(text)


def _order(one: Any) -> tuple[int, int, int]:
    return one.version, int(one.network_address), one.prefixlen


def _lies_in(one: Any, other: Any) -> bool:
    return one.version == other.version and one.subnet_of(other)


def _lets_through(row: Object, name: str, value: str) -> bool:
    match name:
        case "within_include":
            return _lies_in(_network(row["prefix"]), _network(value))
        case "within":
            return row["prefix"] != value and _lies_in(_network(row["prefix"]), _network(value))
        case "contains":
            return _lies_in(_network(value), _network(row["prefix"]))
        case _ if name.endswith("_id"):
            held = row.get(name.removesuffix("_id"))
            return held is None if value == "null" else str(held) == value
        case _:
            return str(row.get(name)) == value


class _Answers(BaseHTTPRequestHandler):
    netbox: NetBoxServer

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 (as the library wants them called)

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        words = [word for word in parts.path.split("/") if word][1:]
        number = int(words.pop()) if words and words[-1].isdecimal() else None
        kind = "/".join(words)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        call = f"{self.command} {kind}"
        with self.netbox.lock:
            self.netbox.calls.append(call)
            fault = self.netbox.faults(len(self.netbox.calls), call)
        self.netbox.told(call)
        if self.headers.get("Authorization") not in {f"Token {TOKEN}", f"Bearer {TOKEN}"}:
            self._say(403, {"detail": "Invalid token"})
            return
        self._faulty(fault, lambda: self.netbox.answer(self.command, kind, number, asked, body))

    def _faulty(self, fault: Fault | None, do: Callable[[], tuple[int, Any]]) -> None:
        if fault is None or fault in AFTER:
            status, answer = do()
        match fault:
            case None:
                self._say(status, answer)
            case Fault.FAILS | Fault.FAILS_AFTER:
                self._say(500, {"error": "Server Error", "exception": "OperationalError"})
            case Fault.BUSY:
                self._say(429, {"detail": "Request was throttled."})
            case Fault.DENIES:
                self._say(403, {"detail": "You do not have permission to perform this action."})
            case Fault.CUTS | Fault.CUTS_AFTER:
                self.close_connection = True
            case Fault.SLOW:
                self.netbox.later(do)
                self._hang()
            case Fault.SLOW_AFTER:
                self._hang()
            case Fault.BABBLES:
                self._say(status, "<html>Welcome</html>", kind="text/html")

    def _hang(self) -> None:
        time.sleep(LATE)
        self.close_connection = True

    def _say(self, status: int, answer: Any, kind: str = "application/json") -> None:
        text = b"" if answer is None else answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Quiet."""
