"""Stands for a probe at the customer's side: fails while a file var/routers/silent is there."""

import json
import sys
from pathlib import Path

told = json.load(sys.stdin)
if Path("var/routers/silent").exists():
    sys.exit(f"no answer from {told['prefix']}")
print(f"{told['prefix']} answers")
