"""What waits for a list, and who is away, mean the same on both databases, and to several bots at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from batch import BATCH, NINE, ONE, batch_house
from house import ANA, BILL, LI, kinds, mail, only

from mailbot.store import Store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def house(request, tmp_path):
    if request.param == "sqlite":
        return batch_house(tmp_path)
    url = request.getfixturevalue("postgres").database()
    store = Store(url)
    store.upgrade()
    store.close()
    return batch_house(tmp_path, BATCH.replace("sqlite:///mailbot.db", url))


@pytest.fixture
def bots(house):
    """Three of them, closed at the end."""
    others = [house.another_bot() for _ in range(2)]
    yield [house.bot, *others]
    for bot in [house.bot, *others]:
        bot.close()


def test_bots_that_come_to_an_hour_together_write_each_list_once(house, bots):
    for _ in range(4):
        house.start()
    house.now = ONE
    with ThreadPoolExecutor(len(bots)) as threads:
        list(threads.map(lambda bot: bot.follow_up(), bots))
    lists = [letter for letter in house.send() if letter.kind == "actions"]
    assert kinds(lists) == [("actions", ANA), ("actions", LI)]
    assert [letter.text.count("No. ") for letter in lists] == [4, 4]
    assert house.rows("gathered") == []


def test_what_was_settled_and_what_was_asked_anew_is_told_as_it_is_then(house, bots):  # noqa: ARG001 (closes them)
    letters = house.start() + house.start()
    house.reply(only([x for x in letters if x.reference == "IP-1"], "acknowledged"), "Prefix length: 27")
    house.reply(only([x for x in letters if x.reference == "IP-2"], "acknowledged"), "cancel")
    [action] = [letter for letter in house.later(ONE) if letter.to == ANA]
    assert (action.kind, action.reference) == ("action", "IP-1")
    assert "| Prefix length: 27" in action.text
    assert [x for x in house.later(NINE) if x.kind.startswith("action")] == []


def test_whoever_is_away_says_so_twice_at_once(house, bots):
    with ThreadPoolExecutor(len(bots)) as threads:
        texts = [f"away until 2026-11-27, deputy {who}" for who in (LI, BILL, LI)]
        mails = [bytes(mail(ANA, "", text)) for text in texts]
        list(threads.map(lambda bot, raw: bot.intake.take(raw, house.now), bots, mails))
    [row] = house.rows("absence")
    assert (row.person, row.deputy in {LI, BILL}) == (ANA, True)
    assert {state for state, _ in house.inbox()} == {"handled"}
