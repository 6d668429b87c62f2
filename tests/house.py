"""A whole mailbot on a real database in a folder of the test's own: mail goes in as bytes, letters come out as sent."""

import itertools
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property

from ready import put_database
from sqlalchemy import select

from mailbot.bot import Bot
from mailbot.config import load
from mailbot.delivered import asset
from mailbot.mail.letter import Templates
from mailbot.store import tables, views

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
BOT = "ip-requests@example.net"
ROOT, BOB, ANA, LI, BILL, HEAD, EVE, CAROL = (
    f"{name}@example.net" for name in ("root", "bob", "ana", "li", "bill", "head", "eve", "carol")
)
NOC = "noc-desk@example.net"
KIM, LOU = "kim@example.net", "lou@example.net"
MALLORY = "mallory@evil.example"
BORDER = "mx.example.net"

CONFIG = """
[bot]
address = "ip-requests@example.net"
admins = ["root@example.net"]
secrets = ["file:secret"]
subaddress = "{subaddress}"
[mailbox]
url = "maildir:mail"
[relay]
url = "maildir:sent"
[database]
url = "sqlite:///mailbot.db"
[trust]
authentication_results = "mx.example.net"
replies = "{replies}"
requests = "{requests}"
[limits]
answers_per_hour = 5
[groups.noc]
members = ["ana@example.net", "li@example.net"]
lead = "head@example.net"
[groups.billing]
members = ["bill@example.net"]
[groups.desk]
members = ["kim@example.net", "lou@example.net"]
address = "noc-desk@example.net"
[people."ana@example.net"]
aliases = ["a.ruiz@example.net"]
[pools.lan]
prefixes = ["10.20.0.0/24"]
owner = "noc"
"""

FIELDS = """
[[field]]
name = "customer"
label = "Customer"
type = "text"
required = true
[[field]]
name = "size"
label = "Prefix length"
type = "prefix-length"
required = true
min = 24
max = 30
[[field]]
name = "reason"
label = "Reason"
type = "long-text"
"""

ATTRIBUTION = f"""
type = "attribution"
title = "New address space"
summary = "{{form.customer}}: /{{form.size}}"
aliases = ["new block"]
who = ["*@example.net", "bob@customer.example"]
lead_time = "3 working days"
{FIELDS}
[[step]]
name = "technical"
kind = "approval"
title = "Technical review"
asks = ["noc"]
lead_time = "8 working hours"
remind = ["50%"]
escalate = [{{ after = "1 working day", to = ["lead"] }}]
[[step]]
name = "billing"
kind = "form"
asks = ["billing"]
after = []
[[step.field]]
name = "account"
label = "Account"
type = "text"
required = true
[[step]]
name = "allocate"
kind = "allocate"
after = ["technical", "billing"]
pool = "lan"
length = "form.size"
"""

QUICK = f"""
type = "quick"
title = "Space without questions"
who = ["*@example.net"]
{FIELDS}
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
"""

LIBERATION = """
type = "liberation"
title = "Space given back"
who = ["*@example.net"]
[[field]]
name = "prefix"
label = "Prefix"
type = "allocation"
required = true
[[step]]
name = "unused"
kind = "approval"
asks = ["desk"]
[[step]]
name = "release"
kind = "release"
prefix = "form.prefix"
"""

DELIVERY = f"""
type = "delivery"
title = "Space that is put into operation"
who = ["*@example.net"]
{FIELDS}
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
[[step]]
name = "configure"
kind = "activate"
"""
"""To be gone on with: the targets of its step, and more steps."""
ROUTES = """
type = "routes"
title = "Routes"
who = ["*@example.net"]
[[field]]
name = "site"
label = "Site"
type = "text"
required = true
[[field]]
name = "routes"
label = "Routes"
type = "prefix"
many = true
required = true
[[step]]
name = "look"
kind = "approval"
asks = ["noc"]
"""
"""Of which one field takes many."""
RULES = {"attribution": ATTRIBUTION, "quick": QUICK, "liberation": LIBERATION}
FORM = "Customer: Acme\nPrefix length: 28\nReason: Two firewalls\n"
TEMPLATES = Templates([asset("templates") / "mail"])
"""Compiled once for all houses: that is half of what a test costs."""
_serial = itertools.count(1)


@dataclass
class FakeRelay:
    """Takes letters, or raises what a test tells it to: `answers` maps a recipient to an exception, "*" all of them."""

    letters: list["Letter"] = field(default_factory=list)
    answers: dict[str, Exception] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)

    def send(self, raw, *, sender, to):
        [recipient] = to
        self.tried.append(recipient)
        if answer := self.answers.get(recipient) or self.answers.get("*"):
            raise answer
        self.letters.append(Letter(raw, sender, recipient))

    def check(self):
        return []

    def close(self):
        pass


class Letter:
    """A letter as its reader has it."""

    def __init__(self, raw, sender, recipient):
        self.raw, self.sender, self.to = raw, sender, recipient
        self._plainly = message_from_bytes(raw)  # a fifth of what policy.default takes, which few tests need
        self.kind = self._plainly["X-Mailbot-Kind"]
        self.reference = self._plainly["X-Mailbot-Request"]
        self.step = self._plainly["X-Mailbot-Step"]
        self.id = self._plainly["Message-ID"]
        self.reply_to = re.search(r"<(.*)>", self._plainly["Reply-To"] or "<>")[1]
        self.token = re.search(r"[a-z2-7]{12}\.[a-z2-7]{16}", self.id)[0]

    @cached_property
    def message(self):
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def subject(self):
        return self.message["Subject"]

    @cached_property
    def text(self):
        plain = next(part for part in self._plainly.walk() if part.get_content_type() == "text/plain")
        return plain.get_payload(decode=True).decode().replace("\r\n", "\n")

    def __repr__(self):
        return f"<{self.kind} to {self.to}>"


