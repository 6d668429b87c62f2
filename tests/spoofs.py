"""Mails that are not, or may not be, of whom they say: one row each, with what becomes of it.

docs/believing.md holds the same rows as tables (`python tests/spoofs.py` makes them anew).
tests/system/test_believing.py sends each to a house that wants a verified From, and holds the page to the rows.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import dkim
from house import ANA, BILL, BOB, BORDER, BOT, CONFIG, EVE, FORM, LI, MALLORY, ROOT, House, only
from mail.test_verdict import PRIVATE, PUBLIC

from mailbot.desk.post import TOKEN_LIFE
from mailbot.mail.token import Tokens

PASS = f"Authentication-Results: {BORDER}; dmarc=pass header.from=example.net"
EVIL_PASS = f"Authentication-Results: {BORDER}; dmarc=pass header.from=evil.example"
FAIL = f"Authentication-Results: {BORDER}; dmarc=fail header.from=example.net"
OURS = f"Received: from out.example.org by {BORDER} with ESMTPS"
FOREIGN = "Received: from laptop by out.example.org with ESMTPSA"
FORWARDERS = CONFIG.replace("[limits]", 'forwarders = ["lists.example.org"]\n[limits]')
PAGE = Path(__file__).parent.parent / "docs" / "believing.md"
BEGIN, END = "<!-- rows begin -->\n", "<!-- rows end -->"
_serial = itertools.count(1)


def keys(name, timeout=5):  # noqa: ARG001 (dkimpy's face)
    """The DNS of a world in which everybody's key is the same."""
    return PUBLIC.encode()


class Scene:
    """A house in which bob has asked for space: ana and li may approve, bill is asked for an account."""

    def __init__(self, home, config):
        self.house = House(home, replies="verified", requests="confirm", config=config)
        self.house.bot.__dict__["intake"] = replace(self.house.bot.intake, dkim_lookup=keys)
        letters = self.take(mail("attribution", FORM, sender=BOB))
        self.ana, self.li = (only(letters, "action", who) for who in (ANA, LI))
        self.bill, self.bob = only(letters, "action", BILL), only(letters, "acknowledged", BOB)

    def take(self, raw):
        return self.house.take(raw)[1]

    def standing(self):
        house = self.house
        absent = [row.person for row in house.rows("absence")]
        return [house.states(reference) for reference in house.requests()], house.request().form, absent


def mail(subject, text, *more, sender=ANA, top=(PASS, OURS), id_=None):
    """`sender`: the From as it stands there, None where there is none; `top`: what stands above it."""
    fields = [*top, *([f"From: {sender}"] if sender else [])]
    fields += [f"Subject: {subject}", f"Message-ID: <{id_ or f's{next(_serial)}@people.example'}>", *more]
    if not any(field.startswith("To:") for field in more):
        fields.append(f"To: {BOT}")
    return "\r\n".join([*fields, "", text, ""]).encode()


def reply(letter, text, *more, to=None, **options):
    return mail(
        f"Re: {letter.subject}", text, f"To: {to or letter.reply_to}", f"In-Reply-To: {letter.id}", *more, **options
    )


def approval(*more, **options):
    """Of the mail, given the scene: an "approve" in reply to ana's letter."""
    return lambda scene: reply(scene.ana, "approve", *more, **options)


def said(by, text="approve", *more, letter="ana", **options):
    """The same by somebody else, or to another letter."""
    return lambda scene: reply(getattr(scene, letter), text, *more, sender=by, **options)


def plainly(subject, text, *more, **options):
    return lambda _scene: mail(subject, text, *more, **options)


