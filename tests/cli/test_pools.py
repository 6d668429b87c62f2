"""`mailbot pools`."""

import csv
import io

import pytest

from mailbot.cli.exchange import unguarded

ALONE = {
    "vrf": "",
    "parent": None,
    "children": [],
    "delegated": 0,
    "owner": None,
    "users": [],
    "configured": True,
}
"""What is told of a pool that is neither cut out of another, nor another out of it."""

ROWS = """\
prefix,pool,state,customer,description
10.20.1.0/24,customers-v4,,=cmd,first
2001:db8:1::/48,customers-v6,reserved,,
"""


def imported(shell, rows=ROWS):
    return shell("pools", "import", str(shell.write("file.csv", rows)))


def test_pools_are_as_the_configuration_says_before_the_bot_ever_ran(shell):
    assert [pool["name"] for pool in shell.json("pools", "list")] == ["customers-v4", "customers-v6"]
    assert shell.json("pools", "show", "customers-v4") == {
        "name": "customers-v4",
        "prefixes": ["10.20.0.0/16"],
        "strategy": "best-fit",
        "size": 65536,
        "used": 0,
        "free": 65536,
        "largest_free": "10.20.0.0/16",
        "fragmentation": 0,
        "allocations": [],
        **ALONE,
        "owner": "noc",
    }


def test_to_look_at_a_pool_changes_nothing(shell):
    shell.ok("pools", "list")
    bot = shell.bot()
    with bot.store.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM pool").scalar_one() == 0
    bot.close()


def test_addresses_are_counted_exactly_however_many(shell):
    imported(shell)
    shown = shell.json("pools", "show", "customers-v6")
    assert shown["size"] == 2**96
    assert shown["used"] + shown["free"] == shown["size"]
    assert shown["used"] == 2**80


def test_an_allocation_is_told_with_its_request_and_its_end(shell):
    imported(shell)
    (held,) = shell.json("pools", "show", "customers-v4")["allocations"]
    assert {key: held[key] for key in ("prefix", "state", "until", "reference")} == {
        "prefix": "10.20.1.0/24",
        "state": "allocated",
        "until": None,
        "reference": None,
    }


def test_people_see_how_full_a_pool_is(shell):
    imported(shell)
    told = shell.ok("pools", "list")
    assert "0.3 %" in told
    assert "10.20.128.0/17" in told
    assert "10.20.1.0/24" in shell.ok("pools", "show", "customers-v4")


def test_an_import_is_all_or_nothing_and_names_each_bad_row(shell):
    bad = ROWS + "10.20.1.128/25,customers-v4,,,\n10.30.0.0/24,customers-v4,,,\n10.20.9.0/24,custmers-v4,,,\n"
    done = imported(shell, bad)
    assert done.code == 1
    assert [f"row {n}:" in done.err for n in (2, 3, 4, 5, 6)] == [False, False, True, True, True]
    assert "did you mean 'customers-v4'" in done.err
    assert shell.ok("pools", "export").count("\n") == 1


def test_a_dry_run_imports_nothing(shell):
    file = str(shell.write("file.csv", ROWS))
    assert "2 rows could be imported" in shell.ok("pools", "import", "--dry-run", file)
    assert shell.json("pools", "show", "customers-v4")["used"] == 0


def test_an_import_by_standard_input(shell):
    assert "2 rows imported" in shell.ok("pools", "import", "-", stdin=ROWS.encode())
    assert shell("pools", "import", "-", stdin=b"\xff").code == 1


def test_what_is_exported_can_be_imported_and_no_cell_is_a_formula(shell):
    imported(shell)
    told = shell.ok("pools", "export")
    rows = list(csv.DictReader(io.StringIO(told)))
    assert [row["prefix"] for row in rows] == ["10.20.1.0/24", "2001:db8:1::/48"]
    assert rows[0]["customer"] == "'=cmd"
    assert unguarded(rows[0]["customer"]) == "=cmd"
    (shell.home / "var" / "mailbot.db").unlink()
    assert imported(shell, told).code == 0
    assert shell.ok("pools", "export") == told


def test_space_that_is_added_stays_beside_the_configuration(shell):
    shell.ok("pools", "add", "customers-v4", "10.99.0.0/24", "10.98.0.0/24")
    shell.ok("run", "--once")
    prefixes = ["10.20.0.0/16", "10.98.0.0/24", "10.99.0.0/24"]
    assert shell.json("pools", "show", "customers-v4")["prefixes"] == prefixes
    (entry,) = shell.json("history", "--action", "space added")
    assert entry["actor"].startswith("operator (")
    assert "10.99.0.0/24" in entry["detail"]


