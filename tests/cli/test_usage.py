"""`mailbot usage`."""

from datetime import UTC, datetime

import time_machine


def seen(shell, rows):
    return shell("usage", "import", str(shell.write("seen.csv", rows)))


def test_reports_are_taken_whole_or_not_at_all(shell):
    done = seen(shell, "prefix,last_seen,source\n10.20.1.0/24,2026-01-01,netflow\n10.20.1.1/24,never,x\n")
    assert done.code != 0
    assert "row 3" in done.err
    assert shell.json("usage", "idle") == []
    done = seen(shell, "prefix,last_seen,source\n10.20.1.0/24,2026-01-01,netflow\n10.20.3.7,2026-01-02T10:00Z,arp\n")
    assert done.code == 0
    assert "2 reports" in done.said


def test_what_lies_ahead_cannot_have_been_seen(shell):
    done = seen(shell, "prefix,last_seen,source\n10.20.1.0/24,2962-01-01,typo\n")
    assert done.code == 1
    assert "row 2: 2962-01-01 lies ahead" in done.err


def test_what_lies_in_no_pool_or_is_larger_than_one_is_counted(shell):
    rows = "10.20.1.0/24,2026-01-01\n99.0.0.1,2026-01-01\n10.0.0.0/8,2026-01-01\n99.0.0.2,2026-01-01\n"
    told = seen(shell, f"prefix,last_seen\n{rows}").out
    assert "4 reports taken" in told
    assert "in no pool: 2" in told
    assert "larger than a pool: 1" in told


def test_an_unknown_pool_is_told(shell):
    done = shell("usage", "idle", "--pool", "nowhere")
    assert done.code == 1
    assert "nowhere" in done.err


def test_what_is_idle_of_a_pool_that_is_not_in_the_configuration_any_more_is_told(shell):
    rows = b"prefix,pool,state\n10.20.1.0/24,customers-v4,allocated\n"
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC)):
        shell.ok("pools", "import", "-", stdin=rows)
    seen(shell, "prefix,last_seen,source\n10.20.1.0/24,2026-01-01,netflow\n")
    shell.edit("config.toml", "[pools.customers-v4]", "[pools.lyon]")
    (idle,) = shell.json("usage", "idle")
    assert (idle["prefix"], idle["pool"]) == ("10.20.1.0/24", "customers-v4")
    assert shell.json("usage", "idle", "--pool", "customers-v4") == [idle]
    assert "customers-v4 (not in the configuration any more)" in shell.ok("usage", "idle")


def test_nothing_is_idle_where_nobody_reports(shell):
    assert "Nothing is idle" in shell("usage", "idle").out
