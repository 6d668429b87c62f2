"""`mailbot why`."""


def test_each_step_is_told_with_the_line_of_its_rule(shell):
    shell.new()
    told = shell.ok("why", "IP-1")
    text = (shell.home / "rules" / "attribution.toml").read_text().splitlines()
    when = next(n for n, line in enumerate(text, 1) if line.startswith("when"))
    assert f"attribution.toml:{when}" in told
    assert "where form.size is 28" in told
    assert "_house.toml:" in told
    found = shell.json("why", "1")
    assert [step["name"] for step in found["steps"]] == ["technical", "billing", "allocate"]
    ran = found["steps"][0]["reasons"][0]
    assert (ran["about"], ran["file"], ran["line"]) == ("ran", "attribution.toml", when)


def test_lines_are_those_of_the_version_that_the_request_began_with(shell):
    shell.new()
    before = shell.json("why", "IP-1")
    shell.edit("rules/attribution.toml", "# Change it", "\n\n# Change it")
    done = shell("why", "IP-1")
    assert "older version of attribution.toml" in done.err
    assert shell.json("why", "IP-1") == before


def test_a_request_that_is_not_there_is_exit_1(shell):
    done = shell("why", "IP-9", "--json")
    assert (done.code, done.out) == (1, "")
    assert "IP-9" in done.err
