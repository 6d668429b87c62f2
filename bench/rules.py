"""How long an admin waits for his rule files: checked, and held against a thousand past requests."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from bench.figure import Figure
from mailbot.config import load as load_config
from mailbot.process.definition import Process
from mailbot.process.directory import Directory, directory_of
from mailbot.process.rehearse.past import Pools
from mailbot.process.rehearse.replay import replay
from mailbot.process.rehearse.space import Space
from mailbot.process.rehearse.stage import opened
from mailbot.process.request import Approve, Done, Request
from mailbot.process.rules import Surroundings, load

REPLAY_BOUND = 3.0
PAST, QUICK_PAST = 1000, 100
FILES = 20
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
POOLS: Pools = {"lan": ("10.0.0.0/8",)}

CONFIG = """
[bot]
address = "ip-requests@example.net"
admins = ["hostmaster@example.net"]
secrets = ["file:secret"]
[mailbox]
url = "maildir:mail"
[relay]
url = "maildir:sent"
[groups.noc]
members = ["ana@example.net", "li@example.net"]
[groups.billing]
members = ["bill@example.net"]
"""
HEAD = """
type = "{type}"
who = ["*@example.net"]
lead_time = "20 working days"
[[field]]
name = "size"
type = "prefix-length"
required = true
min = 20
max = 30
"""
SIMPLE = """
[[step]]
name = "technical"
kind = "approval"
asks = ["noc"]
when = "form.size <= 28"
[[step]]
name = "billing"
kind = "form"
asks = ["billing"]
after = []
[[step.field]]
name = "account"
type = "text"
required = true
[[step]]
name = "allocate"
kind = "allocate"
after = ["technical", "billing"]
pool = "lan"
length = "form.size"
"""
LONG = (
    """
[[step]]
name = "hold"
kind = "reserve"
pool = "lan"
length = "form.size"
for = "60 days"
"""
    + SIMPLE.replace("after = []", 'after = ["hold"]')
    + """
[[step]]
name = "night"
kind = "wait"
until = "2026-11-28 03:00"
[[step]]
name = "configure"
kind = "activate"
target = "router"
for = "90 days"
[[step]]
name = "test"
kind = "verify"
target = "router"
[[step]]
name = "hand_over"
kind = "task"
asks = ["noc"]
[[step]]
name = "tell"
kind = "notify"
to = ["noc"]
"""
)
AROUND = Surroundings(
    groups={"noc": ("ana@example.net", "li@example.net"), "billing": ("bill@example.net",)},
    led=frozenset({"noc", "billing"}),
    pools=frozenset(POOLS),
    targets=frozenset({"router"}),
    domains=("example.net",),
)


def figures(*, quick: bool) -> Iterator[Figure]:
    count = QUICK_PAST if quick else PAST
    with TemporaryDirectory() as folder:
        home = Path(folder)
        directory = _directory(home)
        yield Figure(what=f"rules check, {FILES} files of 9 steps", value=_checked(home), unit="s")
        for name, steps, bound in (("3 steps", SIMPLE, REPLAY_BOUND), ("9 steps of every kind", LONG, REPLAY_BOUND)):
            spent = _replayed(_process(home / "one", steps), directory, count) * PAST / count
            yield Figure(what=f"rules replay, {PAST:,} requests of {name}", value=spent, unit="s", bound=bound)


def _directory(home: Path) -> Directory:
    (home / "config.toml").write_text(CONFIG)
    (home / "secret").write_text("correct horse battery staple")
    return directory_of(load_config(home / "config.toml"))


def _checked(home: Path) -> float:
    """Processor time of reading and checking a folder; the second time, when all is imported."""
    folder = home / "many"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"process{number}.toml").write_text(HEAD.format(type=f"process{number}") + LONG)
    load(folder, AROUND)
    begin = process_time()
    load(folder, AROUND)
    return process_time() - begin


def _process(folder: Path, steps: str) -> Process:
    folder.mkdir(exist_ok=True)
    (folder / "rule.toml").write_text(HEAD.format(type="attribution") + steps)
    return load(folder, AROUND).processes["attribution"]


def _replayed(process: Process, directory: Directory, count: int) -> float:
    past = _past(process, directory)
    replay(past, process, directory, POOLS)
    begin = process_time()
    for _ in range(count):
        replay(past, process, directory, POOLS)
    return process_time() - begin


def _past(process: Process, directory: Directory) -> Request:
    """A request in which everybody has answered, and every date has come."""
    stage = opened(process, directory, Space(pools=POOLS), requester="bob@example.net", given={"size": "28"}, now=NOW)
    for who, deed, step in (
        ("ana@example.net", Approve(), "technical"),
        ("bill@example.net", Done(given={"account": "A-77"}), "billing"),
    ):
        stage.say(who, deed, step)
    stage.pass_until(NOW + timedelta(days=7))
    for step in stage.open_steps():
        stage.say("ana@example.net", Done(), step.name)
    return stage.request
