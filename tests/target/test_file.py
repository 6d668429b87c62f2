"""A target that is a folder: whole files, each under a name of its own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target.conftest import BODY, SINCE, Target, configured, request

from mailbot.mail.letter import Unfit
from mailbot.process.definition import Action
from mailbot.process.request import NetworkState
from mailbot.target.file import file_name


def test_a_file_is_the_network_request_as_json_named_by_its_id(file: Target) -> None:
    answer = file.driver.drive(request(), SINCE)
    assert answer.detail == "IP-42.configure.router.1.json"
    [path] = (file.home / "out").iterdir()
    assert path.name == answer.detail
    assert json.loads(path.read_text()) == BODY


def test_the_same_id_that_says_something_else_is_refused_and_the_file_stays(file: Target) -> None:
    file.driver.drive(request(), SINCE)
    answer = file.driver.drive(request(item="10.20.0.0/28"), SINCE)
    assert answer.state is NetworkState.FAILED
    assert "is there already, and says something else" in answer.detail
    assert json.loads(file.told()[0])["item"] is None


def test_what_was_collected_meanwhile_may_be_told_again(file: Target) -> None:
    file.driver.drive(request(), SINCE)
    for path in (file.home / "out").iterdir():
        path.unlink()
    assert file.driver.drive(request(), SINCE).state is NetworkState.CONFIRMED
    assert len(file.told()) == 1


def test_half_a_file_left_by_a_kill_is_in_nobodys_way(file: Target) -> None:
    (file.home / "out" / ".IP-42.configure.router.1.json.part").write_text('{"id": "IP-4')
    assert file.driver.drive(request(), SINCE).state is NetworkState.CONFIRMED
    assert [path.name for path in (file.home / "out").iterdir()] == ["IP-42.configure.router.1.json"]


def test_a_folder_is_not_made_where_something_should_be_mounted(file: Target) -> None:
    file.breaks()
    assert file.driver.drive(request(), SINCE).detail.startswith(f"there is no folder {file.home}/out: make it")
    assert not (file.home / "out").exists()


def test_what_cannot_be_written_is_told_in_words(file: Target) -> None:
    (file.home / "out" / ".IP-42.configure.router.1.json.part").mkdir()
    answer = file.driver.drive(request(), SINCE)
    assert answer.state is NetworkState.FAILED
    assert answer.detail.startswith("the file cannot be written: Is a directory")


def test_a_template_says_it_in_the_collectors_own_words(file: Target) -> None:
    configured(file.home, 'kind = "file"\nfolder = "out"\ntemplate = "acl"\n')
    folder = file.home / "templates" / "target"
    folder.mkdir(parents=True)
    folder.joinpath("acl.txt").write_text(
        "{% for a in addresses %}\npermit {{ a.prefix }} vlan {{ set.vlan }}\n{% endfor %}\n"
    )
    assert file.driver.check() == f"files in {file.home}/out"
    assert file.driver.drive(request(), SINCE).detail == "IP-42.configure.router.1.txt"
    assert file.told() == ["permit 10.20.0.0/28 vlan 210\n"]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ form.reason }}", "holds more than one line"),
        ("{{ set.vrf }}", "there is no 'vrf' here"),
        ("{{ forn.customer }}", "there is no 'forn' here"),
        ("{{ form.customer ", "unexpected end of template"),
        (None, "there is no template"),
    ],
)
def test_trap_44_what_a_template_must_not_hold_or_cannot_fill_in_fails_and_writes_nothing(
    file: Target, template: str | None, words: str
) -> None:
    configured(file.home, 'kind = "file"\nfolder = "out"\ntemplate = "acl"\n')
    folder = file.home / "templates" / "target"
    folder.mkdir(parents=True)
    if template is not None:
        folder.joinpath("acl.txt").write_text(template)
    answer = file.driver.drive(request(), SINCE)
    assert (answer.state, file.told()) == (NetworkState.FAILED, [])
    assert words in answer.detail


def test_a_look_finds_a_template_with_unknown_names(file: Target) -> None:
    configured(file.home, 'kind = "file"\nfolder = "out"\ntemplate = "acl"\n')
    folder = file.home / "templates" / "target"
    folder.mkdir(parents=True)
    folder.joinpath("acl.txt").write_text("{{ adresses }}")
    with pytest.raises(Unfit, match=r"'adresses' is not known here \(did you mean 'addresses'\?\)"):
        file.driver.check()


def test_a_folder_tests_nothing(file: Target) -> None:
    answer = file.driver.drive(request(Action.VERIFY), SINCE)
    assert (answer.state, file.told()) == (NetworkState.FAILED, [])


IDS = st.builds(
    "{}-{}/{}/{}/{}".format,
    st.from_regex("[A-Za-z][A-Za-z0-9]{0,3}", fullmatch=True),
    st.integers(1, 99),
    st.from_regex(r"[a-z][a-z0-9_]{0,3}(\.[0-9]{1,2})?(\.undo)?", fullmatch=True),
    st.from_regex("[a-z][a-z0-9_-]{0,3}", fullmatch=True),
    st.integers(1, 99),
)


@given(IDS, IDS)
def test_no_two_ids_have_the_same_name(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) == (one == other)


@pytest.mark.parametrize("id_", ["../x/y/1", "", "/etc/passwd", "IP-1/a b/c/1", "IP-1/x\n/c/1"])
def test_what_can_be_no_files_name_is_refused(file: Target, id_: str) -> None:
    assert file.driver.drive(request(id=id_), SINCE).state is NetworkState.FAILED
    assert file.told() == []
