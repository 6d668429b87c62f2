"""Another language through a conversation: its words, templates and dates; what it lacks is said in English."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from house import ANA, BOB, CAROL, CONFIG, FORM, MONDAY, House, only

from mailbot.config.catalogue import catalogue_of
from mailbot.config.duration import Duration
from mailbot.desk.context import shown
from mailbot.mail.letter import Templates
from mailbot.store import codec
from mailbot.words import Catalogue, say

GERMAN = Path(__file__).parent / "german"


class German(House):
    def another_bot(self):
        bot = super().another_bot()
        bot.__dict__["templates"] = Templates(bot.folders("mail"), language="de")
        return bot


@pytest.fixture
def house(tmp_path) -> German:
    shutil.copytree(GERMAN, tmp_path / "templates" / "de")
    return German(tmp_path, config=CONFIG.replace("[mailbox]", 'language = "de"\n[mailbox]', 1))


@pytest.fixture(scope="module")
def german() -> Catalogue:
    """The one folder of a language, as it lies in a house's templates/."""
    with TemporaryDirectory() as folder:
        shutil.copytree(GERMAN, Path(folder) / "de")
        return catalogue_of(Path(folder), "de")


def said(letter) -> str:
    return " ".join(letter.text.split())


def html(letter) -> str:
    return letter.message.get_body(("html",)).get_content()


def test_a_conversation_is_held_in_it(house):
    incomplete = only(house.mail(BOB, "attribution", "Prefix length: 99"), "incomplete")
    assert incomplete.subject == "[IP-1] Bitte ergänzen: New address space"
    assert "- Prefix length: 99 ist mehr als 30; schreiben Sie eine Zahl von 24 bis 30" in incomplete.text
    assert "- Customer: fehlt; schreiben Sie etwas Text" in incomplete.text
    assert "# NOCH NICHT RICHTIG: fehlt; schreiben Sie etwas Text" in incomplete.text
    assert "# nötig: eine Zahl von 24 bis 30" in incomplete.text
    assert '<html lang="de"' in html(incomplete)
    acknowledged = only(house.reply(incomplete, FORM), "acknowledged")
    assert acknowledged.subject == "[IP-1] Eingegangen: Acme: /28"
    assert "Sie hören von uns bis Mi, 25. November 2026, 17:00 Uhr UTC." in said(acknowledged)
    assert "- Technical review: noc, bis Mo, 23. November 2026, 17:00 Uhr UTC" in said(acknowledged)
    assert f"Kennung: {acknowledged.token}" in acknowledged.text
    refused = only(house.reply(acknowledged, "approve"), "refused")
    assert "Nichts ist geändert: niemand stimmt seinem eigenen Antrag zu; andere sind gefragt." in said(refused)


def test_commands_and_the_history_stay_english(house):
    action = only(house.start(), "action", ANA)
    refused = only(house.reply(action, "approve", CAROL), "refused", CAROL)
    assert "um Technical review wurden andere gebeten, nicht Sie" in said(refused)
    house.reply(action, "approve")
    assert house.states()["technical"] == "done"
    details = [row.detail for row in house.rows("history") if row.action == "refused"]
    assert details == ["Technical review was asked of others, not of you"]


def test_what_it_does_not_say_yet_is_said_in_english(house):
    action = only(house.start(), "action", ANA)
    assert "Please approve: Acme: /28" in said(action)
    assert "by Mo, 23. November 2026, 17:00 Uhr UTC" in said(action)


def test_times_and_lengths_of_time_are_said_in_it(german):
    assert german.of(shown(MONDAY, MONDAY.tzinfo)) == "Mo, 23. November 2026, 09:00 Uhr UTC"
    assert german.of(Duration.parse("1 working day").phrase) == "1 Arbeitstag"
    within = say("times.nobody_answered_within", time=Duration.parse("3 working days"))
    assert str(within) == "nobody answered within 3 working days"
    assert german.of(within) == "nobody answered within 3 Arbeitstagen"


def test_a_persons_own_words_are_left_as_they_are(german):
    assert german.of("this is not yours to hold") == "this is not yours to hold"


def test_what_a_request_keeps_is_said_in_the_language_of_the_letter_that_tells_it_later(house, german):
    house.mail(BOB, "attribution", "Prefix length: 99")
    faults = codec.read(codec.written(house.request())).faults
    assert faults["customer"] == "is missing; write some text"
    assert german.told(faults)["customer"] == "fehlt; schreiben Sie etwas Text"


def test_a_phrase_of_another_version_keeps_its_english():
    kept = '{"phrase":"gone.away","values":{"who":"Acme"},"text":"Acme has gone away"}'
    request = codec.written(_request()).replace('"reason":null', f'"reason":{kept}')
    reason = codec.read(request).reason
    assert reason == "Acme has gone away"
    assert Catalogue(texts={"gone.by": "x"}).of(reason) == "Acme has gone away"


def _request():
    from play import Play, allocate  # noqa: PLC0415

    return Play(allocate()).request
