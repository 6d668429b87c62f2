"""A house's own words: what is wrong with them is told with its place, and what is missing is told once."""

from pathlib import Path

import pytest

from mailbot.config.catalogue import catalogue_of, faults_in
from mailbot.errors import Faulty, Severity
from mailbot.words import say, shipped


def written(folder: Path, text: str, language: str = "en") -> Path:
    place = folder if language == "en" else folder / language
    place.mkdir(exist_ok=True)
    (place / "words.toml").write_text(text)
    return folder


def told(folder: Path, language: str = "en") -> list[str]:
    return [str(fault).removeprefix(f"{folder}/") for fault in faults_in(folder, language)]


def test_a_house_writes_one_phrase_anew_and_the_others_stay(tmp_path):
    written(tmp_path, '[ending]\non_hold = "paused"\n')
    catalogue = catalogue_of(tmp_path, "en")
    assert told(tmp_path) == []
    assert catalogue.of(say("ending.on_hold")) == "paused"
    assert catalogue.of(say("ending.going_on_again")) == "going on again"


def test_a_house_without_words_of_its_own_has_the_shipped_ones(tmp_path):
    assert catalogue_of(tmp_path, "en").of(say("ending.on_hold")) == "on hold"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[endings]\non_hold = "x"', "1:2: error: there is no section 'endings' (did you mean 'ending'?)"),
        ('[ending]\non_hlod = "x"', "2:1: error: there is no phrase 'on_hlod' (did you mean 'on_hold'?)"),
        ("[ending]\non_hold = 3", "2:11: error: a phrase is a text in quotes"),
        ('[ending]\non_hold = " "', "2:11: error: a phrase is a text in quotes"),
        (
            '[absences]\nis_none_of_us = "{deputi}?"',
            "2:18: error: there is no {deputi} here; known are: deputy (did you mean 'deputy'?)",
        ),
        ('[ending]\non_hold = "{who}"', "2:12: error: there is no {who} here; known are: none"),
        ('on_hold = "x"', "1:1: error: there is no section 'on_hold'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_was_meant(tmp_path, text, fault):
    written(tmp_path, text)
    [found] = told(tmp_path)
    assert found.startswith(f"words.toml:{fault}")
    with pytest.raises(Faulty):
        catalogue_of(tmp_path, "en")


def test_a_file_that_is_no_toml_says_only_that(tmp_path):
    written(tmp_path, "[ending")
    assert len(told(tmp_path)) == 1


def test_all_faults_are_told_at_once(tmp_path):
    written(tmp_path, '[ending]\non_hlod = "x"\ngoing = 3\n[endig]\n')
    assert len(told(tmp_path)) == 3


def test_what_a_language_lacks_is_told_once_as_a_warning_and_said_in_english(tmp_path):
    written(tmp_path, '[ending]\non_hold = "angehalten"\n', "de")
    [fault] = faults_in(tmp_path, "de")
    assert fault.severity is Severity.WARNING
    assert fault.message.startswith(
        f"{len(shipped()) - 1} of {len(shipped())} phrases are missing, and said in English"
    )
    catalogue = catalogue_of(tmp_path, "de")
    assert catalogue.of(say("ending.on_hold")) == "angehalten"
    assert catalogue.of(say("ending.going_on_again")) == "going on again"


def test_a_language_without_a_file_is_told_where_it_would_stand(tmp_path):
    [fault] = faults_in(tmp_path, "de")
    assert fault.file == tmp_path / "de" / "words.toml"


def test_the_houses_english_is_said_where_its_language_says_nothing(tmp_path):
    written(tmp_path, '[ending]\non_hold = "paused"\ngoing_on_again = "on"\n')
    written(tmp_path, '[ending]\non_hold = "angehalten"\n', "de")
    catalogue = catalogue_of(tmp_path, "de")
    assert [catalogue.of(say(f"ending.{name}")) for name in ("on_hold", "going_on_again")] == ["angehalten", "on"]
