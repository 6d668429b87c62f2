"""Rule files for tests: a house around them, the shortest process that holds, and what is wrong with one."""

from pathlib import Path

from mailbot.errors import Fault, Faulty
from mailbot.process.calendar import ALWAYS, Calendar
from mailbot.process.rules import Rules, Surroundings, load

AROUND = Surroundings(
    groups={
        "noc": ("ana@example.net", "li@example.net"),
        "billing": ("bill@example.net",),
        "board": ("ana@example.net", "li@example.net", "kim@example.net"),
    },
    led=frozenset({"noc"}),
    pools=frozenset({"lan", "lyon-v4", "paris-v4", "vlans"}),
    numbers=frozenset({"vlans"}),
    served={"paris-v4": ("billing", "head@paris.example")},
    calendars=frozenset({"house", "always"}),
    working={"house": Calendar.parse(hours="mon-fri 09:00-17:00"), "always": ALWAYS},
    targets=frozenset({"router", "registry"}),
    parties=frozenset({"scrubber"}),
    domains=("example.net",),
)
HOUSE = """
[lists.sites]
Lyon = { v4 = "lyon-v4", large = 24, owner = "ana@example.net", lasts = "2 days" }
Paris = { v4 = "paris-v4", large = 26, owner = "li@example.net", lasts = "3 days" }
"""
TOP = 'type = "attribution"\nwho = ["*@example.net"]\nlead_time = "5 working days"\n'
SIZE = '[[field]]\nname = "size"\ntype = "prefix-length"\nrequired = true\nmin = 20\nmax = 30\n'


def field(name: str, type_: str, *more: str) -> str:
    keys = [f'name = "{name}"', f'type = "{type_}"', "required = true", *more]
    return "\n".join(["[[field]]", *keys, ""])


def step(kind: str, *more: str, name: str = "") -> str:
    return "\n".join(["[[step]]", f'name = "{name or kind}_step"', f'kind = "{kind}"', *more, ""])


APPROVAL = step("approval", 'asks = ["noc"]')
ALLOCATE = step("allocate", 'pool = "lan"', 'length = "form.size"')


def loaded(folder: Path, *parts: str, house: str = HOUSE, top: str = TOP, **others: str) -> Rules:
    """`others` are further rule files."""
    (folder / "_house.toml").write_text(house)
    (folder / "rule.toml").write_text(top + "".join(parts))
    for name, text in others.items():
        (folder / f"{name}.toml").write_text(text)
    return load(folder, AROUND)


def told(folder: Path, *parts: str, **more: str) -> tuple[Fault, ...]:
    """All errors and warnings."""
    try:
        return loaded(folder, *parts, **more).warnings
    except Faulty as faulty:
        return faulty.faults


def words(folder: Path, *parts: str, **more: str) -> list[str]:
    """ "error: …", "warning: …", without their places."""
    return [f"{fault.severity}: {fault.message}" for fault in told(folder, *parts, **more)]
