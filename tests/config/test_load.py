"""config.toml from end to end: the mistakes people make, and what a good one comes out as."""

import hashlib
import hmac
import re
from datetime import date, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.config import Config, inspect, load
from mailbot.config.connection import Auth, Grant
from mailbot.config.model import Replies, Requests
from mailbot.config.space import Strategy
from mailbot.config.targets import CommandTarget
from mailbot.errors import Faulty, MailbotError, Severity

EXAMPLE = Path(__file__).parents[2] / "config.toml"
HEAD = """\
[bot]
address = "bot@example.net"
admins = ["root@example.net"]
secrets = ["env:SECRET"]
[mailbox]
url = "maildir:in"
[relay]
url = "maildir:out"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def told(folder: Path, text: str) -> list[str]:
    path = written(folder, text)
    config, faults = inspect(path)
    errors = [fault for fault in faults if fault.severity is Severity.ERROR]
    assert (config is None) == bool(errors)
    return [str(fault).removeprefix(f"{path}:") for fault in faults]


def mistakes() -> list[tuple[str, list[str]]]:
    """The blocks of mistakes.txt: a text, and what is said of it."""
    blocks = (Path(__file__).parent / "mistakes.txt").read_text(encoding="utf-8").split("\n----\n")[1:]
    taken_apart = [block.strip("\n").split("\n=> ") for block in blocks]
    return [(text if text.startswith("[bot") else HEAD + text, faults) for text, *faults in taken_apart]


@pytest.mark.parametrize(("text", "faults"), mistakes())
def test_a_mistake_is_told_in_words_and_with_its_place(tmp_path, text, faults):
    assert told(tmp_path, text) == faults


def test_errors_are_raised_all_at_once_and_without_the_warnings(tmp_path):
    text = HEAD.replace("bot@", "bot") + '[digest]\nwhen = "mon"\nto = ["x"]\n[foo]\n'
    with pytest.raises(Faulty) as faulty:
        load(written(tmp_path, text))
    assert [fault.line for fault in faulty.value.faults] == [2, 10, 11, 12]


def test_a_password_is_never_told(tmp_path):
    for line in (
        'user = "me"\npassword = "hunter2"',
        "user = \"me\"\npassword = 'file hunter2'",
        'password = ["hunter2"]',
        'url = "imaps://me:hunter2@host"',
        'url = "imapz://me:hunter2@host"',
        'url = "imaps:me:hunter2@host"',
        'url = "imaps://me:hunter2@[host"',
        'url = "imaps://h"\nauth = "oauth2"\nuser = "me"\noauth2 = { client_secret = "hunter2" }',
    ):
        mailbox = line if "url" in line else f'url = "imaps://host"\n{line}'
        said = told(tmp_path, HEAD.replace('url = "maildir:in"', mailbox))
        assert said
        assert "hunter2" not in "".join(said)


def test_what_the_file_leaves_out_has_the_default_of_the_contract(tmp_path):
    config = load(written(tmp_path, HEAD + '[groups.noc]\n[pools.a]\nprefixes = ["10.0.0.0/8"]\n'))
    assert (config.bot.domains, config.bot.subaddress, config.bot.timezone) == (("example.net",), "+", "UTC")
    assert (config.bot.reference, config.bot.name) == ("IP", "IP requests")
    assert (config.trust.replies, config.trust.requests) == (Replies.VERIFIED, Requests.CONFIRM)
    assert str(config.calendar.hours) == "mon-fri 09:00-17:00"
    assert (config.web, config.digest, config.people) == (None, None, {})
    assert config.groups["noc"].title == config.groups["noc"].name == "noc"
    pool = config.pools["a"]
    assert (pool.strategy, str(pool.quarantine), pool.family) == (Strategy.BEST_FIT, "30 days", 4)
    assert (config.home, config.mailbox.home) == (tmp_path, tmp_path)


def test_every_key_of_the_contract_is_taken(tmp_path):
    text = (
        HEAD.replace('url = "maildir:in"', 'url = "imaps://host/INBOX"\nuser = "env:U"\npassword = "file:p"')
        + """