def test_space_that_cannot_be_added_is_refused_in_words(shell):
    for pool, prefix, code in (
        ("customers-v4", "10.20.1.0/24", 1),
        ("customers-v4", "2001:db9::/32", 1),
        ("custmers-v4", "10.99.0.0/24", 1),
        ("customers-v4", "10.99.0.1/24", 2),
    ):
        assert shell("pools", "add", pool, prefix).code == code
    assert shell("pools", "add", "customers-v4", "10.97.0.0/24", "10.20.1.0/24").code == 1
    assert shell.json("pools", "show", "customers-v4")["prefixes"] == ["10.20.0.0/16"]


def test_a_pool_that_is_not_there_is_exit_1(shell):
    done = shell("pools", "show", "nothing", "--json")
    assert (done.code, done.out) == (1, "")


def test_check_proves_that_all_space_is_accounted_for(shell):
    imported(shell)
    assert "accounted for" in shell.ok("pools", "check")
    bot = shell.bot()
    with bot.store.transaction() as tx:
        tx.conn.exec_driver_sql("DELETE FROM free_block WHERE host_bits = 15")
    bot.close()
    done = shell("pools", "check")
    assert done.code == 1
    assert "nothing accounts for" in done.out
    assert len(shell("pools", "check", "--json").json) == 1


def test_where_a_picture_cannot_be_written_the_file_is_named_that_was_asked_for(shell):
    assert "customers-v4 is drawn in x.svg" in shell.ok("pools", "show", "customers-v4", "--svg", "x.svg")
    done = shell("pools", "show", "customers-v4", "--svg", "nowhere/x.svg")
    assert done.code == 1
    assert done.err == "mailbot: nowhere/x.svg: No such file or directory\n"


def test_taking_away_space_that_is_held_is_told_as_a_warning(shell):
    imported(shell)
    shell.edit("config.toml", "10.20.0.0/16", "10.21.0.0/16")
    done = shell("pools", "list")
    assert done.code == 0
    assert "warning: customers-v4: space that is held cannot be taken away" in done.err


GONE = "not in the configuration any more"


@pytest.fixture
def gone(shell):
    """The configuration calls it otherwise now, and somebody holds something of it."""
    imported(shell)
    shell.edit("config.toml", "[pools.customers-v4]", "[pools.lyon]")
    for path in (shell.home / "rules").glob("*.toml"):
        path.write_text(path.read_text().replace("customers-v4", "lyon"))
    return shell


def test_a_pool_that_is_configured_no_more_is_told_as_long_as_somebody_holds_something_of_it(gone):
    words = " ".join(gone.ok("pools", "list").split())
    assert f"customers-v4 {GONE} 10.20.0.0/16" in words
    assert [(one["name"], one["configured"]) for one in gone.json("pools", "list")] == [
        ("customers-v6", True),
        ("customers-v4", False),
    ]
    shown = gone.ok("pools", "show", "customers-v4")
    assert GONE in shown
    assert "10.20.1.0/24" in shown
    assert f"accounted for in 2 pools, of which customers-v4 is {GONE}" in gone.ok("pools", "check")
    assert "in 2 pools" in gone.ok("pools", "rebuild")


def test_to_a_pool_that_is_configured_no_more_nothing_is_added(gone):
    done = gone("pools", "add", "customers-v4", "10.99.0.0/24")
    assert done.code == 1
    assert "put [pools.customers-v4] back first" in done.err


NUMBERS = """
[pools.vlans]
title = "VLANs"
numbers = ["200-3999", "4090"]
"""


@pytest.fixture
def vlans(shell):
    shell.edit("config.toml", "[pools.customers-v4]", f"{NUMBERS}\n[pools.customers-v4]")
    shell.ok(
        "pools",
        "import",
        "-",
        stdin=b"prefix,pool,state,customer\n200,vlans,,Acme\n4090,vlans,excluded,\n202,vlans,,\n",
    )
    return shell


