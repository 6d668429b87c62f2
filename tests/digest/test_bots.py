"""Several bots share the digest: it leaves once, and its seal holds while others write."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from house import FORM, MONDAY, House, mail
from servers.postgres import Postgres

from mailbot.store import Store, views

HOUR = MONDAY + timedelta(days=6, hours=23)
BOTS = 3
MAILS = 6


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def database(request):
    if request.param == "sqlite":
        return "sqlite:///mailbot.db"
    server: Postgres = request.getfixturevalue("postgres")
    url = server.database()
    store = Store(url)
    store.upgrade()
    store.close()
    return url


def test_of_three_bots_one_sends_the_digest_while_mail_comes_in(tmp_path, config, database):
    house = House(tmp_path, config=config.replace("sqlite:///mailbot.db", database))
    house.bot.report()
    house.start()
    house.now = HOUR
    bots = [house.another_bot() for _ in range(BOTS)]
    mails = [bytes(mail(f"user{n}@example.net", "attribution", FORM)) for n in range(MAILS)]
    with ThreadPoolExecutor(BOTS + MAILS) as together:
        taken = [together.submit(house.bot.intake.take, raw, HOUR) for raw in mails]
        told = [together.submit(lambda bot=bot: [bot.report(), bot.report()]) for bot in bots]
        results = [one.result() for one in told]
        assert all(one.result() for one in taken)
    house.send()
    assert [letter.kind for letter in house.relay.letters].count("digest") == 2, results
    assert len(house.requests()) == 1 + MAILS
    assert house.broken() == []
    with house.bot.store.reading() as conn:
        assert len(list(views.history(conn, views.HistoryFilter(action="sealed")))) == 1
        assert house.bot.digest.overview(conn, HOUR + timedelta(seconds=1)).came == MAILS
    for bot in (*bots, house.bot):
        bot.close()