[web]
listen = "127.0.0.1:8080"
url = "https://ip.example.net/"
[calendar]
hours = "mon-fri 09:00-12:00, 13:00-17:00"
holidays = "FR"
dates = ["2026-12-24"]
[calendars.lyon]
hours = "mon-fri 10:00-18:00"
timezone = "Europe/Paris"
[trust]
authentication_results = "mx.example.net"
replies = "verified"
requests = "confirm"
[groups.noc]
title = "Network operations"
members = ["Ana@Example.net", "li@example.net"]
address = "noc@example.net"
lead = "head@example.net"
batch = ["09:00", "13:00"]
calendar = "lyon"
[people."ana@example.net"]
aliases = ["a.ruiz@example.net"]
[parties.scrubber]
address = "soc@scrubber.example"
accepts = ["*@scrubber.example"]
calendar = "always"
[pools.region-west]
prefixes = ["10.0.0.0/8"]
vrf = "red"
[pools.customers-v4]
title = "Customer space"
prefixes = ["10.20.0.0/16"]
strategy = "first-fit"
parent = "region-west"
users = ["noc", "*@example.net"]
quarantine = "0 days"
owner = "noc"
warn_at = 80
min = 20
max = 30
hosts = true
vrf = "red"
[pools.vlans]
numbers = ["200-3999"]
[targets.router]
kind = "command"
command = ["/usr/local/bin/router-add"]
timeout = "90 seconds"
[targets.ipam]
kind = "netbox"
object = "ipam.vlans"
template = "vlan"
[netbox]
url = "https://ipam.example.net"
token = "env:NETBOX"
[digest]
when = "mon 08:00"
to = ["managers@example.net", "noc"]
"""
    )
    config = load(written(tmp_path, text))
    assert config.groups["noc"].members[0] == "ana@example.net"
    assert config.groups["noc"].batch == (time(9), time(13))
    assert config.calendar.dates == (date(2026, 12, 24),)
    assert config.web is not None
    assert config.web.url == "https://ip.example.net"
    assert config.pools["vlans"].family is None
    router = config.targets["router"]
    assert isinstance(router, CommandTarget)
    assert (router.name, router.title, router.timeout.elapsed) == ("router", "router", timedelta(seconds=90))
    assert config.digest is not None
    assert (config.digest.when.weekday, config.digest.when.time) == (0, time(8))
    assert inspect(tmp_path / "config.toml")[1] == []


def test_oauth2_as_for_microsoft_365(tmp_path):
    (tmp_path / "id").write_text("the-client\n")
    mailbox = """url = "imaps://outlook.office365.com/INBOX"
