"""Stands for the routers: keeps what is set up on each device in var/routers/DEVICE. Yours would speak to them.

mailbot gives it one line of JSON on standard input. Exit 0 says that it is done; another, that it is not, and why.
Told the same thing twice, it does it once.
"""

import json
import sys
from pathlib import Path

ROUTERS = Path("var/routers")

told = json.load(sys.stdin)
settings = {name: value for name, value in told["set"].items() if name != "device"}
device = ROUTERS / Path(told["set"]["device"]).name
if (ROUTERS / f"{device.name}.down").exists():
    sys.exit(f"{device.name} does not answer")
before = device.read_text().splitlines() if device.exists() else []
lines = [line for line in before if line.split()[0] != told["prefix"]]
if told["action"] != "remove":
    lines.append(" ".join([told["prefix"], *(f"{name} {value}" for name, value in settings.items())]))
ROUTERS.mkdir(parents=True, exist_ok=True)
device.write_text("".join(f"{line}\n" for line in sorted(lines)))
print(f"{device.name}: {told['action']} {told['prefix']}")