def signed(domain=b"example.net", *, found=None, changed=False, **options):
    """Without a verdict of our border, and with a DKIM signature; `found`: passed on by lists.example.org."""

    def made(scene):
        raw = reply(scene.ana, "approve", top=())
        if found:
            stamped = f"Authentication-Results: lists.example.org; {found}\r\n".encode() + raw
            seal = dkim.ARC(stamped)
            fields = seal.sign(b"s", domain, PRIVATE, b"lists.example.org", include_headers=[b"from", b"to"])
            return b"".join(fields) + raw
        field = dkim.sign(raw, b"s", domain, PRIVATE, include_headers=[b"from", b"to", b"subject"], **options)
        return field + (raw + b"and more of it\r\n" if changed else raw)

    return made


def after(*first, then):
    """Something happens before the mail comes."""

    def made(scene):
        for one in first:
            scene.take(one(scene))
        return then(scene)

    return made


def late(then):
    def made(scene):
        raw = then(scene)
        scene.house.now += TOKEN_LIFE
        return raw

    return made


def twice(then):
    def made(scene):
        raw = then(scene)
        scene.take(raw)
        return raw

    return made


def foreign_key(_scene):
    """A token that another bot has signed."""
    token = Tokens([b"another bot's key, as long as ours"]).sign(ANA, "step", "IP-1", "technical").text
    return mail("Re: [IP-1] Acme", "approve", f"To: ip-requests+{token}@example.net")


def one_letter_off(scene):
    token = scene.ana.token
    other = token[:-1] + ("a" if token[-1] != "a" else "b")
    return mail("Re: [IP-1] Acme", "approve", f"To: ip-requests+{other}@example.net")


def quoted(by):
    """Passed on by hand: the letter stands quoted below, with its token."""

    def made(scene):
        below = "\r\n".join(f"> {line}" for line in scene.ana.text.splitlines())
        return mail("Re: [IP-1] Acme", f"approve\r\n\r\nOn Mon, IP requests wrote:\r\n{below}", sender=by)

    return made


def to_both(scene):
    return reply(scene.ana, "approve", to=scene.bill.reply_to)


def release(by, **options):
    """ "1 release" to the summary of held mail, in which a forged approval stands."""

    def made(scene):
        scene.take(approval(top=())(scene))
        return reply(only(scene.house.wait(minutes=1), "alert", ROOT), "1 release", sender=by, **options)

    return made


DECIDES, OPENS, HELD, IGNORED, ASKED = "it counts", "a new request", "held", "ignored", "its From is asked (`confirm`)"
REFUSED, SETTLED, NOTHING, ANEW = "refused in words", "answered `settled`", "nothing, again", "asked anew"
STATUS = "answered to its From"

NO_VERDICT = {"top": ()}
EVIL = {"sender": MALLORY, "top": (EVIL_PASS, OURS)}


