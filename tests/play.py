"""A request played through `decide` without a store: people, a process, and a pool that fulfils wishes."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from mailbot.process.calendar import ALWAYS, Calendar
from mailbot.process.decide import ROOM, decide
from mailbot.process.definition import (
    Action,
    Escalation,
    Field,
    FieldType,
    Process,
    StepKind,
    StepRule,
    Unanswered,
    Verdict,
)
from mailbot.process.directory import Department, Directory
from mailbot.process.duration import Duration
from mailbot.process.expression import Expression, Text
from mailbot.process.marks import marks
from mailbot.process.request import (
    Drive,
    Driven,
    Fits,
    GaveBack,
    GiveBack,
    NetworkState,
    NotGivenBack,
    NotReshaped,
    NotTaken,
    Prolong,
    Request,
    Reshape,
    Reshaped,
    Revert,
    Said,
    State,
    Step,
    StepState,
    Submitted,
    Take,
    Taken,
    TimePassed,
    Withdraw,
    WouldFit,
)

BOT = "ip-requests@example.net"
ROOT, BOB, ANA, LI, BILL, HEAD, EVE, MANAGER = (
    f"{name}@example.net" for name in ("root", "bob", "ana", "li", "bill", "head", "eve", "manager")
)
SECURITY = tuple(f"sec{n}@example.net" for n in (1, 2, 3))
CISO = "ciso@example.net"
SUPPORT, KIM, LOU = (f"{name}@example.net" for name in ("support", "kim", "lou"))
ALIAS = "a.ruiz@example.net"

DEPARTMENTS = {
    "noc": Department(name="noc", title="Network operations", members=(ANA, LI), lead=HEAD),
    "billing": Department(name="billing", title="Billing", members=(BILL,)),
    "security": Department(name="security", title="Security", members=SECURITY, lead=CISO),
    "support": Department(name="support", title="Support", members=(KIM, LOU), address=SUPPORT, lead=HEAD),
    "managers": Department(name="managers", title="Managers", members=(MANAGER,)),
}
DIRECTORY = Directory(
    bot=BOT,
    admins=(ROOT,),
    domains=("example.net",),
    departments=DEPARTMENTS,
    aliases={ALIAS: ANA},
    calendars={"house": Calendar.parse(hours="mon-fri 09:00-17:00"), "always": ALWAYS},
)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""The beginning of a week of work."""

FIELDS = (
    Field(name="customer", label="Customer", type=FieldType.TEXT, required=True),
    Field(name="size", label="Prefix length", type=FieldType.PREFIX_LENGTH, required=True, min=20, max=30),
)
FORM = {"customer": "Acme", "size": "28"}
ACCOUNT = Field(name="account", label="Account", type=FieldType.TEXT, required=True)


def at(day, clock="09:00"):
    """A moment of November 2026; the 23rd is a Monday."""
    return datetime.fromisoformat(f"2026-11-{day:02} {clock}+00:00")


def _step(kind, name, **keys):
    texts = {key: tuple(map(Text, keys.pop(key, ()))) for key in ("asks", "to")}
    lead_time = keys.pop("lead_time", None)
    keys |= {key: Text(keys[key]) for key in ("lasts", "until", "not_before") if key in keys}
    if isinstance(keys.get("unanswered"), tuple):
        patience, then = keys["unanswered"]
        keys["unanswered"] = Unanswered(after=Duration.parse(patience), then=Verdict(then))
    keys |= {"each": Expression(keys["each"])} if "each" in keys else {}
    keys |= {"set": {name: Text(text) for name, text in keys["set"].items()}} if "set" in keys else {}
    when, length, prefix = (keys.pop(key, None) for key in ("when", "length", "prefix"))
    pool = keys.pop("pool", None)
    return StepRule(
        name=name,
        kind=kind,
        title=keys.pop("title", name.capitalize()),
        **texts,
        lead_time=Duration.parse(lead_time) if lead_time else None,
        when=Expression(when) if when else None,
        length=Expression(length) if length else None,
        prefix=Expression(prefix) if prefix else None,
        pool=Text(pool) if pool else None,
        remind=tuple(map(Fraction, keys.pop("remind", ()))),
        escalate=tuple(Escalation(after=Duration.parse(a), to=(t,)) for a, t in keys.pop("escalate", ())),
        digest=f"{kind}{name}",
        **keys,
    )


def approval(name="technical", asks=("noc",), **keys):
    return _step(StepKind.APPROVAL, name, asks=asks, **keys)


