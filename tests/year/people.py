"""The people: who writes when, and what each answers to the letters that reach him. All by chance, from one seed."""

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from year import provider

CUSTOMERS = ("Acme", "Bolt", "Core", "Dyne", "Edda", "Fjord")

SILENT = 0.12
"""Letters that are left lying; at the reminder the same dice fall again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody writes, and how long after the letter."""

    after: timedelta
    text: str
    twice: bool = False


IGNORED = 0.06
"""Steps that nobody answers at all."""


class People:
    """Dice, and what they know of the forms."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def pause(self, hours: float) -> timedelta:
        return timedelta(seconds=int(self.dice.expovariate(1 / (hours * 3600))) + 30)

    def form(self, type_: str, holds: list[str], now: datetime) -> str | None:
        """What a requester fills in; None where he has nothing to give back."""
        if type_.startswith("back"):
            return f"Prefix: {self.dice.choice(holds)}\n" if holds else None
        if type_ == "closing":
            count = min(len(holds), self.dice.randint(2, 5))
            return f"Prefixes: {', '.join(self.dice.sample(holds, count))}\n" if count > 1 else None
        length = self.dice.randint(48, 64) if type_ == "block4" else self.dice.randint(26, 30)
        lines = [f"Customer: {self.dice.choice(CUSTOMERS)} {self.dice.randint(1, 99)}"]
        if type_ != "vlan":
            why = "" if self.dice.random() < 0.05 else "Two more racks in the new hall of the customer"
            lines += [f"Prefix length: {length}", f"Justification: {why}"]
        if type_ == "later":
            lines.append(f"Day: {(now + timedelta(days=self.dice.randint(1, 40))).date()}")
        return "\n".join(lines) + "\n"

    def is_ignored(self, reference: str, step: str) -> bool:
        """Some steps a whole department leaves lying, reminders and all."""
        return random.Random(f"{reference} {step}").random() < IGNORED

    def answer(self, kind: str, reference: str, step: str, text: str) -> Answer | None:
        """What the reader of a letter does about it; None: nothing."""
        if self.is_ignored(reference, step):
            return None
        match kind:
            case "action" | "actions" | "reminder":
                return self._act(kind, step)
            case "incomplete":
                given = "Justification: Two more racks in the new hall of the customer"
                return Answer(after=self.pause(12), text=given) if self.dice.random() < 0.8 else None
            case "question":
                return Answer(after=self.pause(6), text="It is for the second hall, which has a line of its own.")
            case "completed" if self.dice.random() < 0.03 and re.search("until", text):
                return Answer(after=self.pause(1), text=self.dice.choice(["extend 2 days", "end now"]))
            case "acknowledged" if self.dice.random() < 0.05:
                wish = ["cancel", "status", "why", "hold", "comment we are in a hurry", "query mine"]
                return Answer(after=self.pause(3), text=self.dice.choice(wish))
            case "status" if re.search("on hold", text):
                return Answer(after=self.pause(20), text="resume")
            case _:
                return None

    def _act(self, kind: str, step: str) -> Answer | None:
        luck = self.dice.random()
        if luck < SILENT:
            return None
        after, twice = self.pause(5), self.dice.random() < 0.02
        if kind == "actions":
            words = self.dice.choice(["all approve", "all approve", "1 approve\n2 reject still in use"])
            return Answer(after=after, text=words, twice=twice)
        if step == "bill":
            return Answer(after=after, text=f"Account: A-{self.dice.randint(1, 500)}", twice=twice)
        if step == "answer":
            return Answer(after=after, text=f"Keep or release: {self.dice.choice(['keep', 'release'])}", twice=twice)
        if step == "hand_over":
            return Answer(after=after, text="done", twice=twice)
        others = [
            "reject no room for this",
            "reject it is too large",
            "delay for 1 working day the plan is missing",
            "ask Which hall is it?",
        ]
        others += ["Sounds good to me, I think", "hold waiting for the contract", "assign noc2@example.net", "status"]
        words = "approve" if luck < 0.8 else self.dice.choice(others)
        return Answer(after=after, text=words, twice=twice)


def types(dice: random.Random) -> str:
    """Which process somebody begins: most want space, some give it back."""
    names = [name for name in provider.rules() if name != "still-used"]  # which begins by itself
    return dice.choices(names, [3 if name.startswith(("block", "back")) else 1 for name in names])[0]
