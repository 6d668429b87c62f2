"""`mailbot rules check`."""


def test_rule_files_that_hold_are_told_with_their_steps(shell):
    field = '[[field]]\nname = "why"\ntype = "text"\n'
    step = '[[step]]\nname = "look"\nkind = "approval"\nasks = ["root@example.net"]\n'
    shell.write("rules/one.toml", f'type = "one"\ntitle = "One"\nwho = ["*@example.net"]\n{field}{step}')
    told = shell.ok("rules", "check")
    assert "attribution: New address space" in told
    assert "technical, billing, allocate" in told
    assert "one: One; 1 field, steps look" in told


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


def test_rules_that_contradict_themselves_are_refused(shell):
    when = 'when      = "form.size <= form.family.review_to or form.size > form.family.longest"'
    shell.edit("rules/attribution.toml", when, 'when = "form.size <= 28 and form.size > 64"')
    done = shell("rules", "check")
    assert done.code == 2
    assert "this never holds, whatever form.size (20 to 64) may be: step 'technical' could not run" in done.err
    assert shell("run", "--once").code == 2


def test_what_is_only_unwise_is_told_and_holds(shell):
    shell.edit("rules/attribution.toml", 'lead_time = "3 working days"', 'lead_time = "1 working hour"')
    done = shell("rules", "check")
    assert done.code == 0
    assert "attribution.toml:9:13: warning: the request is due after 1 working hour, but its steps may" in done.err


SERVICE = """
type = "service"
who = ["*@example.net"]
lead_time = "3 working days"
[[field]]
name = "customer"
type = "text"
required = true
[[step]]
name = "technical"
kind = "approval"
asks = ["noc"]
[[step]]
name = "active"
kind = "activate"
"""


def test_a_service_without_any_device_becomes_active_all_the_same(shell):
    shell.write("rules/service.toml", SERVICE)
    done = shell("rules", "check")
    assert (done.code, "without targets nothing is told to the network" in done.err) == (0, True)
    assert shell.ok("requests", "new", "service", "customer=Acme", "--as", "bob@example.net") == "IP-1\n"
    shell.ok("requests", "skip", "IP-1", "--reason", "known")
    found = shell.json("requests", "show", "IP-1")
    assert (found["state"], found["steps"][1]["state"], found["steps"][1]["network"]) == ("completed", "done", [])
