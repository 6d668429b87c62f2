"""Pools that follow NetBox, from the shell: what both differ in, mended, and what `check` says of it."""

from collections.abc import Iterator

import pytest
from cli.conftest import Shell
from servers.netbox import TOKEN, Fault, NetBoxServer


@pytest.fixture
def netbox() -> Iterator[NetBoxServer]:
    server = NetBoxServer()
    yield server
    server.close()


@pytest.fixture
def sourced(shell: Shell, netbox: NetBoxServer) -> Shell:
    shell.write("var/token", TOKEN)
    text = (shell.home / "config.toml").read_text()
    before, pool, after = text.partition("[pools.lan]\n")
    if not pool:
        before, pool, after = text, "\n[pools.lan]\n", 'prefixes = ["10.99.0.0/24"]\n'
    section = f'\n[netbox]\nurl = "{netbox.url}"\ntoken = "file:var/token"\n'
    shell.write("config.toml", f'{before}{pool}source = "netbox"\n{after}{section}')
    netbox.add("10.99.0.0/24", "container")
    return shell


def test_what_others_did_in_netbox_is_taken_in_and_told(sourced: Shell, netbox: NetBoxServer) -> None:
    netbox.add("10.99.0.0/28", description="routers")
    line = "lan: 10.99.0.0/28: others have it in NetBox, and here it is free (routers)"
    done = sourced("pools", "reconcile", "--dry-run")
    assert (done.code, done.out) == (1, f"{line}\n")
    assert sourced.ok("pools", "reconcile") == f"{line}: mended\n"
    assert sourced.ok("pools", "reconcile", "lan") == "lan: both agree\n"
    [held] = sourced.json("pools", "show", "lan")["allocations"]
    assert (held["prefix"], held["state"], held["description"]) == ("10.99.0.0/28", "foreign", "routers")


def test_what_was_imported_here_is_brought_to_netbox(sourced: Shell, netbox: NetBoxServer) -> None:
    sourced.ok("pools", "import", "-", stdin=b"prefix,pool,customer\n10.99.0.16/28,lan,Acme\n")
    assert sourced.json("pools", "reconcile") == [
        {"pool": "lan", "prefix": "10.99.0.16/28", "difference": "not_there", "detail": "", "mended": True}
    ]
    assert netbox.prefixes() == ["10.99.0.16/28"]
    assert netbox.described("10.99.0.16/28")[0].startswith("Acme [mailbot ")


def test_what_both_have_given_out_is_left_to_people(sourced: Shell, netbox: NetBoxServer) -> None:
    netbox.add("10.99.0.0/26", description="DSL")
    sourced.ok("pools", "import", "-", stdin=b"prefix,pool\n10.99.0.16/28,lan\n")
    done = sourced("pools", "reconcile")
    assert done.code == 1
    assert "10.99.0.16/28: ours, and in NetBox others have it too (10.99.0.0/26 DSL): left as it is" in done.out
    assert netbox.prefixes() == ["10.99.0.0/26"]


def test_a_netbox_that_does_not_answer_is_told_in_words(sourced: Shell, netbox: NetBoxServer) -> None:
    netbox.faults = lambda _number, _call: Fault.DENIES
    done = sourced("pools", "reconcile")
    assert (done.code, done.out) == (1, "")
    assert "NetBox says 403, our token may not do this" in done.err


def test_a_pool_that_follows_nothing_is_told(sourced: Shell) -> None:
    done = sourced("pools", "reconcile", "lam")
    assert (done.code, done.err) == (1, "mailbot: no pool 'lam' follows NetBox (did you mean 'lan'?)\n")


def test_who_has_no_netbox_is_told_how_to_have_one(shell: Shell) -> None:
    done = shell("pools", "reconcile")
    assert 'write source = "netbox"' in done.err


def test_check_asks_netbox_who_it_is_and_looks_for_the_pools_there(sourced: Shell, netbox: NetBoxServer) -> None:
    out = sourced.ok("check")
    assert f"{netbox.url}: NetBox 4.1.3" in out
    assert "lan: 10.99.0.0/24" in out
    netbox.objects["ipam/prefixes"][1]["status"] = "active"
    assert "as a container nobody takes it for in use" in sourced.ok("check")
    netbox.drop("10.99.0.0/24")
    done = sourced("check")
    assert done.code == 1
    assert "NetBox has no 10.99.0.0/24: make it there, with status container" in done.said


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[pools.x]\nprefixes = ["10.98.0.0/24"]\nsource = "netbox"\n', "there is no [netbox]: write it"),
        ('[pools.x]\nprefixes = ["10.98.0.0/24"]\nsource = "netboks"\n', "did you mean 'netbox'"),
        ('[pools.x]\nnumbers = ["2-9"]\nsource = "netbox"\n', "a pool that follows NetBox has no numbers"),
        ('[targets.x]\nkind = "netbox"\nobject = "ipam.vlans"\ntemplate = "x"\n', "there is no [netbox]: write it"),
        ('[targets.x]\nkind = "netbox"\nobject = "vlans"\ntemplate = "x"\n', "'vlans' is no kind of object"),
        ('[targets.x]\nkind = "file"\nfolder = "."\ncheck = "rpsl"\n', '"check" needs a "template"'),
        ('[netbox]\nurl = "http://netbox.example.net"\ntoken = "env:T"\n', "is no address of a NetBox"),
        ('[netbox]\nurl = "https://netbox.example.net"\ntoken = "0123"\n', "a secret does not stand in this file"),
        ('[netbox]\nurl = "https://n.example"\ntoken = "env:T"\ntimeout = "1 hour"\n', "is no time to wait"),
        ('[netbox]\nurl = "https://n.example"\ntoken = "env:T"\nevery = "1 second"\n', "is too often"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_told(shell: Shell, text: str, fault: str) -> None:
    shell.write("config.toml", (shell.home / "config.toml").read_text() + text)
    done = shell("check")
    assert done.code == 2
    assert fault in done.said
