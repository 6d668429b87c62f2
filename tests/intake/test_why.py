"""`why` by mail: which lines of the rules chose the way, as far as that concerns whoever asks."""

import pytest
from house import ANA, ATTRIBUTION, BILL, BOB, CAROL, CONFIG, EVE, ROOT, RULES, House, only

SUPPLIER = "soc@scrubber.example"
PARTY = f"""
[parties.scrubber]
address = "{SUPPLIER}"
"""
ORDER = ATTRIBUTION.replace('asks = ["billing"]', 'asks = ["party:scrubber"]\nshows = ["customer"]').replace(
    'name = "allocate"', 'name = "allocate"\nwhen = "steps.billing.account != \'none\'"'
)


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture
def outside(tmp_path):
    return House(tmp_path, config=CONFIG + PARTY, rules=RULES | {"attribution": ORDER})


def line_of(text, house):
    rows = house.home.joinpath("rules", "attribution.toml").read_text().splitlines()
    return f"[attribution.toml:{rows.index(text) + 1}]"


def why(letters):
    [letter] = letters
    assert (letter.kind, letter.subject) == ("answer", "[IP-1] Why it goes this way: Acme: /28")
    return " ".join(letter.text.replace("\n|", "").split())


def test_a_requester_needs_no_letter_but_the_reference_in_the_subject(house):
    house.start()
    text = why(house.mail(BOB, "About [IP-1]", "why?"))
    asks, lead_time = (line_of(row, house) for row in ('asks = ["noc"]', 'lead_time = "3 working days"'))
    assert f"asked: ana@example.net, li@example.net, for noc {asks}" in text
    assert f"due: 2026-11-25 17:00: 3 working days from 2026-11-23 09:00 {lead_time}" in text
    assert house.history()[-2:] == ["asked why", "letter"]


def test_whoever_is_asked_may_reply_why_and_nothing_is_decided(house):
    letters = house.start()
    text = why(house.reply(only(letters, "action", ANA), "why"))
    assert "not begun: comes after technical, billing" in text
    assert house.states()["technical"] == "open"


def test_somebody_whom_it_does_not_concern_is_answered_as_if_there_were_no_such_request(house):
    house.start()
    known, unknown = (house.mail(EVE, f"[{reference}]", "why") for reference in ("IP-1", "IP-99"))
    assert [(letter.kind, letter.text) for letter in known] == [(letter.kind, letter.text) for letter in unknown]


def test_a_requester_is_not_told_what_others_have_answered(outside):
    letters = outside.start()
    outside.reply(only(letters, "action", SUPPLIER), "Account: A-77")
    outside.reply(only(letters, "action", ANA), "approve\nFine for Lyon")
    asked = {who: why(outside.mail(who, "[IP-1]", "why")) for who in (BOB, ROOT)}
    assert "holds: steps.billing.account != 'none'" in asked[BOB]
    assert "A-77" not in asked[BOB]
    assert "Fine for Lyon" not in asked[BOB]
    assert "where steps.billing.account is A-77" in asked[ROOT]
    assert "answer: ana@example.net" in asked[BOB]


def test_a_supplier_hears_of_his_own_step_alone(outside):
    letters = outside.start()
    [letter] = outside.reply(only(letters, "action", SUPPLIER), "why")
    assert letter.kind == "answer"
    for secret in ("Technical", "ana@", "bob@", "noc", "lan", "Acme: /28"):
        assert secret not in letter.text, secret
    assert "Billing" in letter.text


def test_the_lines_are_those_of_the_rules_that_it_began_with(house):
    house.start()
    before = why(house.mail(BOB, "[IP-1]", "why"))
    path = house.home / "rules" / "attribution.toml"
    path.write_text("\n\n" + path.read_text())
    house.bot.reload_rules()
    assert why(house.mail(BOB, "[IP-1]", "why")) == before


@pytest.mark.parametrize("words", ["extend 3 days", "end now"])
def test_what_has_no_end_of_its_own_can_be_neither_extended_nor_ended(house, words):
    letters = house.start()
    [letter] = house.reply(only(letters, "acknowledged"), words)
    assert letter.kind == "refused"
    assert "nothing of this request ends by itself" in letter.text


# -- people in copy --------------------------------------------------------------------------------------------------


def test_people_of_ours_in_to_and_copy_watch_the_request(house):
    house.start(
        To=f"ip-requests@example.net, {CAROL}",
        Cc=f"Bob <{BOB}>, ip-requests+attribution@example.net, a.ruiz@example.net, x@elsewhere.example, {BILL}",
    )
    assert house.request().watchers == (CAROL, ANA, BILL)
    [entry] = [row for row in house.rows("history") if row.action == "watches"]
    assert (entry.actor, entry.detail) == (BOB, f"{CAROL}, {ANA}, {BILL}")
    assert house.broken() == []


def test_watchers_hear_what_becomes_of_it_until_they_stop_watching(house):
    letters = house.start(Cc=f"{CAROL}, {EVE}")
    told = house.reply(only(letters, "acknowledged"), "comment hello")
    house.reply(only(told, "comment", CAROL), "unwatch")
    ended = house.reply(only(letters, "action", ANA), "reject too large")
    assert {letter.to for letter in ended if letter.kind == "rejected"} == {BOB, EVE}


def test_of_a_long_list_only_the_first_watch(house):
    people = [f"p{number}@example.net" for number in range(40)]
    house.start(Cc=", ".join(people))
    assert house.request().watchers == tuple(people[:20])


def test_nobody_watches_what_is_only_asked_for_a_form(house):
    [letter] = house.mail(BOB, "attribution", "", Cc=CAROL)
    assert (letter.kind, letter.to) == ("form", BOB)