def test_a_pool_of_numbers_is_told_as_one_of_prefixes_is(vlans):
    assert "accounted for in 3 pools" in vlans.ok("pools", "check")
    shown = vlans.json("pools", "show", "vlans")
    (first, *_) = shown.pop("allocations")
    assert shown == {
        "name": "vlans",
        "prefixes": ["200-3999", "4090"],
        "strategy": "first-fit",
        "size": 3801,
        "used": 3,
        "free": 3798,
        "largest_free": "201",
        **ALONE,
        "fragmentation": None,
    }
    assert first == {
        "prefix": "200",
        "state": "allocated",
        "until": None,
        "reference": None,
        "holder": None,
        "customer": "Acme",
        "description": None,
        "carries": {"customer": "Acme"},
    }
    assert shown in [{key: pool[key] for key in shown} for pool in vlans.json("pools", "list")]


def test_people_see_numbers_as_numbers(vlans):
    told = vlans.ok("pools", "show", "vlans")
    assert "200-3999, 4090" in told
    assert "3 of 3,801 numbers" in told
    assert "first-fit" in told
    assert "200-3999, 4090" in vlans.ok("pools", "list")
    assert "4000-4010 added to vlans" in vlans.ok("pools", "add", "vlans", "4000-4010")
    assert vlans.json("pools", "show", "vlans")["prefixes"] == ["200-4010", "4090"]
    assert vlans("pools", "add", "vlans", "10.99.0.0/24").code == 1
    assert vlans("pools", "add", "vlans", "4000-5000").code == 1
    assert "200 of vlans" in vlans.ok("history", "--address", "200")


def test_numbers_are_exported_and_imported_as_prefixes_are(vlans):
    told = vlans.ok("pools", "export")
    assert [row["prefix"] for row in csv.DictReader(io.StringIO(told))] == ["200", "202", "4090"]
    (vlans.home / "var" / "mailbot.db").unlink()
    assert imported(vlans, told).code == 0
    assert vlans.ok("pools", "export") == told


def test_what_an_allocation_carries_is_shown(shell):
    imported(shell)
    carried = '{"device": "pe1.lyon", "vlan": "200"}'
    bot = shell.bot()
    with bot.store.transaction() as tx:
        tx.conn.exec_driver_sql("UPDATE allocation SET carries = ? WHERE customer IS NOT NULL", (carried,))
    bot.close()
    (held,) = shell.json("pools", "show", "customers-v4")["allocations"]
    assert held["carries"] == {"customer": "=cmd", "device": "pe1.lyon", "vlan": "200"}
    assert "device pe1.lyon, vlan 200" in shell.ok("pools", "show", "customers-v4")


# -- pools cut out of others -------------------------------------------------------------------------------------------

TREE = """
[pools.region]
prefixes = ["10.64.0.0/12"]
vrf = "red"
[pools.lyon]
parent = "region"
prefixes = ["10.64.0.0/16"]
users = ["noc"]
[pools.lyon-web]
parent = "lyon"
prefixes = ["10.64.0.0/20"]
"""


@pytest.fixture
def tree(shell):
    path = shell.home / "config.toml"
    path.write_text(path.read_text() + TREE)
    return shell


def test_a_pool_is_shown_with_what_it_is_cut_out_of_and_what_is_cut_out_of_it(tree):
    shown = tree.ok("pools", "show", "lyon")
    words = " ".join(shown.split())
    assert "Tree region \u2514\u2500 lyon (this one) \u2514\u2500\u2500\u2500 lyon-web" in words
    assert "pool lyon-web" in shown
    told = tree.json("pools", "show", "lyon")
    assert {key: told[key] for key in ALONE} == {
        "vrf": "red",
        "parent": "region",
        "children": ["lyon-web"],
        "delegated": 4096,
        "owner": None,
        "users": ["noc"],
        "configured": True,
    }


def test_the_list_of_pools_is_a_tree_and_names_the_vrf(tree):
    told = tree.ok("pools", "list")
    assert "└─── lyon-web" in told
    assert "10.64.0.0/20 (VRF red)" in told


def test_space_is_added_to_a_pool_out_of_its_parent(tree):
    tree.ok("pools", "add", "lyon", "10.65.0.0/16")
    assert tree.json("pools", "show", "region")["delegated"] == 2 * 65536
    assert "not within region" in tree("pools", "add", "lyon", "10.99.0.0/16").err
    assert "overlaps 10.65.0.0/16 of lyon" in tree("pools", "add", "lyon", "10.65.8.0/24").err
    assert tree.ok("pools", "check")


def test_what_is_delegated_is_exported_by_nobody(tree):
    assert tree.ok("pools", "export").splitlines() == ["prefix,pool,state,customer,description"]
