"""`mailbot pause` and `mailbot resume`: the brake."""


def test_mail_is_still_taken_in_and_nothing_leaves_until_resume(shell):
    assert "nothing leaves" in shell.ok("pause")
    shell.new()
    shell.ok("run", "--once")
    assert shell.letters() == []
    assert "4 letters to leave" in shell.ok("resume")
    shell.ok("run", "--once")
    assert len(shell.letters()) == 4


def test_who_braked_and_who_let_go_is_in_the_history(shell):
    for args in (["pause", "sending"], ["pause", "sending"], ["resume"], ["resume"]):
        shell.ok(*args)
    told = [(entry["action"], entry["detail"]) for entry in shell.json("history")]
    assert told == [("paused", "sending"), ("resumed", "sending")]
    assert shell("history", "--verify").code == 0


def test_both_brakes_together_are_all(shell):
    shell.ok("pause", "sending")
    assert "nothing leaves" in shell.ok("pause", "targets")
    assert "Already paused: nothing leaves" in shell.ok("pause", "sending")
    assert "Resumed (all)" in shell.ok("resume")
    assert "Nothing was paused" in shell.ok("resume")


def test_check_warns_of_the_brake(shell):
    shell.ok("pause", "targets")
    assert "paused (targets)" in shell.ok("check")


def test_there_is_no_other_brake(shell):
    assert shell("pause", "everything").code == 2
