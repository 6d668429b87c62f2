"""`mailbot pools`."""

import csv
import io

from mailbot.cli.exchange import unguarded

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
        "allocations": [],
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


def test_taking_away_space_that_is_held_is_told_as_a_warning(shell):
    imported(shell)
    shell.edit("config.toml", "10.20.0.0/16", "10.21.0.0/16")
    done = shell("pools", "list")
    assert done.code == 0
    assert "warning: customers-v4: space that is held cannot be taken away" in done.err
