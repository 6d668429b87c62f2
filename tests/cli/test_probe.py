"""`mailbot probe`: one line, and an exit code that a monitoring system understands."""

from datetime import timedelta

from sqlalchemy import insert

from mailbot.store import tables
from mailbot.store.health import LAST_PASS


def note(shell, **ago):
    """The last pass was so long ago."""
    bot = shell.bot()
    with bot.store.transaction() as tx:
        tx.set_fact(LAST_PASS, (bot.now() - timedelta(**ago)).isoformat())
    bot.close()


def quarantined(shell, count):
    bot = shell.bot()
    rows = [
        {"once": f"m{n}", "received": bot.now(), "subject": "", "class": "", "verdict": "", "state": "quarantined"}
        for n in range(count)
    ]
    with bot.store.transaction() as tx:
        tx.conn.execute(insert(tables.inbox), rows)
    bot.close()


def test_a_bot_that_never_ran_is_critical(shell):
    done = shell("probe", "punctual")
    assert done.code == 2
    assert done.out == "CRITICAL - punctual: it has never run\n"


def test_the_alarm_rings_after_the_age_and_not_before(shell):
    note(shell, minutes=4)
    assert shell("probe", "punctual", "--max-age", "5 minutes").code == 0
    note(shell, minutes=6)
    done = shell("probe", "punctual", "--max-age", "5 minutes")
    assert done.code == 2
    assert "6 min ago" in done.out


def test_the_exit_code_changes_at_the_number_of_errors(shell):
    assert shell("probe", "errors").code == 0
    quarantined(shell, 3)
    assert shell("probe", "errors", "--max", "3").code == 1
    done = shell("probe", "errors", "--max", "2")
    assert done.code == 2
    assert done.out == "CRITICAL - errors: 3 mail in quarantine | errors=3\n"


def test_a_run_of_the_bot_is_a_pass(shell):
    shell.ok("run", "--once")
    assert shell("probe", "punctual").code == 0


def test_without_a_name_the_worst_of_all_counts_and_only_what_is_wrong_is_told(shell):
    shell.ok("run", "--once")
    done = shell("probe")
    assert (done.code, done.out.partition(" | ")[0]) == (0, "OK - all is well")
    quarantined(shell, 11)
    done = shell("probe")
    assert done.code == 2
    assert done.out.startswith("CRITICAL - errors: 11 mail in quarantine | ")


def test_what_is_no_time_is_wrong_usage(shell):
    assert shell("probe", "queue", "--max-age", "soon").code == 2
