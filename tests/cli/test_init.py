"""`mailbot init`: a folder that works as it is, and nothing of anybody's overwritten."""

import stat

import pytest

from mailbot.delivered import asset


def test_it_writes_all_that_a_bot_needs_and_names_the_next_command(shell, tmp_path):
    told = shell.ok("init", str(tmp_path / "new"))
    home = tmp_path / "new"
    assert {path.name for path in home.iterdir()} == {"config.toml", "rules", "templates", "var"}
    assert (home / "rules" / "attribution.toml").exists()
    assert all((home / "var" / box / sub).is_dir() for box in ("mail", "sent") for sub in ("tmp", "new", "cur"))
    assert told.strip().endswith("mailbot check")


def test_the_key_is_nobody_elses_to_read(shell, tmp_path):
    shell.ok("init", str(tmp_path / "new"))
    key = tmp_path / "new" / "var" / "secret"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text().strip()) >= 32
    assert stat.S_IMODE((tmp_path / "new" / "var").stat().st_mode) == 0o700


def test_two_folders_have_two_keys(shell, tmp_path):
    keys = set()
    for name in ("one", "two"):
        shell.ok("init", str(tmp_path / name))
        keys.add((tmp_path / name / "var" / "secret").read_text())
    assert len(keys) == 2


def test_what_is_there_is_never_overwritten(shell):
    mine = {path: path.read_bytes() for path in shell.home.rglob("*") if path.is_file()}
    shell.write("config.toml", "mine")
    told = shell.ok("init", str(shell.home))
    assert (shell.home / "config.toml").read_text() == "mine"
    assert "Left as it was: config.toml" in told
    assert "Written into" not in told
    changed = [path for path, was in mine.items() if path.read_bytes() != was]
    assert changed == [shell.home / "config.toml"]


def test_what_is_missing_is_added(shell):
    (shell.home / "rules" / "update.toml").unlink()
    assert "rules/update.toml" in shell.ok("init", str(shell.home)).partition("Left")[0]
    assert (shell.home / "rules" / "update.toml").exists()


def test_templates_are_not_copied_so_that_an_upgrade_brings_better_words(shell):
    files = [path for path in (shell.home / "templates").rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["README.md"]
    words = files[0].read_text()
    assert str(asset("templates")) in words
    assert "acknowledged" in words.splitlines()[-1]


def test_one_letter_is_changed_by_copying_its_file_alone(shell):
    own = shell.home / "templates" / "mail" / "acknowledged" / "subject.txt"
    own.parent.mkdir(parents=True)
    own.write_text("We have it, thank you")
    shell.new()
    shell.ok("run", "--once")
    assert any(b"We have it, thank you" in letter for letter in shell.letters())


def test_a_file_in_the_place_of_a_folder_is_told_in_words(shell, tmp_path):
    (tmp_path / "file").write_text("")
    assert shell("init", str(tmp_path / "file")).code == 2
    done = shell("init", str(tmp_path / "file" / "below"))
    assert done.code == 1
    assert "Not a directory" in done.err


@pytest.mark.parametrize("name", ["closing-a-site", "customer-block", "scrubbing"])
def test_an_example_is_written_with_all_that_it_needs(shell, tmp_path, name):
    home = tmp_path / name
    told = shell.ok("init", "--example", name, str(home))
    assert "targets/router.py" in told
    assert not (home / "rules" / "attribution.toml").exists()
    assert stat.S_IMODE((home / "var" / "secret").stat().st_mode) == 0o600
    assert "Written into" not in shell.ok("init", "--example", name, str(home))


def test_an_example_that_is_not_there_is_told_with_those_that_are(shell, tmp_path):
    done = shell("init", "--example", "nothing", str(tmp_path / "new"))
    assert done.code == 2
    assert "customer-block" in done.err
