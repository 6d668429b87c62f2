"""A target that is a program: what it is given, what it inherits, and what its end says."""

import json
import os
import time

import pytest
from servers.ground import until
from target.conftest import BODY, SINCE, Target, configured, program, request

from mailbot.mail.letter import line
from mailbot.process.request import NetworkState
from mailbot.target import Answer, child
from mailbot.target.base import LONGEST_DETAIL
from mailbot.target.child import KEPT, run

pytestmark = pytest.mark.timeout(60)


def driven(target: Target, script: str, seconds: int = 20) -> Answer:
    configured(target.home, f'kind = "command"\ncommand = ["./told.sh"]\ntimeout = "{seconds} seconds"\n')
    program(target.home, script)
    return target.driver.drive(request(), SINCE)


def test_it_reads_the_network_request_as_json_and_nothing_stands_on_its_command_line(command: Target) -> None:
    configured(command.home, 'kind = "command"\ncommand = ["./told.sh", "-v", "two words; rm -rf $HOME"]\n')
    program(command.home, '#!/bin/sh\ncat > told\nprintf "%s\\n" "$@" > arguments\n')
    assert command.driver.drive(request(), SINCE).state is NetworkState.CONFIRMED
    assert json.loads((command.home / "told").read_text()) == BODY
    assert (command.home / "arguments").read_text() == "-v\ntwo words; rm -rf $HOME\n"


def test_trap_44_it_inherits_no_variable_and_no_open_file_of_ours(
    command: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILBOT_PASSWORD", "hunter2")
    with (command.home / "secret").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)  # noqa: FBT003 (as os has it)
        answer = driven(command, "#!/bin/sh\n/usr/bin/env > variables\nls -l /proc/$$/fd > files\n")
    assert answer.state is NetworkState.CONFIRMED
    variables = dict(row.split("=", 1) for row in (command.home / "variables").read_text().splitlines())
    assert {name: variables[name] for name in ("LANG", "TZ")} == {"LANG": "C.UTF-8", "TZ": "UTC"}
    assert set(variables) - {"PATH", "LANG", "TZ"} <= {"PWD", "SHLVL", "_", "OLDPWD"}  # the shell's own
    files = (command.home / "files").read_text()
    assert "told.sh" in files
    assert "secret" not in files


def test_its_first_words_are_kept_and_what_would_rewrite_a_terminal_is_not(command: Target) -> None:
    answer = driven(command, '#!/bin/sh\nprintf "rule 17\\n\\n\\033[2Jwritten \\202\\n"\n')
    assert answer == Answer(state=NetworkState.CONFIRMED, detail="rule 17; [2Jwritten \ufffd")


def test_a_program_that_says_too_much_is_cut_short(command: Target) -> None:
    answer = driven(command, "#!/bin/sh\nyes $(seq 200 | tr -d '\\n') | head -c 3000000\n")
    assert answer.state is NetworkState.CONFIRMED
    assert LONGEST_DETAIL <= len(answer.detail) <= LONGEST_DETAIL + 2
    assert answer.detail.endswith("…")


def test_no_more_is_kept_of_what_it_says_than_anybody_reads(command: Target) -> None:
    script = program(command.home, "#!/bin/sh\nyes | head -c 3000000\n", "chatty.sh")
    ended = run([str(script)], b"", env={"PATH": "/usr/bin:/bin"}, folder=command.home, seconds=20)
    assert (ended.code, len(ended.out)) == (0, KEPT)


@pytest.mark.parametrize(
    ("script", "state", "words"),
    [
        ("#!/bin/sh\nexit 0\n", NetworkState.CONFIRMED, ""),
        ("#!/bin/sh\necho half done; echo no such vlan >&2; exit 1\n", NetworkState.FAILED, "no such vlan"),
        ("#!/bin/sh\necho no such vlan; exit 75\n", NetworkState.FAILED, "no such vlan"),
        ("#!/bin/sh\nexit 7\n", NetworkState.FAILED, "it ended with exit code 7 and said nothing"),
        ("#!/bin/sh\necho half done\nkill -TERM $$\n", NetworkState.UNKNOWN, "it was ended by signal 15. half done"),
        ("#!/no/such/shell\n", NetworkState.FAILED, "./told.sh cannot be run: No such file or directory"),
        ("\x7fELF no program", NetworkState.FAILED, "./told.sh cannot be run: Exec format error"),
    ],
)
def test_exit_0_confirms_other_exits_fail_and_what_was_cut_off_is_unknown(
    command: Target, script: str, state: NetworkState, words: str
) -> None:
    assert driven(command, script) == Answer(state=state, detail=words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ('"no-such-program-here"', "there is no program no-such-program-here in /usr/local/sbin:"),
        ('"/no/such/program"', "there is no program /no/such/program"),
        ('"bin/none"', "/bin/none"),
        ('"./config.toml"', "cannot be executed: chmod +x makes it a program"),
    ],
)
def test_a_program_that_is_not_there_has_failed_in_words(command: Target, words: str, told: str) -> None:
    configured(command.home, f'kind = "command"\ncommand = [{words}]\n')
    answer = command.driver.drive(request(), SINCE)
    assert answer.state is NetworkState.FAILED
    assert told in answer.detail


