"""The bench is run by hand, and rarely: that its bare program still writes our letters is seen here."""

import pickle

from house import BOB, FORM, House, mail

from bench.__main__ import page
from bench.bare import letter, prepared
from bench.figure import Figure
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


def test_what_is_not_measured_this_time_stays_on_the_page():
    old = page([Figure(what="a take", value=2.0, unit="ms", bound=1.0), Figure(what="a look", value=3.0)], "")
    new = page([Figure(what="a take", value=0.5, unit="ms", bound=1.0)], old)
    assert [line for line in new.splitlines() if line.startswith("| a ")] == [
        "| a take | 0.50 ms | 1.00 ms | ok |",
        next(line for line in old.splitlines() if "a look" in line),
    ]
