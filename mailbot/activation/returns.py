"""Answers that come by files: each file is taken whole, in its turn, or refused and told of; it is never half taken."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailbot.activation.later import Close
from mailbot.activation.tell import tell
from mailbot.activation.terms import Terms
from mailbot.desk import Desk
from mailbot.store import Transaction, driving
from mailbot.target import AnswerFolder, CannotDrive, Turn, Unsound
from mailbot.target.answers import DONE, REFUSED
from mailbot.words import phrase_of, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """The answer files of one target. `close` settles one network request with its answer."""

    target: str
    terms: Terms
    folder: AnswerFolder
    desk: Desk
    close: Close

    def take(self, tx: Transaction, path: Path, now: datetime) -> str:
        """Into which folder the file goes, once this is committed. A file that was taken by a bot that died before it
        had put it away is known again.
        """
        tx.hold(turn_of(self.target))
        try:
            turn, answers = self.folder.read(path, Turn.parse(tx.fact(turn_of(self.target))))
            if answers is None:
                return DONE
            self._know(tx, answers)
        except FileNotFoundError:  # another bot was first
            return DONE
        except (Unsound, CannotDrive) as error:
            self._refuse(tx, path, phrase_of(error), now)
            return REFUSED
        for sent in driving.awaited(tx.conn, self.target):
            if answer := answers.get(sent.name):
                self.close(tx, sent, answer.state, answer.detail, now)
        tx.set_fact(turn_of(self.target), str(turn))
        return DONE

    def _know(self, tx: Transaction, ids: Collection[str]) -> None:
        """Raises Unsound for an answer to what was never asked: whoever invents one is not believed the rest."""
        if foreign := sorted(set(ids) - driving.told(tx.conn, self.target, ids).keys()):
            raise Unsound(say("returns.it_answers_what", name=foreign[0], target=self.target))

    def _refuse(self, tx: Transaction, path: Path, why: str, now: datetime) -> None:
        folder, kept = self.folder.folder, self.folder.folder / REFUSED
        text = say("returns.nothing_of_it_was_done", file=path.name, why=why, kept=kept, folder=folder)
        tell(tx, self.desk, self.terms, now, say("returns.is_refused", target=self.target), text, "")


def turn_of(target: str) -> str:
    """The fact that holds a target's Turn."""
    return f"answer file of {target}"
