"""The knowledge base, asked by mail and at the shell: every answer is held against a plain reading of the export.

A scripted history of 50 requests of all kinds, with all ends. What each asker may see is worked out here a second time,
from nothing but the trace: who asked, who was asked, who took what and gave it back.
"""

import json
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from io import StringIO
from itertools import product
from typing import Any

import house as ground
import pytest
from house import ANA, BILL, BOB, CAROL, EVE, HEAD, KIM, LI, LOU, NOC, ROOT, House, Letter, only

from mailbot.addresses import Block, parse_address, parse_prefix
from mailbot.cli import main
from mailbot.desk.context import shown
from mailbot.desk.query.answer import MOST

MANAGER, SAM, DAN = (f"{name}@example.net" for name in ("manager", "sam", "dan"))
OUTSIDE = "bob@customer.example"
ASKERS = (ROOT, MANAGER, SAM, HEAD, ANA, LI, BILL, KIM, NOC, BOB, CAROL, EVE, DAN, OUTSIDE)
REQUESTERS = (BOB, CAROL, BOB, EVE, BOB, OUTSIDE)
REQUESTS = 50
CONFIG = (
    (
        ground.CONFIG.replace('owner = "noc"', 'owner = "spacers"')
        .replace("answers_per_hour = 5", "answers_per_hour = 100000")
        .replace("10.20.0.0/24", "10.20.0.0/20")
    )
    + """
[groups.spacers]
members = ["sam@example.net"]
[groups.managers]
members = ["manager@example.net"]
"""
)
RULES = ground.RULES | {
    "attribution": ground.ATTRIBUTION.replace('summary = "', 'managers = ["managers"]\nsummary = "', 1),
    "liberation": ground.LIBERATION.replace('"*@example.net"', f'"*@example.net", "{OUTSIDE}"'),
}

Entry = dict[str, Any]


