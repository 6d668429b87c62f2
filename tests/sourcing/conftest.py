"""A whole mailbot whose pool follows a NetBox that does what a test wants."""

from datetime import timedelta

import pytest
from house import CONFIG, LIBERATION, QUICK, House
from servers.netbox import NetBoxServer, patient

from mailbot.netbox import Client, Prefixes
from mailbot.store import engine, space

SOURCED = f"""{CONFIG}source = "netbox"
[netbox]
url = "{{url}}"
token = "file:token"
every = "1 hour"
"""
RESERVATION = QUICK.replace('"quick"', '"later"').replace('kind = "allocate"', 'kind = "reserve"\nfor = "2 days"')
NAMED = """
type = "named"
title = "Space by name"
who = ["*@example.net"]
[[field]]
name = "prefix"
label = "Prefix"
type = "prefix"
required = true
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
prefix = "form.prefix"
"""
LIBERATION_AT_ONCE = LIBERATION.replace('[[step]]\nname = "unused"\nkind = "approval"\nasks = ["desk"]\n', "")
RENUMBER = """
type = "renumber"
title = "Another prefix instead"
who = ["*@example.net"]
[[field]]
name = "prefix"
label = "Prefix"
type = "allocation"
required = true
[[step]]
name = "move"
kind = "change"
prefix = "form.prefix"
pool = "lan"
"""
RULES = {"quick": QUICK, "later": RESERVATION, "named": NAMED, "renumber": RENUMBER, "liberation": LIBERATION_AT_ONCE}


class SourcedHouse(House):
    """Its pool follows this NetBox."""

    def __init__(self, home, server, config=SOURCED, fault=None):
        self.netbox, self.fault = server, fault
        home.joinpath("token").write_text("0123456789abcdef")
        super().__init__(home, rules=RULES, config=config.replace("{url}", server.url))

    def another_bot(self):
        bot = super().another_bot()
        bot.__dict__["netbox_pools"] = {"lan": Prefixes(Client(patient(self.netbox, self.fault)))}
        return bot

    def source(self, bot=None):
        """All that can be done now; the letters that it leads to."""
        bot = bot or self.bot
        while bot.source(None):
            pass
        return self.send()

    def in_time(self, rounds=2, pause=timedelta(minutes=61)):
        """As `source`, with pauses between, after each of which all of the pool is looked at."""
        letters = []
        for _ in range(rounds):
            letters += self.source()
            self.now += pause
            self.bot.follow_up()
        return letters + self.source()

    def die(self):
        """The bot is killed, whatever it is about; another one takes up its work."""
        if "owner" in self.bot.__dict__:
            self.bot.__dict__.pop("owner").close()
        self.bot.__dict__.pop("sourcing", None)
        self.bot = self.another_bot()

    def held(self):
        """{prefix: state} here, of what is ours."""
        with self.bot.store.reading() as conn:
            assert space.check(conn) == []
            return {
                str(one.prefix): one.state.value for one in space.allocations(conn, "lan") if one.state in space.OURS
            }

    def foreign(self):
        with self.bot.store.reading() as conn:
            held = list(space.allocations(conn, "lan"))
        return [str(one.prefix) for one in held if one.state is space.State.FOREIGN]

    def differences(self):
        return [str(one) for one in self.bot.sourcing.look("lan")]


@pytest.fixture(autouse=True)
def no_power_fails(monkeypatch):
    """Bots die here, machines do not: the disk need not keep up with each commit."""
    prepare = engine._prepare  # noqa: SLF001 (what is prepared stays so, but for one thing)

    def hasty(connection, record):
        prepare(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    monkeypatch.setattr(engine, "_prepare", hasty)


@pytest.fixture
def server():
    made = NetBoxServer()
    made.add("10.20.0.0/24", "container")
    yield made
    made.settle()
    made.close()


def fault_of(request):
    return getattr(request.node, "callspec", None) and request.node.callspec.params.get("fault")


@pytest.fixture
def house(tmp_path, server, request):
    """With little patience in a test whose `fault` is to be slow."""
    made = SourcedHouse(tmp_path, server, fault=fault_of(request))
    yield made
    made.bot.close()
