"""Played through in a language that nobody speaks: every phrase in capitals, so that what is not translated is seen."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta

import pytest
from house import ANA, BILL, BOB, CAROL, CONFIG, HEAD, LI, MONDAY, House, only

from mailbot.desk.found import EntryRow
from mailbot.mail.letter import Templates
from mailbot.words import shipped

RULE = """
type = "attribution"
title = "T1"
summary = "{form.customer}: /{form.size}"
who = ["*@example.net"]
lead_time = "3 working days"
managers = ["head@example.net"]
[[field]]
name = "customer"
label = "L1"
type = "text"
required = true
[[field]]
name = "size"
label = "L2"
type = "prefix-length"
required = true
min = 24
max = 30
[[field]]
name = "site"
label = "L3"
type = "choice"
choices = ["C1", "C2"]
[[field]]
name = "day"
label = "L4"
type = "date"
[[field]]
name = "mail"
label = "L5"
type = "email"
[[field]]
name = "net"
label = "L6"
type = "prefix"
[[step]]
name = "technical"
kind = "approval"
title = "T2"
asks = ["noc"]
may_change = ["size"]
lead_time = "8 working hours"
remind = ["50%"]
escalate = [{ after = "1 working day", to = ["lead"] }]
unanswered = { after = "5 working days", then = "reject" }
[[step]]
name = "billing"
kind = "form"
title = "T3"
asks = ["billing"]
after = []
[[step.field]]
name = "account"
label = "L7"
type = "text"
required = true
[[step]]
name = "allocate"
kind = "allocate"
title = "T4"
after = ["technical", "billing"]
pool = "lan"
length = "form.size"
for = "6 hours"
"""
FORM = "L1: A1\nL2: 28\n"
NAMED = frozenset(
    {"kind", "state", "name", "type", "to", "reply_to", "token", "links", "link", "bot", "url", "query", "aliases"}
    | {"wrote", "subject", "excerpt", "separator", "place", "pool", "title", "seal", "types"}
)
"""What templates ask for by its name, or compare with, and what people wrote themselves."""
OURS = re.compile(
    r"\b(?:technical|billing|allocate|customer|size|account|noc|lan|attribution)\b|“[^”]*”|'[^']*'"
    r"|\S+@\S+|\S+\.toml\S*|https?://\S+|----.*----|-- .* --|form\.\w+|mailbot \w+ \w+"
)
"""Names in rule files, commands, addresses, places, marks, and what somebody wrote, in quotes."""
WHY = frozenset({"new", "changed", "answered", "assigned", "reopened"})
"""What the template of an action asks for."""


def capitals(text: str) -> str:
    """A phrase in capitals, but for the names of its holes, and what people must write."""
    parts = re.split(r"(\{\w+:?|\}|“[^”]*”|mailbot \w+ \w+|\S+@\S+)", text)
    return "".join(part if number % 2 else part.upper() for number, part in enumerate(parts))


class Recording(Templates):
    """Writes no words of its own: what the templates were given is what is looked at."""

    contexts: list[Mapping[str, object]]

    def render(self, kind, context):
        self.contexts.append(context)
        return super().render(kind, context)


class Recorded(House):
    def another_bot(self):
        bot = super().another_bot()
        bot.__dict__["templates"] = recording = Recording(bot.folders("mail"))
        recording.contexts = []
        return bot


@pytest.fixture
def house(tmp_path) -> House:
    folder = tmp_path / "templates" / "xx"
    folder.mkdir(parents=True)
    tables: dict[str, list[str]] = {}
    for name, text in shipped().items():
        section, _, key = name.partition(".")
        written = capitals(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        tables.setdefault(section, []).append(f'{key} = "{written}"')
    words = "\n".join("\n".join([f"[{section}]", *lines]) for section, lines in tables.items())
    (folder / "words.toml").write_text(words)
    config = (
        CONFIG.replace("[mailbox]", 'language = "xx"\n[mailbox]', 1)
        .replace("[groups.billing]", '[groups.billing]\ntitle = "G2"')
        .replace("[groups.noc]", '[groups.noc]\ntitle = "G1"')
    )
    config = config.replace("answers_per_hour = 5", "answers_per_hour = 99")
    return Recorded(tmp_path, rules={"attribution": RULE}, config=config)


def english(value: object, name: str = "") -> Iterator[str]:
    """Words in small letters, wherever in a context they stand."""
    match value:
        case str():
            found = [] if value in WHY else re.findall(r"[a-z]{3,}", OURS.sub("", value))
            yield from (f"{name}: {value}" for _ in found[:1])
        case Mapping():
            for key, inner in value.items():
                yield from () if key in NAMED else english(inner, str(key))
        case tuple() | list():
            for inner in value:
                yield from english(inner, name)
        case EntryRow():  # its words are the history's, which is English
            yield from english(value.action, "action")
        case _ if is_dataclass(value):
            for one in fields(value):
                yield from () if one.name in NAMED else english(getattr(value, one.name), one.name)


def untranslated(house: House) -> list[str]:
    return sorted(
        {f"{context['kind']}: {found}" for context in house.bot.templates.contexts for found in english(context)}
    )


def test_no_word_of_ours_reaches_a_letter_but_by_the_catalogue(house):
    begin(house)
    answer(house)
    talk(house)
    time_passes(house)
    assert len({context["kind"] for context in house.bot.templates.contexts}) >= 18
    assert untranslated(house) == []


def test_a_word_beside_the_catalogue_is_seen(house):
    house.mail(BOB, "attribution", FORM)
    house.bot.templates.contexts.append({"kind": "status", "news": "it goes on"})
    assert untranslated(house) == ["status: news: it goes on"]


def begin(house: House) -> None:
    house.mail(BOB, "", "X1")
    house.mail(BOB, "attribution")
    house.mail(BOB, "help")
    incomplete = only(house.mail(BOB, "attribution", "L2: 99\nL3: C9\nL4: X\nL5: X\nL6: X"), "incomplete")
    house.reply(incomplete, "L1: A1\nL2: X\nL4: 1/2/2026\nL6: 10.0.0.1/8\nL5: X@Y@Z\nL3:")
    house.reply(incomplete, "L1: A1\nL2: 28\nL3: C1\nL4: 2026-12-24\nL5: b@example.net\nL6: 10.0.0.0/8")


def answer(house: House) -> None:
    letters = house.mail(BOB, "attribution", FORM)
    action, form, own = only(letters, "action", ANA), only(letters, "action", BILL), only(letters, "acknowledged")
    for text in ("X1", "reject", "done", "approve, but smaller", "delay until 2020-01-01", "delay for 99999 days",
                 "delay for 3 foos", "assign x", f"assign {BOB}", "assign x@evil.example", "extend 1 day", "1 approve",
                 "retry", "fail X", "ask X2", "approve\n\nL2: 99", "hold X3", "resume", "status", "why"):  # fmt: skip
        house.reply(action, text)
    for text in ("approve", "done", "ask X4", "comment X5", "watch", "unwatch", "cancel: only if X", "extend 2 days",
                 "L2: 27", "L1: A1", "L9: X", "query mine", "query reference IP-9", "query pool lan free 28",
                 "query address 10.20.0.1", "query user ana@example.net"):  # fmt: skip
        house.reply(own, text)
    house.reply(form, "approve")
    house.reply(form, "L7:")
    house.reply(action, "approve", CAROL)
    house.reply(form, "L7: A7")
    house.reply(only(house.mail(BOB, "status of [IP-2]", "status"), "status"), "why")
    house.reply(action, f"away until 2026-11-27, deputy {CAROL}")
    house.mail(ANA, "", f"away until 2026-11-27, deputy {LI}")
    house.mail(ANA, "", "away until 2020-11-27, deputy x@example.net")
    house.mail(ANA, "", "back")
    house.reply(action, "approve", LI)
    house.reply(action, "approve", LI)
    house.reply(action, "reject X6", LI)


def talk(house: House) -> None:
    own = only(house.mail(BOB, "attribution", "L1: A1\nL2: 30"), "acknowledged")
    house.reply(own, "cancel: X7")
    house.reply(own, "cancel")
    for text in ("query mine", "query reference IP-2", "query address 10.20.0.0", "query address X",
                 "query address 10.20.0.1 at 2026-11-23 10:00", "query address 10.20.0.1 at X"):  # fmt: skip
        house.mail(BOB, "", text)
    house.mail("x@evil.example", "", "X")
    with house.bot.store.transaction() as tx:
        house.bot.digest.send(tx, house.bot.digest.overview(tx.conn, house.now), [HEAD], house.now)
    house.send()


def time_passes(house: House) -> None:
    house.mail(BOB, "attribution", "L1: A1\nL2: 30")
    house.mail(BOB, "attribution", "L2: 30")
    for days in range(1, 15):
        house.later(MONDAY + timedelta(days=days))
        house.later(MONDAY + timedelta(days=days, hours=6))
