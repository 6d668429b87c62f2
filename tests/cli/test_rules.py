"""`mailbot rules check`."""


def test_rule_files_that_hold_are_told_with_their_steps(shell):
    told = shell.ok("rules", "check")
    assert "attribution: New address space" in told
    assert "technical, billing, allocate" in told


def test_all_faults_of_all_files_are_told_with_place_and_near_miss(shell):
    shell.edit("rules/attribution.toml", "lead_time =", "lead_tim =")
    shell.edit("rules/liberation.toml", "form.prefix", "form.prefx")
    done = shell("rules", "check")
    assert (done.code, done.out) == (2, "")
    for words in ("attribution.toml:", "did you mean 'lead_time'", "liberation.toml:", "prefix"):
        assert words in done.err


def test_one_file_is_checked_with_what_it_shares(shell):
    shell.edit("rules/liberation.toml", "form.prefix", "form.prefx")
    assert "1 rule file without errors" in shell.ok("rules", "check", "rules/attribution.toml")
    assert shell("rules", "check", "rules/liberation.toml").code == 2


def test_a_file_of_another_folder_is_checked_with_what_stands_beside_it(shell, tmp_path):
    for name in ("_house", "attribution"):
        (tmp_path / f"{name}.toml").write_text((shell.home / "rules" / f"{name}.toml").read_text())
    shell.edit("rules/attribution.toml", "lead_time =", "lead_tim =")
    assert shell("rules", "check", str(tmp_path / "attribution.toml")).code == 0


def test_a_file_that_is_not_there_is_exit_2(shell):
    assert shell("rules", "check", "rules/nothing.toml").code == 2
