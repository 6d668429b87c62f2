"""The provider: its configuration, 300 people in twelve departments, and 20 rule files that use all there is."""

from dataclasses import dataclass
from itertools import cycle

DEPARTMENTS = (
    "noc", "billing", "security", "legal", "sales", "access", "backbone", "hosting", "registry", "voice", "finance",
    "field",
)  # fmt: skip
BOT = "ip-requests@example.net"
ADMIN = "hostmaster@example.net"
MANAGER = "manager@example.net"
SUPPLIER = "soc@scrubber.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    people: int = 300
    members: int = 5


def members(department: str, size: Size) -> list[str]:
    return [f"{department}{number}@example.net" for number in range(1, size.members + 1)]


def requesters(size: Size) -> list[str]:
    return [f"person{number}@example.net" for number in range(1, size.people - len(DEPARTMENTS) * size.members + 1)]


def config(size: Size) -> str:
    groups = "".join(
        f'[groups.{name}]\ntitle = "{name.capitalize()}"\nmembers = {members(name, size)!r}\n'
        f'lead = "head-of-{name}@example.net"\n'
        for name in DEPARTMENTS
    ).replace("'", '"')
    return f"""
[bot]
address = "{BOT}"
admins = ["{ADMIN}"]
secrets = ["file:secret"]
timezone = "Europe/Paris"
[mailbox]
url = "maildir:mail"
[relay]
url = "maildir:sent"
[database]
url = "sqlite:///mailbot.db"
[calendar]
hours = "mon-fri 09:00-12:00, 13:00-17:00"
holidays = "FR"
[trust]
replies = "token"
requests = "from"
[limits]
answers_per_hour = 100
[digest]
when = "mon 08:00"
to = ["{MANAGER}"]
{groups}
[parties.scrubber]
address = "{SUPPLIER}"
accepts = ["*@scrubber.example"]
calendar = "always"
[pools.west]
prefixes = ["10.0.0.0/12"]
[pools.east]
prefixes = ["10.16.0.0/12"]
strategy = "first-fit"
[pools.small]
prefixes = ["10.32.0.0/22"]
owner = "noc"
warn_at = 80
quarantine = "7 days"
[pools.six]
prefixes = ["2001:db8::/36"]
strategy = "sparse"
[pools.vlans]
numbers = ["200-3999"]
[targets.router]
kind = "file"
folder = "out"
"""


FORM = """
[[field]]
name = "customer"
type = "text"
required = true
[[field]]
name = "size"
label = "Prefix length"
type = "prefix-length"
required = true
min = 24
max = 64
[[field]]
name = "justification"
type = "long-text"
required = true
min_length = 10
"""
ACCOUNT = """
[[step.field]]
name = "account"
type = "text"
required = true
"""


def _head(name: str, lead: str = "5 working days", fields: str = FORM, summary: str = "{form.customer}") -> str:
    return (
        f'type = "{name}"\ntitle = "{name.capitalize()}"\nsummary = "{summary}"\nwho = ["*@example.net"]\n'
        f'lead_time = "{lead}"\nmanagers = ["{MANAGER}"]\npending_expires = "10 working days"\n{fields}'
    )


def _step(name: str, kind: str, *keys: str) -> str:
    return "\n".join(["[[step]]", f'name = "{name}"', f'kind = "{kind}"', *keys, ""])


def _approval(name: str, asks: str, *keys: str) -> str:
    pace = 'lead_time = "8 working hours"', 'remind = ["50%", "100%"]'
    ladder = 'escalate = [{ after = "1 working day", to = ["lead"] }, { after = "5 working days", to = ["lead"] }]'
    last = 'unanswered = { after = "20 working days", then = "reject" }'
    return _step(name, "approval", f'asks = ["{asks}"]', *pace, ladder, last, *keys)


def _allocate(pool: str, *keys: str) -> str:
    return _step("allocate", "allocate", f'pool = "{pool}"', 'length = "form.size"', *keys)


def _bill(*keys: str) -> str:
    last = 'unanswered = { after = "20 working days", then = "reject" }'
    return _step("bill", "form", 'asks = ["billing"]', 'lead_time = "2 working days"', last, *keys) + ACCOUNT


