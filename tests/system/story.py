"""A story in passes: all that a bot can be killed in, from a request to the end of its address's rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from system.office import ANA, BILL, BOB, FORM, LI, Letter, mail, only, reply

GONE = "gone@example.net"
"""Whose letters the relay refuses for good (5xx)."""

Letters = Sequence[Letter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """At that moment people write those mails, in answer to all letters so far, and the bot runs once."""

    name: str
    now: datetime
    mails: Callable[[Letters], list[bytes]]
    deferred: tuple[str, ...] = ()
    """Whose letters the relay takes later (4xx)."""


def _asked(_: Letters) -> list[bytes]:
    request = mail(BOB, "attribution", FORM)
    return [
        request,
        mail(BOB, "attribution", FORM.replace("Acme", "Bravo")),
        mail(BOB, "attribution", "Customer: Charlie\n"),
        mail(GONE, "attribution", FORM.replace("28", "30")),
        request,  # the same mail again, as by a list and directly
        mail(BOB, "hello", "what can I ask for?"),
        mail("eve@elsewhere.example", "attribution", FORM),
        mail("MAILER-DAEMON@example.net", "Undelivered Mail", "550", Auto_Submitted="auto-replied"),
        b"\xff\x00 no mail at all",
    ]


def _answered(letters: Letters) -> list[bytes]:
    missing = "Prefix length: 29\nJustification: One firewall for each of three buildings."
    return [
        reply(only(letters, "action", ANA, "IP-1"), "approve"),
        reply(only(letters, "action", BILL, "IP-1"), "Account: A-77"),
        reply(only(letters, "action", ANA, "IP-2"), "reject There is unused space in Lyon."),
        reply(only(letters, "incomplete", BOB, "IP-3"), missing),
    ]


def _discussed(letters: Letters) -> list[bytes]:
    return [
        reply(only(letters, "action", BILL, "IP-3"), "ask Which account?"),
        reply(only(letters, "action", LI, "IP-1"), "approve"),  # too late: it is settled
        reply(only(letters, "action", BILL, "IP-4"), "not approved"),  # misunderstood
        mail(BOB, "attribution", FORM.replace("Acme", "Delta")),
    ]


def _explained(letters: Letters) -> list[bytes]:
    return [reply(only(letters, "question", BOB, "IP-3"), "The one of last year.")]


def _given_back(_: Letters) -> list[bytes]:
    return [mail(BOB, "liberation", "Prefix: 10.20.0.0/28\n"), mail(BOB, "[IP-3]", "cancel")]


def _released(letters: Letters) -> list[bytes]:
    return [reply(only(letters, "action", ANA, "IP-6"), "approve")]


def _silence(_: Letters) -> list[bytes]:
    return []


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(f"{moment}:00").replace(tzinfo=UTC)


STORY = (
    Pass(name="requests", now=_at("2026-11-23T09:20"), mails=_asked, deferred=(LI,)),
    Pass(name="answers", now=_at("2026-11-23T10:20"), mails=_answered),
    Pass(name="questions", now=_at("2026-11-23T10:50"), mails=_discussed),
    Pass(name="reminders", now=_at("2026-11-24T15:20"), mails=_explained),
    Pass(name="lateness", now=_at("2026-11-27T12:20"), mails=_silence, deferred=(ANA,)),
    Pass(name="liberation", now=_at("2026-11-30T09:20"), mails=_given_back),
    Pass(name="release", now=_at("2026-11-30T10:20"), mails=_released),
    Pass(name="rest", now=_at("2027-01-04T09:20"), mails=_silence),
)