# -- what happens ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Archive:
    """A house after all that, and its export."""

    house: House

    def shell(self, *args: str) -> str:
        """What a command says."""
        with redirect_stdout(StringIO()) as said, pytest.raises(SystemExit) as ended:
            main(["--config", str(self.house.home / "config.toml"), *args])
        assert not ended.value.code, said.getvalue()
        return said.getvalue()

    def json(self, *args: str) -> Any:
        return json.loads(self.shell(*args, "--json"))

    def ask(self, who: str, query: str) -> Letter:
        self.house.now += timedelta(minutes=1)
        [letter] = self.house.mail(who, "", query)
        assert (letter.kind, letter.to) == ("answer", who)
        return letter

    @cached_property
    def export(self) -> "Export":
        return Export(self.json("history"), self.json("requests", "list"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    found = Archive(House(tmp_path_factory.mktemp("archive"), rules=RULES, config=CONFIG))
    play(found.house)
    assert len(found.export.requests) == REQUESTS
    yield found
    found.house.bot.close()


def play(house: House) -> None:
    """Several people ask over several days, and give back some of what they were given."""
    held: dict[str, list[str]] = {who: [] for who in REQUESTERS}
    for number in range(REQUESTS):
        house.now += timedelta(hours=3, minutes=7)
        who = REQUESTERS[number % len(REQUESTERS)]
        if number % 4 == 3 and held[who]:
            give_back(house, who, held[who].pop(), number)
            continue
        text = f"Customer: Customer {number}\nPrefix length: {26 + number % 5}\nReason: No. {number}\n"
        if number % 3 == 0 and who != OUTSIDE:
            letters = house.mail(who, "quick", text)
        else:
            letters = decide(house, house.mail(who, "attribution", text), number)
        done = [letter for letter in letters if letter.kind == "completed"]
        held[who] += [a.prefix for letter in done for a in house.request(letter.reference).addresses]


def decide(house: House, letters: list[Letter], number: int) -> list[Letter]:
    house.now += timedelta(minutes=11)
    technical, billing = only(letters, "action", ANA), only(letters, "action", BILL)
    match number % 7:
        case 0:
            return house.reply(technical, "reject too large")
        case 1:
            return house.reply(only(letters, "acknowledged"), "cancel")
        case 2:
            return house.reply(technical, f"assign {DAN}")
        case 3:
            house.reply(technical, "ask what for?")
            return house.reply(billing, "comment not before May")
        case _:
            house.reply(technical, "approve")
            return house.reply(billing, f"Account: A-{number}")


def give_back(house: House, who: str, prefix: str, number: int) -> None:
    letters = house.mail(who, "liberation", f"Prefix: {prefix}\n")
    house.now += timedelta(minutes=13)
    if number % 8 == 3:
        house.reply(only(letters, "action", NOC), "approve", KIM)


# -- what loops over the export find ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Time:
    """In which somebody had a prefix."""

    prefix: str
    state: str
    reference: str
    since: str
    ended: str | None

    @cached_property
    def block(self) -> Block:
        return parse_prefix(self.prefix)


GROUPS = {"noc": ({ANA, LI, HEAD}, {ANA, LI}), "billing": ({BILL}, {BILL}), "desk": ({KIM, LOU, NOC}, {NOC})}
"""Department → who is of it or leads it, and who is written to when it is asked."""


class Export:
    """The whole trace, and all requests."""

    def __init__(self, entries: list[Entry], requests: list[Entry]) -> None:
        self.entries = entries
        self.requests = {request["reference"]: request for request in requests}
        self.times = list(self._times())
        self.references = list(self.requests)

    def sees(self, who: str, reference: str) -> bool:
        request = self.requests[reference]
        asked: set[str] = set()
        for entry in self.entries:
            if entry["reference"] == reference and entry["action"] in {"asked", "assigned"}:
                asked |= set(entry["detail"].removeprefix("to ").split(", "))
        departments = [people for people, seats in GROUPS.values() if seats & asked]
        return (
            who in {ROOT, request["requester"], *asked}
            or any(who in people for people in departments)
            or (who == MANAGER and request["type"] == "attribution")
        )

    def sees_time(self, who: str, time: Time) -> bool:
        return who in {SAM, self.holder(time)} or self.sees(who, time.reference)

    def holder(self, time: Time) -> str:
        return str(self.requests[time.reference]["requester"])

    def of_user(self, who: str, user: str) -> list[str]:
        """The newest first."""
        return [r for r in reversed(self.references) if self.requests[r]["requester"] == user and self.sees(who, r)]

    def held(self, who: str, user: str) -> set[tuple[str, str]]:
        return {
            (time.prefix, time.state)
            for time in self.times
            if time.ended is None and self.holder(time) == user and self.sees_time(who, time)
        }

    def had(self, who: str, asked: Block, at: str | None, *, within: bool) -> list[Time]:
        """The newest first."""
        found = [
            time
            for time in self.times
            if (asked.covers(time.block) and asked != time.block if within else time.block.covers(asked))
            and (at is None or (time.since <= at and (time.ended is None or at < time.ended)))
            and self.sees_time(who, time)
        ]
        return sorted(found, key=lambda time: time.since, reverse=True)

    def _times(self) -> Iterator[Time]:
        held: dict[str, Time] = {}
        for entry in self.entries:
            words = re.match(r"(\S+) (?:from|to) lan", entry["detail"] or "")
            if entry["action"] == "allocated" and words:
                held[words[1]] = Time(words[1], "allocated", entry["reference"], entry["at"], None)
            elif entry["action"] == "gave back" and words:
                before = held.pop(words[1])
                yield Time(before.prefix, "allocated", before.reference, before.since, entry["at"])
                yield Time(before.prefix, "quarantined", before.reference, entry["at"], None)
        yield from held.values()


# -- what letters say ------------------------------------------------------------------------------------------------


def requests_in(letter: Letter) -> list[str]:
    part = letter.text.partition("Requests:")[2].partition("Addresses held now:")[0]
    return re.findall(r"^\| (IP-\d+)  ", part, re.MULTILINE)


def prefixes_in(letter: Letter, title: str) -> set[tuple[str, str]]:
    return set(re.findall(r"^\| (\S+/\d+), (\w+), lan", letter.text.partition(f"{title}:")[2], re.MULTILINE))


def times_in(letter: Letter, title: str) -> list[tuple[str, ...]]:
    """(prefix, state, since, ended, request); what is not over yet ended "until now"."""
    part = letter.text.replace("\r\n", "\n").partition(f"{title}:\n")[2].partition("\n\n")[0]
    row = r"\| (\S+), (\w+), lan\n\|   from (.*? UTC) (?:to )?(.*)\n(?:\|   ends .*\n)?\|   (IP-\d+), "
    return re.findall(row, part)


def told(time: Time) -> tuple[str, ...]:
    """As a letter tells it."""
    since, ended = (shown(datetime.fromisoformat(at), UTC) if at else "until now" for at in (time.since, time.ended))
    return time.prefix, time.state, since, ended, time.reference


def more_in(letter: Letter, title: str) -> int:
    part = letter.text.replace("\r\n", "\n").partition(f"{title}:\n")[2].partition("\n\n")[0]
    found = re.search(r"^\(and (\d+) more", part, re.MULTILINE)
    return int(found[1]) if found else 0


# -- by mail ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asker", ASKERS)
def test_users_and_requests_are_found_as_far_as_the_asker_may_see_them(archive, asker):
    export = archive.export
    for query, user in [("query mine", asker), *((f"query user {user}", user) for user in (*REQUESTERS, KIM))]:
        letter, expected = archive.ask(asker, query), export.of_user(asker, user)
        assert requests_in(letter) == expected[:MOST], query
        assert more_in(letter, "Requests") == max(0, len(expected) - MOST)
        assert prefixes_in(letter, "Addresses held now") == export.held(asker, user), query
    for reference in export.references[::9]:
        letter = archive.ask(asker, f"query reference {reference}")
        assert (f"| {reference}  " in letter.text) == export.sees(asker, reference), (asker, reference)


@pytest.mark.parametrize("asker", ASKERS)
def test_all_holders_of_an_address_are_told_with_their_times_even_when_it_was_given_back(archive, asker):
    export = archive.export
    returned = next(time for time in export.times if time.state == "quarantined")
    kept = next(time for time in export.times if time.ended is None and time.state == "allocated")
    for asked in {returned.prefix, returned.prefix.partition("/")[0], kept.prefix, "10.20.0.0/24", "10.20.15.9"}:
        block = parse_prefix(asked) if "/" in asked else parse_address(asked)
        for at in (None, kept.since, returned.since, export.entries[0]["at"]):
            letter = archive.ask(asker, f"query address {asked}" + (f" at {at}" if at else ""))
            for title, within in (("Who had it", False), ("What lies in it", True)):
                expected = export.had(asker, block, at, within=within)
                assert times_in(letter, title) == [told(time) for time in expected[:MOST]], (asked, at)
                assert more_in(letter, title) == max(0, len(expected) - MOST)


@pytest.mark.parametrize("asker", [a for a in ASKERS if a not in {ROOT, SAM}])
def test_what_is_somebody_elses_is_answered_exactly_like_what_is_not_there(archive, asker):
    export = archive.export
    hidden = next(r for r in export.references if not export.sees(asker, r))
    time = next(t for t in export.times if not export.sees_time(asker, t))
    for known, unknown in [
        (f"reference {hidden}", "reference IP-999"),
        (f"address {time.prefix}", "address 192.0.2.0/28"),
        (f"user {KIM}", "user nobody@elsewhere.example"),
        ("pool lan2 free 28", "pool lan3 free 28"),
    ]:
        answers = []
        for query in (known, unknown):
            letter = archive.ask(asker, f"query {query}")
            about = query.split()[1]
            answers.append((letter.subject.replace(about, "X"), letter.text.replace(about, "X")))
        assert answers[0] == answers[1]


# -- at the shell ----------------------------------------------------------------------------------------------------


def test_each_filter_and_all_of_them_together_equal_a_reading_of_the_export(archive):
    export = archive.export
    day = export.entries[len(export.entries) // 2]["at"]
    users = (None, BOB, OUTSIDE, ANA, "nobody@example.net")
    actions = (None, "approved", "rejected", "letter", "gave back", "nothing")
    for user, action, reference, type_ in product(users, actions, (None, "IP-9"), (None, "quick")):
        wanted = {"user": user, "action": action, "reference": reference, "type": type_}
        check(archive, wanted)
    for span in ({"since": day}, {"until": day}, {"since": day, "action": "approved", "user": ANA}):
        check(archive, span)


def check(archive: Archive, wanted: dict[str, str | None]) -> None:
    options = [word for name, value in wanted.items() if value for word in (f"--{name}", value)]
    expected = [entry for entry in archive.export.entries if fits(archive.export, entry, wanted)]
    found = archive.json("history", *options)
    assert [entry for entry in found if entry["action"] != "query"] == expected, wanted


def fits(export: Export, entry: Entry, wanted: dict[str, str | None]) -> bool:
    request = export.requests.get(entry["reference"], {})
    user, since, until = wanted.get("user"), wanted.get("since"), wanted.get("until")
    return (
        user in {None, entry["actor"], request.get("requester")}
        and wanted.get("action") in {None, entry["action"]}
        and wanted.get("reference") in {None, entry["reference"]}
        and wanted.get("type") in {None, request.get("type")}
        and (since is None or entry["at"] >= since)
        and (until is None or entry["at"] < until)
    )


def test_the_shell_finds_the_same_holders_as_the_mail_also_within_a_larger_prefix(archive):
    export = archive.export
    returned = next(time for time in export.times if time.state == "quarantined")
    for asked in (returned.prefix, "10.20.0.0/24", "10.20.0.0/20", "10.20.15.9"):
        block = parse_prefix(asked) if "/" in asked else parse_address(asked)
        for at in (None, returned.since):
            had = [time for within in (False, True) for time in export.had(ROOT, block, at, within=within)]
            references = {time.reference for time in had}
            if at is None:
                references |= {e["reference"] for e in export.entries if gives_back(e, {time.prefix for time in had})}
            found = archive.json("history", "--address", asked, *(("--at", at) if at else ()))
            assert found == [entry for entry in export.entries if entry["reference"] in references]
    assert "What lies in it" in archive.shell("history", "--address", "10.20.0.0/20")


def gives_back(entry: Entry, prefixes: set[str]) -> bool:
    return entry["action"] == "gave back" and entry["detail"].partition(" ")[0] in prefixes


def test_the_trace_alone_tells_every_state_and_every_holder(archive):
    export = archive.export
    ends = {"completed", "rejected", "cancelled"}
    told = {entry["reference"]: entry["action"] for entry in export.entries if entry["action"] in ends}
    for reference, request in export.requests.items():
        assert told.get(reference, "inProgress") == request["state"]
    held = {(time.prefix, time.state, time.reference) for time in export.times if time.ended is None}
    shown = archive.json("pools", "show", "lan")["allocations"]
    assert {(a["prefix"], a["state"], a["reference"]) for a in shown} == held
    assert archive.json("rules", "replay")["differences"] == []