def rules() -> dict[str, str]:
    """By file: twenty processes."""
    made = {}
    asks = cycle(name for name in DEPARTMENTS if name != "billing")
    for number, pool in enumerate(("west", "east", "small", "six", "west", "east"), 1):
        made[f"block{number}"] = (
            _head(f"block{number}")
            + _approval("technical", next(asks), 'when = "form.size < 30"', 'may_change = ["size"]')
            + _bill("after = []")
            + _allocate(pool, 'after = ["technical", "bill"]', 'set = { customer = "{form.customer}" }')
        )
    for number in (1, 2):
        made[f"quorum{number}"] = (
            _head(f"quorum{number}", "10 working days")
            + _approval("board", next(asks), "needs = 3")
            + _approval("second", next(asks), 'needs = "all"', "after = []")
            + _allocate("west", 'after = ["board", "second"]')
        )
    made["reserved"] = (
        _head("reserved")
        + _step("hold", "reserve", 'pool = "east"', 'length = "form.size"', 'for = "14 days"')
        + _approval("technical", next(asks))
        + _allocate("east")
    )
    for number, time in enumerate(("6 hours", "30 days"), 1):
        made[f"temporary{number}"] = (
            _head(f"temporary{number}")
            + _approval("technical", next(asks))
            + _allocate("small", f'for = "{time}"')
            + _step("configure", "activate", 'target = "router"')
        )
    made["activated"] = (
        _head("activated")
        + _step("fits", "check", 'pool = "west"', 'length = "form.size"')
        + _approval("technical", next(asks))
        + _allocate("west")
        + _step("configure", "activate", 'target = "router"')
        + _step("test", "verify", 'target = "router"')
        + _step("hand_over", "task", 'asks = ["field"]', 'unanswered = { after = "20 working days", then = "approve" }')
    )
    made["refused-late"] = (
        _head("refused-late")
        + _allocate("west")
        + _step("configure", "activate", 'target = "router"')
        + _approval("acceptance", next(asks))
    )
    prefix = '\n[[field]]\nname = "prefix"\ntype = "allocation"\nrequired = true\n'
    for number in (1, 2):
        made[f"back{number}"] = (
            _head(f"back{number}", fields=prefix, summary="{form.prefix}")
            + _approval("unused", next(asks))
            + _step("release", "release", 'prefix = "form.prefix"')
        )
    many = '\n[[field]]\nname = "prefixes"\ntype = "allocation"\nmany = true\nrequired = true\n'
    made["closing"] = (
        _head("closing", "15 working days", fields=many, summary="closing")
        + _approval("confirm", next(asks), 'each = "form.prefixes"')
        + _step("remove", "activate", 'target = "router"', 'action = "remove"', 'each = "steps.confirm.items"')
        + _step("release", "release", 'each = "steps.confirm.items"', 'prefix = "item"')
    )
    day = '\n[[field]]\nname = "day"\ntype = "date"\nrequired = true\n'
    made["later"] = (
        _head("later", fields=FORM + day)
        + _approval("technical", next(asks))
        + _allocate("east", 'not_before = "{form.day} 03:00"', 'for = "6 hours"')
        + _step("tell", "notify", 'to = ["noc"]')
    )
    made["vlan"] = (
        _head("vlan", fields='\n[[field]]\nname = "customer"\ntype = "text"\nrequired = true\n')
        + _approval("technical", next(asks))
        + _step("allocate", "allocate", 'pool = "vlans"')
    )
    made["scrubbing"] = (
        _head("scrubbing")
        + _approval("supplier", "party:scrubber", 'shows = ["size"]')
        + _allocate("west", 'for = "2 days"')
    )
    made["still-used"] = (
        _head(
            "still-used",
            "10 working days",
            fields=f'[review]\nafter = "200 days"\npools = ["west"]\n{prefix}',
            summary="{form.prefix}",
        )
        + _step(
            "answer",
            "form",
            'asks = ["{requester.email}"]',
            'lead_time = "5 working days"',
            'unanswered = { after = "20 working days", then = "reject" }',
        )
        + '[[step.field]]\nname = "use"\nlabel = "Keep or release"\nchoices = ["keep", "release"]\nrequired = true\n'
        + _step("release", "release", "when = 'steps.answer.use == \"release\"'", 'prefix = "form.prefix"')
    )
    return made