def test_a_program_of_the_system_is_found_by_its_name(command: Target) -> None:
    configured(command.home, 'kind = "command"\ncommand = ["cat"]\n')
    answer = command.driver.drive(request(form={}), SINCE)
    assert answer.state is NetworkState.CONFIRMED
    assert '"id": "IP-42/configure/router/1"' in answer.detail


def test_a_program_need_not_read_what_it_is_given(command: Target) -> None:
    program(command.home, "#!/bin/sh\nexit 0\n")
    answer = command.driver.drive(request(form={"reason": "x" * 500_000}), SINCE)
    assert answer.state is NetworkState.CONFIRMED


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "GRACE", 0.3)


@pytest.mark.usefixtures("impatient")
def test_one_that_takes_too_long_is_ended_with_all_that_it_began_and_unknown(command: Target) -> None:
    script = "#!/bin/sh\necho begun\n(trap '' TERM; sleep 2; touch went-on) &\ntrap 'exit 0' TERM\nsleep 30 & wait\n"
    began = time.monotonic()
    answer = driven(command, script, seconds=1)
    assert time.monotonic() - began < 10
    assert answer.state is NetworkState.UNKNOWN
    assert answer.detail.startswith("no answer within 1 s, so it was ended. begun")
    time.sleep(2.5)
    assert not (command.home / "went-on").exists()


@pytest.mark.usefixtures("impatient")
def test_one_that_will_not_end_is_made_to(command: Target) -> None:
    answer = driven(command, "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n", seconds=1)
    assert answer.state is NetworkState.UNKNOWN


def test_what_it_leaves_running_keeps_nobody_waiting(command: Target) -> None:
    waiting = "while [ ! -e told ]; do sleep 0.1; done; touch left-running"
    answer = driven(command, f"#!/bin/sh\n({waiting}) &\necho done\n")
    assert answer == Answer(state=NetworkState.CONFIRMED, detail="done")
    (command.home / "told").touch()
    until((command.home / "left-running").exists, "what it left running goes on")


def test_one_that_closes_its_outputs_is_waited_for_all_the_same(command: Target) -> None:
    began = time.monotonic()
    assert driven(command, "#!/bin/sh\nexec >&- 2>&-\nsleep 1\nexit 4\n").state is NetworkState.FAILED
    assert time.monotonic() - began >= 1


def test_it_is_in_a_process_group_of_its_own(command: Target) -> None:
    """A Ctrl-C at the bot's terminal is the bot's affair."""
    driven(command, "#!/bin/sh\nps -o pgid= -p $$ > group\n")
    assert int((command.home / "group").read_text()) != os.getpgid(0)


def test_values_with_line_breaks_stay_within_their_strings(command: Target) -> None:
    command.driver.drive(request(), SINCE)
    [told] = command.told()
    assert line(told) == told
    assert json.loads(told)["form"]["reason"] == "Two firewalls\nno ip routing"


def with_template(command: Target, text: str) -> None:
    configured(command.home, 'kind = "command"\ncommand = ["./told.sh"]\ntemplate = "acl"\n')
    folder = command.home / "templates" / "target"
    folder.mkdir(parents=True)
    folder.joinpath("acl.txt").write_text(text)


def test_a_template_gives_it_the_devices_own_words(command: Target) -> None:
    with_template(command, "vlan {{ set.vlan }}\n")
    assert command.driver.drive(request(), SINCE).state is NetworkState.CONFIRMED
    assert command.told() == ["vlan 210", ""]


def test_trap_44_a_value_that_would_begin_a_line_of_a_template_fails_and_runs_nothing(command: Target) -> None:
    with_template(command, "description {{ form.reason }}\n")
    answer = command.driver.drive(request(), SINCE)
    assert (answer.state, command.told()) == (NetworkState.FAILED, [])
    assert "holds more than one line" in answer.detail
    assert not answer.speaks
