"""Whatever answers every mail that it gets: two mails each at most, and then it is quiet."""

import pytest
from house import ANA, ATTRIBUTION, BOB, BOT, CONFIG, FORM, RULES, House, kinds, mail, only, verified

OTHER = "space@other.example"
ROUNDS = 12
"""More than that is a loop."""

_MARKS = ("Auto-Submitted", "X-Auto-Response-Suppress", "X-Mailbot-Kind", "X-Mailbot-Request", "X-Mailbot-Step")


# -- two bots ----------------------------------------------------------------------------------------------------------


def bots(tmp_path):
    """Two bots that each may ask the other for space."""
    rules = {**RULES, "attribution": ATTRIBUTION.replace('who = ["', 'who = ["*@other.example", "')}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    return {
        BOT: House(tmp_path / "one", rules=rules),
        OTHER: House(tmp_path / "two", rules=rules, config=CONFIG.replace(BOT, OTHER)),
    }


def as_it_came(letter, *, marked):
    """`marked`: with the fields by which machines know each other; there are relays that take them out."""
    message = letter.message
    for name in () if marked else _MARKS:
        del message[name]
    return bytes(message)


def exchanged(houses, first, *, marked):
    """What the bots write to each other until they are quiet: (from, to) of each letter."""
    waiting, written = list(first), []
    for _ in range(ROUNDS):
        if not waiting:
            return written
        letter = waiting.pop(0)
        if letter.to in houses:
            writer = OTHER if letter.to == BOT else BOT
            written.append((writer, letter.to))
            waiting += houses[letter.to].take(as_it_came(letter, marked=marked))[1]
    raise AssertionError(f"they write and write: {written}")


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "with the marks taken out"])
@pytest.mark.parametrize("subject", ["attribution", "hello", "help", "query mine", ""])
def test_trap_12_two_bots_that_write_to_each_other_fall_silent(tmp_path, subject, marked):
    houses = bots(tmp_path)
    first = houses[BOT].mail(OTHER, subject, FORM if subject == "attribution" else "\n")
    written = exchanged(houses, first, marked=marked)
    assert written
    assert max(written.count(pair) for pair in written) <= (2 if not marked else 1)


# -- whoever answers everything ----------------------------------------------------------------------------------------


def vacation(letter):
    return mail(
        letter.to, f"Re: {letter.subject}", "I am on holiday.", To=letter.reply_to, In_Reply_To=letter.id,
        Auto_Submitted="auto-replied", Return_Path="<>",
    )  # fmt: skip


def silent_vacation(letter):
    """One that says what it is in its subject alone."""
    return mail(letter.to, f"Automatic reply: {letter.subject}", "I am on holiday.", In_Reply_To=letter.id)


def tickets(letter):
    return mail(
        letter.to, f"[#8812] {letter.subject}", "We have received your mail.", To=letter.reply_to,
        References=letter.id, Auto_Submitted="auto-generated", Precedence="bulk",
    )  # fmt: skip


def unmarked_tickets(letter):
    """One that passes for a human."""
    return mail(
        letter.to, f"[#8812] {letter.subject}", "We have received your mail.\n\nYour ticket is 8812.",
        To=letter.reply_to, In_Reply_To=letter.id,
    )  # fmt: skip


def unmarked_without_thread(letter):
    """One that begins a thread of its own with each mail."""
    return mail(letter.to, f"[#8812] {letter.subject}", "We have received your mail.")


def echo(letter):
    """One that gives back all that it gets, unquoted."""
    return mail(letter.to, f"Re: {letter.subject}", letter.text, To=letter.reply_to, In_Reply_To=letter.id)


def mailing_list(letter):
    """One of its members: the letter comes back to us, as ours."""
    copy = letter.message
    copy["List-Id"] = "<noc.example.net>"
    copy.replace_header("To", BOT)
    return copy


def posted(letter):
    """Somebody's answer that the list has sent on to us, too."""
    return mail(letter.to, f"[noc] Re: {letter.subject}", "What is this?", In_Reply_To=letter.id,
                List_Id="<noc.example.net>", Precedence="list")  # fmt: skip


RESPONDERS = [
    vacation, silent_vacation, tickets, unmarked_tickets, unmarked_without_thread, echo, mailing_list, posted,
]  # fmt: skip


@pytest.mark.parametrize("responder", RESPONDERS, ids=lambda responder: responder.__name__)
@pytest.mark.parametrize("asked", ["action", "form", "forms"])
def test_trap_12_whoever_answers_every_mail_gets_two_at_most(tmp_path, responder, asked):
    house = House(tmp_path)
    letters = {
        "action": lambda: [only(house.start(), "action", ANA)],
        "form": lambda: house.mail(ANA, "attribution"),
        "forms": lambda: house.mail(ANA, "hello", "what is there?"),
    }[asked]()
    assert kinds(letters) == [(asked, ANA)]
    waiting, got = list(letters), 0
    for _ in range(ROUNDS):
        if not waiting:
            break
        letter = waiting.pop(0)
        got += 1
        waiting += [one for one in house.take(responder(letter))[1] if one.to == ANA]
    assert waiting == []
    assert got <= 2
    assert not house.requests() or house.states()["technical"] == "open"


def test_trap_12_a_human_who_writes_a_command_is_answered_as_often_as_before(house):
    action = only(house.start(), "action", ANA)
    assert kinds(house.reply(action, "ok, but make it a /27")) == [("misunderstood", ANA)]
    assert kinds(house.reply(action, "approve it, but smaller")) == [("misunderstood", ANA)]


def test_trap_12_what_a_forger_writes_takes_no_answers_from_whom_he_names(strict):
    """Three confirmations a day, and none of them counts among the five answers of an hour."""
    for _ in range(6):
        strict.start()
    told = [strict.mail(BOB, "hello", "?", Authentication_Results=verified(BOB)) for _ in range(6)]
    assert [len(letters) for letters in told] == [1, 1, 1, 1, 1, 0]