class House:
    """One mailbot. `now` stands still until a test moves it."""

    def __init__(self, home, *, replies="token", requests="from", subaddress="+", rules=RULES, config=CONFIG):
        self.home = home
        self.now = MONDAY
        keys = {"replies": replies, "requests": requests, "subaddress": subaddress}
        for name, value in keys.items():
            config = config.replace(f"{{{name}}}", value)
        home.joinpath("config.toml").write_text(config)
        home.joinpath("secret").write_text("correct horse battery staple")
        home.joinpath("rules").mkdir()
        for name, text in rules.items():
            home.joinpath("rules", f"{name}.toml").write_text(text)
        put_database(home / "mailbot.db")
        self.relay = FakeRelay()
        self.bot = self.another_bot()
        self.bot.prepare()

    def another_bot(self):
        bot = Bot(load(self.home / "config.toml"), clock=lambda: self.now)
        bot.__dict__["relay"] = self.relay
        bot.__dict__["templates"] = TEMPLATES
        return bot

    # -- mail in -------------------------------------------------------------------------------------------------------

    def take(self, raw):
        """Hand in the bytes of one mail; the folder that it goes to, and the letters that leave then."""
        folder = self.bot.intake.take(bytes(raw), self.now)
        return folder, self.send()

    def mail(self, sender, subject="", text="", **headers):
        """The letters that a mail of this person leads to."""
        return self.take(mail(sender, subject, text, **headers))[1]

    def reply(self, letter, text, sender=None, *, carriers=("address", "In-Reply-To", "References"), **headers):
        """The letters that a reply to a letter leads to; `carriers` are where its token travels."""
        return self.take(reply(letter, text, sender, carriers=carriers, **headers))[1]

    # -- letters out ---------------------------------------------------------------------------------------------------

    def send(self):
        before = len(self.relay.letters)
        self.bot.send()
        return self.relay.letters[before:]

    def later(self, moment):
        self.now = moment
        self.bot.follow_up()
        return self.send()

    def wait(self, **time):
        return self.later(self.now + timedelta(**time))

    # -- what stands in the store --------------------------------------------------------------------------------------

    def request(self, reference="IP-1"):
        with self.bot.store.reading() as conn:
            return views.request(conn, reference)

    def states(self, reference="IP-1"):
        return {step.name: step.state.value for step in self.request(reference).steps}

    def requests(self):
        with self.bot.store.reading() as conn:
            return [r.reference for r in views.requests(conn, views.RequestFilter(), self.now)]

    def inbox(self):
        """(state, reason) of each mail, oldest first."""
        with self.bot.store.reading() as conn:
            return [(row["state"], row["reason"]) for row in views.inbox(conn)]

    def rows(self, table):
        with self.bot.store.reading() as conn:
            return conn.execute(select(getattr(tables, table))).all()

    def timers(self):
        return sorted((row.step, row.mark, row.at) for row in self.rows("timer"))

    def history(self, reference="IP-1"):
        with self.bot.store.reading() as conn:
            return [row["action"] for row in views.history(conn, views.HistoryFilter(reference=reference))]

    def broken(self):
        with self.bot.store.reading() as conn:
            return list(views.broken_chains(conn))

    def start(self, text=FORM, sender=BOB, **headers):
        """A request of type attribution."""
        return self.mail(sender, "attribution", text, **headers)

    def allocated(self, sender=BOB):
        """A prefix that this person was given without questions."""
        letters = self.mail(sender, "quick", FORM)
        [address] = self.request(only(letters, "completed").reference).addresses
        return address.prefix


def mail(sender, subject="", text="", **headers):
    """A mail as EmailMessage; `Message_ID=None` leaves a header out."""
    message = EmailMessage(policy=policy.SMTP.clone(max_line_length=998))
    found = {
        "From": sender,
        "To": BOT,
        "Subject": subject,
        "Date": "Mon, 23 Nov 2026 09:00:00 +0000",
        "Message-ID": f"<m{next(_serial)}@people.example>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    for name in sorted(found, key="Authentication-Results".__ne__):  # our border writes above all others
        if found[name] is not None:
            message[name] = found[name]
    message.set_content(text or "\n")
    return message


def reply(letter, text, sender=None, *, carriers=("address", "In-Reply-To", "References"), quote=False, **headers):
    found = {}
    if "address" in carriers:
        found["To"] = letter.reply_to
    if "In-Reply-To" in carriers:
        found["In-Reply-To"] = letter.id
    if "References" in carriers:
        found["References"] = " ".join(filter(None, [letter.message["References"], letter.id]))
    if quote or "quote" in carriers:
        quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
        text = f"{text}\n\nOn Mon, 23 Nov 2026, IP requests wrote:\n{quoted}\n"
    subject = f"Re: {letter.subject}"
    if "subject" in carriers:
        subject = f"{subject} ({letter.token})"
    return mail(sender or letter.to, subject, text, **found | headers)


def verified(sender, border=BORDER, result="pass"):
    """What our border says of a mail."""
    return f"{border}; dmarc={result} header.from={sender.rpartition('@')[2]}"


def kinds(letters):
    """(kind, to), sorted."""
    return sorted((letter.kind, letter.to) for letter in letters)


def only(letters, kind, who=None):
    found = [letter for letter in letters if letter.kind == kind and who in {None, letter.to}]
    assert len(found) == 1, kinds(letters)
    return found[0]