def border(result):
    """What our border says."""
    return {"top": (f"Authentication-Results: {BORDER}; {result}", OURS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoof:
    """One mail, by its scene; and what becomes of it."""

    what: str
    mail: Callable[[Scene], bytes]
    outcome: str
    config: str = CONFIG


def _rows(*rows):
    return [
        Spoof(what=what, mail=made, outcome=outcome, config=config[0] if config else CONFIG)
        for what, made, outcome, *config in rows
    ]


TABLES = {
    "From": _rows(
        ("an approval by ana, our border says `dmarc=pass`", approval(), DECIDES),
        ("the same, From in capitals", approval(sender="ANA@EXAMPLE.NET"), DECIDES),
        ("the same, from an alias of hers", approval(sender="a.ruiz@example.net"), DECIDES),
        ("the same, with a comment behind the address", approval(sender="ana@example.net (home)"), DECIDES),
        ("`ana@example.net <mallory@evil.example>`", approval(sender=f"{ANA} <{MALLORY}>"), HELD),
        ('`"ana@example.net" <mallory@evil.example>`, verified as evil.example',
         approval(sender=f'"{ANA}" <{MALLORY}>', top=(EVIL_PASS, OURS)), IGNORED),
        ("the same name as an encoded word",
         approval(sender=f"=?utf-8?q?ana=40example=2Enet?= <{MALLORY}>", top=(EVIL_PASS, OURS)), IGNORED),
        ("two addresses in From", approval(sender=f"{ANA}, {MALLORY}"), HELD),
        ("two From fields", approval(f"From: {MALLORY}"), HELD),
        ("a group: `team: ana@example.net;`", approval(sender=f"team: {ANA};"), HELD),
        ("no From, ana in Sender", approval(f"Sender: {ANA}", sender=None), HELD),
        ("mallory in From, ana in Sender", approval(f"Sender: {ANA}", **EVIL), IGNORED),
        ("mallory in From, ana in Reply-To",
         approval(f"Reply-To: {ANA}", **EVIL), IGNORED),
        ('a quoted local part: `"ana@example.net"@evil.example`',
         approval(sender=f'"{ANA}"@evil.example', top=(EVIL_PASS, OURS)), HELD),
        ("a NUL in From: `ana@example.net<NUL>@evil.example`", approval(sender=f"{ANA}\0@evil.example"), HELD),
        ("a Cyrillic a in the domain", approval(sender="ana@ex\u0430mple.net"), HELD),
        ("the same domain as `xn--`, verified as what it is",
         approval(sender="ana@xn--exmple-4nf.net",
                  **border("dmarc=pass header.from=xn--exmple-4nf.net")), IGNORED),
        ("a Cyrillic a in the local part, verified: somebody else of ours", approval(sender="\u0430na@example.net"),
         REFUSED),
        ("a full-width at sign", approval(sender="ana\uff20example.net"), HELD),
        ("`ana@example.net.evil.example`, verified",
         approval(sender=f"{ANA}.evil.example", top=(EVIL_PASS.replace("=evil", "=example.net.evil"), OURS)), IGNORED),
        ("`ana@mail.example.net`, verified: a domain below ours",
         approval(sender="ana@mail.example.net", top=(PASS.replace("from=", "from=mail."), OURS)), IGNORED),
        ("`ana+x@example.net`, verified: no alias of hers", approval(sender="ana+x@example.net"), REFUSED),
        ("our own address", approval(sender=BOT), IGNORED),
        ("our own address with a sub-address", approval(sender="ip-requests+x@example.net"), IGNORED),
    ),
    "What our border says": _rows(
        ("nothing, and no DKIM signature", approval(**NO_VERDICT), HELD),
        ("`dmarc=fail`", approval(top=(FAIL, OURS)), HELD),
        ("`spf=pass` for From's domain, no DMARC",
         approval(**border("spf=pass smtp.mailfrom=example.net")), DECIDES),
        ("`dkim=pass` for From's domain, no DMARC",
         approval(**border("dkim=pass header.d=example.net")), DECIDES),
        ("the field is folded", approval(top=(PASS.replace("Results: ", "Results:\r\n  "), OURS)), DECIDES),
        ("our name in capitals, with a version", approval(top=(PASS.replace(BORDER, "MX.EXAMPLE.NET 1"), OURS)),
         DECIDES),
        ("`dmarc=pass` in a field of another server",
         approval(top=(PASS.replace(BORDER, "mx.evil.example"), OURS)), HELD),
        ("our name in a comment of another server's field",
         approval(top=(PASS.replace(BORDER, f"mx.evil.example ({BORDER})"), OURS)), HELD),
        ("a field in our name, below the first Received that is not ours", approval(top=(OURS, FOREIGN, PASS)), HELD),
        ("a field in our name, below our own `dmarc=fail`", approval(top=(FAIL, OURS, PASS)), HELD),
        ("two fields in our name, the upper one says no", approval(top=(FAIL, PASS)), HELD),
        ("`dmarc=pass` for another domain than From's", approval(top=(EVIL_PASS, OURS)), HELD),
        ("`dmarc=pass` beside `spf=fail` and `dkim=fail`",
         approval(top=(f"{PASS}; spf=fail smtp.mailfrom=example.net; dkim=fail header.d=example.net", OURS)), HELD),
        ("`spf=pass` for another domain",
         approval(**border("spf=pass smtp.mailfrom=evil.example")), HELD),
        ("`spf=pass` of the HELO name only",
         approval(**border("spf=pass smtp.helo=example.net")), HELD),
        ("`dkim=pass` for another domain",
         approval(**border("dkim=pass header.d=evil.example")), HELD),
        ("`dkim=pass` for `net`",
         approval(**border("dkim=pass header.d=net")), HELD),
        ("`dmarc=pass` within a reason",
         approval(**border('dkim=fail reason="dmarc=pass header.from=example.net"')),
         HELD),
        ("the field is longer than 4,096 characters", approval(top=(f"{PASS} ({'x' * 5000})", OURS)), HELD),
        ("`X-Authentication-Results` and `Received-SPF: pass`", approval(top=(f"X-{PASS}", "Received-SPF: pass", OURS)),
         HELD),
        ("an `ARC-Authentication-Results` without a seal",
         approval(top=(PASS.replace("Auth", "ARC-Auth", 1).replace(f" {BORDER}", f" i=1; {BORDER}"), OURS)), HELD),
    ),
    "Signatures that we verify, where our border says nothing": _rows(
        ("DKIM of From's domain", signed(), DECIDES),
        ("DKIM of another domain", signed(b"evil.example"), HELD),
        ("DKIM over a part of the body (`l=`)", signed(length=True), HELD),
        ("DKIM, and a line was added behind", signed(changed=True), HELD),
        ("passed on and sealed (ARC) by a forwarder of `forwarders`, who says `dmarc=pass`",
         signed(b"lists.example.org", found="dmarc=pass header.from=example.net"), DECIDES, FORWARDERS),
        ("the same forwarder says `dmarc=fail`",
         signed(b"lists.example.org", found="dmarc=fail header.from=example.net"), HELD, FORWARDERS),
        ("the same seal, where nobody is named in `forwarders`",
         signed(b"lists.example.org", found="dmarc=pass header.from=example.net"), HELD),
        ("sealed by another than is named",
         signed(b"evil.example", found="dmarc=pass header.from=example.net"), HELD, FORWARDERS),
    ),
    "Tokens": _rows(
        ("the same mail again", twice(approval(id_="same@people.example")), NOTHING),
        ("a copy with the same Message-ID, and other words",
         after(approval(id_="one@people.example"),
               then=lambda scene: reply(scene.ana, "reject no", id_="one@people.example")), NOTHING),
        ("a second answer to a letter that was answered", after(approval(), then=said(ANA, "reject too large")),
         SETTLED),
        ("ana's letter, answered by li, who is asked too", said(LI), DECIDES),
        ("ana's letter, passed on to eve, one of ours", said(EVE), REFUSED),
        ("ana's letter, passed on by hand, and quoted", quoted(EVE), REFUSED),
        ("ana's letter in a stranger's hands", said(MALLORY, top=(EVIL_PASS, OURS)), IGNORED),
        ("ana's letter, answered by bill, who is asked at another step", said(BILL), REFUSED),
        ("bill's letter, answered by ana", said(ANA, letter="bill"), REFUSED),
        ("ana's letter, answered by the requester", said(BOB), REFUSED),
        ("the address names bill's step, In-Reply-To ana's", to_both, REFUSED),
        ("a letter that is too old", late(approval()), REFUSED),
        ("a letter about what was changed meanwhile",
         after(said(BOB, "Prefix length: 27", letter="bob"), then=approval()), ANEW),
        ("a token that another bot's key has signed", foreign_key, REFUSED),
        ("a token with one letter changed", one_letter_off, REFUSED),
        ("no token, `[IP-1]` in the subject", plainly("Re: [IP-1] Acme", "approve"), REFUSED),
        ("the same by a stranger", plainly("Re: [IP-1] Acme", "approve", **EVIL), IGNORED),
        ("a spent token, and a type in the subject",
         after(said(BOB, "cancel", letter="bob"),
               then=lambda scene: mail("attribution", FORM, f"To: {scene.bob.reply_to}", sender=BOB)), OPENS),
        ("bob cancels, without a verdict", said(BOB, "cancel", letter="bob", **NO_VERDICT), HELD),
    ),
    "Without a token": _rows(
        ("a request, verified", plainly("attribution", FORM, sender=BOB), OPENS),
        ("a request, not verified", plainly("attribution", FORM, sender=BOB, **NO_VERDICT), ASKED),
        ("space given back, not verified", plainly("liberation", "Prefix: 10.20.0.0/28", sender=BOB, **NO_VERDICT),
         ASKED),
        ("`away`, not verified", plainly("x", f"away until 2026-12-01, deputy {EVE}", **NO_VERDICT), ASKED),
        ("`away`, verified", plainly("x", f"away until 2026-12-01, deputy {EVE}"), DECIDES),
        ("a query, not verified", plainly("x", "query mine", sender=BOB, **NO_VERDICT), ASKED),
        ("a query, verified, with mallory in Reply-To",
         plainly("x", "query mine", f"Reply-To: {MALLORY}", sender=BOB), STATUS),
        ("a request by a stranger, verified", plainly("attribution", FORM, **EVIL), IGNORED),
    ),
    "Machines, and our own marks": _rows(
        ("an approval with `Auto-Submitted: auto-replied`", approval("Auto-Submitted: auto-replied"), IGNORED),
        ("an approval with `Precedence: junk`", approval("Precedence: junk"), IGNORED),
        ("an approval with an empty return path", approval("Return-Path: <>"), IGNORED),
        ("an approval through a list that is not in `lists`", approval("List-Id: <noc.example.org>"), "noted"),
        ("the same, where `lists` names it", approval("List-Id: <noc.example.org>"), DECIDES,
         CONFIG.replace("[limits]", 'lists = ["noc.example.org"]\n[limits]')),
        ("an approval with `X-Mailbot-Kind: action`", approval("X-Mailbot-Kind: action"), IGNORED),
        ("`X-Mailbot-Request: IP-1` and `X-Mailbot-Step: technical`, no token",
         plainly("hello", "approve", "X-Mailbot-Request: IP-1", "X-Mailbot-Step: technical"), STATUS),
        ("`1 release` to the summary of held mail, by its admin", release(ROOT), DECIDES),
        ("the same, not verified", release(ROOT, top=()), HELD),
        ("the same, by eve, who is no admin", release(EVE), STATUS),
    ),
}  # fmt: skip

ROWS = [row for rows in TABLES.values() for row in rows]


def became(scene, raw):
    """What becomes of a mail, in the words of the table."""
    before, known, read = scene.standing(), scene.house.requests(), len(scene.house.inbox())
    letters = scene.take(raw)
    assert not [letter for letter in letters if letter.to == MALLORY]
    if len(scene.house.requests()) > len(known):
        return OPENS
    if scene.standing() != before:
        return DECIDES
    answers = {"refused": REFUSED, "settled": SETTLED, "confirm": ASKED, "action": ANEW, "answer": STATUS}
    for letter in letters:
        if letter.kind in {*answers, "forms"}:
            return answers.get(letter.kind, STATUS)
    if len(scene.house.inbox()) == read:
        return NOTHING
    state = scene.house.inbox()[-1][0]
    return "noted" if state == "handled" else state


def page():
    """The tables of docs/believing.md."""
    lines = []
    for title, rows in TABLES.items():
        lines += ["", f"### {title}", "", "| the mail | what becomes of it |", "|---|---|"]
        lines += [f"| {row.what} | {row.outcome} |" for row in rows]
    return "\n".join([*lines, ""])


def paged(text):
    """The page, its tables made anew."""
    above, _, rest = text.partition(BEGIN)
    return f"{above}{BEGIN}{page()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(paged(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
