"""A real PostgreSQL, thrown away after the tests; every test has a database of its own."""

# ruff: noqa: S603 - the commands are our own

import os
import pwd
import shutil
import subprocess
from itertools import count
from pathlib import Path

import psycopg
from servers.ground import free_ports, place, until

USER = "mailbot"


class Postgres:
    """One server on the loopback that trusts everybody there.

    `local`: reached by a socket of this machine, as who runs both on one would have it: half as long a way.
    """

    def __init__(self, *, fsync: bool = False, local: bool = False) -> None:
        self.home, self._local = place("postgres"), local
        self._bin = _programs()
        self._databases = count(1)
        (self.port,) = free_ports(1)
        self._owner = None if os.geteuid() else pwd.getpwnam("postgres").pw_name  # it starts for nobody who is root
        if self._owner:
            shutil.chown(self.home, self._owner)
        self._run(
            "initdb", "-D", self.home / "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"
        )
        # What a crash of the machine would lose is thrown away anyway; only who measures wants to wait for the disk.
        flush = "on" if fsync else "off"
        socket = self.home if local else ""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={socket} -c fsync={flush}"
        self._control("start", "-l", self.home / "postgres.log", "-o", options)

    def database(self) -> str:
        """A new and empty database; its url, as `[database]` has it."""
        name = f"mailbot{next(self._databases)}"
        address = ("-h", "127.0.0.1", "-p", str(self.port), "-U", USER)
        self._run("createdb", *address, name)
        if self._local:
            return f"postgresql+psycopg://{USER}@/{name}?host={self.home}&port={self.port}"
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{name}"

    def until_left(self, url: str) -> None:
        """Wait until nobody is connected any more: it takes the server a moment to see that a client was killed."""
        with psycopg.connect(host="127.0.0.1", port=self.port, user=USER, dbname="postgres", autocommit=True) as conn:
            clients = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            name = url.rpartition("/")[2]
            until(lambda: conn.execute(clients, [name]).fetchone() == (0,), "the end of a killed bot's connections")

    def close(self) -> None:
        self._control("stop", "-m", "immediate")
        shutil.rmtree(self.home, ignore_errors=True)

    def _control(self, word: str, *options: str | Path) -> None:
        self._run("pg_ctl", word, "-w", "-D", self.home / "data", *options)

    def _run(self, name: str, *words: str | Path) -> None:
        with (self.home / "start.log").open("ab") as log:  # a pipe would stay open with the daemon
            subprocess.run(
                [self._bin / name, *words], check=True, cwd=self.home, user=self._owner, group=self._owner,
                extra_groups=[] if self._owner else None, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.home)},
            )  # fmt: skip


def _programs() -> Path:
    """Where Debian keeps them: outside of PATH, by version. Their absence fails loudly."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    if elsewhere is None:
        raise RuntimeError("PostgreSQL is not installed: `make servers` installs the servers of the tests.")
    return Path(elsewhere).parent
