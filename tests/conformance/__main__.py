"""`make conformance KIT=folder`: TM Forum's conformance kit, as it comes, against a mailbot of its own."""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from mailbot.bot import Bot
from mailbot.cli.start import parts_written
from mailbot.config import load
from mailbot.store import keys
from mailbot.web import Server, build

RULE = Path(__file__).parent / "vcpe.toml"
"""For what the kit for version 3 orders."""
ORDERER = "bob@example.net"
COLLECTIONS = "*.postman_collection.json"

ITS_OWN = (
    ("Instance has only filtered attributes", "requiredAttributes is not defined"),
    ("Response state is equal IDSO1", "expected 'inProgress' to deeply equal 'active'"),
)
"""What the kit for version 3 gets wrong itself: a name that it never defines, and a state that no order has in 641."""


class Gateway:
    """As one that stands before an API, and has the key: kits know of none, and are run as they come."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app, self._header = app, (b"authorization", f"Bearer {key}".encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*scope.get("headers", ()), self._header]
        await self._app({**scope, "headers": headers}, receive, send)


@contextmanager
def serving(home: Path) -> Iterator[int]:
    """A mailbot as `mailbot init` writes it, with the rule for the kit; its port on 127.0.0.1."""
    list(parts_written(home))
    shutil.copy(RULE, home / "rules")
    bot = Bot(load(home / "config.toml"))
    bot.prepare()
    with bot.store.transaction() as tx:
        key = keys.make(tx.conn, "kit", keys.Scope.ORDER, (ORDERER,), None, bot.now())[1]
    try:
        with Server(Gateway(build(bot.web_parts), key), ("127.0.0.1", 0)) as server:
            yield server.port
    finally:
        bot.close()


def newman(kit: Path) -> str | None:
    """Where it is: beside the kit or above it, by `npm install newman`, else in the PATH."""
    beside = (folder / "node_modules" / ".bin" / "newman" for folder in (kit, *kit.parents))
    return next((str(path) for path in beside if path.exists()), shutil.which("newman"))


def failures(program: str, collection: Path, port: int) -> list[str]:
    """What has failed, less what the kit gets wrong itself; newman tells all of it."""
    variables = {"scheme": "http", "host": "127.0.0.1", "port": str(port)}
    said = [part for name, value in variables.items() for part in ("--env-var", f"{name}={value}")]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        reporters = ("--reporters", "cli,json", "--reporter-json-export", str(report))
        subprocess.run([program, "run", str(collection), *said, *reporters], check=False)
        found = json.loads(report.read_text())["run"]["failures"]
    told = [(one["error"].get("test", one["source"]["name"]), one["error"]["message"]) for one in found]
    return [f"{test}: {message}" for test, message in told if (test, message) not in ITS_OWN]


def wait(port: int) -> None:
    """For a kit that brings its own way to be run."""
    url = f"http://127.0.0.1:{port}/tmf-api/serviceOrdering/v4/"
    print(f"{url} is served, and needs no key; Ctrl-C ends it.", flush=True)
    with suppress(KeyboardInterrupt):
        threading.Event().wait()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="mailbot-kit-") as home, serving(Path(home)) as port:
        if len(sys.argv) == 1:
            wait(port)
            return 0
        kit = Path(sys.argv[1]).resolve()
        collections = sorted(path for path in kit.rglob(COLLECTIONS) if "node_modules" not in path.parts)
        program = newman(kit)
        if not collections or program is None:
            print(f"Type: npm install --prefix {kit} newman" if collections else f"There is no {COLLECTIONS} in {kit}.")
            return 2
        failed = [one for path in collections for one in failures(program, path, port)]
    print("\n".join(failed) or "Nothing has failed but what the kit gets wrong itself.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
