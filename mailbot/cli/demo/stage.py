"""How the play looks: scenes, mails in frames, and time to read them where somebody is watching."""

import time

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from mailbot.cli.demo.office import Letter
from mailbot.cli.output import printable

WIDTH = 92
SECONDS_A_LINE = 0.22
LONGEST_PAUSE = 6.0


class Stage:
    """Shows one thing after the other; pauses only on a terminal, and not when told to be quick."""

    def __init__(self, *, quick: bool) -> None:
        self._console = Console(width=None if Console().is_terminal else WIDTH, highlight=False, soft_wrap=False)
        self._slow = self._console.is_terminal and not quick

    def say(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)

    def scene(self, title: str, why: str) -> None:
        """What happens now, and why it does."""
        self._console.print()
        self._console.rule(Text(f" {title} ", style="bold cyan"), align="left", style="cyan")
        self._console.print(Padding(Text(why, style="dim"), (0, 0, 0, 1)))
        self._pause(3)

    def person_writes(self, who: str, subject: str, body: str) -> None:
        """Somebody's mail to the bot, as he types it."""
        self._mail(f"{who}  →  the bot", subject, body, "green")

    def letter(self, letter: Letter, why: str) -> None:
        """The bot's letter as its reader sees it."""
        text = letter.text.strip()
        self._mail(f"the bot  →  {letter.to}   ({why})", letter.subject, text, "blue")

    def also(self, letter: Letter, why: str) -> None:
        """A letter that is worth a line only."""
        self._console.print(Text(f"  the bot  →  {letter.to}   ({why})", style="blue"))
        self._pause(1)

    def _mail(self, title: str, subject: str, body: str, colour: str) -> None:
        shown = Text.assemble(("Subject: ", "bold"), (printable(subject), "bold"), "\n\n", printable(body))
        frame = Panel(shown, title=title, title_align="left", border_style=colour, padding=(0, 1))
        self._console.print(frame)
        self._pause(body.count("\n") + 3)

    def _pause(self, lines: int) -> None:
        if self._slow:
            time.sleep(min(lines * SECONDS_A_LINE, LONGEST_PAUSE))