def form(name="billing", asks=("billing",), fields=(ACCOUNT,), **keys):
    return _step(StepKind.FORM, name, asks=asks, fields=fields, **keys)


def task(name="registry", asks=("noc",), **keys):
    return _step(StepKind.TASK, name, asks=asks, **keys)


def allocate(name="allocate", pool="lan", length="form.size", **keys):
    return _step(StepKind.ALLOCATE, name, pool=pool, length=length, **keys)


def check(name="check", pool="lan", length="form.size", **keys):
    return _step(StepKind.CHECK, name, pool=pool, length=length, **keys)


def release(name="release", prefix="form.customer", **keys):
    return _step(StepKind.RELEASE, name, prefix=prefix, **keys)


def notify(name="tell", to=("managers",), **keys):
    return _step(StepKind.NOTIFY, name, to=to, **keys)


def reserve(name="reserve", pool="lan", length="form.size", lasts="14 days", **keys):
    return _step(StepKind.RESERVE, name, pool=pool, length=length, lasts=lasts, **keys)


def activate(name="configure", targets=("router",), **keys):
    return _step(StepKind.ACTIVATE, name, targets=targets, **keys)


def change(name="change", targets=("router",), **keys):
    return _step(StepKind.CHANGE, name, targets=targets, action=Action.CHANGE, **keys)


def verify(name="test", targets=("probe",), **keys):
    return _step(StepKind.VERIFY, name, targets=targets, action=Action.VERIFY, **keys)


def wait(name="wait", **keys):
    return _step(StepKind.WAIT, name, **keys)


def process_of(*steps, fields=FIELDS, lead_time="3 working days", managers=("managers",), **keys):
    return Process(
        type="attribution",
        title="New address space",
        version="sha256:play",
        who=("*@example.net",),
        fields=fields,
        steps=steps,
        summary=Text("{form.customer}: /{form.size}"),
        lead_time=Duration.parse(lead_time),
        managers=managers,
        **keys,
    )


class Pool:
    """Gives out numbered prefixes while it has room, and remembers who has what."""

    def __init__(self, room=100, target=NetworkState.CONFIRMED):
        self.room = room
        self.target = target  # what every target answers; None: it is silent
        self.driven = []
        self.withdrawn = []
        self.given = 0
        self.held = set()
        self.reserved = set()
        self.ends = {}

    def fulfil(self, wish):  # noqa: C901, PLR0911, PLR0912 (one flat look at what is wished for)
        match wish:
            case Take(from_reserved=str(prefix), step=step, pool=pool):
                if prefix not in self.reserved:
                    return NotTaken(step=step, pool=pool, full=False, reason=f"{prefix} is not reserved any more")
                self.reserved.remove(prefix)
                return Taken(step=wish.step, prefix=prefix, pool=wish.pool, until=wish.until)
            case Take(step=step, pool=pool, length=length):
                if not self.room:
                    full = f"{pool} is full"
                    return NotTaken(step=step, pool=pool, length=length, full=True, reason=full, owner="noc")
                self.room -= 1
                self.given += 1
                prefix = f"10.0.{self.given}.0/{length}"
                self.held.add(prefix)
                self.reserved |= {prefix} if wish.reserved else set()
                ends = {"until": wish.until, "reserved": wish.reserved}
                return Taken(step=step, prefix=prefix, pool=pool, **ends)
            case Reshape(step=step, prefixes=prefixes, shares=shares):
                lengths = [share.length or 24 for share in shares]
                after = tuple(f"10.0.{number}.0/{length}" for number, length in enumerate(lengths))
                self.held = self.held - set(prefixes) | set(after)
                return Reshaped(step=step, pool="lan", before=prefixes, after=after)
            case Revert(step=step, pool=pool, after=after, before=before):
                if not set(after) <= self.held:
                    return NotReshaped(step=step, reason="others have it")
                self.held = self.held - set(after) | set(before)
                return Reshaped(step=step, pool=pool, before=after, after=before)
            case GiveBack(prefix=prefix, step=step):
                if prefix not in self.held:
                    return NotGivenBack(prefix=prefix, step=step, reason="nobody holds it")
                self.held.remove(prefix)
                rests = None if prefix in self.reserved else MONDAY + timedelta(days=30)
                self.reserved.discard(prefix)
                return GaveBack(prefix=prefix, pool="lan", step=step, until=rests)
            case Prolong(prefix=prefix, until=until):
                self.ends[prefix] = until
                return None
            case Drive(id=id_, step=step):
                self.driven.append(wish)
                return Driven(id=id_, step=step, state=self.target) if self.target else None
            case Withdraw(id=id_, step=step):
                self.withdrawn.append(id_)
                return Driven(id=id_, step=step, state=NetworkState.FAILED, detail="withdrawn before it had left")
            case WouldFit(step=step, pool=pool):
                return Fits(step=step, pool=pool, fits=bool(self.room), reason="there is no room")


