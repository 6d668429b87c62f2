"""How the readers do on the public mails: counted, never guessed."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mailbot.mail.message import Message, read
from mailbot.mail.reply import words
from mailbot.mail.sender import MailClass, classify

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "corpora"
REPLIES = ("email_reply_trimmer", "crisp", "zapier", "github_erp")
REPORTS = {"arf", "rfc3834"}
"""Among the bounces: abuse reports and vacation answers, which are automatic mail and none of ours that came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many."""

    what: str
    count: int
    of: int

    @property
    def percent(self) -> float:
        return 100 * self.count / self.of


def cases(*folders: str) -> Iterator[tuple[dict[str, object], bytes]]:
    for folder in folders:
        for line in (FOLDER / folder / "cases.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            yield case, (FOLDER / folder / case["file"]).read_bytes()


def wrapped(text: bytes) -> Message:
    """A text as the body of a mail."""
    header = b"From: bob@example.net\r\nSubject: Re: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return read(header + text)


def lines_of(text: object) -> list[str]:
    """To be compared: blanks collapsed, empty lines dropped."""
    return [" ".join(line.split()) for line in str(text).split("\n") if line.strip()]


def replies() -> dict[str, Share]:
    """By name: exact, leaked, lost, first."""
    counts: Counter[str] = Counter()
    for case, raw in cases(*REPLIES):
        reply = words(wrapped(raw).text)
        found = lines_of(reply.own)
        # Some of these sources count what is quoted between answers as the reply; here it never is.
        expected = [line for line in lines_of(case["expected_reply"]) if not line.startswith(">")]
        counts["all"] += 1
        counts["exact"] += found == lines_of(case["expected_reply"])
        counts["leaked"] += bool(set(found) - set(expected))
        counts["lost"] += bool(set(expected) - set(found))
        counts["first"] += " ".join(reply.first_line.split()) == next(iter(expected), "")
    told = {
        "exact": "replies read exactly",
        "leaked": "replies into which a line of quote or signature leaked",
        "lost": "replies of which a line was lost",
        "first": "first own line right",
    }
    return {name: Share(what=what, count=counts[name], of=counts["all"]) for name, what in told.items()}


def bounces() -> dict[str, Share]:
    """By name: known, reports, human, recipient, status; and replies that are taken for a bounce or a machine."""
    classes: Counter[tuple[str, MailClass]] = Counter()
    right: Counter[str] = Counter()
    for case, raw in cases("sisimai"):
        kind = str(case["mta"]).partition("-")[0]
        message = read(raw)
        classes[kind if kind in REPORTS else "bounce", classify(message)] += 1
        right.update(_stated(message, raw))
    all_ = sum(classes.values())
    reports = sum(count for (kind, _), count in classes.items() if kind in REPORTS)
    automatic = sum(n for (kind, found), n in classes.items() if kind in REPORTS and found is MailClass.AUTOMATIC)
    mistaken = [raw for _, raw in cases(*REPLIES) if classify(wrapped(raw)) is not MailClass.HUMAN]
    human = sum(n for (_, found), n in classes.items() if found is MailClass.HUMAN)
    known = classes["bounce", MailClass.BOUNCE]
    written = sum(1 for _ in cases(*REPLIES))
    return {
        "known": Share(what="bounces known as such", count=known, of=all_ - reports),
        "reports": Share(what="abuse reports and vacation answers known as automatic", count=automatic, of=reports),
        "human": Share(what="of all these read as written by a person", count=human, of=all_),
        "mistaken": Share(what="replies taken for a machine's", count=len(mistaken), of=written),
        "recipient": Share(
            what="recipient right where the report states it", count=right["recipient"], of=right["recipients"]
        ),
        "status": Share(what="status right where the report states it", count=right["status"], of=right["statuses"]),
    }


def _stated(message: Message, raw: bytes) -> Counter[str]:
    """What the fields of a delivery report state, held against what was read."""
    right: Counter[str] = Counter()
    delivery = message.delivery
    if delivery is None or not delivery.is_report:
        return right
    recipients, statuses = _field(raw, b"final-recipient:"), _field(raw, b"status:")
    recipients = [one.rpartition(";")[2].strip(" <>") for one in recipients]
    if any("@" in one for one in recipients):
        right.update({"recipients": 1, "recipient": delivery.recipient in recipients})
    if statuses:
        right.update({"statuses": 1, "status": delivery.status in {one.split()[0] for one in statuses if one.split()}})
    return right


def _field(raw: bytes, name: bytes) -> list[str]:
    found = (line for line in raw.split(b"\n") if line.lower().startswith(name))
    return [line.partition(b":")[2].strip(b" \r").decode("latin-1").lower() for line in found]


def times() -> tuple[float, float]:
    """The average and the longest time that one mail took to read, in milliseconds."""
    taken = []
    for _, raw in cases(*REPLIES, "sisimai", "syzkaller"):
        began = time.perf_counter()
        words(read(raw).text)
        taken.append(1000 * (time.perf_counter() - began))
    return sum(taken) / len(taken), max(taken)
