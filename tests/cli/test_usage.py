"""`mailbot usage`."""


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


def test_an_unknown_pool_is_told(shell):
    done = shell("usage", "idle", "--pool", "nowhere")
    assert done.code == 1
    assert "nowhere" in done.err


def test_nothing_is_idle_where_nobody_reports(shell):
    assert "Nothing is idle" in shell("usage", "idle").out