class Play:
    """One request on its way. Each method returns what it led to: the notices of that event."""

    def __init__(
        self,
        *steps,
        given=FORM,
        now=MONDAY,
        pool=None,
        directory=DIRECTORY,
        requester=BOB,
        held=None,
        watchers=(),
        **process,
    ):
        self.process = process_of(*steps, **process)
        self.directory = directory
        self.now = now
        self.pool = pool or Pool()
        self.notices, self.entries, self.wishes = [], [], []
        self.request = Request(
            reference="IP-1",
            type="attribution",
            rules="sha256:play",
            state=State.ACKNOWLEDGED,
            requester=requester,
            channel="mail",
            created=now,
            steps=tuple(Step(name=rule.name) for rule in steps),
        )
        self.opening = self.happen(Submitted(given=given, held=held or {}, watchers=watchers))

    def happen(self, event):
        notices, waiting = [], [event]
        while waiting:
            made = decide(self.request, self.process, self.directory, waiting.pop(0), self.now)
            self.request = made.request
            notices += made.notices
            self.entries += made.entries
            self.wishes += made.wishes
            waiting += filter(None, [self.pool.fulfil(wish) for wish in made.wishes])
        self.notices += notices
        return notices

    def say(self, who, deed, step=None, *, token=True, content=None, **more):
        """With the token of the newest letter about `step`."""
        if step is not None and token and content is None:
            content = self.step(step).content
        said = Said(actor=self.directory.person(who), deed=deed, step=step, content=content, token=token, **more)
        return self.happen(said)

    def shell(self, deed):
        return self.happen(Said(actor="operator", deed=deed, operator=True))

    def until(self, moment):
        """Let time pass as if the bot had slept: all that is due then is told then."""
        self.now = moment
        notices = []
        while due := [mark for mark in self.marks if mark.at <= moment]:
            mark = min(due, key=lambda mark: mark.at)
            notices += self.happen(TimePassed(mark=mark.name, step=mark.step))
        return notices

    def room(self, name="allocate"):
        return self.happen(TimePassed(mark=ROOM, step=name))

    @property
    def marks(self):
        return marks(self.request, self.process, self.directory)

    def step(self, name):
        return self.request.step(name)

    @property
    def state(self):
        return self.request.state

    @property
    def states(self):
        return {step.name: step.state for step in self.request.steps}

    def actions(self):
        return [entry.action for entry in self.entries]


A, B, C = "10.9.0.0/28", "10.9.0.16/28", "10.9.0.32/28"
HELD = {A: {"device": "lyon-1"}, B: {"device": "lyon-2"}, C: {"device": "lyon-1"}}
PREFIXES = Field(name="prefixes", label="Prefixes", type=FieldType.ALLOCATION, many=True, carries=("device",))
SITE = Field(name="site", label="Site", type=FieldType.TEXT)


def closing(*steps, prefixes=(A, B), given=None, **keys):
    """A request about several prefixes that its requester holds: the items of `each="form.prefixes"`."""
    pool = keys.pop("pool", None) or Pool()
    pool.held |= set(HELD)
    given = {**FORM, "prefixes": ", ".join(prefixes), **(given or {})}
    return Play(*steps, fields=(*FIELDS, PREFIXES, SITE), given=given, held=HELD, pool=pool, **keys)


def told(notices: Iterable) -> list[tuple[str, str]]:
    """(kind, to) of each notice, as sorted pairs."""
    return sorted((notice.kind.value, notice.to) for notice in notices)


def to(notices, kind, who=None):
    """The one notice of that kind (to that person)."""
    found = [n for n in notices if n.kind.value == kind and who in {None, n.to}]
    assert len(found) == 1, told(notices)
    return found[0]


OPEN, DONE, WAITING, SKIPPED, REFUSED, CANCELLED, FAILED = (
    StepState.OPEN,
    StepState.DONE,
    StepState.WAITING,
    StepState.SKIPPED,
    StepState.REFUSED,
    StepState.CANCELLED,
    StepState.FAILED,
)