user = "bot@example.net"
auth = "oauth2"
ca = "ca.pem"
[mailbox.oauth2]
token_url = "https://login.microsoftonline.com/T/oauth2/v2.0/token"
client_id = "file:id"
grant = "refresh_token"
refresh_token = "file:token"
scope = "https://outlook.office365.com/.default"
"""
    config = load(written(tmp_path, HEAD.replace('url = "maildir:in"', mailbox)))
    oauth2 = config.mailbox.oauth2
    assert oauth2 is not None
    assert (config.mailbox.auth, oauth2.grant, oauth2.client_id) == (Auth.OAUTH2, Grant.REFRESH_TOKEN, "the-client")
    assert config.mailbox.ca == tmp_path / "ca.pem"
    assert oauth2.refresh_token is not None
    oauth2.refresh_token.store("new one")
    assert (tmp_path / "token").read_text() == "new one\n"


@pytest.mark.parametrize(
    ("section", "url"),
    [
        ("", "sqlite:///HOME/var/mailbot.db"),
        ('url = "sqlite:///x.db"', "sqlite:///HOME/x.db"),
        ('url = "sqlite:////srv/x.db"', "sqlite:////srv/x.db"),
        ('url = "postgresql+psycopg:///mailbot"', "postgresql+psycopg:///mailbot"),
        (
            'url = "postgresql+psycopg://me@host:5433/mailbot"\npassword = "env:PASSWORD"',
            "postgresql+psycopg://me:p%40ss%2Fw%20rd@host:5433/mailbot",
        ),
    ],
)
def test_the_database_url_is_absolute_and_holds_the_password(tmp_path, monkeypatch, section, url):
    monkeypatch.setenv("PASSWORD", "p@ss/w rd")
    config = load(written(tmp_path, f"{HEAD}[database]\n{section}\n"))
    assert config.database_url() == url.replace("HOME", str(tmp_path))
    assert "p@ss" not in repr(config)


def test_keys_are_derived_per_purpose_and_keep_their_order(tmp_path, monkeypatch):
    monkeypatch.setenv("OLD", "0123456789abcdef")
    monkeypatch.setenv("NEW", "fedcba9876543210")
    config = load(written(tmp_path, HEAD.replace('["env:SECRET"]', '["env:OLD", "env:NEW"]')))
    old, new = config.keys("token")
    assert old == hmac.new(b"0123456789abcdef", b"mailbot/token", hashlib.sha256).digest()
    assert len({old, new, *config.keys("history")}) == 4


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (None, "a secret is missing: the variable SECRET of the environment is not set"),
        (" \n", "a secret is missing: the variable SECRET of the environment is empty"),
        ("too short", "the signing key env:SECRET is too short: at least 16 characters"),
    ],
)
def test_a_signing_key_that_is_none_is_told_in_words(tmp_path, monkeypatch, secret, words):
    monkeypatch.delenv("SECRET", raising=False)
    if secret is not None:
        monkeypatch.setenv("SECRET", secret)
    config = load(written(tmp_path, HEAD))
    with pytest.raises(MailbotError) as error:
        config.keys("token")
    assert str(error.value) == words


def test_the_example_works_as_it_is():
    config, faults = inspect(EXAMPLE)
    assert isinstance(config, Config)
    assert faults == []
    assert config.mailbox.url.startswith("maildir:")
    assert {"noc", "billing", "ip-managers"} <= set(config.groups)
    assert {"customers-v4", "customers-v6"} <= set(config.pools)
    assert (config.trust.replies, config.trust.requests) == (Replies.TOKEN, Requests.FROM)


def commented_out(lines: list[str]) -> list[tuple[int, int]]:
    """Where the example shows, behind "# ", what could stand there instead: first line and last, exclusive."""
    shown = [bool(re.match(r"# (\[[a-z]|[a-z_]+ *= )", line)) for line in lines]
    edges = [n for n, (before, now) in enumerate(pairwise([False, *shown, False])) if before != now]
    return list(zip(edges[::2], edges[1::2], strict=True))


def taken_up(lines: list[str], begin: int, end: int) -> list[str]:
    """The example with one of these in force, in place of the keys and sections that it gives anew."""
    new = [line.removeprefix("# ") for line in lines[begin:end]]
    keys = {line.split("=")[0].strip() for line in new}
    own = begin if new[0].startswith("[") else max(n for n in range(begin) if lines[n].startswith("["))
    section = ""
    kept = []
    for n, line in enumerate(lines):
        section = line.split("]")[0] + "]" if line.startswith("[") else section
        given_anew = own <= n < begin and line.split("=")[0].strip() in keys
        if n == begin:
            kept += new
        elif not (begin < n < end or section in keys or given_anew):
            kept.append(line)
    return kept


def test_what_the_example_shows_in_comments_works_too(tmp_path):
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    blocks = commented_out(lines)
    assert len(blocks) >= 8
    for begin, end in blocks:
        config, faults = inspect(written(tmp_path, "\n".join(taken_up(lines, begin, end))))
        assert config is not None, (lines[begin:end], list(map(str, faults)))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_damage_to_a_config_is_told_without_a_traceback(tmp_path_factory, data):
    text = EXAMPLE.read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        put = data.draw(st.text(max_size=6) | st.sampled_from(['"', "[", "]", "=", "\n", "{}", "0", "true", "''"]))
        text = text[:at] + put + text[at + cut :]
    path = tmp_path_factory.getbasetemp() / "damaged.toml"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    config, faults = inspect(path)
    assert config is not None or faults
    for fault in faults:
        assert fault.line >= 1
        assert fault.column >= 1
