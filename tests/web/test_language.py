"""Pages in another language: what mailbot says on them comes from the house's words."""

import pytest
from house import ANA, BOB, CAROL, House
from web_house import WEB

WORDS = """
[pages]
write_why_the_requester = "Schreiben Sie, warum: der Antragsteller erfährt es."
nothing_was_done = "Nichts ist geschehen: {why}."
there_is_nothing_here = "Hier ist nichts"
[answers]
was_asked_of_others = "um {title} wurden andere gebeten"
[told]
approve = "Sie haben zugestimmt."
[shown_states]
inProgress = "in Arbeit"
[moment]
at = "{day}, {time} Uhr {zone}"
day = "{weekday}, {day}. {month} {year}"
[weekday]
mon = "Mo"
[month]
nov = "November"
[fields]
is_missing_write = "fehlt; schreiben Sie {wanted}"
required = "nötig"
a_number_from_to = "eine Zahl von {least} bis {most}"
"""


@pytest.fixture
def house(tmp_path):
    folder = tmp_path / "templates" / "de"
    folder.mkdir(parents=True)
    (folder / "words.toml").write_text(WORDS)
    house = House(tmp_path, config=WEB.replace("[mailbox]", 'language = "de"\n[mailbox]', 1))
    house.start()
    return house


def test_a_page_is_marked_as_of_its_language_and_says_states_and_moments_in_it(browser):
    page = browser(BOB).get("/requests/IP-1").text
    assert '<html lang="de">' in page
    assert "in Arbeit" in page
    assert "Mo, 23. November 2026, 09:00 Uhr UTC" in page


def test_what_was_done_and_what_was_not_is_told_in_it(browser):
    ana = browser(ANA)
    refused = ana.answer("IP-1", "technical", "reject")
    assert "Schreiben Sie, warum: der Antragsteller erfährt es." in refused.text
    done = ana.answer("IP-1", "technical", "approve")
    assert "Sie haben zugestimmt." in ana.get(done.headers["location"]).text
    assert "Hier ist nichts" in browser(CAROL).get("/requests/IP-9").text


def test_hints_and_faults_of_a_form_are_told_in_it(browser):
    bob = browser(BOB)
    assert "Eine Zahl von 24 bis 30." in bob.get("/new/attribution").text
    assert "fehlt; schreiben Sie" in bob.fill("/new/attribution", f__size="28", once="a" * 22).text
