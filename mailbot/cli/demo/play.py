"""The play: bob asks for a /28, two departments answer, he gets it, and gives it back."""

from mailbot.cli.demo.office import Letter, Office
from mailbot.cli.demo.stage import Stage
from mailbot.errors import MailbotError

BOB = "bob@example.net"
ANA = "ana@example.net"
BILL = "bill@example.net"

REQUEST = """\
Customer: Acme GmbH
Family: IPv4
Prefix length: 28
Justification: Two firewalls, a router and nine servers
 in the new Lyon office, which opens in January.
"""

RETURN = """\
Prefix: {prefix}
Justification: The Lyon office has moved into the data centre.
"""


def play(office: Office, stage: Stage) -> None:
    """All of it. MailbotError where the bot did not do what the play needs: then the program is broken."""
    asked = _bob_asks(office, stage)
    _network_operations_approve(office, stage, asked)
    answered = _billing_has_a_question(office, stage, asked)
    done = _billing_answers(office, stage, answered)
    _bob_gives_it_back(office, stage, done)


def _bob_asks(office: Office, stage: Stage) -> list[Letter]:
    stage.scene("1. bob asks", "He writes to one address. The subject's first word says what he wants.")
    stage.person_writes(BOB, "attribution", REQUEST)
    office.write(BOB, "attribution", REQUEST)
    letters = office.run()
    stage.letter(_one(letters, "acknowledged", BOB), "he hears at once who is asked, and when it is due")
    stage.scene(
        "2. two departments are asked, at the same time",
        "rules/attribution.toml: `technical` reviews blocks of this size, and `billing` stands beside it (after = []).",
    )
    stage.letter(_one(letters, "action", ANA), "network operations: one answer of the group is enough")
    stage.also(_one(letters, "action", "li@example.net"), "the same, to her colleague")
    stage.letter(_one(letters, "action", BILL), "billing: a form of its own")
    return letters


def _network_operations_approve(office: Office, stage: Stage, asked: list[Letter]) -> None:
    stage.scene("3. ana approves", "One word, by reply, from her phone. Only her own From makes it count.")
    stage.person_writes(ANA, f"Re: {_one(asked, 'action', ANA).subject}", "approve")
    office.reply(_one(asked, "action", ANA), "approve")
    stage.also(_one(office.run(), "settled", "li@example.net"), "her colleague need not look at it any more")


def _billing_has_a_question(office: Office, stage: Stage, asked: list[Letter]) -> list[Letter]:
    question = "ask Is this for the Lyon contract of 2025, or a new one?"
    stage.scene("4. bill has a question", "It goes to bob; nothing is decided by it.")
    stage.person_writes(BILL, f"Re: {_one(asked, 'action', BILL).subject}", question)
    office.reply(_one(asked, "action", BILL), question)
    to_bob = _one(office.run(), "question", BOB)
    stage.letter(to_bob, "he answers by reply, in his own words")
    answer = "The contract of 2025. The new office is an addendum to it."
    stage.person_writes(BOB, f"Re: {to_bob.subject}", answer)
    office.reply(to_bob, answer)
    again = office.run()
    stage.letter(_one(again, "action", BILL), "asked again, with bob's answer")
    return again


def _billing_answers(office: Office, stage: Stage, asked: list[Letter]) -> Letter:
    stage.scene(
        "5. bill gives the account, and bob has his prefix",
        "Both departments have answered: the prefix is allocated in the same moment, and nobody else can get it.",
    )
    stage.person_writes(BILL, f"Re: {_one(asked, 'action', BILL).subject}", "Account: A-77")
    office.reply(_one(asked, "action", BILL), "Account: A-77")
    done = _one(office.run(), "completed", BOB)
    stage.letter(done, "minutes after he asked")
    return done


def _bob_gives_it_back(office: Office, stage: Stage, done: Letter) -> None:
    body = RETURN.format(prefix=_prefix_in(done))
    stage.scene("6. months later: bob gives it back", "The same way. Only its holder may; network operations agree.")
    stage.person_writes(BOB, "liberation", body)
    office.write(BOB, "liberation", body)
    asked = office.run()
    stage.also(_one(asked, "acknowledged", BOB), "his request is known as IP-2")
    stage.also(_one(asked, "action", ANA), "asked to agree")
    stage.person_writes(ANA, f"Re: {_one(asked, 'action', ANA).subject}", "ok, thanks")
    office.reply(_one(asked, "action", ANA), "ok, thanks")
    stage.letter(_one(office.run(), "completed", BOB), "the prefix rests for 30 days before anybody else can get it")


def _one(letters: list[Letter], kind: str, to: str) -> Letter:
    for letter in letters:
        if (letter.kind, letter.to) == (kind, to):
            return letter
    raise MailbotError(f"the demonstration went wrong: no letter {kind!r} to {to} has left")


def _prefix_in(letter: Letter) -> str:
    """The first prefix that a letter names."""
    for word in letter.text.replace(",", " ").split():
        if "/" in word and word[0].isdigit():
            return word.rstrip(".")
    raise MailbotError("the demonstration went wrong: the letter names no prefix")
