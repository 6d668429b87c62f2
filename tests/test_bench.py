"""The bench is run by hand, and rarely: that its bare program still writes our letters is seen here."""

import pickle

from house import BOB, FORM, House, mail

from bench.bare import letter, prepared
from bench.mainjob import Recorder
from mailbot.delivered import asset


def test_the_bare_program_writes_the_letters_that_mailbot_answers_a_request_with(tmp_path):
    house = House(tmp_path)
    bot = house.another_bot()
    bot.templates = recorder = Recorder()
    bot.prepare()
    bot.intake.take(bytes(mail(BOB, "attribution", FORM)), house.now)
    tmp_path.joinpath("contexts").write_bytes(pickle.dumps(recorder.seen))
    words = prepared([str(asset("templates") / "mail")], str(tmp_path / "contexts"))
    made = [letter(subject, text, html, context, "<1@example.net>") for subject, text, html, context in words]
    assert sorted(str(one["Subject"]) for one in made) == sorted(one.subject for one in house.send())
    assert len(made) > 1
