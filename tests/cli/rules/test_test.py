"""`mailbot rules test`, and `rules check --strict`."""

FAILING = """
[[test]]
name = "a wrong idea"
requester = "bob@example.net"
form = { customer = "Acme", size = 24, justification = "Two floors of the new Lyon office." }
expect = { state = "completed" }
"""


def _break(shell):
    path = shell.home / "rules" / "attribution.toml"
    path.write_text(path.read_text() + FAILING)
    return path.read_text().splitlines().index('name = "a wrong idea"') + 1


def test_the_rules_that_init_writes_pass_and_reach_every_step_and_condition(shell):
    told = shell.ok("rules", "test")
    assert "rules/attribution.toml  ....." in told
    assert "Not reached" not in told
    assert "failed" not in told
    assert shell.ok("rules", "check", "--strict")
    for one in shell.json("rules", "test"):
        assert one["reached"] == one["total"]
        assert one["not_reached"] == []
        assert all(test["passed"] for test in one["tests"])


def test_a_test_that_fails_is_told_with_its_place_and_what_happened(shell):
    line = _break(shell)
    done = shell("rules", "test")
    assert done.code == 1
    assert f"FAILED rules/attribution.toml:{line}: a wrong idea" in done.out
    assert f"rules/attribution.toml:{line + 3}: the request's state" in done.out
    assert "expected  completed" in done.out
    assert "found     inProgress (billing waits for bill@example.net)" in done.out
    assert "allocate" not in done.out.partition("what happened")[2].partition("passed")[0]
    assert "10 passed, 1 failed" in done.out


def test_the_same_for_programs(shell):
    line = _break(shell)
    done = shell("rules", "test", "--json")
    assert done.code == 1
    (failed,) = [test for one in done.json for test in one["tests"] if not test["passed"]]
    assert (failed["name"], failed["line"]) == ("a wrong idea", line)
    assert failed["failures"][0]["expected"] == "completed"


def test_files_that_are_named_are_the_only_ones_played(shell):
    _break(shell)
    assert "attribution" not in shell.ok("rules", "test", "rules/update.toml")


def test_what_no_test_reaches_is_told_with_its_line_and_strictly_an_error(shell):
    path = shell.home / "rules" / "attribution.toml"
    path.write_text(path.read_text().partition("[[test]]")[0])
    told = shell.ok("rules", "test")
    assert "rules/attribution.toml  no tests" in told
    assert "step technical never ran" in told
    assert "never false" in told
    assert shell("rules", "check").code == 0
    strict = shell("rules", "check", "--strict")
    assert strict.code == 2
    assert "error: no test reaches this: step billing never ran" in strict.err


def test_rule_files_with_errors_are_not_played(shell):
    shell.edit("rules/attribution.toml", 'customer = "Acme", size = 24', 'custmer = "Acme", size = 24')
    done = shell("rules", "test")
    assert (done.code, done.out) == (2, "")
    assert "there is no field 'custmer' (did you mean 'customer'?)" in done.err
